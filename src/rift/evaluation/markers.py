"""The model beside the coders: a row per label and family, and averages over labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from rift.codebook import Codebook
from rift.config import EvaluateSection
from rift.corpus.marks import Marks
from rift.evaluation.averages import Average, averages
from rift.evaluation.rows import MarkerRow, interval_rule, marker_row, row_of, support_class
from rift.evaluation.sums import MarkerSums, marker_sums
from rift.evaluation.units import ScoredMarks, align
from rift.evaluation.verdicts import with_claims
from rift.manifest import Decision


@dataclass(frozen=True)
class MarkerTable:
    """What a model's flags and probabilities are worth beside the coders.

    Attributes
    ----------
    name
        What made the predictions: ``model`` or a baseline.
    rows
        One per column of the codebook, in its order.
    averages
        Macro and micro per kind of label.
    level
        Of the two-sided intervals.
    turns, patients
        Coded for any label.
    """

    name: str
    rows: tuple[MarkerRow, ...]
    averages: tuple[Average, ...]
    level: float
    turns: int
    patients: int

    def row(self, column: str) -> MarkerRow:
        """Return the row of a label or family; KeyError if there is none."""
        return row_of(self.rows, column)


def evaluate_markers(
    marks: Marks, predictions: pd.DataFrame, codebook: Codebook, section: EvaluateSection,
    decisions: Sequence[Decision] = (), like: MarkerTable | None = None,
) -> MarkerTable:  # fmt: skip
    """Compare predictions with every coder's marks, label by label.

    Only turns that a coder coded for the label, and could tell, and that have a probability count.

    Parameters
    ----------
    marks
        Every coder's marks of the corpus.
    predictions
        TURN_KEY, ``p_LABEL`` (calibrated, out-of-fold) and ``flag_LABEL`` for every column.
    codebook
        The one the marks were built with.
    section
        Support classes and intervals.
    decisions
        Thresholds and release status to print beside the labels they name.
    like
        A table whose support classes to take over, so that a baseline is averaged over the same
        labels as the model.

    Raises
    ------
    RiftError
        Predictions and marks do not fit together (`rift.evaluation.units.align`).
    """
    return marker_table(align(marks, predictions, codebook), section, decisions, like)


def marker_table(
    data: ScoredMarks, section: EvaluateSection, decisions: Sequence[Decision] = (),
    like: MarkerTable | None = None,
) -> MarkerTable:  # fmt: skip
    """Compare aligned predictions with the marks; see `evaluate_markers`."""
    return _table(data, section, decisions, like)[0]


def claimed_table(
    data: ScoredMarks, section: EvaluateSection, decisions: Sequence[Decision] = (),
    like: MarkerTable | None = None,
) -> tuple[MarkerTable, dict[str, MarkerSums]]:  # fmt: skip
    """Return `marker_table` with what may be claimed of each label, and the sums that it was made from."""
    table, sums = _table(data, section, decisions, like)
    return replace(table, rows=with_claims(table.rows, sums, data, section)), sums


def _table(
    data: ScoredMarks, section: EvaluateSection, decisions: Sequence[Decision], like: MarkerTable | None
) -> tuple[MarkerTable, dict[str, MarkerSums]]:
    columns = data.codebook.columns
    decision_of = {decision.label: decision for decision in decisions}
    sums = {column: marker_sums(data, at) for at, column in enumerate(columns)}
    rows = [
        marker_row(
            column,
            sums[column],
            support_class(sums[column], section) if like is None else like.row(column).support,
            data.codebook,
            section,
            decision_of.get(column),
        )
        for column in columns
    ]
    table = MarkerTable(
        name="model",
        rows=tuple(rows),
        averages=averages(rows, sums, interval_rule(section)),
        level=section.interval,
        turns=len(data.patients),
        patients=data.patient_count,
    )
    return table, sums
