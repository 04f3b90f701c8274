"""Headings that name equal stretches of a session: ``0-5``, ``5-10`` minutes, ``0:00-4:59``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rift.readers.times import parse_seconds

_NUMBER = r"\d{1,4}"
_CLOCK = r"\d{1,3}:\d{2}(?::\d{2})?"
_UNIT = r"(?:\s?(?:min|mins|minutes?|minuten|m|s|sec|secs|seconds?|sek)?\.?|['’′])"
_RANGE = re.compile(
    rf"(?P<start>{_CLOCK}|{_NUMBER})(?P<su>{_UNIT})\s?(?:[-–—−‐‑]|to|bis|until)\s?"
    rf"(?P<end>{_CLOCK}|{_NUMBER})(?P<eu>{_UNIT})",
    re.IGNORECASE,
)
_WIDTH = re.compile(r"(\d{1,2})\s?[-–]?\s?min", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-(\d{2})-(\d{2})(?: 00:00:00)?")
_LONGEST_MINUTES = 60
"""Ranges of plain numbers that are as wide as this are seconds."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Bins:
    """Columns and what each of them spans, in seconds, the end exclusive."""

    columns: tuple[int, ...]
    spans: tuple[Span, ...]
    dates: tuple[int, ...] = ()
    """Columns whose heading a spreadsheet had turned into a date (5-10 into the 10th of May)."""


@dataclass(frozen=True, slots=True)
class _Heading:
    column: int
    start: float
    end: float
    clock: bool
    seconds: bool
    date: bool = False


def find_bins(cells: Sequence[str]) -> Bins | None:
    """Return the stretches that a row of headings names, None if they are not at least two in order.

    Ends may be exclusive (0-5, 5-10) or name the last unit (0-4, 5-9; 1-5, 6-10; 0:00-4:59).
    """
    headings: list[_Heading] = []
    for column, cell in enumerate(cells):
        found = _heading(column, cell) or _dated(column, cell, headings)
        if found is not None:
            headings.append(found)
    if len(headings) < 2 or all(heading.date for heading in headings):
        return None
    spans = _spans(headings)
    if spans is None:
        return None
    dates = tuple(heading.column for heading in headings if heading.date)
    return Bins(tuple(heading.column for heading in headings), spans, dates)


def numbered_bins(cells: Sequence[str], above: str) -> Bins | None:
    """Return stretches that are only numbered from 1, where the lines above tell their minutes (5-min)."""
    width = _WIDTH.search(above)
    columns = [column for column, cell in enumerate(cells) if cell.strip().removesuffix(".0").isdecimal()]
    numbers = [int(cells[column].strip().removesuffix(".0")[:9]) for column in columns]
    if width is None or len(columns) < 2 or numbers != list(range(1, len(numbers) + 1)):
        return None
    seconds = int(width[1]) * 60.0
    if not seconds:
        return None
    spans = tuple((i * seconds, (i + 1) * seconds) for i in range(len(columns)))
    return Bins(tuple(columns), spans)


def _heading(column: int, cell: str) -> _Heading | None:
    match = _RANGE.search(cell.strip()) if len(cell) <= 60 else None
    if match is None:
        return None
    clock = ":" in match["start"] and ":" in match["end"]
    if (":" in match["start"]) != clock or (":" in match["end"]) != clock:
        return None
    start, end = parse_seconds(match["start"]), parse_seconds(match["end"])
    if start is None or end is None or end <= start:
        return None
    unit = (match["eu"] or match["su"]).strip().casefold()
    return _Heading(column, start, end, clock, unit.startswith("s"))


def _dated(column: int, cell: str, before: Sequence[_Heading]) -> _Heading | None:
    """Return a heading that became a date, where it goes on with the headings before it."""
    match = _DATE.fullmatch(cell.strip())
    if match is None or not before:
        return None
    last = before[-1]
    width = last.end - last.start
    for start, end in ((int(match[1]), int(match[2])), (int(match[2]), int(match[1]))):
        if end - start == width and start in (last.end, last.end + 1):
            return _Heading(column, start, end, False, False, True)
    return None


def _spans(headings: Sequence[_Heading]) -> tuple[Span, ...] | None:
    first = headings[0]
    if any(heading.clock != first.clock for heading in headings):
        return None
    in_seconds = first.clock or first.seconds or first.end - first.start >= _LONGEST_MINUTES - 1
    scale = 1.0 if in_seconds else 60.0
    gaps = {round(after.start - before.end, 6) for before, after in pairwise(headings)}
    if gaps == {0.0}:
        return tuple((one.start * scale, one.end * scale) for one in headings)
    if gaps == {1.0}:  # each names its last second or minute
        from_one = not first.clock and first.start == 1
        return tuple(((one.start - from_one) * scale, (one.end + 1 - from_one) * scale) for one in headings)
    return None
