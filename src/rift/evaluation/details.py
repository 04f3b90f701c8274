"""What a reader asks for after the tables: curves, confusion, and turns to reread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rift.codebook import Codebook
from rift.corpus.marks import PRESENT, Marks
from rift.evaluation.markers import MarkerTable
from rift.evaluation.results import Curve, precision_recall_curve
from rift.evaluation.rows import kind_of
from rift.evaluation.units import ScoredMarks, align
from rift.reliability.intervals import Floats
from rift.schema import TURN_KEY

_LISTED = 10
_OF_ONE_LABEL = 2


@dataclass(frozen=True)
class Confusion:
    """Which label of one kind is flagged where coders put which.

    Attributes
    ----------
    kind, columns
        The labels compared: those coded and with a probability.
    marked
        [K] sum of the coders' shares for each label.
    together
        [K][K] how much of what coders gave the row's label stands on turns flagged as the column's.
        A turn may carry several flags, so a row may sum to more than ``marked``.
    unflagged
        [K] how much of it stands on turns without a flag of this kind.
    unmarked
        [K] turns flagged as the column's that no coder gave any label of this kind.
    """

    kind: str
    columns: tuple[str, ...]
    marked: tuple[float, ...]
    together: tuple[tuple[float, ...], ...]
    unflagged: tuple[float, ...]
    unmarked: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A turn on which model and coders differ: ``marks`` of ``coders`` coders gave it the label."""

    patient_id: str
    session_id: str
    turn: int
    column: str
    probability: float
    flagged: bool
    marks: int
    coders: int


@dataclass(frozen=True)
class Details:
    """An evaluation in detail.

    Attributes
    ----------
    curves
        Precision and recall at each threshold, of families and of labels with full support.
    confusions
        Per kind of label; none for exclusive codebooks, whose classes have a table of their own.
    flagged_alone
        Flagged turns that no coder marked, the most probable first.
    missed
        Turns that every coder marked and the model did not flag, the least probable first.
    """

    curves: Mapping[str, Curve]
    confusions: tuple[Confusion, ...]
    flagged_alone: tuple[Disagreement, ...]
    missed: tuple[Disagreement, ...]


def evaluation_details(
    marks: Marks, predictions: pd.DataFrame, codebook: Codebook, model: MarkerTable
) -> Details:
    """Return the details of an evaluation.

    Parameters
    ----------
    marks, predictions, codebook
        What `rift.evaluation.results.evaluate` was given.
    model
        The table that came out; its support classes choose the columns.

    Raises
    ------
    RiftError
        Predictions and marks do not fit together.
    """
    data = align(marks, predictions, codebook)
    shown = [row.column for row in model.rows if row.kind == "family" or row.support == "Full"]
    kinds = () if codebook.exclusive else dict.fromkeys(label.kind for label in codebook.labels)
    found = (_confusion(data, kind) for kind in kinds)
    return Details(
        curves={column: precision_recall_curve(data, column) for column in shown},
        confusions=tuple(confusion for confusion in found if confusion.columns),
        flagged_alone=_disagreements(data, missed=False),
        missed=_disagreements(data, missed=True),
    )


def _confusion(data: ScoredMarks, kind: str) -> Confusion:
    usable = ~np.isnan(data.marks.soft()) & ~np.isnan(data.probabilities)
    columns = [
        at
        for at, column in enumerate(data.codebook.columns)
        if kind_of(column, data.codebook) == kind and usable[:, at].any()
    ]
    known = usable[:, columns]
    soft = np.where(known, data.marks.soft()[:, columns], 0.0)
    flags = np.where(known, data.flags[:, columns], 0.0)
    return Confusion(
        kind=kind,
        columns=tuple(data.codebook.columns[at] for at in columns),
        marked=_numbers(soft.sum(axis=0)),
        together=tuple(_numbers(row) for row in soft.T @ flags),
        unflagged=_numbers(soft.T @ (flags.sum(axis=1) == 0)),
        unmarked=_numbers((soft.sum(axis=1) == 0) @ flags),
    )


def _numbers(values: Floats) -> tuple[float, ...]:
    # Sums of thirds and the like: 30 must not come out as 29.999999999999996.
    return tuple(round(float(value), 9) for value in values)


def _disagreements(data: ScoredMarks, missed: bool) -> tuple[Disagreement, ...]:
    """Return the worst turns of one direction; a turn once, and no label fills the list."""
    soft, flagged = data.marks.soft(), data.flags > 0
    labels = np.array([kind_of(c, data.codebook) != "family" for c in data.codebook.columns])
    known = ~np.isnan(soft) & ~np.isnan(data.probabilities) & labels
    wrong = known & (((soft == 1) & ~flagged) if missed else ((soft == 0) & flagged))
    cells: npt.NDArray[np.int64] = np.argwhere(wrong)
    rows, columns = cells[:, 0], cells[:, 1]
    scores = data.probabilities[rows, columns]
    # Of misses, those that most coders agree on come first; of false alarms too.
    order = np.lexsort((scores if missed else -scores, -data.marks.coded()[rows, columns]))
    return tuple(_listed(data, cells[order]))


def _listed(data: ScoredMarks, cells: npt.NDArray[np.int64]) -> Iterator[Disagreement]:
    turns: set[int] = set()
    of_label: dict[int, int] = {}
    for row, at in cells.tolist():
        if row in turns or of_label.get(at, 0) >= _OF_ONE_LABEL:
            continue
        turns.add(row)
        of_label[at] = of_label.get(at, 0) + 1
        patient, session, turn = data.marks.turns[TURN_KEY].iloc[row]
        states = data.marks.states[row, at]
        yield Disagreement(
            patient_id=str(patient),
            session_id=str(session),
            turn=int(turn),
            column=data.codebook.columns[at],
            probability=float(data.probabilities[row, at]),
            flagged=bool(data.flags[row, at] > 0),
            marks=int((states == PRESENT).sum()),
            coders=int((states >= 0).sum()),
        )
        if len(turns) == _LISTED:
            return
