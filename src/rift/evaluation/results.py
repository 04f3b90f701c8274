"""The whole evaluation as one result: tables, curves, and what it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from rift import __version__
from rift.codebook import Codebook
from rift.config import EvaluateSection
from rift.corpus.marks import PRESENT, Marks
from rift.evaluation.baselines import constant_baselines
from rift.evaluation.calibration import CalibrationTable, calibration_table
from rift.evaluation.classes import ClassTable, class_table
from rift.evaluation.coders import AgreementTable, coder_agreement
from rift.evaluation.episodes import EpisodeTable
from rift.evaluation.markers import MarkerTable, claimed_table, marker_table
from rift.evaluation.rows import interval_rule
from rift.evaluation.segments import SegmentTable
from rift.evaluation.sensitivity import SensitivityTable, Variations, sensitivity_table
from rift.evaluation.sessions import SessionTable, session_table
from rift.evaluation.units import ScoredMarks, align
from rift.manifest import Decision
from rift.reliability.ranking import precision_recall_points
from rift.reliability.result import Statistic

MODEL = "model"

Curve = tuple[tuple[float, float, float], ...]
"""Threshold, precision and recall of each point, thresholds falling."""

_CURVE_POINTS = 500


@dataclass(frozen=True)
class Evaluation:
    """Everything an evaluation found out.

    Attributes
    ----------
    model
        The model beside the coders.
    baselines
        Always positive, marker base rate, then those whose predictions were passed in; support
        classes are the model's.
    agreement
        The coders beside one another, on all turns that they coded.
    curves
        Precision and recall at each threshold: per family or, where a codebook has none, per label.
    classes
        Exclusive codebooks: by table name, predicted class against the coders' majority.
    meta
        What the evaluation was made from; plain values.
    sessions
        How often each label occurs in a session, by the coders and by the model in one's place.
    calibration
        Whether the model's probabilities mean what they say.
    sensitivity
        What other settings of the evaluation would have made of it.
    episodes
        The model's episodes beside the coders', per family; ``None`` where none were sought.
    segments
        The model beside the coders on equal stretches of a session; ``None`` where none were asked for.
    """

    model: MarkerTable
    baselines: tuple[MarkerTable, ...]
    agreement: AgreementTable
    curves: Mapping[str, Curve]
    classes: Mapping[str, ClassTable]
    meta: Mapping[str, Any]
    sessions: SessionTable
    calibration: CalibrationTable
    sensitivity: SensitivityTable
    episodes: EpisodeTable | None = None
    segments: SegmentTable | None = None

    def to_json(self) -> dict[str, Any]:
        """Return all but the curves as plain values: an undefined statistic has a reason, nothing is NaN."""
        return {
            "meta": plain(self.meta),
            "model": plain(self.model),
            "baselines": {table.name: plain(table) for table in self.baselines},
            "agreement": plain(self.agreement),
            "classes": plain(self.classes),
            "sessions": plain(self.sessions),
            "calibration": plain(self.calibration),
            "sensitivity": plain(self.sensitivity.by_label()),
            "episodes": plain(self.episodes),
            "segments": plain(self.segments.by_name() if self.segments else None),
        }


@dataclass(frozen=True)
class Beside:
    """What a model is judged beside, and what of the evaluation may be varied.

    Attributes
    ----------
    baselines
        Further predictions by name (TF-IDF and logistic regression), in the model's form.
    trainings
        Predictions of other trainings of the same model (other seeds), the same.
    caseloads
        Of each patient the number of the group that shares therapists with them, from 0; empty where
        no therapist is known.
    """

    baselines: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    trainings: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    caseloads: Mapping[str, int] = field(default_factory=dict)


def evaluate(
    marks: Marks, predictions: pd.DataFrame, codebook: Codebook, section: EvaluateSection,
    decisions: Sequence[Decision] = (), beside: Beside | None = None,
) -> Evaluation:  # fmt: skip
    """Compare a model's predictions, and baselines', with the coders' marks.

    Parameters
    ----------
    marks
        Every coder's marks of the corpus.
    predictions
        TURN_KEY, ``p_LABEL`` (calibrated, out-of-fold) and ``flag_LABEL`` for every column.
    codebook, section
        Labels and kinds; support classes and intervals.
    decisions
        The model's thresholds and their release status, to print.
    beside
        What else is judged.

    Raises
    ------
    RiftError
        Predictions and marks do not fit together.
    """
    data = align(marks, predictions, codebook)
    beside = beside or Beside()
    table, sums = claimed_table(data, section, decisions)
    model = replace(table, name=MODEL)
    others = {name: align(marks, frame, codebook) for name, frame in beside.baselines.items()}
    compared = [
        replace(claimed_table(other, section, like=model)[0], name=name) for name, other in others.items()
    ]
    trainings = {
        name: marker_table(align(marks, frame, codebook), section, like=model)
        for name, frame in beside.trainings.items()
    }
    rule = interval_rule(section)
    return Evaluation(
        model=model,
        baselines=(*constant_baselines(data, section, model), *compared),
        agreement=coder_agreement(marks, section, codebook),
        curves={column: precision_recall_curve(data, column) for column in _curved(codebook)},
        classes={name: class_table(table, rule) for name, table in {MODEL: data, **others}.items()}
        if codebook.exclusive
        else {},
        meta={
            "rift": __version__,
            "codebook": {"id": codebook.id, "version": codebook.version},
            "coders": list(marks.coders),
            "turns": len(marks.turns),
            "coded_turns": model.turns,
            "coded_patients": model.patients,
            "section": section.model_dump(mode="json"),
        },
        sessions=session_table(data, section),
        calibration=calibration_table(data, model.rows, section),
        sensitivity=sensitivity_table(
            data, model.rows, sums, section, Variations(beside.caseloads, trainings)
        ),
    )


def plain(value: Any) -> Any:
    """Return a result as plain values for JSON; rows become objects keyed by their label."""
    if isinstance(value, Statistic):
        return value.to_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {own.name: plain(getattr(value, own.name)) for own in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        if value and all(hasattr(item, "column") for item in value):
            return {item.column: plain(item) for item in value}
        return [plain(item) for item in value]
    return value


def _curved(codebook: Codebook) -> tuple[str, ...]:
    return tuple(family.id for family in codebook.families) or codebook.columns


def precision_recall_curve(data: ScoredMarks, column: str) -> Curve:
    """Return the column's curve; of more than 500 distinct scores, 500 evenly spaced in rank."""
    at = data.codebook.columns.index(column)
    states, scores = data.marks.states[:, at], data.probabilities[:, at]
    coded = (states >= 0).sum(axis=1)
    rows = (coded > 0) & ~np.isnan(scores)
    soft = (states[rows] == PRESENT).sum(axis=1) / coded[rows]
    points = np.column_stack(precision_recall_points(soft, scores[rows]))
    if len(points) > _CURVE_POINTS:
        points = points[np.linspace(0, len(points) - 1, _CURVE_POINTS).round().astype(np.int64)]
    return tuple(
        (float(threshold), float(precision), float(recall)) for threshold, precision, recall in points
    )
