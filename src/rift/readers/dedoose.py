"""Dedoose excerpts: a row per excerpt, a column ``Code: X Applied`` per code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from rift.errors import RiftError
from rift.readers.code_paths import labels_of
from rift.readers.contract import Source
from rift.readers.grid import Row
from rift.readers.known_columns import Wanted, cell, has_header, matched, table_below
from rift.readers.table import Table
from rift.readers.times import parse_seconds
from rift.readers.wording import counted, numbers, shown
from rift.schema import Mark, State, Transcript

names: tuple[str, ...] = ("dedoose",)
suffixes: tuple[str, ...] = (".csv", ".xlsx")

_WANTED: Wanted = {
    "media": ("mediatitle", "resourcetitle", "title"),
    "range": ("excerptrange",),
    "coder": ("excerptcreator",),
    "text": ("excerptcopy", "excerpt", "excerpttext"),
    "combined": ("codesappliedcombined", "codescombined", "codesapplied"),
}
_CODE = re.compile(r"Code:\s?(?P<code>.{1,300}?)\s(?P<what>Applied|Range|Weight)", re.IGNORECASE | re.DOTALL)
_YES = frozenset({"true", "1", "yes", "x", "1.0"})
_NO = frozenset({"false", "0", "no", "", "0.0"})
_NUMBER = re.compile(r"-?\d{1,9}(?:[.,]\d{1,6})?")
_TIMES = re.compile(r"\s*(\d{1,3}:[\d:.,]{2,15})\s*[-–]\s*(\d{1,3}:[\d:.,]{2,15})\s*")
_ENDINGS = frozenset(
    {".docx", ".doc", ".txt", ".rtf", ".pdf", ".mp3", ".mp4", ".wav", ".m4a", ".mov", ".xlsx", ".csv"}
)

Codes = Mapping[str, Mapping[str, int]]
"""For each code's path, the columns that say whether it is applied, and its weight."""


def sniff(source: Source) -> float:
    """Return 0.95 where a header has excerpts and their codes as Dedoose writes them."""
    return 0.95 if has_header(source, _fits) else 0.0


def _fits(header: Sequence[str]) -> bool:
    found = matched(header, _WANTED)
    coded = "combined" in found or any(_CODE.fullmatch(heading.strip()) for heading in header)
    return coded and "media" in found and ("range" in found or "text" in found or "coder" in found)


def read(source: Source) -> list[Transcript]:
    """Return the codings of each document."""
    where = source.path
    table = table_below(source, _fits)
    at = matched(table.header, _WANTED)
    codes = _codes(table)
    told = list(table.warnings)
    if not codes and "combined" not in at:
        raise RiftError(
            "there is no column of codes",
            where=where,
            remedy="export the excerpts from Dedoose with a column per code",
        )
    if codes:
        labels, said = labels_of(codes)
        told += said
    else:
        labels = {}
        told.append("codes are read from the combined column, which does not tell their parents")
    sessions: dict[str | None, list[Mark]] = {}
    unplaced: list[int] = []
    for row in table.rows:
        start, end = _times(row, at, str(where))
        if start is None:
            unplaced.append(row.number)
        given = _given(row, at, codes, labels, str(where))
        marks = [
            Mark(
                cell(row, at, "coder"),
                "segment",
                label,
                state,
                f"row {row.number}",
                None,
                None,
                start,
                end,
                value,
            )
            for label, state, value in given
        ]
        sessions.setdefault(_session(cell(row, at, "media")), []).extend(marks)
    if unplaced:
        told.append(
            f"{counted(len(unplaced), 'excerpt')} by the position of characters or none, without turns or"
            f" times: row {numbers(unplaced)}"
        )
    return [
        Transcript((), str(where), None, session, tuple(told) if i == 0 else (), None, tuple(marks))
        for i, (session, marks) in enumerate(sessions.items())
    ]


def _codes(table: Table) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for i, heading in enumerate(table.header):
        if match := _CODE.fullmatch(heading.strip()):
            found.setdefault(match["code"].strip(), {}).setdefault(match["what"].casefold(), i)
    return {code: columns for code, columns in found.items() if "applied" in columns}


def _session(title: str | None) -> str | None:
    """Return a document's title without the extension of its file."""
    if title is None:
        return None
    ending = PurePath(title).suffix
    return (title.removesuffix(ending) or title) if ending.casefold() in _ENDINGS else title


def _given(
    row: Row, at: Mapping[str, int], codes: Codes, labels: Mapping[str, str], where: str
) -> list[tuple[str | None, State, float | None]]:
    if not codes:
        combined = [part.strip() for part in (cell(row, at, "combined") or "").split(",")]
        found: list[tuple[str | None, State, float | None]]
        found = [(label, "present", None) for label in dict.fromkeys(combined) if label]
        return found or [(None, "absent", None)]
    given: list[tuple[str | None, State, float | None]] = []
    for code, columns in codes.items():
        text = row.cells[columns["applied"]].strip().casefold()
        if text not in _YES and text not in _NO:
            raise RiftError(
                f"{shown(text)} does not tell whether the code is applied",
                where=f"{where}, row {row.number}, column {code}",
                remedy="write True or False",
            )
        applied = text in _YES
        value = _weight(row, columns, where) if applied else None
        given.append((labels[code], "present" if applied else "absent", value))
    return given if any(state == "present" for _, state, _ in given) else [(None, "absent", None)]


def _weight(row: Row, columns: Mapping[str, int], where: str) -> float | None:
    text = cell(row, columns, "weight")
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise RiftError(
            f"the weight {shown(text)} is no number", where=f"{where}, row {row.number}", remedy="correct it"
        )
    return float(text.replace(",", "."))


def _times(row: Row, at: Mapping[str, int], where: str) -> tuple[float | None, float | None]:
    match = _TIMES.fullmatch(cell(row, at, "range") or "")
    if match is None:
        return None, None
    start, end = parse_seconds(match[1]), parse_seconds(match[2])
    if start is None or end is None or end < start:
        raise RiftError(
            f"{shown(match[0])} are no times in order",
            where=f"{where}, row {row.number}",
            remedy="correct them",
        )
    return start, end
