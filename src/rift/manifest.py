"""``rift.json``: everything that scoring must know of a model, written once with it.

A model folder holds ``rift.json``, ``model.onnx``, ``tokenizer.json`` and, for further
training, ``model.safetensors`` with the encoder's ``config.json``. Nothing in it is pickled.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from rift.codebook import Codebook, Speaker, first_problem
from rift.config import EpisodeSection, WindowSection
from rift.errors import RiftError

MANIFEST_NAME = "rift.json"
ONNX_NAME = "model.onnx"
TOKENIZER_NAME = "tokenizer.json"
WEIGHTS_NAME = "model.safetensors"
FORMAT: Final = 1
STARTER_NAME = "starter"

Status = Literal["released", "not released", "no examples"]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Calibration(_Frozen):
    """Platt scaling: calibrated = sigmoid(slope * logit(raw) + intercept)."""

    slope: float
    intercept: float


class Decision(_Frozen):
    """How one label's probability becomes a flag.

    ``speakers`` whose turns were coded for it in training; ``calibration`` null: as the
    network gives it; ``threshold`` on the calibrated probability, null without examples;
    ``rule`` how it was found, in words; ``precision_bound`` the lower bound behind a release;
    ``class_weight``, exclusive codebooks only, of the probability when one class is chosen.
    """

    label: str
    speakers: tuple[Speaker, ...]
    status: Status
    rule: str
    threshold: float | None = None
    calibration: Calibration | None = None
    precision_bound: float | None = None
    class_weight: float | None = None


class Manifest(_Frozen):
    """The content of ``rift.json``.

    ``decisions`` are in the order of ``codebook.columns``, which is the order of the
    network's outputs. ``files`` maps each file of the folder to its sha256.
    """

    format: Literal[1] = FORMAT
    name: str
    rift_version: str
    codebook: Codebook
    encoder: str
    encoder_sha256: str
    windows: WindowSection
    decisions: tuple[Decision, ...]
    episodes: EpisodeSection
    data_sha256: str
    config_sha256: str
    config: dict[str, Any]
    metrics: dict[str, Any]
    versions: dict[str, str]
    files: dict[str, str]

    @model_validator(mode="after")
    def _one_decision_per_column(self) -> Manifest:
        if tuple(decision.label for decision in self.decisions) != self.codebook.columns:
            raise ValueError("decisions do not match the codebook's labels")
        return self

    def decision(self, label: str) -> Decision:
        """Return the decision for a label; KeyError if there is none."""
        return self.decisions[self.codebook.columns.index(label)]


def starter_folder() -> Path:
    """Return the folder of the bundled starter model, in an installed package or a checkout."""
    installed = Path(__file__).parent / STARTER_NAME
    return installed if installed.is_dir() else Path(__file__).parents[2] / "models" / STARTER_NAME


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a path beside ``path`` to write to: it takes its place when all went well, or nothing does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all: aside first, then renamed."""
    with whole_file(path) as aside:
        aside.write_text(text, encoding="utf-8")


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write ``rift.json`` into a model folder."""
    write_text(folder / MANIFEST_NAME, manifest.model_dump_json(indent=2) + "\n")


def _format_of(content: bytes) -> int:
    """Return the format number that a ``rift.json`` names, `FORMAT` if it names none."""
    try:
        number = json.loads(content)["format"]
    except (ValueError, KeyError, TypeError):
        return FORMAT
    return number if isinstance(number, int) else FORMAT


def load_manifest(folder: Path, needs: tuple[str, ...] = (ONNX_NAME, TOKENIZER_NAME)) -> Manifest:
    """Load ``rift.json`` and verify the files that will be used against their hashes.

    Raises
    ------
    RiftError
        The folder or a file is missing, damaged, or not a RIFT model.
    """
    path = folder / MANIFEST_NAME
    remedy = "train it again, or copy the whole model folder anew"
    if not path.is_file():
        raise RiftError(
            f"no {MANIFEST_NAME} here: not a RIFT model folder",
            where=folder,
            remedy="give the folder that rift train wrote",
        )
    content = path.read_bytes()
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        if (format_number := _format_of(content)) != FORMAT:
            raise RiftError(
                f"written in format {format_number}; this RIFT reads format {FORMAT}",
                where=path,
                remedy="score with the version of RIFT that trained the model, or train it again",
            ) from None
        raise RiftError(f"damaged: {first_problem(error)}", where=path, remedy=remedy) from None
    for name in needs:
        if name not in manifest.files or not (folder / name).is_file():
            raise RiftError(f"{name} is missing from the model folder", where=folder, remedy=remedy)
        if sha256_of(folder / name) != manifest.files[name]:
            raise RiftError(
                f"{name} is damaged: its sha256 is not the one in {MANIFEST_NAME}",
                where=folder / name,
                remedy=remedy,
            )
    return manifest
