"""Krippendorff's alpha with distances between values: ordinal, interval and ratio scales, and sets.

Everything starts from coincidences [V, V] of the V distinct values, which add up over units, so
that alpha with one patient left out is alpha of a difference.
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
    first, second = coder_pairs(codes.shape[1])
    one, other = codes[:, first].astype(np.int64), codes[:, second].astype(np.int64)
    both = (one >= 0) & (other >= 0)
    coders = (codes >= 0).sum(axis=1)
    weights = np.broadcast_to((1 / np.maximum(coders - 1, 1))[:, None], both.shape)[both]
    of = np.broadcast_to(np.asarray(groups, dtype=np.int64)[:, None], both.shape)[both]
    cells = (of * values + one[both]) * values + other[both]
    half = np.bincount(cells, weights, minlength=count * values * values).reshape(count, values, values)
    return np.asarray(half + half.swapaxes(1, 2), dtype=np.float64)


def distance_alpha_of(pairs: Floats, distances: Floats) -> Floats:
    """Return alpha [...] of summed `coincidences` [..., V, V]; NaN where undefined.

    Parameters
    ----------
    pairs
        [..., V, V].
    distances
        [V, V], or [..., V, V] where they depend on the values found: 0 for equal values, and
        squared where the scale wants it.
    """
    given = pairs.sum(axis=-1)
    total = given.sum(axis=-1)
    observed = (pairs * distances).sum(axis=(-2, -1))
    expected = (given[..., :, None] * given[..., None, :] * distances).sum(axis=(-2, -1))
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
    return lambda pairs: distance_alpha_of(pairs, level_distances(values, pairs.sum(axis=-1), level))


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
    return alpha_statistic(
        codes, len(values), level_alpha_function(values, level), "every rating is the same"
    )


def alpha_statistic(codes: Codes, values: int, function: Callable[[Floats], Floats], alike: str) -> Statistic:
    """Return alpha of codes [T, C] without interval; ``alike`` is what to say where nothing varies."""
    pairs = coincidences(codes, values, np.zeros(len(codes), dtype=np.int64), 1)
    value, n = float(function(pairs)[0]), int(((codes >= 0).sum(axis=1) >= 2).sum())
    if np.isnan(value):
        return undefined(f"no variation: {alike}" if n else "no unit coded twice", n)
    return Statistic(value, None, None, n)
