"""How alike two ways of cutting a session into segments are: WindowDiff, Pk, boundary similarities.

A segmentation is given by its masses, the lengths of its segments in order (turns). A boundary is a
place between two neighbouring units. Two codings without any boundary agree: there the similarities
are 1 and the error rates 0 by convention, where libraries divide 0 by 0.

Sources: Beeferman, Berger & Lafferty 1999 (Pk); Pevzner & Hearst 2002 (WindowDiff); Fournier &
Inkpen 2012 (S); Fournier 2013 (B).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from rift.reliability.intervals import Ints
from rift.reliability.result import Statistic, undefined

NEAR = 2
"""By default boundaries fewer than this many places apart are near misses, as in segeval."""

ONE_UNIT = "a single unit has no place for a boundary"

_SMALLEST_WINDOW = 2


def segment_masses(codes: npt.ArrayLike) -> tuple[int, ...]:
    """Return the lengths of the runs of equal codes in [T] codes of neighbouring units."""
    array = np.asarray(codes)
    if not len(array):
        return ()
    edges = np.flatnonzero(array[1:] != array[:-1]) + 1
    return tuple(int(mass) for mass in np.diff([0, *edges, len(array)]))


def window_diff(hypothesis: Sequence[int], reference: Sequence[int], window: int | None = None) -> Statistic:
    """Return WindowDiff: how often a sliding window holds unequal numbers of boundaries.

    Parameters
    ----------
    hypothesis, reference
        Masses of the same total.
    window
        Units that it spans; by default half of the reference's mean mass, rounded, at least 2.

    Returns
    -------
    Statistic
        An error rate, 0 (alike) to 1; ``n`` counts windows. Undefined where the session is no longer
        than the window and has a boundary.

    Raises
    ------
    ValueError
        A mass is not positive, or the totals differ.
    """
    one, other = _marks(hypothesis, reference)
    width = _window(reference) if window is None else window
    inside = [
        np.concatenate([[0], np.cumsum(marks)])[width:]
        - np.concatenate([[0], np.cumsum(marks)])[: len(marks) + 1 - width]
        for marks in (one, other)
        if len(marks) >= width
    ]
    return _windowed(one | other, [np.asarray(counts) for counts in inside])


def pk(hypothesis: Sequence[int], reference: Sequence[int], window: int | None = None) -> Statistic:
    """Return Pk: how often two units a window apart are in one segment of one coding only.

    Parameters and result as for `window_diff`.
    """
    one, other = _marks(hypothesis, reference)
    width = _window(reference) if window is None else window
    segments = [np.concatenate([[0], np.cumsum(marks)]) for marks in (one, other)]
    parted = [(of[width:] != of[:-width]).astype(np.int64) for of in segments if len(of) > width]
    return _windowed(one | other, parted)


def boundary_similarity(first: Sequence[int], second: Sequence[int], near: int = NEAR) -> Statistic:
    """Return boundary similarity B: 1 minus the edits per boundary that either coding has.

    A boundary of one coding alone costs 1; two that are fewer than ``near`` places apart are one near
    miss and cost their distance over ``near``.

    Parameters
    ----------
    first, second
        Masses of the same total.
    near
        1 or more; 1 allows no near miss.

    Returns
    -------
    Statistic
        0 to 1; ``n`` counts the boundaries and near misses compared. 1 where neither has a boundary.

    Raises
    ------
    ValueError
        As for `window_diff`.
    """
    one, other = _marks(first, second)
    if not len(one):
        return undefined(ONE_UNIT)
    matched, alone, distances = _edits(one, other, near)
    compared = matched + alone + len(distances)
    if compared == 0:
        return Statistic(1.0, None, None, 0)
    cost = alone + sum(distances) / near
    return Statistic(1 - cost / compared, None, None, compared)


def segmentation_similarity(first: Sequence[int], second: Sequence[int], near: int = NEAR) -> Statistic:
    """Return segmentation similarity S: 1 minus the edits per place where a boundary could be.

    Parameters as for `boundary_similarity`. S is near 1 wherever boundaries are rare, alike or not.

    Returns
    -------
    Statistic
        0 to 1; ``n`` counts the places.
    """
    one, other = _marks(first, second)
    if not len(one):
        return undefined(ONE_UNIT)
    _, alone, distances = _edits(one, other, near)
    return Statistic(1 - (alone + sum(distances) / near) / len(one), None, None, len(one))


Boundaries = npt.NDArray[np.bool_]


def _marks(first: Sequence[int], second: Sequence[int]) -> tuple[Boundaries, Boundaries]:
    """Return for both which of the N - 1 places between units are boundaries."""
    if min((*first, *second), default=0) < 1:
        raise ValueError("a segmentation is one or more masses of 1 or more")
    if sum(first) != sum(second):
        raise ValueError(f"segmentations of {sum(first)} and of {sum(second)} units cannot be compared")
    marks = np.zeros((2, sum(first) - 1), dtype=np.bool_)
    for row, masses in zip(marks, (first, second), strict=True):
        row[np.cumsum(masses)[:-1] - 1] = True
    return marks[0], marks[1]


def _window(reference: Sequence[int]) -> int:
    return max(round(sum(reference) / len(reference) / 2), _SMALLEST_WINDOW)


def _windowed(boundaries: Boundaries, counts: Sequence[Ints]) -> Statistic:
    """Return the share of windows whose two counts differ."""
    windows = len(counts[0]) if counts else 0
    if not boundaries.any():
        return Statistic(0.0, None, None, windows)
    if windows == 0:
        return undefined("no longer than the window")
    return Statistic(float((counts[0] != counts[1]).mean()), None, None, windows)


def _edits(one: Boundaries, other: Boundaries, near: int) -> tuple[int, int, list[int]]:
    """Return boundaries of both, boundaries of one alone, and the distances of the near misses."""
    if near < 1:
        raise ValueError(f"near must be 1 or more, not {near}")
    matched = int((one & other).sum())
    left, right = np.flatnonzero(one & ~other), np.flatnonzero(other & ~one)
    apart = np.abs(left[:, None] - right[None, :])
    # What a pair saves: two boundaries alone cost 2, a near miss less than 1.
    saved = np.where(apart < near, 2.0 - apart / near, 0.0)
    rows, columns = linear_sum_assignment(saved, maximize=True)
    distances = [int(apart[i, j]) for i, j in zip(rows, columns, strict=True) if apart[i, j] < near]
    return matched, len(left) + len(right) - 2 * len(distances), distances
