"""P-values of many hypotheses at once, adjusted so that each compares with the one level.

A hypothesis that could not be tested is NaN: it is not counted among the hypotheses and stays NaN.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from rift.reliability.intervals import Floats


def holm(p_values: npt.ArrayLike) -> Floats:
    """Return p-values adjusted by Holm (1979), which bounds the chance of any false rejection.

    Parameters
    ----------
    p_values
        [...] between 0 and 1, NaN where not tested. All entries are one family of hypotheses.

    Returns
    -------
    [...]
        Reject where at most the level; at most 1.

    Raises
    ------
    ValueError
        A p-value is not between 0 and 1.
    """

    def step_down(ascending: Floats) -> Floats:
        return np.maximum.accumulate(ascending * np.arange(len(ascending), 0, -1))

    return _adjusted(p_values, step_down)


def benjamini_yekutieli(p_values: npt.ArrayLike) -> Floats:
    """Return p-values adjusted by Benjamini & Yekutieli (2001), for tests that depend on one another.

    Bounds the expected share of false rejections among all rejections, however the tests depend.
    Parameters, result and errors are those of `holm`.
    """

    def step_up(ascending: Floats) -> Floats:
        ranks = np.arange(1, len(ascending) + 1)
        scaled = ascending * (len(ranks) * (1 / ranks).sum() / ranks)
        return np.minimum.accumulate(scaled[::-1])[::-1]

    return _adjusted(p_values, step_up)


def _adjusted(p_values: npt.ArrayLike, procedure: Callable[[Floats], Floats]) -> Floats:
    """Return what a procedure makes of the tested p-values in ascending order, in their own places."""
    given = np.asarray(p_values, dtype=np.float64)
    tested = ~np.isnan(given)
    known = given[tested]
    if not bool(((known >= 0) & (known <= 1)).all()):
        raise ValueError("a p-value must lie between 0 and 1")
    order = np.argsort(known, kind="stable")
    adjusted = np.empty_like(known)
    adjusted[order] = np.minimum(procedure(known[order]), 1.0)
    result = np.full_like(given, np.nan)
    result[tested] = adjusted
    return result
