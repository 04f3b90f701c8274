"""Gwet's AC1 and AC2, and Brennan and Prediger's coefficient, of any number of coders with codes missing.

They stay high where a rare category is missed altogether (AC1 is .947 where one coder marked one
unit of twenty and the other none): for sensitivity, never a headline.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rift.reliability.alpha import category_counts
from rift.reliability.intervals import Floats
from rift.reliability.kappa import share_of
from rift.reliability.result import Statistic, undefined
from rift.reliability.weighted import checked_codes, checked_weights, unit_agreement


def agreement_sums(counts: Floats, weights: Floats) -> Floats:
    """Return what the coefficients need of each unit; additive over units.

    Parameters
    ----------
    counts
        [T, K] from `rift.reliability.alpha.category_counts`.
    weights
        [K, K] weights of agreement.

    Returns
    -------
    [T, 2 + K]
        Whether two or more coded it, the weighted share of their pairs that agree, and the share of
        each category among its codes; a unit coded once has only the last.
    """
    agreed, pairable = unit_agreement(counts, weights)
    coders = counts.sum(axis=1, keepdims=True)
    return np.column_stack([pairable, agreed, counts / np.where(coders > 0, coders, 1)])


def table_agreement_sums(tables: Floats, weights: Floats) -> Floats:
    """Return the sums [..., 2 + K] over the units that tables [..., K, K] of two coders count."""
    total = tables.sum(axis=(-2, -1))
    agreed = (tables * weights).sum(axis=(-2, -1))
    shares = (tables.sum(axis=-1) + tables.sum(axis=-2)) / 2
    return np.concatenate([total[..., None], agreed[..., None], shares], axis=-1)


def gwet_of(sums: Floats, weights: Floats) -> Floats:
    """Return AC1, or with other weights than the identity AC2, [...] of summed `agreement_sums`.

    Defined wherever two coders coded a unit; NaN elsewhere.
    """
    categories = len(weights)
    shares = share_of(sums[..., 2:], sums[..., 2:].sum(axis=-1, keepdims=True))
    spread = (shares * (1 - shares)).sum(axis=-1)
    return _beyond(sums, weights.sum() * spread / (categories * (categories - 1)))


def brennan_prediger_of(sums: Floats, weights: Floats) -> Floats:
    """Return Brennan and Prediger's coefficient [...] of summed `agreement_sums`; NaN without pairs."""
    return _beyond(sums, np.asarray(weights.sum() / len(weights) ** 2))


def gwet_ac1(codes: npt.ArrayLike, categories: int | None = None) -> Statistic:
    """Return Gwet's (2008) AC1, without interval.

    Parameters
    ----------
    codes
        [T, C] codes 0 to K - 1, negative where missing.
    categories
        K, with categories that nobody used; by default the highest code + 1, at least 2.

    Returns
    -------
    Statistic
        ``n`` counts the units that two or more coders coded; a category's share is taken over all
        units that anybody coded. Defined, and 1, where nobody marked anything.

    Raises
    ------
    ValueError
        Fewer than two categories, or a code is not below their number.
    """
    return gwet_ac2(codes, _identity(codes, categories))


def gwet_ac2(codes: npt.ArrayLike, weights: npt.ArrayLike) -> Statistic:
    """Return Gwet's (2014) AC2 for weights [K, K] of agreement; otherwise as `gwet_ac1`."""
    known = checked_weights(weights)
    sums = _summed(codes, known)
    return _statistic(sums, gwet_of(sums, known))


def gwet_from_table(table: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Statistic:
    """Return AC1, or with weights [K, K] AC2, of a [K, K] table of two coders, without interval."""
    counts = np.asarray(table, dtype=np.float64)
    known = checked_weights(np.eye(len(counts)) if weights is None else weights)
    sums = table_agreement_sums(counts, known)
    return _statistic(sums, gwet_of(sums, known))


def brennan_prediger(codes: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Statistic:
    """Return Brennan and Prediger's (1981) coefficient, whose chance is one over the categories.

    For two coders and two categories it is PABAK; for several coders Randolph's free-marginal kappa.

    Parameters
    ----------
    codes
        [T, C] codes 0 to K - 1, negative where missing.
    weights
        [K, K] weights of agreement; by default the identity over the categories used.

    Raises
    ------
    ValueError
        The weights are none, or a code is not below K.
    """
    known = checked_weights(_identity(codes, None) if weights is None else weights)
    sums = _summed(codes, known)
    return _statistic(sums, brennan_prediger_of(sums, known))


def _identity(codes: npt.ArrayLike, categories: int | None) -> Floats:
    return np.eye(max(int(np.asarray(codes).max(initial=-1)) + 1, 2) if categories is None else categories)


def _summed(codes: npt.ArrayLike, weights: Floats) -> Floats:
    counts = category_counts(checked_codes(codes, len(weights)), len(weights))
    sums: Floats = agreement_sums(counts, weights).sum(axis=0)
    return sums


def _beyond(sums: Floats, chance: Floats) -> Floats:
    agreed = share_of(sums[..., 1], sums[..., 0])
    return np.asarray((agreed - chance) / (1 - chance))


def _statistic(sums: Floats, value: Floats) -> Statistic:
    if sums[0] == 0:
        return undefined("no unit coded twice")
    return Statistic(float(value), None, None, round(sums[0]))
