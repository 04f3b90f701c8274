"""Subtitle cues, as WebVTT and SRT files hold them: parsed with tolerance, nothing lost in silence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rift.readers.times import parse_seconds
from rift.readers.wording import counted, numbers

_ARROW = "-->"
_TIME = r"(?:\d{1,4}:)?\d{1,3}:\d{1,2}(?:[.,:]\d{1,9})?"
_TIMING = re.compile(rf"\s*(?P<start>{_TIME})\s*-->\s*(?P<end>{_TIME})(?:\s+\S.*)?\s*")
_BROKEN_TIMING = re.compile(r"\s*(?P<start>\d[\d:.,]{2,15}\w{0,6})\s*-->\s*(?P<end>\d?[\w:.,]{0,20})\s*")
_IDENTIFIER = re.compile(r"\s*(?:\d{1,9}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\S{0,12})\s*")
_ASIDE = re.compile(r"\s*(?:NOTE|STYLE|REGION)(?:[ \t].*)?")


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue: the number of its timing line, its times in seconds, its lines of text."""

    line: int
    start_s: float | None
    end_s: float | None
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of a file in its order, and what a user should know of how they were read."""

    cues: tuple[Cue, ...]
    warnings: tuple[str, ...]


@dataclass
class _Draft:
    line: int
    start_s: float | None
    end_s: float | None
    text: list[str] = field(default_factory=list)


@dataclass
class _Notes:
    """Lines that were read in a way a user might not expect, by kind."""

    untimed: list[int] = field(default_factory=list)
    orphans: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    backward: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)


def has_timing(text: str) -> int:
    """Return how many lines of a text are timing lines, for sniffing."""
    return sum(_ARROW in line and _TIMING.fullmatch(line) is not None for line in text.split("\n"))


def parse_cues(text: str) -> Cues:
    """Return the cues of a WebVTT or SRT text.

    A timing line begins a cue, with or without an identifier above and a blank line before it.
    Text after a blank line that no timing line heads goes on the cue before. Comments (NOTE), styles
    and regions are left out. Times may be written with a comma, with fewer digits (``0:00:09,8`` is
    9.8 s) or without a fraction.
    """
    drafts: list[_Draft] = []
    notes = _Notes()
    for block in _blocks(text):
        _read_block(block, drafts, notes)
    notes.silent = [draft.line for draft in drafts if not draft.text]
    cues = tuple(Cue(d.line, d.start_s, d.end_s, tuple(d.text)) for d in drafts if d.text)
    return Cues(cues, tuple(_told(notes)))


def _blocks(text: str) -> Iterator[list[tuple[int, str]]]:
    """Yield runs of lines that are not blank, with their numbers."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            block.append((number, line))
        elif block:
            yield block
            block = []
    if block:
        yield block


def _read_block(block: Sequence[tuple[int, str]], drafts: list[_Draft], notes: _Notes) -> None:
    timings = [at for at in range(len(block)) if _is_timing(block, at)]
    if block[0][0] == 1 and block[0][1].lstrip("\ufeff").startswith("WEBVTT"):
        block, timings = block[timings[0] :] if timings else [], [at - timings[0] for at in timings]
    if not timings:
        _untimed_block(block, drafts, notes)
        return
    before = block[: timings[0]]
    if len(before) > 1:  # all but the identifier
        _untimed_block(before[:-1], drafts, notes)
    for at, following in zip(timings, [*timings[1:], len(block)], strict=True):
        number, line = block[at]
        body = list(block[at + 1 : following])
        if following < len(block) and body and _IDENTIFIER.fullmatch(body[-1][1]):
            body.pop()  # the number of the next cue, where no blank line parts the two
        if not body and following == at + 1 < len(block):
            notes.repeated.append(number)
            continue
        start, end = _times(line, number, notes)
        drafts.append(_Draft(number, start, end, [text for _, text in body]))


def _untimed_block(block: Sequence[tuple[int, str]], drafts: list[_Draft], notes: _Notes) -> None:
    if not block or _ASIDE.fullmatch(block[0][1]):
        return
    if drafts and len(block) == 1 and _IDENTIFIER.fullmatch(block[0][1]):
        return  # the number of a cue that was never written
    if not drafts:
        notes.heads += [number for number, _ in block]
        return
    notes.orphans += [number for number, _ in block]
    drafts[-1].text += [line for _, line in block]


def _is_timing(block: Sequence[tuple[int, str]], at: int) -> bool:
    line = block[at][1]
    if _ARROW not in line:
        return False
    # Speech may hold an arrow; a damaged time is only looked for where a timing line must stand.
    due = at <= 1 or _IDENTIFIER.fullmatch(block[at - 1][1]) is not None
    return _TIMING.fullmatch(line) is not None or (due and _BROKEN_TIMING.fullmatch(line) is not None)


def _times(line: str, number: int, notes: _Notes) -> tuple[float | None, float | None]:
    match = _TIMING.fullmatch(line) or _BROKEN_TIMING.fullmatch(line)
    start, end = (None, None) if match is None else (_seconds(match["start"]), _seconds(match["end"]))
    if start is None or end is None:
        notes.untimed.append(number)
    elif end < start:
        notes.backward.append(number)
        end = None
    return start, end


def _seconds(written: str) -> float | None:
    parts = written.split(":")
    if len(parts) == 4:  # hours:minutes:seconds:milliseconds
        written = ":".join(parts[:3]) + "." + parts[3]
    return parse_seconds(written)


def _told(notes: _Notes) -> Iterator[str]:
    if notes.heads:
        lines = counted(len(notes.heads), "line")
        yield f"{lines} before the first cue left out: line {numbers(notes.heads)}"
    if notes.orphans:
        lines = counted(len(notes.orphans), "line")
        yield f"{lines} without a time of their own, added to the cue before: line {numbers(notes.orphans)}"
    if notes.untimed:
        cues = counted(len(notes.untimed), "cue")
        yield f"{cues} with a time that cannot be read, kept without it: line {numbers(notes.untimed)}"
    if notes.backward:
        cues = counted(len(notes.backward), "cue")
        yield f"{cues} that would end before its start, read without an end: line {numbers(notes.backward)}"
    if notes.repeated:
        cues = counted(len(notes.repeated), "timing line")
        yield f"{cues} followed by another at once, left out: line {numbers(notes.repeated)}"
    if notes.silent:
        cues = counted(len(notes.silent), "cue")
        yield f"{cues} without text left out: line {numbers(notes.silent)}"
