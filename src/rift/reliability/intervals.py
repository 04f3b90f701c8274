"""Intervals that take patients, not turns, as the independent units.

Turns of one patient resemble each other, so an interval over turns is far too narrow (a nominal
95 % Wilson interval of precision covers about 58 % with ten patients). Ratios get a linearised
logit-t interval over patients; everything else a delete-one-patient jackknife-t. Where few patients
make most of the variance, both have fewer degrees of freedom (`freedom_of`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, expit, logit, stdtrit

from rift.reliability.result import Statistic, undefined

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SumsFunction = Callable[[Floats], Floats]

# Soft counts are sums of fractions of a few coders: a difference below this is rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class IntervalRule:
    """How intervals are made: two-sided ``level``, and the fewest patients that allow one."""

    level: float
    min_patients: int


def group_sums(values: npt.ArrayLike, groups: npt.ArrayLike, count: int) -> Floats:
    """Return the sums [count, ...] of values [T, ...] over the rows of each group.

    Parameters
    ----------
    values
        [T, ...] numbers.
    groups
        [T] group of each row, 0 to ``count - 1``.
    count
        Number of groups; one without rows sums to 0.
    """
    array = np.asarray(values, dtype=np.float64)
    of = np.asarray(groups, dtype=np.int64)
    sums = np.zeros((count, *array.shape[1:]))
    if of.size:
        order = np.argsort(of, kind="stable")
        present, starts = np.unique(of[order], return_index=True)
        sums[present] = np.add.reduceat(array[order], starts, axis=0)
    return sums


def ratio_interval(
    numerators: npt.ArrayLike, denominators: npt.ArrayLike, level: float
) -> tuple[float | None, float | None, float | None]:
    """Return a ratio of sums over patients (precision, recall) and its two-sided interval.

    Taylor-linearised variance of the ratio estimator with patients as clusters, times G / (G - 1)
    for G patients given, on the logit scale; Student's t with (patients with a denominator) - 1
    degrees of freedom. Where no patient departs from the ratio (always at 0 and 1) that variance
    is 0 and says nothing: the interval is then Clopper and Pearson's with each patient that has a
    denominator as one trial, as if a patient's turns were all alike.

    Parameters
    ----------
    numerators, denominators
        [patients], with 0 <= numerator <= denominator; a patient who was coded but has no
        denominator (nothing flagged) belongs to the sample and is given as 0, 0.
    level
        Two-sided confidence, between 0 and 1.

    Returns
    -------
    (value, low, high)
        All ``None`` without a denominator; no bounds with fewer than two patients.

    Raises
    ------
    ValueError
        Shapes differ, or a numerator is negative or exceeds its denominator.
    """
    value, low, high = _ratio_bounds(numerators, denominators, (1 - level) / 2)
    return _number(value), _number(low), _number(high)


def ratio_lower_bound(
    numerators: npt.ArrayLike, denominators: npt.ArrayLike, confidence: float
) -> float | None:
    """Return the one-sided lower bound of a ratio at this confidence; see `ratio_interval`.

    ``None`` with fewer than two patients that have a denominator.
    """
    return _number(_ratio_bounds(numerators, denominators, 1 - confidence)[1])


def ratio_lower_bounds(numerators: npt.ArrayLike, denominators: npt.ArrayLike, confidence: float) -> Floats:
    """Return the one-sided lower bounds [K] of K ratios given as [patients, K]; NaN for none."""
    return _ratio_bounds(numerators, denominators, 1 - confidence)[1]


def ratio_statistic(
    numerators: npt.ArrayLike, denominators: npt.ArrayLike, rule: IntervalRule, empty: str, n: int
) -> Statistic:
    """Return a ratio with its interval as a `Statistic`.

    The interval is `ratio_interval`'s, with no more degrees of freedom than `freedom_of` gives.

    Parameters
    ----------
    numerators, denominators
        [patients].
    rule
        Level, and patients (with a denominator) needed for an interval.
    empty
        The reason to give when there is no denominator at all.
    n
        Units that the ratio rests on.
    """
    value, low, high = map(
        _number, _ratio_bounds(numerators, denominators, (1 - rule.level) / 2, uneven=True)
    )
    if value is None:
        return undefined(empty, n)
    patients = int((np.asarray(denominators, dtype=np.float64) > 0).sum())
    if patients < rule.min_patients or low is None:
        return Statistic(value, None, None, n, _too_few(patients, rule))
    return Statistic(value, low, high, n)


def jackknife_replicates(sums: Floats, function: SumsFunction) -> tuple[Floats, Floats]:
    """Return a statistic of sums over patients, and its values with each patient left out.

    Parameters
    ----------
    sums
        [G, ...] per patient; whatever the statistic needs must be additive over patients.
    function
        From sums [N, ...] to values [N, ...], NaN where undefined; called for all at once.

    Returns
    -------
    (value, replicates)
        Of shapes [...] and [G', ...]. A patient whose sums are all 0 tells nothing of the
        statistic and is not counted.
    """
    telling = np.any(sums != 0, axis=tuple(range(1, sums.ndim)))
    kept = sums[telling]
    total = kept.sum(axis=0)
    return function(total[None])[0], function(total - kept)


def jackknife_statistic(
    sums: Floats,
    function: SumsFunction,
    rule: IntervalRule,
    *,
    bounds: tuple[float, float],
    empty: str,
    n: int,
) -> Statistic:
    """Return a statistic of sums over patients with its delete-one-patient jackknife-t interval.

    Parameters
    ----------
    sums
        [G, ...] per patient; see `jackknife_replicates`.
    function
        From sums [N, ...] to values [N], NaN where undefined.
    rule
        Level, and patients needed for an interval.
    bounds
        The range of the statistic; the interval is cut to it.
    empty
        The reason to give when the statistic is undefined.
    n
        Units that it rests on.
    """
    value, replicates = jackknife_replicates(sums, function)
    if np.isnan(value):
        return undefined(empty, n)
    return jackknife_interval(float(value), replicates, rule, bounds, n)


def jackknife_interval(
    value: float, replicates: Floats, rule: IntervalRule, bounds: tuple[float, float], n: int
) -> Statistic:
    """Return a value with the jackknife-t interval that its replicates give.

    Student's t (Tukey 1958; Efron & Tibshirani 1993, ch. 11) with the degrees of freedom of `freedom_of`.

    Parameters
    ----------
    value
        With all patients.
    replicates
        [G] with each patient left out; NaN where then undefined.
    rule, bounds, n
        As for `jackknife_statistic`.

    Raises
    ------
    ValueError
        The value is not finite.
    """
    patients = len(replicates)
    if patients < max(rule.min_patients, 2):
        return Statistic(value, None, None, n, _too_few(patients, rule))
    if not np.isfinite(replicates).all():
        return Statistic(value, None, None, n, "no interval: rests on a single patient")
    error = jackknife_error(replicates)
    if error < _ROUNDING:
        return Statistic(value, None, None, n, "no interval: no variation between patients")
    width = error * float(stdtrit(freedom_of(replicates), (1 + rule.level) / 2))
    return Statistic(value, max(value - width, bounds[0]), min(value + width, bounds[1]), n)


def jackknife_error(replicates: Floats) -> float:
    """Return sqrt((G - 1) / G * sum of squared deviations of G replicates from their mean)."""
    patients = len(replicates)
    return float(np.sqrt((patients - 1) / patients * ((replicates - replicates.mean()) ** 2).sum()))


def freedom_of(contributions: Floats) -> Floats:
    """Return the degrees of freedom [...] of a variance that G patients' contributions [G, ...] make.

    Satterthwaite's 2 G / (k - 1), k being the kurtosis of the contributions, and at most G - 1: a variance
    to which a few patients give most is known no better than they are many (`scripts/benchmark_coverage.py`
    has what it does for intervals).

    Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
    """
    patients = len(contributions)
    squares = (contributions - contributions.mean(axis=0)) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        kurtosis = patients * (squares**2).sum(axis=0) / squares.sum(axis=0) ** 2
        # Rounding may leave a kurtosis just below 1, its least value.
        freedom = 2 * patients / np.maximum(kurtosis - 1, 0)
    return np.where(freedom < patients - 1, freedom, float(patients - 1))


def _ratio_bounds(
    numerators: npt.ArrayLike, denominators: npt.ArrayLike, tail: float, uneven: bool = False
) -> tuple[Floats, Floats, Floats]:
    """Return ratios and bounds that each leave ``tail`` outside, over axis 0; NaN for none.

    ``uneven``: fewer degrees of freedom where few patients make most of the variance.
    """
    above = np.asarray(numerators, dtype=np.float64)
    below = np.asarray(denominators, dtype=np.float64)
    if above.shape != below.shape:
        raise ValueError(f"numerators {above.shape} and denominators {below.shape} differ in shape")
    if not bool(((above >= -_ROUNDING) & (above <= below + _ROUNDING)).all()):
        raise ValueError("a numerator must lie between 0 and its denominator")
    clusters, total = float(len(below)), below.sum(axis=0)
    patients = (below > 0).sum(axis=0).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.clip(above.sum(axis=0) / total, 0.0, 1.0)
        apart = above - value * below
        error = np.sqrt(np.divide(clusters, clusters - 1) * (apart**2).sum(axis=0)) / total
        freedom = np.minimum(patients - 1, freedom_of(apart)) if uneven else patients - 1
        width = stdtrit(freedom, 1 - tail) * error / (value * (1 - value))
        low, high = expit(logit(value) - width), expit(logit(value) + width)
        hits, misses = patients * value, patients * (1 - value)
        exact_low = np.where(value > 0, betaincinv(hits, misses + 1, tail), 0.0)
        exact_high = np.where(value < 1, betaincinv(hits + 1, misses, 1 - tail), 1.0)
    alike = error <= _ROUNDING
    enough = patients >= 2
    low = np.where(enough, np.where(alike, exact_low, low), np.nan)
    high = np.where(enough, np.where(alike, exact_high, high), np.nan)
    return value, np.minimum(low, value), np.maximum(high, value)


def _number(value: Floats) -> float | None:
    return None if np.isnan(value) else float(value)


def _too_few(patients: int, rule: IntervalRule) -> str:
    needed = max(rule.min_patients, 2)
    return f"no interval: {patients} patient{'' if patients == 1 else 's'}, {needed} needed"
