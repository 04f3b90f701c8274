"""Codebooks: the labels a coder may give, as data.

A codebook is a YAML file (``configs/codebooks/3rs.yaml`` and its neighbours). Nothing in
RIFT knows a marker by name: labels, families, eligible speakers and aliases come from here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from rift.errors import RiftError
from rift.yaml_files import read_yaml

Speaker = Literal["patient", "therapist", "other"]
SPEAKERS: tuple[Speaker, ...] = get_args(Speaker)
LabelKind = Literal["marker", "strategy", "class"]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Named(_Frozen):
    id: str
    name: str
    definition: str
    aliases: tuple[str, ...] = ()


class Family(_Named):
    """A group of markers that is a label of its own: marked when any of its markers is."""


class Label(_Named):
    """One code of the codebook.

    ``speakers`` says whose turns may carry it. ``family`` names the family of a marker,
    ``group`` a kind of strategy (immediate or exploratory).
    """

    kind: LabelKind
    family: str | None = None
    group: str | None = None
    speakers: tuple[Speaker, ...]


class Codebook(_Frozen):
    """Labels and families in their order; that order is the order of every column.

    ``exclusive`` codebooks give each coded turn exactly one label (AnnoMI client talk);
    the others give any number, none included (3RS).
    """

    id: str
    name: str
    version: str
    source: str
    exclusive: bool = False
    families: tuple[Family, ...] = ()
    labels: tuple[Label, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Codebook:
        if not self.labels:
            raise ValueError("a codebook needs at least one label")
        known = {family.id for family in self.families}
        for label in self.labels:
            if label.family is not None and label.family not in known:
                raise ValueError(f"label {label.id!r} names family {label.family!r}; known: {sorted(known)}")
            if not label.speakers:
                raise ValueError(f"label {label.id!r} has no speakers who may show it")
        owner: dict[str, str] = {}
        for item in self._named:
            for spelling in (item.id, item.name, *item.aliases):
                first = owner.setdefault(fold_code(spelling), item.id)
                if first != item.id:
                    raise ValueError(f"{spelling!r} stands for both {first!r} and {item.id!r}")
        return self

    @property
    def _named(self) -> tuple[_Named, ...]:
        return (*self.families, *self.labels)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every label the classifier predicts: the labels, then the families."""
        return (*(label.id for label in self.labels), *(family.id for family in self.families))

    @cached_property
    def _spellings(self) -> dict[str, str]:
        return {
            fold_code(spelling): item.id
            for item in self._named
            for spelling in (item.id, item.name, *item.aliases)
        }

    def label(self, label_id: str) -> Label:
        """Return the label with this id; KeyError if there is none."""
        for label in self.labels:
            if label.id == label_id:
                return label
        raise KeyError(label_id)

    def display_name(self, column: str) -> str:
        """Return the printed name of a label or family."""
        return next(item.name for item in self._named if item.id == column)

    def members(self, family: str) -> tuple[str, ...]:
        """Return the ids of the markers of a family."""
        return tuple(label.id for label in self.labels if label.family == family)

    def of_kind(self, kind: LabelKind) -> tuple[str, ...]:
        """Return the ids of all labels of one kind."""
        return tuple(label.id for label in self.labels if label.kind == kind)

    def speakers(self, column: str) -> tuple[Speaker, ...]:
        """Return who may show a label; for a family, whoever may show one of its markers."""
        if any(family.id == column for family in self.families):
            seen = {who for member in self.members(column) for who in self.label(member).speakers}
            return tuple(who for who in SPEAKERS if who in seen)
        return self.label(column).speakers

    def resolve(self, code: str, where: object = None) -> str:
        """Return the label or family id that a coder's spelling stands for.

        Case, spaces and punctuation do not matter: ``Minimal response``, ``WD-min`` and
        ``minimal_response`` are one code.

        Raises
        ------
        RiftError
            The code is unknown; the message names the place and the nearest known codes.
        """
        found = self._spellings.get(fold_code(code))
        if found is None:
            near = list(self._nearest(code))
            raise RiftError(
                f"code {code!r} is not in codebook {self.id!r}"
                + (f"; nearest: {', '.join(near)}" if near else ""),
                where=where,
                remedy="correct the code, or add it to the codebook as an alias",
            )
        return found

    def _nearest(self, code: str) -> Iterator[str]:
        seen: set[str] = set()
        for spelling in difflib.get_close_matches(fold_code(code), self._spellings, n=8, cutoff=0.4):
            column = self._spellings[spelling]
            if column not in seen and len(seen) < 3:
                seen.add(column)
                yield column


def fold_code(text: str) -> str:
    """Return a code without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", text.casefold())


def configs_folder() -> Path:
    """Return the folder of the bundled configs, in an installed package or a checkout."""
    installed = Path(__file__).parent / "configs"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "configs"


def load_codebook(name_or_path: str, folder: Path | None = None) -> Codebook:
    """Load a codebook by the name of a bundled one (``3rs``) or by path.

    Parameters
    ----------
    name_or_path
        ``3rs``, ``annomi``, or a path to a YAML file.
    folder
        What a relative path is relative to; the working directory by default.

    Raises
    ------
    RiftError
        No such codebook, or its file is not a valid one.
    """
    shipped = configs_folder() / "codebooks" / f"{name_or_path}.yaml"
    path = shipped if shipped.is_file() else (folder or Path()) / name_or_path
    if not path.is_file():
        names = sorted(p.stem for p in shipped.parent.glob("*.yaml"))
        raise RiftError(
            f"no codebook {name_or_path!r}",
            where=path,
            remedy=f"give a path to a YAML file or one of: {', '.join(names)}",
        )
    content = read_yaml(path, "codebook", "give a path to a YAML file")
    try:
        return Codebook.model_validate(content)
    except ValidationError as error:
        raise RiftError(
            first_problem(error), where=path, remedy="compare with configs/codebooks/3rs.yaml"
        ) from None


def first_problem(error: ValidationError) -> str:
    """Return a pydantic error as one line: the field, what is wrong, what was found."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or "file"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    if first["type"] == "extra_forbidden":
        return f"unknown key {field!r}{more}"
    told = first["type"] in {"missing", "value_error", "json_invalid"}
    found = "" if told else f"; found {str(first['input'])[:60]!r}"
    return f"{field}: {first['msg']}{found}{more}"
