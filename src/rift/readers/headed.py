"""Text whose turns have a line of name and time above them: Word's Transcribe, Teams, NVivo."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rift.readers.contract import Source
from rift.readers.labels import MAX_LENGTH
from rift.readers.roles import known_role
from rift.readers.times import parse_seconds
from rift.readers.wording import counted, numbers, shown
from rift.schema import Transcript, Turn

names: tuple[str, ...] = ("headed",)
suffixes: tuple[str, ...] = (".txt",)

_TIME = r"\d{1,3}:\d{1,2}(?::\d{1,2})?(?:[.,]\d{1,7})?"
_NAME = r"[^\W\d_][^\n:?!\[\]]{0,38}"
_TIME_NAME = re.compile(rf"[\[(]?(?P<time>{_TIME})[\])]?[ \xa0\t]{{1,9}}(?:[-–][ \t])?(?P<name>{_NAME})")
_NAME_TIME = re.compile(rf"(?P<name>{_NAME}?)[ \xa0\t]{{1,9}}[\[(]?(?P<time>{_TIME})[\])]?")
_SPAN = re.compile(rf"(?P<time>{_TIME}) {{0,3}}--> {{0,3}}(?P<end>{_TIME})")
_RECORDING = re.compile(r"\S.{0,80} (?:started|stopped) transcription")
_NUMBERED_VOICE = re.compile(r"(?:speaker|sprecher(?:in)?|person|participant)\s?\d{1,3}", re.IGNORECASE)
_MAX_WORDS = 5


class _Header(NamedTuple):
    name: str | None
    start: float | None
    end: float | None
    lines: int


@dataclass(slots=True)
class _Draft:
    header: _Header
    lines: list[str] = field(default_factory=list)


def sniff(source: Source) -> float:
    """Return 0.6-0.92 where lines of a name and a time stand above other lines, the names recurring."""
    if source.decoded is None or source.decoded.text.lstrip()[:6].upper() == "WEBVTT":
        return 0.0
    lines = [line.strip() for line in source.decoded.text.split("\n")]
    filled = [line for line in lines if line]
    headers = _headers(filled)
    if len(headers) < 2:
        return 0.0
    if not all(at + header.lines < len(filled) for at, header in list(headers.items())[:-1]):
        return 0.0
    empty = sum(at + header.lines in headers for at, header in headers.items())
    if 3 * empty >= len(headers):
        return 0.0
    if any(_RECORDING.fullmatch(line) for line in filled):
        return 0.92
    # A few lines such as "Pause 0:30" do not make labelled text another format.
    return 0.8 if 6 * len(headers) >= len(filled) else 0.6


def read(source: Source) -> list[Transcript]:
    """Return the one transcript in the text; words before the first name and time are left out."""
    decoded = source.decode()
    numbered = [(i, line.strip()) for i, line in enumerate(decoded.text.split("\n"), 1) if line.strip()]
    headers = _headers([line for _, line in numbered])
    drafts: list[_Draft] = []
    head: list[int] = []
    notes: list[int] = []
    skip = 0
    for at, (number, line) in enumerate(numbered):
        if at in headers:
            drafts.append(_Draft(headers[at]))
            skip = headers[at].lines - 1
        elif skip:
            skip -= 1
        elif _RECORDING.fullmatch(line):
            notes.append(number)
        elif drafts:
            drafts[-1].lines.append(line)
        else:
            head.append(number)
    turns = tuple(
        Turn(one.header.name, "\n".join(one.lines), one.header.start, one.header.end) for one in drafts
    )
    warnings = list(decoded.warnings)
    if head:
        first = next(line for number, line in numbered if number == head[0])
        told = f"{counted(len(head), 'line')} before the first speaker left out"
        warnings.append(f"{told}: line {numbers(head)}, {shown(first)}")
    if notes:
        warnings.append(f"{counted(len(notes), 'note')} on the recording left out: line {numbers(notes)}")
    if silent := [i for i, turn in enumerate(turns) if not turn.text]:
        warnings.append(
            f"{counted(len(silent), 'turn')} without words: turn {numbers(silent)} (counted from 0)"
        )
    return [Transcript(turns, str(source.path), warnings=tuple(warnings))]


def _headers(lines: Sequence[str]) -> dict[int, _Header]:
    """Return the headers of the one kind that the file uses, by the position of their first line."""
    spans = {at: found for at in range(len(lines) - 1) if (found := _span(lines, at))}
    if _recur([header.name or "" for header in spans.values()]):  # captions have speech there
        return spans
    for pattern in (_TIME_NAME, _NAME_TIME):
        headers = {at: header for at, line in enumerate(lines) if (header := _one_line(pattern, line))}
        if _recur([header.name or "" for header in headers.values()]):
            return headers
    return {}


def _span(lines: Sequence[str], at: int) -> _Header | None:
    """Return ``0:0:1.5 --> 0:0:3.0`` with the name below it, as older Teams documents have it."""
    match = _SPAN.fullmatch(lines[at])
    start, end = (
        (None, None) if match is None else (parse_seconds(match["time"]), parse_seconds(match["end"]))
    )
    if start is None or end is None:
        return None
    named = at + 2 < len(lines) and _SPAN.fullmatch(lines[at + 1]) is None
    named = named and _SPAN.fullmatch(lines[at + 2]) is None and len(lines[at + 1]) <= MAX_LENGTH
    return _Header(lines[at + 1] if named else None, start, end, 2 if named else 1)


def _one_line(pattern: re.Pattern[str], line: str) -> _Header | None:
    match = pattern.fullmatch(line) if len(line) <= 2 * MAX_LENGTH else None
    if match is None:
        return None
    name, start = match["name"].strip(), parse_seconds(match["time"])
    if start is None or len(name.split()) > _MAX_WORDS or name.endswith((".", ",", ";")):
        return None
    return _Header(name, start, None, 1)


def _recur(found: Sequence[str]) -> bool:
    """Return whether names come back as speakers' do; words of speech beside times differ."""
    if len(found) < 2:
        return False
    distinct = set(found)
    if all(known_role(name) or _NUMBERED_VOICE.fullmatch(name) for name in distinct):
        return True
    return 2 * len(distinct) <= len(found)
