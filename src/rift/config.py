"""Configuration: one section per stage, every value in ``configs/base.yaml``.

No default is hidden in code. An overlay (``configs/demo.yaml``) names only what differs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rift.codebook import Speaker, configs_folder, first_problem
from rift.errors import RiftError
from rift.yaml_files import parse_yaml, read_yaml

Probability = float
Minutes = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Section(BaseModel):
    """Base of every section: frozen, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PrepareSection(Section):
    """Codings to turn units: where the corpus is, and how patients are split."""

    corpus: str
    out: str
    patients: Literal["all"] | tuple[str, ...]
    folds: int = Field(ge=2)
    min_examples: int = Field(ge=1)
    seed: int


class WindowSection(Section):
    """Packing of turns into encoder inputs, in tokens."""

    max_tokens: int = Field(ge=16)
    left_context_tokens: int = Field(ge=0)

    @model_validator(mode="after")
    def _room_for_turns(self) -> WindowSection:
        if self.left_context_tokens > self.max_tokens // 2:
            raise ValueError("left_context_tokens may be at most half of max_tokens")
        return self


class TrainSection(Section):
    """Fine-tuning of the encoder."""

    out: str
    encoder: str
    epochs: int = Field(ge=1)
    windows_per_step: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    head_learning_rate: float = Field(gt=0)
    layer_decay: float = Field(gt=0, le=1)
    warmup_share: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    dropout: float = Field(ge=0, lt=1)
    positive_weight_power: float = Field(ge=0, le=1)
    positive_weight_max: float = Field(ge=1)
    frozen_layers: int = Field(ge=0)
    averaged_share: float = Field(ge=0, le=1)
    precision: Literal["auto", "fp32", "bf16"]
    onnx_weights: Literal["fp32", "int8"]
    seed: int


class BaselineSection(Section):
    """TF-IDF and logistic regression with the same context."""

    context_turns: int = Field(ge=0)
    ngrams: int = Field(ge=1, le=3)
    min_turns: int = Field(ge=1)
    regularisation: float = Field(gt=0)


class DecisionSection(Section):
    """From probabilities to flags."""

    target_precision: Probability = Field(gt=0, lt=1)
    confidence: Probability = Field(gt=0.5, lt=1)
    calibration_strength: float = Field(gt=0)
    min_positives: int = Field(ge=1)


class EpisodeSection(Section):
    """From turns to episodes.

    ``onset`` and ``offset`` are multiples of the family's own threshold (a rare family never
    reaches a fixed 0.5); ``max_gap``, ``min_length`` and ``answer_within`` are in turns.
    """

    onset: float = Field(gt=0)
    offset: float = Field(gt=0)
    max_gap: int = Field(ge=0)
    min_length: int = Field(ge=1)
    answer_within: int = Field(ge=0)
    speakers: tuple[Speaker, ...]

    @model_validator(mode="after")
    def _onset_above_offset(self) -> EpisodeSection:
        if self.offset > self.onset:
            raise ValueError("offset must not exceed onset")
        return self


class EvaluateSection(Section):
    """What a marker needs to be judged, how intervals are made, and what the model may claim.

    ``margin``: kappa that the model may lose against a coder and still count as no worse.
    ``trainings``: folders of other trainings (other seeds), to see how much that changes.
    ``epsilon``: how much more often than the model a coder may be closer to the other coders.
    ``segment_minutes``: lengths of the stretches of a session to compare; may be empty.
    """

    out: str
    full_support: int = Field(ge=1)
    full_patients: int = Field(ge=2)
    exploratory_support: int = Field(ge=1)
    min_patients_interval: int = Field(ge=2)
    interval: Probability = Field(gt=0.5, lt=1)
    bootstrap: int = Field(ge=100)
    margin: float = Field(gt=-1, lt=0)
    epsilon: Probability = Field(ge=0, lt=1)
    segment_minutes: tuple[Minutes, ...]
    trainings: tuple[str, ...]
    seed: int

    @model_validator(mode="after")
    def _different_lengths(self) -> EvaluateSection:
        if len(set(self.segment_minutes)) < len(self.segment_minutes):
            raise ValueError("segment_minutes must not name a length twice")
        return self


class ScoreSection(Section):
    """Batch inference."""

    batch_tokens: int = Field(ge=64)
    threads: int = Field(ge=0)


class TrackingSection(Section):
    """MLflow, local."""

    enabled: bool
    uri: str
    experiment: str
    registered_model: str


class Config(Section):
    """The whole configuration."""

    prepare: PrepareSection
    windows: WindowSection
    train: TrainSection
    baseline: BaselineSection
    decisions: DecisionSection
    episodes: EpisodeSection
    evaluate: EvaluateSection
    score: ScoreSection
    tracking: TrackingSection

    def digest(self) -> str:
        """Return the sha256 of the configuration's canonical JSON, in hex."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


_SET_REMEDY = "write it as --set train.epochs=2; see configs/base.yaml for sections and keys"


def load_config(overlays: Sequence[str | Path] = (), settings: Sequence[str] = ()) -> Config:
    """Load ``base.yaml`` and lay overlays and single settings over it, in order.

    Parameters
    ----------
    overlays
        YAML files that name only what differs.
    settings
        ``section.key=value`` pairs, the value in YAML.

    Raises
    ------
    RiftError
        A file is missing or unreadable, a key unknown, a value out of range.
    """
    base = configs_folder() / "base.yaml"
    merged = _read(base)
    layers = [
        *((str(overlay), _read(Path(overlay))) for overlay in overlays if not _same_file(overlay, base)),
        *((f"--set {setting}", _from_setting(setting)) for setting in settings),
    ]
    for where, layer in layers:
        merged = _merge(merged, layer, where)
    try:
        return Config.model_validate(merged)
    except ValidationError as error:
        where = _origin(error.errors()[0]["loc"], layers) or str(base)
        raise RiftError(first_problem(error), where=where, remedy="see configs/base.yaml") from None


def _same_file(one: str | Path, other: Path) -> bool:
    return Path(one).resolve() == other.resolve()


def _origin(field: Sequence[int | str], layers: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """Return where a value was set last; for a whole section, every place that touches it."""
    section, *key = (str(part) for part in field)
    places = [where for where, layer in layers if section in layer and (not key or key[0] in layer[section])]
    return places[-1] if key and places else ", ".join(places)


def _read(path: Path) -> dict[str, Any]:
    content = read_yaml(path, "configuration", "give the path of an overlay to --config")
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise RiftError(
            f"expected sections with keys, found a {type(content).__name__}",
            where=path,
            remedy="see configs/base.yaml",
        )
    return content


def _from_setting(setting: str) -> dict[str, Any]:
    name, _, value = setting.partition("=")
    section, _, key = name.partition(".")
    if not (section and key and value):
        raise RiftError(f"{setting!r} is not section.key=value", where="--set", remedy=_SET_REMEDY)
    return {section: {key: parse_yaml(value, f"--set {setting}")}}


def _merge(under: dict[str, Any], over: dict[str, Any], where: object) -> dict[str, Any]:
    result = dict(under)
    for section, values in over.items():
        known = result.get(section)
        if not isinstance(known, dict):
            raise RiftError(f"unknown section {section!r}", where=where, remedy=f"known: {', '.join(under)}")
        if not isinstance(values, dict):
            raise RiftError(
                f"section {section!r} needs keys with values",
                where=where,
                remedy=f"known: {', '.join(known)}",
            )
        if unknown := sorted(set(values) - set(known)):
            raise RiftError(
                f"section {section!r} has no key {unknown[0]!r}",
                where=where,
                remedy=f"known: {', '.join(known)}",
            )
        result[section] = {**known, **values}
    return result
