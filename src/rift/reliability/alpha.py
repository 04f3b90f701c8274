"""Agreement of any number of coders with any of their codes missing: Krippendorff and Fleiss.

Both start from counts [units, K]: how many coders gave a unit each category.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rift.reliability.intervals import Floats
from rift.reliability.kappa import Codes, no_variation
from rift.reliability.result import Statistic, undefined


def category_counts(codes: npt.ArrayLike, categories: int | None = None) -> Floats:
    """Return how many coders gave each unit each category.

    Parameters
    ----------
    codes
        [T, C] codes 0 to K - 1, negative where missing.
    categories
        K; by default the highest code + 1, at least 2.

    Returns
    -------
    [T, K]
    """
    array: Codes = np.asarray(codes)
    known = max(int(array.max(initial=-1)) + 1, 2) if categories is None else categories
    return np.stack([(array == category).sum(axis=1) for category in range(known)], axis=1).astype(np.float64)


def alpha_sums(counts: Floats) -> Floats:
    """Return what nominal alpha needs of each unit; additive over units.

    Parameters
    ----------
    counts
        [T, K] from `category_counts`.

    Returns
    -------
    [T, 1 + K]
        The unit's disagreeing pairs, then its pairable values in each category; all 0 for a unit
        that fewer than two coders coded.
    """
    coders = counts.sum(axis=1)
    pairable = coders >= 2
    disagreeing = (coders**2 - (counts**2).sum(axis=1)) / np.where(pairable, coders - 1, 1)
    sums: Floats = np.column_stack([disagreeing, counts]) * pairable[:, None]
    return sums


def table_alpha_sums(tables: Floats) -> Floats:
    """Return the sums [..., 1 + K] of the units that tables [..., K, K] of two coders count."""
    agreed = np.trace(tables, axis1=-2, axis2=-1)
    disagreeing = 2 * (tables.sum(axis=(-2, -1)) - agreed)
    sums: Floats = np.concatenate(
        [disagreeing[..., None], tables.sum(axis=-1) + tables.sum(axis=-2)], axis=-1
    )
    return sums


def alpha_of(sums: Floats) -> Floats:
    """Return nominal alpha [...] of summed `alpha_sums` [..., 1 + K]; NaN where undefined."""
    values = sums[..., 1:]
    total = values.sum(axis=-1)
    expected = total**2 - (values**2).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 1e-9 * total**2, 1 - (total - 1) * sums[..., 0] / expected, np.nan)


def nominal_alpha(codes: npt.ArrayLike) -> Statistic:
    """Return Krippendorff's alpha for nominal codes (Krippendorff 2011), without interval.

    Parameters
    ----------
    codes
        [T, C], negative where missing.

    Returns
    -------
    Statistic
        ``n`` counts the units that two or more coders coded; the others do not enter.
    """
    counts = category_counts(codes)
    sums, n = alpha_sums(counts).sum(axis=0), int((counts.sum(axis=1) >= 2).sum())
    value = float(alpha_of(sums))
    if np.isnan(value):
        return undefined(no_variation(sums[1:]), n)
    return Statistic(value, None, None, n)


def fleiss_kappa(codes: npt.ArrayLike) -> Statistic:
    """Return Fleiss' kappa of nominal codes; see `fleiss_from_counts`."""
    return fleiss_from_counts(category_counts(codes))


def fleiss_from_counts(counts: npt.ArrayLike) -> Statistic:
    """Return Fleiss' kappa (1971), for unequal numbers of coders as Gwet (2014) generalises it.

    Parameters
    ----------
    counts
        [T, K]. Agreement is taken over units that two or more coders coded, the categories' shares
        over all that anybody coded.
    """
    table = np.asarray(counts, dtype=np.float64)
    table = table[table.sum(axis=1) > 0]
    coders = table.sum(axis=1)
    paired, many = table[coders >= 2], coders[coders >= 2]
    if not len(paired):
        return undefined("no unit coded twice")
    agreed = float(((paired * (paired - 1)).sum(axis=1) / (many * (many - 1))).mean())
    chance = float(((table / coders[:, None]).mean(axis=0) ** 2).sum())
    if 1 - chance < 1e-9:
        return undefined(no_variation(table.sum(axis=0)), len(paired))
    return Statistic((agreed - chance) / (1 - chance), None, None, len(paired))
