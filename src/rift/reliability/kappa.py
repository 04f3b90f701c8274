"""Agreement of two coders corrected for chance, and its means over coders and pairs of coders.

Codes are integers; any negative one (`rift.corpus.marks`: not coded, uncodable) is missing, and a
pair is compared on the units that both coded. A kappa is undefined where chance agreement is
complete, as when nobody marked anything; it is then left out of a mean over pairs.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt

from rift.reliability.intervals import Floats, Ints, group_sums
from rift.reliability.result import Statistic, undefined

Codes = npt.NDArray[np.integer]


def pair_tables(first: Codes, second: Codes, categories: int, groups: Ints, count: int) -> Floats:
    """Return the two-coder tables of each group, summed over its units.

    Parameters
    ----------
    first, second
        [T, ...] codes 0 to ``categories - 1``, negative where missing.
    categories
        Number of categories K.
    groups
        [T] group of each unit (its patient), 0 to ``count - 1``.
    count
        Number of groups G.

    Returns
    -------
    [G, ..., K, K]
        Units that both coded, by the first's category (rows) and the second's.
    """
    first, second = np.asarray(first), np.asarray(second)
    cells = [
        [group_sums((first == row) & (second == column), groups, count) for column in range(categories)]
        for row in range(categories)
    ]
    return np.stack([np.stack(row, axis=-1) for row in cells], axis=-2)


def kappa_of(tables: Floats) -> Floats:
    """Return Cohen's (1960) kappa [...] of tables [..., K, K]; NaN where undefined."""
    total = tables.sum(axis=(-2, -1))
    agreed = np.trace(tables, axis1=-2, axis2=-1) * total
    chance = (tables.sum(axis=-1) * tables.sum(axis=-2)).sum(axis=-1)
    room = total**2 - chance
    with np.errstate(invalid="ignore", divide="ignore"):
        # Counts are whole or simple fractions: a remainder this small is rounding.
        return np.where(room > 1e-9 * total**2, (agreed - chance) / room, np.nan)


def agreement_of(tables: Floats) -> Floats:
    """Return the share of units on the diagonal [...] of tables [..., K, K]; NaN of an empty one."""
    return share_of(np.trace(tables, axis1=-2, axis2=-1), tables.sum(axis=(-2, -1)))


def specific_agreement_of(tables: Floats) -> Floats:
    """Return agreement specific to each category [..., K] of tables [..., K, K].

    Twice the units on which both gave the category, over how often either gave it (Dice; F1 if one
    is the truth; positive agreement of category 1, Cicchetti & Feinstein 1990); NaN if never given.
    """
    given = tables.sum(axis=-1) + tables.sum(axis=-2)
    return share_of(2 * np.diagonal(tables, axis1=-2, axis2=-1), given)


def share_of(part: Floats, whole: Floats) -> Floats:
    """Return part / whole; NaN where the whole is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def mean_defined(values: Floats) -> Floats:
    """Return the mean over the last axis of what is not NaN; NaN where nothing is."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=-1) / known.sum(axis=-1), dtype=np.float64)


def coder_pairs(coders: int) -> tuple[Ints, Ints]:
    """Return the first and second members of all pairs of coders, in order."""
    pairs = np.array(list(combinations(range(coders), 2)), dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def cohen_kappa(first: npt.ArrayLike, second: npt.ArrayLike) -> Statistic:
    """Return Cohen's kappa of two coders, binary or nominal, without interval.

    Parameters
    ----------
    first, second
        [T] codes, negative where missing.
    """
    return kappa_from_table(_table(first, second))


def kappa_from_table(table: npt.ArrayLike) -> Statistic:
    """Return Cohen's kappa of a [K, K] table of counts, without interval."""
    counts = np.asarray(table, dtype=np.float64)
    value, n = float(kappa_of(counts)), round(counts.sum())
    if np.isnan(value):
        return undefined(no_variation(np.diag(counts)), n)
    return Statistic(value, None, None, n)


def no_variation(agreed: npt.ArrayLike) -> str:
    """Return why kappa or alpha is undefined, from the counts [K] of each category that all gave.

    With two categories the second is the mark.
    """
    counts = np.asarray(agreed, dtype=np.float64)
    if counts.sum() == 0:
        return "no unit coded twice"
    if len(counts) != 2 or counts.all():
        return "no variation: each coder used one category only"
    return "nobody marked it" if counts[0] > 0 else "everybody marked every unit"


def mean_pairwise_kappa(codes: npt.ArrayLike) -> Statistic:
    """Return the mean kappa over pairs of coders (Light 1971), without interval.

    Parameters
    ----------
    codes
        [T, C], negative where missing.

    Returns
    -------
    Statistic
        ``n`` counts the units that two or more coders coded.
    """
    array = np.asarray(codes)
    first, second = coder_pairs(array.shape[1])
    return _mean_kappa(array[:, first], array[:, second], int(((array >= 0).sum(axis=1) >= 2).sum()))


def mean_model_kappa(model: npt.ArrayLike, codes: npt.ArrayLike) -> Statistic:
    """Return the mean over coders of the kappa of model and coder, without interval.

    Parameters
    ----------
    model
        [T] the model's codes, negative where it has none.
    codes
        [T, C] the coders', negative where missing.
    """
    coders, own = np.asarray(codes), np.asarray(model)
    both = (coders >= 0) & (own >= 0)[:, None]
    return _mean_kappa(np.broadcast_to(own[:, None], coders.shape), coders, int(both.any(axis=1).sum()))


def percent_agreement(first: npt.ArrayLike, second: npt.ArrayLike) -> Statistic:
    """Return the share of the units coded by both on which two coders agree, without interval."""
    return agreement_from_table(_table(first, second))


def agreement_from_table(table: npt.ArrayLike) -> Statistic:
    """Return the share of units on the diagonal of a [K, K] table."""
    counts = np.asarray(table, dtype=np.float64)
    n = round(counts.sum())
    if n == 0:
        return undefined("no unit coded twice")
    return Statistic(float(agreement_of(counts)), None, None, n)


def positive_agreement(first: npt.ArrayLike, second: npt.ArrayLike) -> Statistic:
    """Return positive agreement of two coders' marks (1) and no marks (0), without interval."""
    return specific_agreement(_table(first, second), 1)


def negative_agreement(first: npt.ArrayLike, second: npt.ArrayLike) -> Statistic:
    """Return agreement of two coders on no marks (0), beside `positive_agreement`, without interval."""
    return specific_agreement(_table(first, second), 0)


def specific_agreement(table: npt.ArrayLike, category: int) -> Statistic:
    """Return agreement specific to one category of a [K, K] table; see `specific_agreement_of`.

    Returns
    -------
    Statistic
        Without interval; ``n`` counts how often the category was given, over both coders.
    """
    counts = np.asarray(table, dtype=np.float64)
    given = round(counts[category].sum() + counts[:, category].sum())
    if counts.sum() == 0:
        return undefined("no unit coded twice")
    if given == 0:
        return undefined("nobody marked it" if category else "everybody marked every unit")
    return Statistic(float(specific_agreement_of(counts)[category]), None, None, given)


def _table(first: npt.ArrayLike, second: npt.ArrayLike) -> Floats:
    one, other = np.asarray(first), np.asarray(second)
    categories = max(_categories(one), _categories(other), 2)
    tables: Floats = pair_tables(one, other, categories, np.zeros(len(one), dtype=np.int64), 1)[0]
    return tables


def _mean_kappa(first: Codes, second: Codes, n: int) -> Statistic:
    if first.shape[1] == 0:
        return undefined("fewer than two coders", n)
    categories = max(_categories(first), _categories(second), 2)
    tables = pair_tables(first, second, categories, np.zeros(len(first), dtype=np.int64), 1)[0]
    value = float(mean_defined(kappa_of(tables)))
    if np.isnan(value):
        return undefined(no_variation(np.diag(tables.sum(axis=0))), n)
    return Statistic(value, None, None, n)


def _categories(codes: Codes) -> int:
    return int(codes.max(initial=-1)) + 1
