"""Calibration and thresholds that never saw the turns they are judged on.

Fold k is calibrated and flagged by what was fitted on the out-of-fold predictions of the other
folds; the model's own decisions are fitted on all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rift.codebook import SPEAKERS, Codebook, Speaker
from rift.config import DecisionSection
from rift.corpus.marks import Marks
from rift.decisions.apply import classes, decide
from rift.decisions.calibration import calibrated, fit_calibration
from rift.decisions.class_choice import fit_class_weights
from rift.decisions.thresholds import Threshold, fit_threshold
from rift.errors import RiftError
from rift.manifest import Calibration, Decision
from rift.readers.wording import counted
from rift.schema import PREDICTION_KEY, TURN_KEY

Floats = npt.NDArray[np.float64]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True)
class CrossFitted:
    """Out-of-fold decisions, and the decisions for new sessions.

    Attributes
    ----------
    predictions
        One row per turn, in the order given: PREDICTION_KEY, ``p_LABEL`` calibrated, ``flag_LABEL``
        (nullable boolean, missing where ``p_LABEL`` is; False throughout a fold whose other folds
        have no example, since nothing would be flagged there), and for an exclusive codebook
        ``class`` (`rift.decisions.apply.classes`).
    fold_decisions
        What each fold was judged by, in the order of ``codebook.columns``.
    decisions
        For the manifest: calibration fitted on all predictions, thresholds on the cross-fitted
        calibrated probabilities.
    """

    predictions: pd.DataFrame
    fold_decisions: Mapping[int, tuple[Decision, ...]]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True)
class _Turns:
    """Predictions and marks of the same turns: raw and soft are [T, L]."""

    raw: Floats
    soft: Floats
    speakers: Objects
    patients: Objects
    folds: npt.NDArray[np.int64]


def cross_fit(
    predictions: pd.DataFrame, marks: Marks, section: DecisionSection, codebook: Codebook
) -> CrossFitted:
    """Calibrate and flag every turn by the other folds, and fit the final decisions.

    Parameters
    ----------
    predictions
        PREDICTION_KEY and ``p_LABEL`` raw, out of fold, for every column of the codebook.
    marks
        The coders' marks; every predicted turn must be among its turns.
    section
        Calibration and threshold rules.
    codebook
        Gives the columns, and whether turns have exactly one label.

    Raises
    ------
    RiftError
        A column is missing, a turn stands twice or is unknown to the marks, a probability is
        outside 0-1, or there are fewer than two folds.
    """
    turns = _aligned(predictions, marks, codebook)
    speakers = _coded_speakers(turns, len(codebook.columns))
    probabilities, flags = np.full(turns.raw.shape, np.nan), np.zeros(turns.raw.shape, dtype=np.bool_)
    chosen = np.full(len(turns.raw), None, dtype=object)
    fold_decisions: dict[int, tuple[Decision, ...]] = {}
    for fold in np.unique(turns.folds):
        inside = turns.folds == fold
        fold_decisions[int(fold)] = _fitted_elsewhere(turns, inside, (codebook, speakers), section)
        decided = decide(turns.raw[inside], turns.speakers[inside].tolist(), fold_decisions[int(fold)])
        probabilities[inside], flags[inside] = decided.probabilities, decided.flags
        if codebook.exclusive:
            chosen[inside] = classes(decided.probabilities, fold_decisions[int(fold)], codebook)

    final = tuple(
        _decision(
            label,
            speakers[column],
            fit_calibration(turns.raw[:, column], turns.soft[:, column], section),
            fit_threshold(probabilities[:, column], turns.soft[:, column], turns.patients, section),
        )
        for column, label in enumerate(codebook.columns)
    )
    final = _weighted(final, probabilities, turns.soft, codebook)
    table = _table(predictions, probabilities, flags, codebook)
    if codebook.exclusive:
        table["class"] = pd.array(chosen, dtype="str")
    return CrossFitted(table, fold_decisions, final)


def _fitted_elsewhere(
    turns: _Turns,
    inside: npt.NDArray[np.bool_],
    columns: tuple[Codebook, Sequence[tuple[Speaker, ...]]],
    section: DecisionSection,
) -> tuple[Decision, ...]:
    """Return the decisions fitted on the turns that are not inside the fold."""
    codebook, speakers = columns
    raw, soft, patients = turns.raw[~inside], turns.soft[~inside], turns.patients[~inside]
    decisions = []
    probabilities = np.full(raw.shape, np.nan)
    for column, label in enumerate(codebook.columns):
        calibration = fit_calibration(raw[:, column], soft[:, column], section)
        probabilities[:, column] = calibrated(raw[:, column], calibration)
        threshold = fit_threshold(probabilities[:, column], soft[:, column], patients, section)
        decisions.append(_decision(label, speakers[column], calibration, threshold))
    return _weighted(decisions, probabilities, soft, codebook)


def _weighted(
    decisions: Sequence[Decision], probabilities: Floats, soft: Floats, codebook: Codebook
) -> tuple[Decision, ...]:
    """Add the classes' weights where a codebook gives each turn exactly one label."""
    if not codebook.exclusive:
        return tuple(decisions)
    labels = len(codebook.labels)
    weights = fit_class_weights(probabilities[:, :labels], soft[:, :labels])
    weighted = [d.model_copy(update={"class_weight": w}) for d, w in zip(decisions, weights, strict=False)]
    return (*weighted, *decisions[labels:])


def _decision(
    label: str, speakers: tuple[Speaker, ...], calibration: Calibration | None, threshold: Threshold
) -> Decision:
    return Decision(
        label=label,
        speakers=speakers,
        status=threshold.status,
        rule=threshold.rule,
        threshold=threshold.value,
        calibration=calibration,
        precision_bound=threshold.precision_bound,
    )


def _coded_speakers(turns: _Turns, columns: int) -> list[tuple[Speaker, ...]]:
    """Return, per column, the eligible speakers in whose turns some coder looked for it."""
    known = np.isfinite(turns.raw) & np.isfinite(turns.soft)
    return [
        tuple(role for role in SPEAKERS if known[turns.speakers == role, column].any())
        for column in range(columns)
    ]


def _aligned(predictions: pd.DataFrame, marks: Marks, codebook: Codebook) -> _Turns:
    names = [f"p_{label}" for label in codebook.columns]
    remedy = "make the predictions and the marks from the same corpus and codebook"
    if missing := [name for name in (*PREDICTION_KEY, *names) if name not in predictions.columns]:
        raise RiftError(f"column {missing[0]!r} is missing", where="predictions", remedy=remedy)
    if marks.columns != codebook.columns:
        raise RiftError(f"the marks are not of codebook {codebook.id!r}", where="marks", remedy=remedy)
    keys = pd.MultiIndex.from_frame(predictions[TURN_KEY])
    if keys.has_duplicates:
        twice = keys[keys.duplicated()][0]
        raise RiftError(f"turn {_shown(twice)} stands twice", where="predictions", remedy=remedy)
    rows = pd.MultiIndex.from_frame(marks.turns[TURN_KEY]).get_indexer(keys)
    if (rows < 0).any():
        unknown = keys[int(np.argmax(rows < 0))]
        raise RiftError(f"turn {_shown(unknown)} is not in the marks", where="predictions", remedy=remedy)
    raw = np.column_stack([_numbers(predictions, name) for name in names])
    if ((raw < 0) | (raw > 1)).any():
        row, column = np.argwhere((raw < 0) | (raw > 1))[0]
        found = f"{names[column]} of turn {_shown(keys[row])} is {raw[row, column]:g}, not 0-1"
        raise RiftError(found, where="predictions", remedy="write probabilities, not logits")
    folds = _numbers(predictions, "fold")
    if np.isnan(folds).any() or len(np.unique(folds)) < 2:
        raise RiftError(
            f"{counted(len(np.unique(folds)), 'fold')}; decisions are fitted on the other folds",
            where="predictions, column fold",
            remedy="predict in at least two patient-disjoint folds",
        )
    return _Turns(
        raw,
        marks.soft()[rows],
        predictions["speaker"].to_numpy(dtype=object),
        predictions["patient_id"].to_numpy(dtype=object),
        folds.astype(np.int64),
    )


def _numbers(predictions: pd.DataFrame, column: str) -> Floats:
    try:
        return np.asarray(predictions[column].to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError):
        raise RiftError(
            f"expected numbers, found {predictions[column].dtype}",
            where=f"predictions, column {column}",
            remedy="write numbers, or run rift train again",
        ) from None


def _shown(key: tuple[object, ...]) -> str:
    return "/".join(str(part) for part in key)


def _table(
    predictions: pd.DataFrame, probabilities: Floats, flags: npt.NDArray[np.bool_], codebook: Codebook
) -> pd.DataFrame:
    absent = np.isnan(probabilities)
    columns: dict[str, object] = {name: predictions[name].to_numpy() for name in PREDICTION_KEY}
    columns |= {f"p_{label}": probabilities[:, i] for i, label in enumerate(codebook.columns)}
    columns |= {
        f"flag_{label}": pd.arrays.BooleanArray(flags[:, i].copy(), absent[:, i].copy())
        for i, label in enumerate(codebook.columns)
    }
    return pd.DataFrame(columns)
