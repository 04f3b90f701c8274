"""``rift train``: folds, calibration and thresholds, the final model, its record in MLflow."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from rift import __version__
from rift.codebook import Codebook
from rift.config import Config
from rift.corpus.prepare import data_digest, load_prepared
from rift.corpus.tables import read_table, write_table
from rift.errors import RiftError
from rift.evaluation.results import Evaluation
from rift.manifest import (
    MANIFEST_NAME,
    ONNX_NAME,
    TOKENIZER_NAME,
    WEIGHTS_NAME,
    Decision,
    Manifest,
    sha256_of,
    write_manifest,
    write_text,
)  # fmt: skip
from rift.reports.files import headline
from rift.schema import PREDICTION_KEY
from rift.stages.evaluate import BASELINE_NAME, PREDICTIONS_NAME, Judgement, judge
from rift.stages.progress import Progress, silent

if TYPE_CHECKING:
    from rift.modeling.cross_validation import Material
    from rift.tracking import Run

RECORD_NAME = "training.json"

_VERSIONED = (
    "torch",
    "transformers",
    "datasets",
    "tokenizers",
    "scikit-learn",
    "numpy",
    "onnx",
    "onnxruntime",
)


@dataclass(frozen=True)
class Training:
    """What a training left behind.

    Attributes
    ----------
    folder
        The model folder.
    manifest
        Of the final model; None with folds only.
    evaluation
        Of the out-of-fold predictions; None without folds.
    """

    folder: Path
    manifest: Manifest | None
    evaluation: Evaluation | None


@dataclass(frozen=True)
class _OutOfFold:
    model: pd.DataFrame
    baseline: pd.DataFrame
    record: dict[str, Any]


def train(config: Config, *, folds: bool = True, final: bool = True, progress: Progress = silent) -> Training:
    """Train on a prepared corpus.

    Parameters
    ----------
    config
        ``prepare.out`` is read, ``train.out`` written.
    folds
        Train the folds; without them, out-of-fold predictions that a training on the same data and
        settings left in ``train.out`` are used, and lacking those no marker is released.
    final
        Train the final model on everything; without it only predictions are written.
    progress
        Told of every step.

    Returns
    -------
    Training
        An interrupted call goes on where it stopped when it is made again with the same data and
        settings.

    Raises
    ------
    RiftError
        The corpus is not prepared, or the encoder cannot be had.
    """
    if not (folds or final):
        raise RiftError(
            "neither folds nor a final model: nothing to train", remedy="leave out one of the two"
        )
    from rift.modeling.encoder import stay_offline

    stay_offline()
    from rift.modeling.cross_validation import gather_material

    corpus = load_prepared(Path(config.prepare.out))
    material = gather_material(corpus, config)
    out = Path(config.train.out)
    _check_replaceable(out, final)
    fingerprint = training_fingerprint(material)
    work = out.with_name(f".{out.name}-unfinished") / fingerprint[:16]
    work.mkdir(parents=True, exist_ok=True)
    with _open_run(config) as run:
        found = _run_folds(material, work, progress) if folds else _earlier_folds(out, fingerprint)
        judgement = None if found is None else _judge(material, found)
        fresh = work / "model"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        manifest = _final_model(material, work, judgement, progress) if final else None
        if found is not None:
            _write_folds(found, fingerprint, fresh)
        _put_in_place(fresh, out)
        training = Training(out, manifest, None if judgement is None else judgement.evaluation)
        if run is not None:
            _record(run, training, judgement, fingerprint)
    shutil.rmtree(work.parent, ignore_errors=True)
    return training


def _open_run(config: Config) -> AbstractContextManager[Run | None]:
    """Open a run in MLflow, which is not even imported where tracking is off."""
    if not config.tracking.enabled:
        return nullcontext()
    from rift.tracking import open_run

    return open_run(config)


def training_fingerprint(material: Material) -> str:
    """Return the sha256 of all that the trained weights depend on: data, encoder, settings."""
    config = material.config
    parts = {
        "data": data_digest(Path(config.prepare.out)),
        "encoder": [sha256_of(material.folder / name) for name in (WEIGHTS_NAME, TOKENIZER_NAME)],
        "windows": config.windows.model_dump(mode="json"),
        "train": config.train.model_dump(mode="json", exclude={"out"}),
        "baseline": config.baseline.model_dump(mode="json"),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _run_folds(material: Material, work: Path, progress: Progress) -> _OutOfFold:
    from rift.modeling.cross_validation import baseline_out_of_fold, out_of_fold

    began = time.monotonic()
    baseline = baseline_out_of_fold(material, progress)
    model = out_of_fold(material, work, progress)
    record = {
        "folds": len(material.folds),
        "seconds": round(time.monotonic() - began, 1),
    }
    return _OutOfFold(model, baseline, record)


def _earlier_folds(out: Path, fingerprint: str) -> _OutOfFold | None:
    """Return what an earlier training left, if it was on the same data with the same settings."""
    if not (out / RECORD_NAME).is_file():
        return None
    again = "run rift train with folds again"
    try:
        record = json.loads((out / RECORD_NAME).read_text(encoding="utf-8"))
    except ValueError:
        raise RiftError("not readable as JSON", where=out / RECORD_NAME, remedy=again) from None
    if record.get("fingerprint") != fingerprint:
        return None
    model, baseline = (read_table(out / n, PREDICTION_KEY, again) for n in (PREDICTIONS_NAME, BASELINE_NAME))
    return _OutOfFold(model, baseline, record)


def _undecided(codebook: Codebook) -> tuple[Decision, ...]:
    """Return decisions of a model that no fold was run for: probabilities as they are, no flags."""
    return tuple(
        Decision(
            label=column,
            speakers=codebook.speakers(column),
            status="not released",
            rule="no folds were run, so there is no threshold",
        )
        for column in codebook.columns
    )


def _judge(material: Material, found: _OutOfFold) -> Judgement:
    corpus = material.corpus
    marks = material.marks.where(corpus.judged)
    return judge(found.model, found.baseline, marks, corpus, material.config)


def _write_folds(found: _OutOfFold, fingerprint: str, folder: Path) -> None:
    write_table(found.model, folder / PREDICTIONS_NAME)
    write_table(found.baseline, folder / BASELINE_NAME)
    write_text(
        folder / RECORD_NAME, json.dumps({**found.record, "fingerprint": fingerprint}, indent=2) + "\n"
    )


def _final_model(material: Material, work: Path, judgement: Judgement | None, progress: Progress) -> Manifest:
    from rift.modeling.cross_validation import train_final
    from rift.modeling.export import save_classifier

    config, folder, codebook = material.config, work / "model", material.corpus.codebook
    model = train_final(material, work, progress)
    save_classifier(model, material.folder, folder, config.train.onnx_weights)
    manifest = Manifest(
        name=Path(config.train.out).name,
        rift_version=__version__,
        codebook=codebook,
        encoder=config.train.encoder,
        encoder_sha256=sha256_of(material.folder / WEIGHTS_NAME),
        windows=config.windows,
        decisions=_undecided(codebook) if judgement is None else judgement.decisions,
        episodes=config.episodes,
        data_sha256=data_digest(Path(config.prepare.out)),
        config_sha256=config.digest(),
        config=config.model_dump(mode="json"),
        metrics={} if judgement is None else headline(judgement.evaluation),
        versions={name: version(name) for name in _VERSIONED},
        files={name: sha256_of(folder / name) for name in (ONNX_NAME, TOKENIZER_NAME, WEIGHTS_NAME)},
    )
    write_manifest(manifest, folder)
    return manifest


def _record(run: Run, training: Training, judgement: Judgement | None, fingerprint: str) -> None:
    """Put into MLflow what came out: numbers and the model, no words of a transcript."""
    run.tags({"fingerprint": fingerprint, "rift_version": __version__})
    if judgement is not None:
        run.metrics(headline(judgement.evaluation))
        for fold, values in judgement.folds.items():
            run.metrics(values, fold)
        run.document("evaluation.json", judgement.evaluation.to_json())
    if training.manifest is not None:
        run.tags(
            {"data_sha256": training.manifest.data_sha256, "config_sha256": training.manifest.config_sha256}
        )
        run.model(training.folder, training.manifest)


def _check_replaceable(out: Path, final: bool) -> None:
    """Refuse to replace a folder that holds something other than a model, or a model by no model."""
    known = any((out / name).exists() for name in (MANIFEST_NAME, RECORD_NAME))
    if out.exists() and not known and (not out.is_dir() or any(out.iterdir())):
        raise RiftError("holds something other than a model", where=out, remedy="set train.out elsewhere")
    if not final and (out / MANIFEST_NAME).is_file():
        raise RiftError(
            "holds a finished model, which folds alone would take the place of",
            where=out,
            remedy="set train.out elsewhere, or train the final model as well",
        )


def _put_in_place(fresh: Path, out: Path) -> None:
    """Move a finished folder to its place; what stood there goes only once the new one is whole."""
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}-before")
    shutil.rmtree(aside, ignore_errors=True)
    if out.exists():
        out.rename(aside)
    fresh.rename(out)
    shutil.rmtree(aside, ignore_errors=True)
