"""Marks and predictions of the same turns, row by row, checked before anything is counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rift.codebook import Codebook
from rift.corpus.marks import Marks
from rift.errors import RiftError
from rift.reliability.intervals import Floats, Ints
from rift.schema import SESSION_KEY, TURN_KEY

_AGAIN = "predict again with the corpus that the codings belong to"


@dataclass(frozen=True)
class ScoredMarks:
    """Coded turns with what the model says of them.

    Attributes
    ----------
    codebook
        Gives names and kinds of the L columns.
    marks
        The marks of the T turns that anybody coded.
    patients, sessions
        [T] the turn's patient and session, counted from 0.
    patient_count
        Patients among them.
    probabilities
        [T, L], NaN where the model says nothing.
    flags
        [T, L], 1 flagged, 0 not; between the two for a baseline that flags at random.
    classes
        [T] number of the class chosen for the turn, -1 without one; None where the predictions
        choose none.
    """

    codebook: Codebook
    marks: Marks
    patients: Ints
    sessions: Ints
    patient_count: int
    probabilities: Floats
    flags: Floats
    classes: Ints | None = None


def align(marks: Marks, predictions: pd.DataFrame, codebook: Codebook) -> ScoredMarks:
    """Lay predictions beside marks, turn by turn.

    Parameters
    ----------
    marks
        Of the whole corpus; turns that nobody coded are left out.
    predictions
        TURN_KEY, then ``p_LABEL`` (calibrated, 0-1, null where the model says nothing) and
        ``flag_LABEL`` (true or false wherever there is a probability) for every column of the
        codebook; for an exclusive one possibly ``class``. Turns in any order; turns that nobody
        coded may be among them.
    codebook
        The one that the marks were built with.

    Raises
    ------
    RiftError
        No turn is coded; a column is missing; a turn is predicted twice, is unknown, or is coded
        and not predicted; a probability or flag is out of range.
    """
    _check_columns(marks, predictions, codebook)
    turns = pd.MultiIndex.from_frame(marks.turns[TURN_KEY])
    predicted = pd.MultiIndex.from_frame(predictions[TURN_KEY])
    coded = np.asarray((marks.coded() > 0).any(axis=1))
    if not coded.any():
        raise RiftError("no turn is coded, so there is nothing to evaluate", remedy="check the coverage")
    _refuse(predicted.duplicated(), predicted, "turns are predicted more than once")
    _refuse(~np.asarray(predicted.isin(turns)), predicted, "predicted turns are not in the corpus")
    rows = predicted.get_indexer(turns)
    _refuse(coded & (rows < 0), turns, "coded turns have no prediction")

    kept = rows[coded]
    probabilities = np.column_stack(
        [_probabilities(predictions, column)[kept] for column in codebook.columns]
    )
    flags = np.column_stack([_flags(predictions, column)[kept] for column in codebook.columns])
    own = Marks(marks.turns[coded], marks.columns, marks.coders, marks.states[coded])
    return replace(scored(own, codebook, probabilities, flags), classes=_classes(predictions, codebook, kept))


def scored(marks: Marks, codebook: Codebook, probabilities: Floats, flags: Floats) -> ScoredMarks:
    """Number patients and sessions of turns whose marks and predictions are in the same order."""
    patients, count = number_groups(marks.turns, ["patient_id"])
    sessions, _ = number_groups(marks.turns, SESSION_KEY)
    return ScoredMarks(codebook, marks, patients, sessions, count, probabilities, flags)


def number_groups(turns: pd.DataFrame, key: list[str]) -> tuple[Ints, int]:
    """Return for each row the number of its group, from 0, and how many groups there are."""
    numbers: Ints = np.asarray(turns.groupby(key, sort=False).ngroup(), dtype=np.int64)
    return numbers, int(numbers.max(initial=-1)) + 1


def _check_columns(marks: Marks, predictions: pd.DataFrame, codebook: Codebook) -> None:
    if marks.columns != codebook.columns:
        raise RiftError(
            f"the marks have {len(marks.columns)} labels that are not those of codebook {codebook.id!r}",
            remedy="prepare the corpus and evaluate with the same codebook",
        )
    wanted = [*TURN_KEY, *(f"{part}_{column}" for column in codebook.columns for part in ("p", "flag"))]
    if missing := [column for column in wanted if column not in predictions.columns]:
        raise RiftError(
            f"predictions lack {len(missing)} of {len(wanted)} columns, the first {missing[0]!r}",
            remedy="train and decide with the codebook that the corpus was prepared with",
        )


def _refuse(wrong: npt.NDArray[np.bool_], keys: pd.MultiIndex, problem: str) -> None:
    if wrong.any():
        patient, session, turn = keys[int(np.flatnonzero(wrong)[0])]
        raise RiftError(
            f"{int(wrong.sum())} of {len(keys)}: {problem}; "
            f"the first is patient {patient}, session {session}, turn {turn}",
            where="predictions",
            remedy=_AGAIN,
        )


def _probabilities(predictions: pd.DataFrame, column: str) -> Floats:
    values = _numbers(predictions, f"p_{column}")
    with np.errstate(invalid="ignore"):
        wrong = (values < 0) | (values > 1)
    if wrong.any():
        raise RiftError(
            f"probabilities outside 0 to 1: {int(wrong.sum())}, the first is {values[wrong][0]:g}",
            where=f"predictions, column p_{column}",
            remedy=_AGAIN,
        )
    return values


def _flags(predictions: pd.DataFrame, column: str) -> Floats:
    flags = _numbers(predictions, f"flag_{column}")
    wrong = ~np.isin(flags, (0.0, 1.0)) & ~np.isnan(_numbers(predictions, f"p_{column}"))
    if wrong.any():
        raise RiftError(
            f"turns with a probability but no flag (true or false): {int(wrong.sum())}",
            where=f"predictions, column flag_{column}",
            remedy="decide again from the probabilities",
        )
    return flags


def _classes(predictions: pd.DataFrame, codebook: Codebook, rows: Ints) -> Ints | None:
    if not codebook.exclusive or "class" not in predictions.columns:
        return None
    numbers = {label.id: number for number, label in enumerate(codebook.labels)}
    chosen = predictions["class"].to_numpy(dtype=object)[rows]
    unknown = sorted({str(one) for one in chosen if not pd.isna(one) and one not in numbers})
    if unknown:
        raise RiftError(f"{unknown[0]!r} is no class", where="predictions, column class", remedy=_AGAIN)
    return np.array([numbers.get(one, -1) for one in chosen], dtype=np.int64)


def _numbers(predictions: pd.DataFrame, column: str) -> Floats:
    try:
        values: Any = predictions[column].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise RiftError(
            f"expected numbers or true/false, found {predictions[column].dtype}",
            where=f"predictions, column {column}",
            remedy=_AGAIN,
        ) from None
    return np.asarray(values, dtype=np.float64)
