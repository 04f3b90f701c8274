"""Krippendorff's alpha with distances between values: ordinal, interval and ratio scales, and sets.

Everything starts from sums over units, so that alpha with one patient left out is alpha of a
difference: where the distances are known beforehand `distance_sums`, for ordinal ones, which depend
on what was given, the coincidences [V, V] of the V distinct values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

from rift.reliability.intervals import Floats, Ints
from rift.reliability.kappa import Codes, coder_pairs
from rift.reliability.result import Statistic, undefined

Level = Literal["nominal", "ordinal", "interval", "ratio"]
Ratings = npt.NDArray[np.float64]


def coincidences(codes: Codes, values: int, groups: Ints, count: int) -> Floats:
    """Return how often values stand beside one another in a unit, summed over each group's units.

    Parameters
    ----------
    codes
        [T, C] numbers 0 to ``values - 1`` of the values, negative where missing.
    values
        V, the distinct values.
    groups
        [T] group of each unit (its patient), 0 to ``count - 1``.
    count
        Number of groups G.

    Returns
    -------
    [G, V, V]
        Symmetric. Each ordered pair of a unit's values counts 1 / (its coders - 1), so a unit adds
        as much as it has values; one coded once adds nothing (Krippendorff 2011).
    """
    one, other, weights, of = _pairs(codes, groups)
    cells = (of * values + one) * values + other
    half = np.bincount(cells, weights, minlength=count * values * values).reshape(count, values, values)
    return np.asarray(half + half.swapaxes(1, 2), dtype=np.float64)


def distance_sums(codes: Codes, distances: Floats, groups: Ints, count: int) -> Floats:
    """Return what alpha needs of each group's units where distances are known beforehand.

    Parameters
    ----------
    codes, groups, count
        As for `coincidences`.
    distances
        [V, V] between the values.

    Returns
    -------
    [G, 1 + V]
        The distances of the coincidences, then how often each value was given in units that two or
        more coders coded.
    """
    values = len(distances)
    one, other, weights, of = _pairs(codes, groups)
    observed = np.bincount(of, 2 * weights * distances[one, other], minlength=count)
    paired = (codes >= 0) & ((codes >= 0).sum(axis=1) >= 2)[:, None]
    cells = np.broadcast_to(np.asarray(groups)[:, None] * values, codes.shape)[paired] + codes[paired]
    given = np.bincount(cells, minlength=count * values).reshape(count, values)
    return np.column_stack([observed, given])


def distance_alpha_of(observed: Floats, given: Floats, distances: Floats) -> Floats:
    """Return alpha [...] from distances observed and expected; NaN where undefined.

    Parameters
    ----------
    observed
        [...] sums of the distances of coincidences.
    given
        [..., V] how often each value was given in units that two or more coders coded.
    distances
        [V, V], or [..., V, V] where they depend on the values given: 0 for equal values, and
        squared where the scale wants it.
    """
    total = given.sum(axis=-1)
    expected = ((given[..., None, :] @ distances)[..., 0, :] * given).sum(axis=-1)
    # Sums less one patient's can leave rounding where nothing is left.
    least = 1e-12 * total**2 * distances.max(axis=(-2, -1), initial=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > least, 1 - (total - 1) * observed / expected, np.nan)


def level_distances(values: Ratings, given: Floats, level: Level) -> Floats:
    """Return squared distances between values on a scale (Krippendorff 2011).

    Parameters
    ----------
    values
        [V] distinct values, rising; not negative on a ratio scale.
    given
        [..., V] how often each value was given, from which ordinal distances come.
    level
        ``nominal``: 0 or 1. ``ordinal``: how many were given from the middle of one rank to the
        middle of the other. ``interval``: the difference. ``ratio``: the difference over the sum.

    Returns
    -------
    [V, V], or for ordinal [..., V, V]
    """
    if level == "ordinal":
        middles = np.cumsum(given, axis=-1) - given / 2
        ranks: Floats = (middles[..., :, None] - middles[..., None, :]) ** 2
        return ranks
    apart = np.abs(values[:, None] - values)
    if level == "nominal":
        return (apart > 0).astype(np.float64)
    if level == "ratio":
        together = values[:, None] + values
        apart = apart / np.where(together > 0, together, 1)
    return np.asarray(apart**2)


def rating_codes(ratings: npt.ArrayLike, level: Level) -> tuple[Codes, Ratings]:
    """Return the numbers [T, C] of ratings, -1 where missing, and the distinct values [V], rising.

    Parameters
    ----------
    ratings
        [T, C] numbers, NaN where missing.
    level
        The scale that they are on.

    Raises
    ------
    ValueError
        A rating is infinite or, on a ratio scale, negative.
    """
    array: Ratings = np.asarray(ratings, dtype=np.float64)
    known = ~np.isnan(array)
    if np.isinf(array).any():
        raise ValueError("ratings must be finite, or NaN where missing")
    if level == "ratio" and (array[known] < 0).any():
        raise ValueError("ratings on a ratio scale must not be negative")
    codes = np.full(array.shape, -1, dtype=np.int64)
    values, codes[known] = np.unique(array[known], return_inverse=True)
    return codes, values


def level_alpha_function(values: Ratings, level: Level) -> Callable[[Floats], Floats]:
    """Return the function from summed `coincidences` [..., V, V] to alpha [...], as a jackknife takes it."""

    def alpha(pairs: Floats) -> Floats:
        given = pairs.sum(axis=-1)
        distances = level_distances(values, given, level)
        return distance_alpha_of((pairs * distances).sum(axis=(-2, -1)), given, distances)

    return alpha


def level_alpha(ratings: npt.ArrayLike, level: Level) -> Statistic:
    """Return Krippendorff's alpha of ratings on a scale, without interval.

    Parameters
    ----------
    ratings
        [T, C] numbers, NaN where missing.
    level
        The scale that they are on.

    Returns
    -------
    Statistic
        ``n`` counts the units that two or more coders rated; the others do not enter.

    Raises
    ------
    ValueError
        A rating is infinite or, on a ratio scale, negative.
    """
    codes, values = rating_codes(ratings, level)
    pairs = coincidences(codes, len(values), np.zeros(len(codes), dtype=np.int64), 1)
    value = float(level_alpha_function(values, level)(pairs)[0])
    return alpha_statistic(value, codes, "every rating is the same")


def alpha_statistic(value: float, codes: Codes, alike: str) -> Statistic:
    """Return alpha of codes [T, C] without interval; ``alike`` says what there is where nothing varies."""
    n = int(((codes >= 0).sum(axis=1) >= 2).sum())
    if np.isnan(value):
        return undefined(f"no variation: {alike}" if n else "no unit coded twice", n)
    return Statistic(value, None, None, n)


def _pairs(codes: Codes, groups: Ints) -> tuple[Ints, Ints, Floats, Ints]:
    """Return both values of each pair of coders in each unit, the weight of the pair, and its group."""
    first, second = coder_pairs(codes.shape[1])
    one, other = codes[:, first].astype(np.int64), codes[:, second].astype(np.int64)
    both = (one >= 0) & (other >= 0)
    coders = (codes >= 0).sum(axis=1)
    weights = np.broadcast_to((1 / np.maximum(coders - 1, 1))[:, None], both.shape)[both]
    of = np.broadcast_to(np.asarray(groups, dtype=np.int64)[:, None], both.shape)[both]
    return one[both], other[both], weights, of
