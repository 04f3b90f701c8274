"""Is the model as good as a coder, but for a margin set before looking?

The difference between model and coders is tested against the margin from both sides: above it the
model is not inferior, below it it is, and an interval that holds the margin cannot tell. Both
sides are adjusted after Holm over all differences that can be tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from rift.reliability.intervals import (
    Floats,
    IntervalRule,
    SumsFunction,
    freedom_of,
    jackknife_error,
    jackknife_replicates,
    jackknife_statistic,
)
from rift.reliability.multiplicity import holm
from rift.reliability.result import Verdict

ONE_SIDED_LEVEL = 0.975


@dataclass(frozen=True, slots=True)
class Difference:
    """Model minus coders, with its standard error over patients and degrees of freedom."""

    value: float
    error: float
    freedom: float


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """The verdict on one difference.

    Attributes
    ----------
    verdict
        ``yes``: above the margin; ``no``: below it; else ``cannot tell``.
    reason
        Why it cannot be told; ``None`` with a verdict.
    lower
        One-sided 97.5 % lower bound of the difference; ``None`` where it could not be tested, as
        the p-values.
    p_value, adjusted
        Of a difference at or below the margin, before and after Holm.
    """

    verdict: Verdict
    reason: str | None
    lower: float | None
    p_value: float | None
    adjusted: float | None


def difference_of(sums: Floats, function: SumsFunction, rule: IntervalRule) -> Difference | str:
    """Return a difference with its delete-one-patient jackknife error, or why it cannot be tested.

    Parameters
    ----------
    sums
        [G, ...] per patient, additive.
    function
        From sums [N, ...] to differences [N], NaN where undefined.
    rule
        Its patients are needed here too.
    """
    known = jackknife_statistic(sums, function, rule, bounds=(-np.inf, np.inf), empty="undefined", n=0)
    if known.value is None or known.low is None:
        return known.reason or "no interval"
    replicates = jackknife_replicates(sums, function)[1]
    return Difference(known.value, jackknife_error(replicates), float(freedom_of(replicates)))


def non_inferiority(differences: Sequence[Difference | str], margin: float) -> tuple[NonInferiority, ...]:
    """Return the verdicts on one family of differences.

    Parameters
    ----------
    differences
        Each a difference or the reason why it is not tested; the latter do not count in Holm.
    margin
        Below 0; the least difference that still counts as equal.

    Raises
    ------
    ValueError
        The margin is not below 0.
    """
    if margin >= 0:
        raise ValueError(f"the margin is the loss that is accepted and must be below 0, not {margin:g}")
    above = np.array([_p_above(one, margin) for one in differences], dtype=np.float64)
    not_inferior, inferior = holm(above), holm(1 - above)
    return tuple(
        NonInferiority("cannot tell", one, None, None, None)
        if isinstance(one, str)
        else _verdict(one, (above[at], not_inferior[at], inferior[at]), margin)
        for at, one in enumerate(differences)
    )


def _p_above(one: Difference | str, margin: float) -> float:
    """Return the one-sided p-value of a difference at or below the margin; NaN if not tested."""
    if isinstance(one, str):
        return float("nan")
    return float(stdtr(one.freedom, (margin - one.value) / one.error))


def _verdict(one: Difference, p_values: tuple[float, float, float], margin: float) -> NonInferiority:
    p_value, not_inferior, inferior = (float(value) for value in p_values)
    level = 1 - ONE_SIDED_LEVEL
    lower = one.value - one.error * float(stdtrit(one.freedom, ONE_SIDED_LEVEL))
    verdict: Verdict = "cannot tell"
    reason: str | None = "the margin lies within the interval"
    if not_inferior <= level:
        verdict, reason = "yes", None
    elif inferior <= level:
        verdict, reason = "no", None
    elif min(p_value, 1 - p_value) <= level:
        side = "above" if lower > margin else "below"
        reason = f"{side} the margin, but not after Holm's adjustment"
    return NonInferiority(verdict, reason, lower, p_value, not_inferior)
