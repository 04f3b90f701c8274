"""Whether the model's probabilities mean what they say, label by label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rift.config import EvaluateSection
from rift.evaluation.rows import MarkerRow, interval_rule, row_of
from rift.evaluation.units import ScoredMarks
from rift.reliability.calibration import brier_of, calibration_errors, calibration_sums, skill_of
from rift.reliability.intervals import (
    Floats,
    IntervalRule,
    Ints,
    SumsFunction,
    group_sums,
    jackknife_statistic,
    ratio_statistic,
)
from rift.reliability.result import Statistic, undefined

CALIBRATION_STATISTICS = ("brier", "skill", "intercept", "slope")
"""The statistics of a row, in the order in which they are reported."""

_BINS = 10
_ALL_MARKED, _NONE_MARKED = "every turn is marked", "no turn is marked"
_NO_SLOPE = "one cut tells marked turns from others, or all turns have one probability"


@dataclass(frozen=True, slots=True)
class CalibrationPoint:
    """Turns of like probability: the mean of it, and the share of marks that coders gave them."""

    predicted: float
    observed: Statistic


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """A label's or family's probabilities beside the coders' marks.

    Attributes
    ----------
    column, name, kind, support
        As in the marker table.
    turns
        Coded for the label and with a probability.
    prevalence, predicted
        Mean share of coders who marked a turn; mean probability. None without turns.
    brier
        Mean squared error of the probability against a randomly drawn coder's mark; 0 at best.
    skill
        What it saves of the error that the base rate makes: 1 at best, 0 for the base rate itself.
    intercept
        Calibration in the large, in log odds: above 0 marks are commoner than the probabilities say.
    slope
        1 at best; below 1 the probabilities are too extreme, above 1 too timid.
    expected_error
        Expected calibration error, 15 bins of equal width: for comparison with other work only, since
        it says nothing of a rare label. None where the statistics are undefined.
    points
        The quantile curve: bins of about equally many turns, by rising probability.
    """

    column: str
    name: str
    kind: str
    support: str
    turns: int
    prevalence: float | None
    predicted: float | None
    brier: Statistic
    skill: Statistic
    intercept: Statistic
    slope: Statistic
    expected_error: float | None
    points: tuple[CalibrationPoint, ...]


@dataclass(frozen=True)
class CalibrationTable:
    """The calibration of every label and family; ``level`` of the two-sided intervals."""

    level: float
    rows: tuple[CalibrationRow, ...]

    def row(self, column: str) -> CalibrationRow:
        """Return the row of a label or family; KeyError if there is none."""
        return row_of(self.rows, column)


def calibration_table(
    data: ScoredMarks, rows: Sequence[MarkerRow], section: EvaluateSection
) -> CalibrationTable:
    """Return the calibration of every column.

    Parameters
    ----------
    data
        Coded turns with probabilities that are calibrated by other folds.
    rows
        The marker table's rows: a label of which these give counts only has no statistics here either.
    section
        Level of the intervals, and the patients that they need.
    """
    rule = interval_rule(section)
    return CalibrationTable(section.interval, tuple(_row(data, at, row, rule) for at, row in enumerate(rows)))


def _row(data: ScoredMarks, at: int, marker: MarkerRow, rule: IntervalRule) -> CalibrationRow:
    soft, scores = data.marks.soft()[:, at], data.probabilities[:, at]
    known = ~np.isnan(soft) & ~np.isnan(scores)
    soft, scores, patients = soft[known], scores[known], data.patients[known]
    reason = marker.precision.reason if marker.support == "Counts" or not marker.turns else None
    errors = None if reason else calibration_errors(soft, scores)
    return CalibrationRow(
        column=marker.column,
        name=marker.name,
        kind=marker.kind,
        support=marker.support,
        turns=len(soft),
        prevalence=float(soft.mean()) if len(soft) else None,
        predicted=float(scores.mean()) if len(soft) else None,
        expected_error=errors.mean if errors else None,
        points=calibration_points(soft, scores, patients, rule),
        **(
            dict.fromkeys(CALIBRATION_STATISTICS, undefined(reason, len(soft)))
            if reason
            else _statistics(soft, scores, (patients, data.patient_count), rule)
        ),
    )


def _statistics(
    soft: Floats, scores: Floats, patients: tuple[Ints, int], rule: IntervalRule
) -> dict[str, Statistic]:
    fitted = calibration_sums(soft, scores, *patients)
    one_sided = _NONE_MARKED if not soft.any() else _ALL_MARKED if soft.min() == 1 else None

    def statistic(function: SumsFunction, low: float, high: float, empty: str = "") -> Statistic:
        return jackknife_statistic(
            fitted.sums, function, rule, bounds=(low, high), empty=one_sided or empty, n=len(soft)
        )

    endless = np.inf
    return {
        "brier": statistic(brier_of, 0.0, 1.0),
        "skill": statistic(skill_of, -endless, 1.0),
        "intercept": statistic(fitted.intercept_of, -endless, endless),
        "slope": statistic(fitted.slope_of, -endless, endless, _NO_SLOPE),
    }


def calibration_points(
    soft: Floats, scores: Floats, patients: Ints, rule: IntervalRule
) -> tuple[CalibrationPoint, ...]:
    """Return the quantile curve of [T] shares and probabilities, without NaN.

    At most ten bins of about equally many turns; turns of equal probability stay together. The
    interval of the observed share is that of a ratio over patients.
    """
    if not len(soft):
        return ()
    inner = np.unique(np.quantile(scores, np.linspace(0, 1, _BINS + 1)[1:-1]))
    bins = np.searchsorted(inner, scores, side="right")
    points = []
    for number in np.unique(bins):
        own = bins == number
        sums = group_sums(np.column_stack([soft[own], np.ones(own.sum())]), patients[own], patients.max() + 1)
        coded = sums[np.unique(patients)]
        observed = ratio_statistic(coded[:, 0], coded[:, 1], rule, "no turns", int(own.sum()))
        points.append(CalibrationPoint(float(scores[own].mean()), observed))
    return tuple(points)
