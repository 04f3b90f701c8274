"""What a reader is: a module or object that knows its format and reads sessions and marks from it.

A package adds a format without a change to RIFT: an entry point in the group ``rift.readers``
that names such a module or object.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from rift.errors import RiftError
from rift.readers.archive import member_names
from rift.readers.decode import Decoded, decode
from rift.readers.xlsx import NamedGrid, is_workbook, sheet_tops
from rift.schema import Transcript

TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".xlsx", ".xlsm")


@dataclass(frozen=True)
class Source:
    """A file, read once, and what the user said of it.

    Attributes
    ----------
    path
        Where it lies; for messages and its extension.
    data
        Its bytes.
    columns
        Our names to the file's headers, for tables; empty: recognise the common ones.
    encoding
        A codec the user names, or None.
    sheet
        The sheet of a workbook, or None for the first visible one.
    """

    path: Path
    data: bytes = field(repr=False)
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    sheet: str | None = None

    def decode(self) -> Decoded:
        """Return the file as text; RiftError if it is none."""
        return decode(self.data, self.path, self.encoding)

    @cached_property
    def decoded(self) -> Decoded | None:
        """The file as text, or None if it is none: for sniffing."""
        try:
            return self.decode()
        except RiftError:
            return None

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The names of the files in it, if it is a zip archive; else none."""
        return member_names(self.data)

    @cached_property
    def sheet_tops(self) -> tuple[NamedGrid, ...]:
        """The first rows of the visible sheets, if it is a workbook; else none: for sniffing."""
        return sheet_tops(self.data) if is_workbook(self.data) else ()

    @cached_property
    def json(self) -> Any:
        """The content of a JSON file, or None if it is none: for sniffing and reading."""
        if self.decoded is None or self.decoded.text.lstrip()[:1] not in ("{", "["):
            return None
        try:
            return json.loads(self.decoded.text)
        except (ValueError, RecursionError):
            return None

    @property
    def suffix(self) -> str:
        """The file's extension in lower case, with its dot; '' if it has none."""
        return self.path.suffix.lower()


class Reader(Protocol):
    """One format.

    ``names`` are what a user may force it by, the main one first. ``sniff`` says how surely the
    content is of this format, from 0 (not at all) to 1, and never raises; by extension alone at
    most 0.5. ``read`` gives one transcript per session in the file, with the speakers' names as in the
    file, the marks of coders, and warnings that need not name the file; it raises nothing but
    RiftError. A file with marks only gives transcripts without turns.

    A reader may also have ``suffixes``: the extensions of its files, as ``(".vtt",)``. Of a folder
    that a user names as a whole, only files with a suffix of some reader are read; a reader
    without them reads the files that are named one by one or by a pattern.
    """

    names: tuple[str, ...]

    def sniff(self, source: Source) -> float:
        """Return how surely this is the reader's format, 0-1."""

    def read(self, source: Source) -> list[Transcript]:
        """Return the transcripts in the file."""
