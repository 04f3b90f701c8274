"""Krippendorff's alpha of ordered values, such as session frequencies, with missing ones.

The ordinal metric between two values, the squared number of ranks between them, is the squared
difference of their mid-ranks among all pairable values: alpha is the interval alpha of the ranks.
`rift.reliability.distances` gives the same from a table of coincidences; frequencies have nearly as
many values as sessions, for which that table would be too large.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from rift.reliability.intervals import Floats, Ints
from rift.reliability.result import Statistic, undefined


def ordinal_alpha(values: npt.ArrayLike) -> Statistic:
    """Return Krippendorff's alpha for ordered values (Krippendorff 2011), without interval.

    Parameters
    ----------
    values
        [T, C] of units by coders, NaN where missing.

    Returns
    -------
    Statistic
        ``n`` counts the units that two or more coders coded; the others do not enter.
    """
    table = np.asarray(values, dtype=np.float64)
    n = int(((~np.isnan(table)).sum(axis=1) >= 2).sum())
    value = _alpha(table)
    if np.isnan(value):
        return undefined("no unit coded twice" if n == 0 else "no variation: all values are equal", n)
    return Statistic(value, None, None, n)


def ordinal_alpha_without(values: npt.ArrayLike, groups: Ints, count: int) -> Floats:
    """Return ordinal alpha [G] with each group (patient) left out; NaN where undefined.

    Parameters
    ----------
    values
        [T, C], NaN where missing.
    groups
        [T] group of each unit, 0 to ``count - 1``.
    count
        Number of groups G.
    """
    table, of = np.asarray(values, dtype=np.float64), np.asarray(groups)
    return np.array([_alpha(table[of != group]) for group in range(count)])


def _alpha(table: Floats) -> float:
    known = ~np.isnan(table)
    paired = table[known.sum(axis=1) >= 2]
    known = ~np.isnan(paired)
    ranks = np.zeros_like(paired)
    ranks[known] = rankdata(paired[known])
    total, coders = known.sum(), known.sum(axis=1)
    if total == 0:
        return float("nan")
    centre = np.where(known, ranks, 0.0).sum(axis=1) / np.maximum(coders, 1)
    within = (np.where(known, ranks - centre[:, None], 0.0) ** 2).sum(axis=1)
    expected = ((ranks[known] - ranks[known].mean()) ** 2).sum() / (total - 1)
    if expected <= 0:
        return float("nan")
    # Squared differences of a unit's pairs, over its coders - 1, come to twice coders * within.
    return float(1 - (within * coders / (coders - 1)).sum() / total / expected)
