"""``rift evaluate``: out-of-fold predictions beside the coders and the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from rift.config import Config
from rift.corpus.folds import TRAINING_ONLY, patient_groups
from rift.corpus.marks import Marks, build_marks
from rift.corpus.prepare import PreparedCorpus, data_digest, load_prepared
from rift.corpus.tables import read_table
from rift.decisions.cross_fit import CrossFitted, cross_fit
from rift.errors import RiftError
from rift.evaluation.details import evaluation_details
from rift.evaluation.episodes import episode_table
from rift.evaluation.markers import evaluate_markers
from rift.evaluation.results import Beside, Evaluation
from rift.evaluation.results import evaluate as evaluate_marks
from rift.evaluation.segments import segment_table
from rift.evaluation.units import align
from rift.manifest import MANIFEST_NAME, Decision, load_manifest, sha256_of
from rift.readers.wording import counted, some
from rift.reports.card import Origin, PredictionsFile, write_card
from rift.reports.files import average_values, write_evaluation
from rift.reports.page.write import Study, write_page
from rift.reports.terminal import evaluation_report, write_report
from rift.schema import PREDICTION_KEY, TURN_KEY
from rift.stages.predictions import read_predictions

PREDICTIONS_NAME = "predictions.parquet"
BASELINE_NAME = "baseline.parquet"
TFIDF = "TF-IDF + logistic regression"

_REMEDY = "run rift train, with folds"


def evaluate(
    config: Config, text: bool = True, predictions: Path | None = None
) -> tuple[Evaluation, tuple[Path, ...]]:
    """Evaluate the predictions in ``train.out``, or others, and write the result below ``evaluate.out``.

    Parameters
    ----------
    config
        Where all is, and how to judge it.
    text
        Whether ``report.html`` shows turns to reread; without, no words of a transcript are written.
    predictions
        Probabilities of another system (`rift.stages.predictions.read_predictions`); they are calibrated
        and thresholded by the corpus's folds like a model's own.

    Returns
    -------
    Evaluation, tuple of Path
        The result, and the files written.

    Raises
    ------
    RiftError
        No corpus or predictions, or they do not fit together.
    """
    corpus = load_prepared(Path(config.prepare.out))
    marks = build_marks(corpus.turns, corpus.codings, corpus.coverage, corpus.codebook).where(corpus.judged)
    folder = Path(config.train.out)
    if predictions is None:
        model = _predictions(folder / PREDICTIONS_NAME, corpus)
    else:
        model = read_predictions(predictions, corpus)
    # Another system is judged whether or not a model was trained on this corpus.
    wanted = predictions is None or (folder / BASELINE_NAME).is_file()
    baseline = _predictions(folder / BASELINE_NAME, corpus) if wanted else None
    origin = _origin(corpus, config, predictions)
    judgement = judge(model, baseline, marks, corpus, config, _trainings(config, corpus))
    evaluation, folder = judgement.evaluation, Path(config.evaluate.out) / "evaluation"
    details = evaluation_details(marks, judgement.predictions, corpus.codebook, evaluation.model)
    study = Study(
        corpus=corpus.report.corpus,
        codebook=corpus.codebook,
        config=config,
        folds=len(set(corpus.folds.values()) - {TRAINING_ONLY}),
        turns=corpus.turns if text else None,
        other=predictions is not None,
    )
    files = write_evaluation(evaluation, folder)
    report = write_report(evaluation_report(evaluation), folder)
    page = write_page(evaluation, details, study, folder)
    return evaluation, (*files, report, page, write_card(evaluation, study, origin, folder))


def _origin(corpus: PreparedCorpus, config: Config, predictions: Path | None) -> Origin:
    """Return where the judged probabilities come from, for the model card."""
    digest, folder = data_digest(Path(config.prepare.out)), Path(config.train.out)
    if predictions is not None:
        file = PredictionsFile(predictions.name, sha256_of(predictions))
        return Origin(corpus.report, digest, file=file)
    finished = (folder / MANIFEST_NAME).is_file()
    return Origin(corpus.report, digest, load_manifest(folder, needs=()) if finished else None)


def _predictions(path: Path, corpus: PreparedCorpus) -> pd.DataFrame:
    """Read predictions, which must be of the corpus's labels and turns."""
    table = read_table(path, PREDICTION_KEY, _REMEDY)
    labels = [name.removeprefix("p_") for name in table.columns if name.startswith("p_")]
    if set(labels) != set(corpus.codebook.columns):
        here = f"codebook {corpus.codebook.id!r} ({len(corpus.codebook.columns)} labels)"
        raise RiftError(
            f"predictions of {_source_codebook(path.parent, labels)}, but the corpus is coded by {here}",
            where=path,
            remedy="train on this corpus, or set train.out to the folder of the model that was",
        )
    known = pd.MultiIndex.from_frame(corpus.turns[TURN_KEY])
    keys = pd.MultiIndex.from_frame(table[TURN_KEY])
    if len(unknown := keys.difference(known)):
        raise RiftError(
            f"{counted(len(unknown), 'turn')} of {len(keys):,} not in the prepared corpus,"
            f" first {'/'.join(str(part) for part in unknown[0])}",
            where=path,
            remedy="the corpus was prepared anew or is another: run rift train, with folds",
        )
    return table


def _trainings(config: Config, corpus: PreparedCorpus) -> dict[str, pd.DataFrame]:
    """Return the predictions of other trainings by the names of their folders."""
    folders = [Path(folder) for folder in config.evaluate.trainings]
    if same := [folder for folder in folders if folder.resolve() == Path(config.train.out).resolve()]:
        raise RiftError(
            "is the training that is evaluated", where=f"evaluate.trainings, {same[0]}", remedy="name others"
        )
    return {str(folder): _predictions(folder / PREDICTIONS_NAME, corpus) for folder in folders}


def _caseloads(turns: pd.DataFrame) -> dict[str, int]:
    """Return the number of each patient's caseload; nothing where no therapist is known."""
    if turns["therapist_id"].isna().all():
        return {}
    return {patient: at for at, group in enumerate(patient_groups(turns)) for patient in group}


def _source_codebook(folder: Path, labels: Sequence[str]) -> str:
    """Return what codebook predictions are of: by the model beside them, else by their labels."""
    try:
        book = load_manifest(folder, needs=()).codebook
    except RiftError:
        return f"{counted(len(labels), 'label')}, {some(labels)}"
    return f"codebook {book.id!r} ({counted(len(labels), 'label')})"


@dataclass(frozen=True)
class Judgement:
    """Out-of-fold predictions, judged.

    Attributes
    ----------
    evaluation
        Beside the coders and the baselines.
    predictions
        Calibrated and flagged, each fold by the others.
    decisions
        Calibration and thresholds for new sessions.
    folds
        The averages of each fold alone, None where undefined.
    """

    evaluation: Evaluation
    predictions: pd.DataFrame
    decisions: tuple[Decision, ...]
    folds: dict[int, dict[str, dict[str, float | None]]]


def judge(
    model: pd.DataFrame, baseline: pd.DataFrame | None, marks: Marks, corpus: PreparedCorpus, config: Config,
    trainings: Mapping[str, pd.DataFrame] | None = None,
) -> Judgement:  # fmt: skip
    """Calibrate and threshold raw out-of-fold predictions by cross-fitting, and compare with the coders."""
    codebook = corpus.codebook

    def fit(predictions: pd.DataFrame) -> CrossFitted:
        return cross_fit(predictions, marks, config.decisions, codebook)

    fitted = fit(model)
    beside = Beside(
        baselines={} if baseline is None else {TFIDF: fit(baseline).predictions},
        trainings={name: fit(other).predictions for name, other in (trainings or {}).items()},
        caseloads=_caseloads(corpus.turns),
    )
    evaluation = evaluate_marks(
        marks, fitted.predictions, codebook, config.evaluate, fitted.decisions, beside
    )
    if codebook.families:
        episodes = episode_table(
            marks, fitted.predictions, fitted.fold_decisions, codebook, config.evaluate, config.episodes
        )
        evaluation = replace(evaluation, episodes=episodes)
    if config.evaluate.segment_minutes:
        data = align(marks, fitted.predictions, codebook)
        evaluation = replace(evaluation, segments=segment_table(data, corpus.turns, config.evaluate))
    folds = {}
    for fold in sorted(fitted.fold_decisions):
        inside = fitted.predictions[fitted.predictions["fold"] == fold]
        own = np.asarray(marks.turns["patient_id"].isin(inside["patient_id"]))
        part = marks.where(own)
        if (part.coded() > 0).any():
            table = evaluate_markers(part, inside, codebook, config.evaluate, like=evaluation.model)
            folds[fold] = average_values(table)
    return Judgement(evaluation, fitted.predictions, fitted.decisions, folds)
