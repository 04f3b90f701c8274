"""Agreement on which labels a unit has, taken together: distances between sets, and alpha with them."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from rift.reliability.distances import alpha_statistic, distance_alpha_of, distance_sums
from rift.reliability.intervals import Floats
from rift.reliability.kappa import Codes
from rift.reliability.result import Statistic

SetDistance = Literal["masi", "jaccard"]


def set_codes(states: npt.ArrayLike) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """Return which set each coder gave each unit, by number, and what is in the sets.

    Parameters
    ----------
    states
        [T, L, C]: 1 for a label that the coder gave, 0 for one they did not, negative where this is
        not known. A set is known only if all its labels are.

    Returns
    -------
    (codes, members)
        [T, C] numbers of the sets, -1 where not known; [V, L] the labels in each distinct set.
    """
    array = np.moveaxis(np.asarray(states), 1, 2)
    known = (array >= 0).all(axis=2)
    codes = np.full(known.shape, -1, dtype=np.int64)
    if array.shape[2] == 0 or not known.any():
        return codes, np.zeros((0, array.shape[2]), dtype=np.bool_)
    members, numbers = np.unique(array[known] > 0, axis=0, return_inverse=True)
    codes[known] = numbers.reshape(-1)
    return codes, members


def set_distances(members: npt.ArrayLike, distance: SetDistance) -> Floats:
    """Return distances between sets: 0 for equal ones, 1 for those without a common label.

    Parameters
    ----------
    members
        [V, L] the labels in each set.
    distance
        ``jaccard``: 1 - common labels over all labels of the two. ``masi`` (Passonneau 2006): 1 -
        that share times 1 for equal sets, 2/3 where one lies in the other, 1/3 where they overlap.

    Returns
    -------
    [V, V]
        0-1. Two empty sets are equal: nothing was found by either.
    """
    within = np.asarray(members, dtype=np.float64)
    common, sizes = within @ within.T, within.sum(axis=1)
    either = sizes[:, None] + sizes - common
    share = np.where(either > 0, common / np.where(either > 0, either, 1), 1.0)
    if distance == "jaccard":
        return np.asarray(1 - share)
    nested = common == np.minimum(sizes[:, None], sizes)
    return np.asarray(1 - share * np.where(share == 1, 1.0, np.where(nested, 2 / 3, 1 / 3)))


def set_alpha(states: npt.ArrayLike, distance: SetDistance) -> Statistic:
    """Return Krippendorff's alpha of sets of labels, without interval.

    Parameters
    ----------
    states
        [T, L, C] as for `set_codes`.
    distance
        Between sets; see `set_distances`. It is not squared.

    Returns
    -------
    Statistic
        ``n`` counts the units whose set two or more coders gave; the others do not enter.
    """
    codes, members = set_codes(states)
    distances = set_distances(members, distance)
    sums = distance_sums(codes, distances, np.zeros(len(codes), dtype=np.int64), 1)
    return alpha_statistic(float(set_alpha_of(sums, distances)[0]), codes, all_alike(members))


def set_alpha_of(sums: Floats, distances: Floats) -> Floats:
    """Return alpha [...] of summed `distance_sums` [..., 1 + V]; NaN where undefined."""
    return distance_alpha_of(sums[..., 0], sums[..., 1:], distances)


def all_alike(members: npt.NDArray[np.bool_]) -> str:
    """Return what to say where no two sets differ."""
    return "every unit coded twice has the same set" if members.any() else "nobody marked anything"
