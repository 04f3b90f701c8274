"""Otter and Teams text: a line with the speaker's name and the time, then the words."""

from __future__ import annotations

import re

from rift.readers.contract import Source
from rift.readers.labels import MAX_LENGTH
from rift.readers.times import SPOKEN, parse_seconds
from rift.readers.wording import counted, numbers, shown
from rift.schema import Transcript, Turn

names: tuple[str, ...] = ("otter", "teams")
suffixes: tuple[str, ...] = (".txt",)

_NAME = r"(?P<name>[^\W\d_][^\n]{0,59}?)"
# Otter puts two blanks before the time; one alone would match speech that ends with a time.
_HEADER = re.compile(rf"{_NAME}(?:[ \xa0]{{2,9}}|\t)(?P<time>\d{{1,3}}:\d{{2}}(?::\d{{2}})?)\s*")
_TEAMS_HEADER = re.compile(rf"{_NAME}[ \xa0\t]{{1,9}}(?P<time>(?=\d){SPOKEN})\s*", re.IGNORECASE)
_FOOTER = re.compile(r"Transcribed by https?://otter\.ai\S*\s*", re.IGNORECASE)
_MAX_WORDS = 6
_SHARE = 0.5


def sniff(source: Source) -> float:
    """Return 0.9 where most paragraphs begin with a name and a time alone on their line."""
    if source.decoded is None:
        return 0.0
    blocks = _blocks(source.decoded.text)
    headed = sum(_header(lines) is not None for _, lines in blocks)
    return 0.9 if headed >= 2 and headed >= _SHARE * len(blocks) else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one transcript in an Otter text file; Otter gives the time a turn starts."""
    decoded = source.decode()
    turns: list[Turn] = []
    head: list[int] = []
    first = ""
    for number, lines in _blocks(decoded.text):
        header = _header(lines)
        if header is not None:
            turns.append(Turn(header["name"], "\n".join(lines[1:]), parse_seconds(header["time"])))
        elif turns:  # a paragraph of the same speaker
            last = turns.pop()
            turns.append(Turn(last.speaker, "\n".join([last.text, *lines]), last.start_s))
        else:
            first = first or lines[0]
            head.extend(range(number, number + len(lines)))
    warnings = list(decoded.warnings)
    if head:
        told = f"{counted(len(head), 'line')} before the first speaker left out"
        warnings.append(f"{told}: line {numbers(head)}, {shown(first)}")
    return [Transcript(tuple(turns), str(source.path), warnings=tuple(warnings))]


def _blocks(text: str) -> list[tuple[int, list[str]]]:
    """Return paragraphs as the number of their first line and their lines, without Otter's footer."""
    blocks: list[tuple[int, list[str]]] = []
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not stripped or _FOOTER.fullmatch(stripped):
            inside = False
        elif inside:
            blocks[-1][1].append(stripped)
        else:
            blocks.append((number, [stripped]))
            inside = True
    return blocks


def _header(lines: list[str]) -> re.Match[str] | None:
    if len(lines) < 2:
        return None
    match = _HEADER.fullmatch(lines[0]) or _TEAMS_HEADER.fullmatch(lines[0])
    if match is None or len(match["name"]) > MAX_LENGTH or len(match["name"].split()) > _MAX_WORDS:
        return None
    return None if parse_seconds(match["time"]) is None else match
