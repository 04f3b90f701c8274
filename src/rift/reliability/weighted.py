"""Kappa with partial credit for near misses, of two coders (Cohen) and of any number (Conger).

Weights of agreement [K, K] are 1 on the diagonal and smaller for categories that lie apart; with
the identity the coefficients are the unweighted ones.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from rift.reliability.alpha import category_counts
from rift.reliability.intervals import Floats
from rift.reliability.kappa import Codes, no_variation, pair_tables
from rift.reliability.result import Statistic, undefined

Weighting = Literal["nominal", "linear", "quadratic", "ordinal"]


def agreement_weights(categories: int, weighting: Weighting) -> Floats:
    """Return weights of agreement between categories in rank order.

    Parameters
    ----------
    categories
        K, at least 2; also those of the scale that nobody used.
    weighting
        ``nominal``: the identity. ``linear`` and ``quadratic``: 1 - d / (K - 1) and its square
        form (Cicchetti & Allison 1971; Fleiss & Cohen 1973). ``ordinal``: 1 minus the pairs of
        categories within the span of the two over all pairs (Gwet 2014).

    Returns
    -------
    [K, K]
        Symmetric, 0-1.

    Raises
    ------
    ValueError
        Fewer than two categories.
    """
    if categories < 2:
        raise ValueError(f"weights need at least two categories, not {categories}")
    ranks = np.arange(categories)
    apart = np.abs(ranks[:, None] - ranks).astype(np.float64)
    distances = {
        "nominal": (apart > 0).astype(np.float64),
        "linear": apart,
        "quadratic": apart**2,
        "ordinal": apart * (apart + 1),
    }[weighting]
    weights: Floats = 1 - distances / distances.max()
    return weights


def checked_weights(weights: npt.ArrayLike) -> Floats:
    """Return weights as an array; ValueError unless they are [K, K], symmetric, 0-1, with 1 for equal."""
    array: Floats = np.asarray(weights, dtype=np.float64)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or len(array) < 2:
        raise ValueError(f"weights must be [K, K] with K at least 2, not {array.shape}")
    if not (np.array_equal(array, array.T) and (np.diag(array) == 1).all()):
        raise ValueError("weights must be symmetric, with 1 on the diagonal")
    if not bool(((array >= 0) & (array <= 1)).all()):
        raise ValueError("weights must lie between 0 and 1")
    return array


def checked_codes(codes: npt.ArrayLike, categories: int) -> Codes:
    """Return codes as an array; ValueError if one is not below the number of categories."""
    array: Codes = np.asarray(codes)
    if array.size and int(array.max()) >= categories:
        raise ValueError(f"code {int(array.max())} is outside the {categories} categories")
    return array


def weighted_kappa_of(tables: Floats, weights: Floats) -> Floats:
    """Return weighted kappa (Cohen 1968) [...] of tables [..., K, K]; NaN where undefined.

    Parameters
    ----------
    tables
        [..., K, K] counts, first coder in rows.
    weights
        [K, K] weights of agreement.
    """
    total = tables.sum(axis=(-2, -1))
    margins = tables.sum(axis=-1)[..., :, None] * tables.sum(axis=-2)[..., None, :]
    disagreed = (tables * (1 - weights)).sum(axis=(-2, -1)) * total
    chance = (margins * (1 - weights)).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(chance > 1e-9 * total**2, 1 - disagreed / chance, np.nan)


def weighted_kappa(first: npt.ArrayLike, second: npt.ArrayLike, weights: npt.ArrayLike) -> Statistic:
    """Return weighted kappa of two coders, without interval.

    Parameters
    ----------
    first, second
        [T] codes 0 to K - 1 in rank order, negative where missing.
    weights
        [K, K] weights of agreement, as `agreement_weights` gives.

    Raises
    ------
    ValueError
        The weights are none, or a code is not below K.
    """
    known = checked_weights(weights)
    one, other = checked_codes(first, len(known)), checked_codes(second, len(known))
    tables = pair_tables(one, other, len(known), np.zeros(len(one), dtype=np.int64), 1)
    return weighted_kappa_from_table(tables[0], known)


def weighted_kappa_from_table(table: npt.ArrayLike, weights: npt.ArrayLike) -> Statistic:
    """Return weighted kappa of a [K, K] table of counts, without interval; see `weighted_kappa`."""
    counts = np.asarray(table, dtype=np.float64)
    value, n = float(weighted_kappa_of(counts, checked_weights(weights))), round(counts.sum())
    if np.isnan(value):
        return undefined(no_variation(np.diag(counts)), n)
    return Statistic(value, None, None, n)


def conger_kappa(codes: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Statistic:
    """Return Conger's (1980) kappa of any number of coders, without interval.

    Each coder keeps their own shares of the categories: chance agreement is the mean over pairs of
    coders, as in Cohen's kappa, which this is for two coders without missing codes. Missing codes
    are taken as by Gwet (2014): agreement over units that two or more coded, a coder's shares over
    all that this coder coded.

    Parameters
    ----------
    codes
        [T, C] codes 0 to K - 1, negative where missing. A coder without codes is left out.
    weights
        [K, K] weights of agreement; by default the identity over the categories used.

    Returns
    -------
    Statistic
        ``n`` counts the units that two or more coders coded.

    Raises
    ------
    ValueError
        The weights are none, or a code is not below K.
    """
    array: Codes = np.asarray(codes)
    known = np.eye(category_counts(array).shape[1]) if weights is None else checked_weights(weights)
    counts = category_counts(checked_codes(array, len(known)), len(known))
    agreed, pairable = unit_agreement(counts, known)
    n = int(pairable.sum())
    if n == 0:
        return undefined("no unit coded twice")
    chance = _conger_chance(array, known)
    if 1 - chance < 1e-9:
        return undefined(no_variation(counts.sum(axis=0)), n)
    return Statistic((float(agreed.sum()) / n - chance) / (1 - chance), None, None, n)


def unit_agreement(counts: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return the weighted share of agreeing pairs of coders in each unit, and whether it has any pair.

    Parameters
    ----------
    counts
        [T, K] from `category_counts`.
    weights
        [K, K] weights of agreement.

    Returns
    -------
    (agreed, pairable)
        [T] each; the share 0-1, and 0 where fewer than two coded; 1 or 0.
    """
    coders = counts.sum(axis=1)
    pairable = coders >= 2
    # With 1 on the diagonal a coder's agreement with themselves is what is taken off.
    pairs = (counts * (counts @ weights)).sum(axis=1) - coders
    return np.where(pairable, pairs / np.where(pairable, coders * (coders - 1), 1), 0.0), pairable * 1.0


def _conger_chance(codes: Codes, weights: Floats) -> float:
    """Return the mean over ordered pairs of coders of their weighted chance agreement."""
    given = np.stack([(codes == category).sum(axis=0) for category in range(len(weights))], axis=1)
    active = given[given.sum(axis=1) > 0]
    shares = active / active.sum(axis=1, keepdims=True)
    pairs = shares @ weights @ shares.T
    coders = len(shares)
    return float((pairs.sum() - np.trace(pairs)) / (coders * (coders - 1)))
