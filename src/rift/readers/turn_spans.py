"""Where in a text its turns stand, so that marks on stretches of the text become marks of turns."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from rift.schema import Turn

_STAMP = re.compile(r"#\d{1,2}:\d{2}:\d{2}(?:[-.,]\d{1,3})?#")
_IGNORED = re.compile("[\\s\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")


@dataclass(frozen=True, slots=True)
class TurnSpans:
    """The turns of a text as stretches of characters, ends exclusive.

    Attributes
    ----------
    turns
        The numbers of the turns that were found, ascending.
    starts, ends
        From the beginning of a turn's first line, its label included, to the end of its last.
    words
        Where its words begin, behind the label.
    """

    turns: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    words: tuple[int, ...]

    def touched(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the first and the last turn whose words lie in a stretch, or its labels if no words do."""
        first = bisect_right(self.ends, start)
        last = bisect_left(self.words, end) - 1
        if first > last:
            last = bisect_left(self.starts, end) - 1
        return (self.turns[first], self.turns[last]) if first <= last else None


def find_turns(text: str, turns: Sequence[Turn]) -> TurnSpans:
    """Return where the turns stand that the text reader has read from this text.

    Parameters
    ----------
    text
        With ``\\n`` at line ends.
    turns
        As `rift.readers.text` gives them; each of their lines ends a line of the text.
    """
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    found: list[tuple[int, int, int, int]] = []
    below = len(lines)
    # From the end upward: what heads a file may read like its first turn, nothing below it does.
    for turn in range(len(turns) - 1, -1, -1):
        said = [squeezed for line in turns[turn].text.split("\n") if (squeezed := _squeezed(line))]
        reached, last, first, words = below, None, None, 0
        for squeezed in reversed(said):
            at = _line_above(lines, reached, squeezed)
            if at is None:
                break
            last = at if last is None else last
            first, reached = at, at
            words = starts[at] + _word_start(lines[at], squeezed)
        if first is not None and last is not None:
            below = reached
            found.append((turn, starts[first], starts[last] + len(lines[last].rstrip()), words))
    found.reverse()
    return TurnSpans(
        tuple(one[0] for one in found),
        tuple(one[1] for one in found),
        tuple(one[2] for one in found),
        tuple(one[3] for one in found),
    )


_MAX_SKIPPED = 200
"""Lines between two of a turn that the text reader leaves out: blank ones, page numbers, heads."""


def _line_above(lines: Sequence[str], below: int, squeezed: str) -> int | None:
    for at in range(below - 1, max(-1, below - _MAX_SKIPPED), -1):
        if _squeezed(lines[at]).endswith(squeezed):
            return at
    return None


def _squeezed(line: str) -> str:
    """Return a line without blanks, marks of direction, and time stamps, for comparison."""
    return _IGNORED.sub("", _STAMP.sub("", line))


def _word_start(line: str, squeezed: str) -> int:
    """Return where in a line its last characters begin that, without blanks, are ``squeezed``."""
    stamps = [match.span() for match in _STAMP.finditer(line)]
    left, at = len(squeezed), len(line)
    while left and at:
        at -= 1
        if stamps and stamps[-1][0] <= at < stamps[-1][1]:
            at = stamps.pop()[0]
        elif not _IGNORED.fullmatch(line[at]):
            left -= 1
    return at
