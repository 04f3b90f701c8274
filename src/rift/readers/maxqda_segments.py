"""MAXQDA's tables of coded or retrieved segments: a row per segment and code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rift.errors import RiftError
from rift.readers.code_paths import labels_of
from rift.readers.contract import Source
from rift.readers.grid import Row
from rift.readers.known_columns import Wanted, cell, has_header, matched, table_below
from rift.readers.times import parse_seconds
from rift.readers.wording import counted, numbers, shown
from rift.schema import Mark, Transcript

names: tuple[str, ...] = ("maxqda", "maxqda_segments")
suffixes: tuple[str, ...] = (".xlsx", ".csv")

_WANTED: Wanted = {
    "group": ("documentgroup", "dokumentgruppe", "dokumentengruppe", "documentset", "dokumentset"),
    "document": ("documentname", "dokumentname", "document", "dokument", "nombredeldocumento",
                 "nomdudocument"),
    "code": ("code", "codename", "código"),
    "begin": ("begin", "beginning", "anfang", "beginn", "start", "position", "inicio", "début"),
    "end": ("end", "ende", "fin", "final"),
    "weight": ("weightscore", "weight", "gewicht", "gewichtung", "relevanzgewicht"),
    "segment": ("segment", "codedsegment", "codedsegments", "vorschau", "preview", "segmento"),
    "coder": ("createdby", "erstelltvon", "author", "autor", "autorin", "modifiedby", "bearbeitetvon",
              "geändertvon", "codedby", "codiertvon", "user", "benutzer"),
}  # fmt: skip
_NEEDED = ("document", "code", "begin", "end")
_SIGNS = ("segment", "group", "weight")
_PARAGRAPH = re.compile(r"\d{1,6}(?:\.0)?")
_NUMBER = re.compile(r"-?\d{1,6}(?:[.,]\d{1,6})?")


def sniff(source: Source) -> float:
    """Return 0.95 where a header names document, code, begin and end as MAXQDA does."""
    return 0.95 if has_header(source, _fits) else 0.0


def _fits(header: Sequence[str]) -> bool:
    found = matched(header, _WANTED)
    return all(name in found for name in _NEEDED) and sum(name in found for name in _SIGNS) >= 2


def read(source: Source) -> list[Transcript]:
    """Return the codings of each document; paragraphs are taken as turns."""
    where = source.path
    table = table_below(source, _fits)
    at = matched(table.header, _WANTED)
    if missing := [name for name in _NEEDED if name not in at]:
        raise RiftError(
            f"there is no column for {missing[0]}",
            where=where,
            remedy="export the coded segments from MAXQDA with all columns",
        )
    rows = [row for row in table.rows if cell(row, at, "code") or cell(row, at, "document")]
    labels, told = labels_of(cell(row, at, "code") or "" for row in rows)
    told = [*table.warnings, *told]
    sessions: dict[tuple[str | None, str | None], list[Mark]] = {}
    unplaced: list[int] = []
    paragraphs = 0
    for row in rows:
        mark = _mark(row, at, labels, str(where))
        paragraphs += mark.first_turn is not None
        if mark.first_turn is None and mark.start_s is None:
            unplaced.append(row.number)
        sessions.setdefault((cell(row, at, "group"), cell(row, at, "document")), []).append(mark)
    if paragraphs:
        told.append("paragraphs taken as turns: paragraph 1 is the first turn")
    if "group" in at:
        told.append(f"{table.header[at['group']]!r} taken as the patient")
    if unplaced:
        told.append(f"{counted(len(unplaced), 'segment')} without paragraph or time: row {numbers(unplaced)}")
    if left := len(table.rows) - len(rows):
        told.append(f"{counted(left, 'row')} without document and code left out")
    return [
        Transcript((), str(where), *ids, tuple(told) if i == 0 else (), None, tuple(marks))
        for i, (ids, marks) in enumerate(sessions.items())
    ]


def _mark(row: Row, at: Mapping[str, int], labels: Mapping[str, str], where: str) -> Mark:
    place = f"row {row.number}"
    code = cell(row, at, "code")
    if code is None:
        raise RiftError("a segment without a code", where=f"{where}, {place}", remedy="fill in the code")
    value = _weight(row, at, f"{where}, {place}")
    label, coder = labels[code], cell(row, at, "coder")
    begin, end = cell(row, at, "begin"), cell(row, at, "end")
    if begin is None and end is None:
        return Mark(coder, "segment", label, "present", place, value=value)
    if begin is None or end is None:
        raise RiftError(
            "a segment with one end only", where=f"{where}, {place}", remedy="fill in begin and end"
        )
    if _PARAGRAPH.fullmatch(begin) and _PARAGRAPH.fullmatch(end):
        first, last = int(float(begin)), int(float(end))
        if not 1 <= first <= last:
            raise _fault(begin, end, where, place)
        return Mark(coder, "turn", label, "present", place, first - 1, last - 1, value=value)
    start_s, end_s = parse_seconds(begin), parse_seconds(end)
    if start_s is None or end_s is None:
        if re.fullmatch(r"\d{1,6}\s?[:|]\s?\d{1,9}", begin):  # page and position
            return Mark(coder, "segment", label, "present", place, value=value)
        raise _fault(begin, end, where, place)
    if end_s < start_s:
        raise _fault(begin, end, where, place)
    return Mark(coder, "segment", label, "present", place, None, None, start_s, end_s, value)


def _fault(begin: str, end: str, where: str, place: str) -> RiftError:
    return RiftError(
        f"{shown(begin)} to {shown(end)} are no paragraphs or times",
        where=f"{where}, {place}",
        remedy="export the segments anew, or correct the row",
    )


def _weight(row: Row, at: Mapping[str, int], where: str) -> float | None:
    """Return the weight score; 0 is what MAXQDA gives to segments that nobody weighted."""
    text = cell(row, at, "weight")
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise RiftError(f"the weight {shown(text)} is no number", where=where, remedy="correct it")
    return float(text.replace(",", ".")) or None
