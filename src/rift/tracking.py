"""Experiments in MLflow: a local SQLite store, no telemetry, no words of any transcript.

The only module that imports mlflow. A training is one run: parameters, metrics overall and per
fold, the evaluation as artifacts, and the model in the registry as a ``pyfunc``.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.pyfunc import PythonModel
from mlflow.types import ColSpec, DataType, Schema
from sqlalchemy.exc import SQLAlchemyError

from rift.config import Config, ScoreSection, TrackingSection
from rift.errors import RiftError
from rift.manifest import MANIFEST_NAME, ONNX_NAME, TOKENIZER_NAME, Manifest
from rift.scoring.frame import score_frame
from rift.scoring.runtime import TurnScorer, load_scorer

_ENTRY = Path(__file__).with_name("served_model.py")

_LONGEST_PARAMETER = 400
"""MLflow refuses longer values; they go into artifacts."""

_INPUTS = (
    ("session_id", DataType.string, True), ("turn", DataType.long, True), ("speaker", DataType.string, True),
    ("text", DataType.string, True), ("patient_id", DataType.string, False),
    ("start_s", DataType.double, False), ("end_s", DataType.double, False),
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """An open run.

    Attributes
    ----------
    run_id
        MLflow's.
    registered_model
        Name in the registry.
    """

    run_id: str
    registered_model: str

    def tags(self, tags: Mapping[str, str]) -> None:
        """Tag the run: hashes of data and configuration."""
        mlflow.set_tags(dict(tags))

    def metrics(self, values: Mapping[str, Any], fold: int | None = None) -> None:
        """Log nested values as ``model.withdrawal.f1``; undefined ones (None) are left out.

        Those of a fold are named ``fold.`` and take its number as their step.
        """
        prefix = "" if fold is None else "fold."
        flat = {prefix + _metric_name(name): value for name, value in _flatten(values) if value is not None}
        mlflow.log_metrics(flat, step=0 if fold is None else fold)

    def document(self, name: str, content: Any) -> None:
        """Log a JSON artifact."""
        mlflow.log_dict(content, name)

    def model(self, folder: Path, manifest: Manifest) -> None:
        """Register what scoring needs of a model folder, as a pyfunc made from code, not from a pickle."""
        mlflow.log_dict(dict(enumerate(manifest.codebook.columns)), "label_map.json")
        with tempfile.TemporaryDirectory() as place:
            needed = Path(place) / "model"
            needed.mkdir()
            for name in (MANIFEST_NAME, ONNX_NAME, TOKENIZER_NAME):
                shutil.copyfile(folder / name, needed / name)
            inputs = Schema([ColSpec(kind, name, required=need) for name, kind, need in _INPUTS])
            # It asks for an example of the input, which would be words of a transcript, and tells the
            # terminal of each registration.
            with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
                warnings.filterwarnings("ignore", message=".*input example")
                mlflow.pyfunc.log_model(
                    name="model",
                    python_model=str(_ENTRY),
                    artifacts={"model": str(needed)},
                    signature=ModelSignature(inputs=inputs),
                    registered_model_name=self.registered_model,
                    pip_requirements=[f"rift=={manifest.rift_version}"],
                )


@contextlib.contextmanager
def open_run(config: Config) -> Iterator[Run]:
    """Open a run that ends as FINISHED, or as FAILED when the body raises.

    Raises
    ------
    RiftError
        The store cannot be used.
    """
    section = config.tracking
    try:
        _use_store(section)
        with mlflow.start_run() as run:
            mlflow.log_params(_parameters(config))
            yield Run(run.info.run_id, section.registered_model)
    except (MlflowException, SQLAlchemyError) as error:
        problem = (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
        raise RiftError(
            f"MLflow cannot use its store: {problem}",
            where=section.uri,
            remedy="set tracking.uri to another file, or tracking.enabled to false; what is trained is kept",
        ) from None


def _use_store(section: TrackingSection) -> None:
    if not section.uri.startswith("sqlite:///"):
        raise RiftError(
            f"tracking.uri is {section.uri!r}",
            where="configuration",
            remedy="give a local SQLite store, such as sqlite:///mlflow.db: transcripts' figures stay here",
        )
    database = Path(section.uri.removeprefix("sqlite:///")).resolve()
    database.parent.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(f"sqlite:///{database}")
    if mlflow.get_experiment_by_name(section.experiment) is None:
        mlflow.create_experiment(section.experiment, artifact_location=(database.parent / "mlruns").as_uri())
    mlflow.set_experiment(section.experiment)


def _parameters(config: Config) -> dict[str, str]:
    values = {name: json.dumps(value) for name, value in _flatten(config.model_dump(mode="json"))}
    return {name: value for name, value in values.items() if len(value) <= _LONGEST_PARAMETER}


def _flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _metric_name(name: str) -> str:
    """Return a name as MLflow allows it: letters, digits, and a few signs."""
    return "".join(c if c.isalnum() or c in "_-./ " else "_" for c in name)


class RuptureModel(PythonModel):
    """A RIFT model behind MLflow's ``predict``.

    Takes a data frame of turns (``session_id``, ``turn``, ``speaker``, ``text``; ``patient_id``,
    ``start_s`` and ``end_s`` where known) and returns ``{"turns": [...], "episodes": [...]}``, one
    record each, null where a value is undefined.
    """

    _scorer: TurnScorer

    def load_context(self, context: Any) -> None:
        """Load the model folder among the artifacts."""
        threads = ScoreSection(batch_tokens=2048, threads=0)
        self._scorer = load_scorer(Path(context.artifacts["model"]), threads)

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> dict[str, Any]:
        """Score turns; see the class."""
        turns, episodes = score_frame(self._scorer, model_input)
        return {"turns": _records(turns), "episodes": _records(episodes)}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(table.to_json(orient="records"))
    return records


set_model = mlflow.models.set_model
