"""What needs no model: flagging every turn, and flagging at random as often as coders mark."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from rift.config import EvaluateSection
from rift.evaluation.markers import MarkerTable, marker_table
from rift.evaluation.units import ScoredMarks
from rift.reliability.intervals import Floats
from rift.reliability.result import Statistic

ALWAYS_POSITIVE = "always positive"
BASE_RATE = "marker base rate"

_OF_THE_FLAGS = (
    "precision", "model_ceiling", "recall", "f1", "average_precision", "kappa_mh", "delta",
)  # fmt: skip


def constant_baselines(
    data: ScoredMarks, section: EvaluateSection, like: MarkerTable
) -> tuple[MarkerTable, MarkerTable]:
    """Return the tables of flagging every turn and of flagging at each label's base rate.

    Parameters
    ----------
    data
        Coded turns; of their predictions only where there is a probability is used.
    section
        Support classes and intervals.
    like
        The model's table, whose support classes decide what is averaged.

    Returns
    -------
    (always positive, marker base rate)
        The second in closed form: the values expected of flags drawn at random with each label's
        prevalence among the turns evaluated. What follows from the rule alone has no interval.
    """
    rates = np.array([np.nan if row.prevalence is None else row.prevalence for row in like.rows])
    return (
        _table(data, np.ones(len(rates)), section, like, ALWAYS_POSITIVE, ("recall",)),
        _table(data, rates, section, like, BASE_RATE, _OF_THE_FLAGS),
    )


def _table(
    data: ScoredMarks,
    rates: Floats,
    section: EvaluateSection,
    like: MarkerTable,
    name: str,
    given: tuple[str, ...],
) -> MarkerTable:
    constant = np.where(np.isnan(data.probabilities), np.nan, rates)
    table = marker_table(replace(data, probabilities=constant, flags=constant), section, like=like)
    return replace(
        table,
        name=name,
        rows=tuple(replace(row, **_by_rule(row, given)) for row in table.rows),
        averages=tuple(replace(average, **_by_rule(average, given)) for average in table.averages),
    )


def _by_rule(row: object, given: tuple[str, ...]) -> dict[str, Any]:
    """Return those statistics of a row that follow from the rule, without the intervals."""
    # Rounded, since an expected kappa of 0 comes out as 1e-16; + 0.0 makes -0.0 a 0.
    return {
        name: Statistic(
            round(known.value, 12) + 0.0, None, None, known.n, "no interval: follows from the rule"
        )
        for name in given
        if (known := getattr(row, name, None)) is not None and known.value is not None
    }
