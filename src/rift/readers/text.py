"""Plain text transcripts: ``T: ...``, ``Therapist: ...``, names, numbered turns, f4 time stamps.

A turn goes on over lines without a label, blank ones included. Transcribers' notes ([long pause],
(laughs), "..") are part of the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from rift.readers.contract import TABLE_SUFFIXES, Source
from rift.readers.labels import (
    MAX_LENGTH,
    Candidate,
    accepted_labels,
    candidate,
    is_name_like,
    label_key,
    running_bases,
    spoken_name,
)
from rift.readers.roles import known_role
from rift.readers.times import parse_seconds
from rift.readers.wording import counted, numbers, shown, some
from rift.schema import Transcript, Turn

names: tuple[str, ...] = ("text", "txt")
suffixes: tuple[str, ...] = (".txt",)

_F4 = re.compile(r"\s*#(\d{1,2}:\d{2}:\d{2})(?:[-.,](\d{1,3}))?#")
_NUMBERED_LINE = re.compile(r"\s*(\d{1,6})[.):]?(?:\s+(.*))?")
_PAGE = re.compile(r"(?:page|seite)\s*\d+(?:\s*(?:of|von|/)\s*\d+)?|[-–]\s*\d+\s*[-–]", re.IGNORECASE)
_LONE_NUMBER = re.compile(r"(\d{1,5})(?:\s*/\s*\d{1,5})?")
_NUMBERED_SHARE = 0.8
# Read as plain text, these would give wrong turns in silence.
_OTHER_FORMAT = re.compile(
    r"""\s*(?:WEBVTT|<\?xml|<!doctype|<html|@UTF8|@Begin|File\stype\s=\s"|\{\s*"|\[\s*[\[{"]
    |(?:\d+\s*\n)?\s*\d+:\d\d:\d\d[.,:]?\d*\s*-->)""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str


@dataclass(slots=True)
class _Draft:
    """A turn while its lines are collected; ``end`` is the last f4 stamp at a line's end."""

    speaker: str
    start: float | None
    end: float | None = None
    lines: list[str] = field(default_factory=list)


def sniff(source: Source) -> float:
    """Return 0.7 where lines begin with labels, less where they do not, 0 for text of another kind."""
    if source.decoded is None or _OTHER_FORMAT.match(source.decoded.text):
        return 0.0
    lines, _ = _content(source.decoded.text)
    begins = sum(begin is not None for begin in _turn_starts(lines))
    # Cells of a table may hold lines with labels.
    if begins and (source.suffix not in TABLE_SUFFIXES or begins > len(lines) / 2):
        return 0.7
    return 0.3 if source.suffix in suffixes else 0.1


def read(source: Source) -> list[Transcript]:
    """Return the one transcript in a text file; without any label, its paragraphs without speakers."""
    decoded = source.decode()
    lines, warnings = _content(decoded.text)
    begins = _turn_starts(lines)
    if not any(begins):
        turns: tuple[Turn, ...] = _paragraphs(decoded.text)
    else:
        drafts, head, unread = _collect(lines, begins)
        turns = _finish(drafts)
        warnings += _told(lines, begins, head, unread, turns)
    return [Transcript(turns, str(source.path), warnings=(*decoded.warnings, *warnings))]


def _content(text: str) -> tuple[list[_Line], list[str]]:
    """Return the lines that are not blank, without line and page numbers, and what was left out."""
    lines = [_Line(i, line.rstrip()) for i, line in enumerate(text.split("\n"), 1) if line.strip()]
    lines = _without_line_numbers(lines)
    pages = _page_numbers(lines)
    kept = [line for line in lines if line.number not in pages and line.text.strip()]
    if not pages:
        return kept, []
    return kept, [f"{counted(len(pages), 'page number')} left out: line {numbers(sorted(pages))}"]


def _without_line_numbers(lines: list[_Line]) -> list[_Line]:
    matches = [_NUMBERED_LINE.fullmatch(line.text) for line in lines]
    counts = [int(match[1]) for match in matches if match]
    steps = sum(after == before + 1 for before, after in pairwise(counts))
    if (
        len(counts) < 3
        or len(counts) < _NUMBERED_SHARE * len(lines)
        or steps < _NUMBERED_SHARE * (len(counts) - 1)
    ):
        return lines
    return [
        _Line(line.number, match[2] or "") if match else line
        for line, match in zip(lines, matches, strict=True)
    ]


def _page_numbers(lines: Sequence[_Line]) -> set[int]:
    """Return the lines that number pages: ``Page 3``, or lone numbers that count 1, 2, 3."""
    pages, lone = set(), {}
    for before, line in zip([None, *lines], lines, strict=False):
        text = line.text.strip()
        if _is_open_label(before):
            continue
        if _PAGE.fullmatch(text):
            pages.add(line.number)
        elif number := _LONE_NUMBER.fullmatch(text):
            lone[line.number] = int(number[1])
    if len(lone) > 1 and all(after == before + 1 for before, after in pairwise(lone.values())):
        pages |= set(lone)
    return pages


def _is_open_label(line: _Line | None) -> bool:
    """Return whether a line is a label on its own, so that what follows is spoken."""
    if line is None:
        return False
    found = candidate(line.text)
    return (found is not None and not found.text) or known_role(line.text) is not None


def _turn_starts(lines: Sequence[_Line]) -> list[Candidate | None]:
    """Return, for each line, the label it begins a turn with, by the name to be kept; else None."""
    found = [candidate(line.text) for line in lines]
    if bare := _bare_labels(lines, found):
        running = running_bases(one.label for one in bare if one)
        return [one and _named(one, running) for one in bare]
    accepted = accepted_labels(found)
    running = running_bases(one.label for one in found if one)
    return [
        _named(one, running) if one and label_key(one.label, running) in accepted else None for one in found
    ]


def _bare_labels(lines: Sequence[_Line], found: Sequence[Candidate | None]) -> list[Candidate | None]:
    """Return the lines that are a well-known label without a colon, where a file marks turns so."""
    if any(one and known_role(one.label) for one in found):
        return []
    texts = [line.text.strip() for line in lines]
    roles = [known_role(text) if len(text) <= MAX_LENGTH else None for text in texts]
    if {"patient", "therapist"} - set(roles):
        return []
    return [
        Candidate(text, "", None, True) if role else None for text, role in zip(texts, roles, strict=True)
    ]


def _named(one: Candidate, running: frozenset[str]) -> Candidate:
    return replace(one, label=spoken_name(one.label, running))


def _collect(
    lines: Sequence[_Line], begins: Sequence[Candidate | None]
) -> tuple[list[_Draft], list[_Line], list[int]]:
    """Return turns in the making, lines before the first, and lines whose time is no time."""
    drafts: list[_Draft] = []
    head: list[_Line] = []
    unread: list[int] = []
    for line, begin in zip(lines, begins, strict=True):
        if begin:
            start = None if begin.stamp is None else _seconds(begin.stamp)
            if begin.stamp is not None and start is None:
                unread.append(line.number)
            drafts.append(_Draft(begin.label, start))
        if not drafts:
            head.append(line)
            continue
        text, end, failed = _without_stamps(begin.text if begin else line.text.strip())
        unread.extend([line.number] * failed)
        drafts[-1].end = drafts[-1].end if end is None else end
        if text:
            drafts[-1].lines.append(text)
    return drafts, head, unread


def _without_stamps(text: str) -> tuple[str, float | None, int]:
    """Return a line without its f4 stamps, the time of one at its end, and how many are no time."""
    end, failed = None, 0
    kept, position = [], 0
    for match in _F4.finditer(text):
        seconds = _seconds(match[0])
        if seconds is None:
            failed += 1
            continue
        kept.append(text[position : match.start()])
        position = match.end()
        if not text[position:].strip():
            end = seconds
    return "".join([*kept, text[position:]]).strip(), end, failed


def _seconds(stamp: str) -> float | None:
    """Return the time in ``[00:01:02]``, ``(1:02,5)`` or ``#00:01:02-5#``."""
    if f4 := _F4.fullmatch(stamp):
        return parse_seconds(f"{f4[1]}.{f4[2] or 0}")
    return parse_seconds(stamp.strip("[](){} "))


def _finish(drafts: Sequence[_Draft]) -> tuple[Turn, ...]:
    """Return the turns; one with an end stamp alone starts where the turn before it ended."""
    turns: list[Turn] = []
    for draft in drafts:
        start = draft.start
        if start is None and draft.end is not None:
            start = turns[-1].end_s if turns else 0.0
        turns.append(Turn(draft.speaker, "\n".join(draft.lines), start, draft.end))
    return tuple(turns)


def _paragraphs(text: str) -> tuple[Turn, ...]:
    blocks = re.split(r"\n[^\S\n]*(?:\n[^\S\n]*)+", text.strip())
    return tuple(Turn(None, "\n".join(line.strip() for line in block.split("\n"))) for block in blocks)


def _told(
    lines: Sequence[_Line],
    begins: Sequence[Candidate | None],
    head: Sequence[_Line],
    unread: Sequence[int],
    turns: Sequence[Turn],
) -> list[str]:
    told = []
    if head:
        words = sum(len(line.text.split()) for line in head)
        told.append(
            f"{counted(words, 'word')} before the first label left out:"
            f" line {numbers(line.number for line in head)}, {shown(head[0].text)}"
        )
    single = _single_names(lines[len(head) :], begins[len(head) :])
    if single:
        told.append(
            f"{counted(len(single), 'line')} like a speaker's label but never again, read as speech:"
            f" {some(single)}"
        )
    if unread:
        told.append(f"{counted(len(unread), 'time')} not understood: line {numbers(unread)}")
    if silent := [i for i, turn in enumerate(turns) if not turn.text]:
        told.append(f"{counted(len(silent), 'turn')} without words: turn {numbers(silent)} (counted from 0)")
    return told


def _single_names(lines: Sequence[_Line], begins: Sequence[Candidate | None]) -> list[str]:
    found = []
    for line, begin in zip(lines, begins, strict=True):
        one = None if begin else candidate(line.text)
        if one and one.spaced and is_name_like(one.label):
            found.append(f"line {line.number} {shown(one.label)}")
    return found
