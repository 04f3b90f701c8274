"""Offsets that other programs count into a text, and whether they can be what they are taken for.

Programs count characters, or UTF-16 code units as Windows does; line ends are one or two. A
selection that a person drew begins and ends at the edge of a word, so that a wrong way of counting
shows: nearly all selections then begin or end inside words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

Span = tuple[int, int]

_ASTRAL = "\uffff"
# Scripts without blanks between words: there, every character may be an edge.
_NO_BLANKS = (("\u0e00", "\u0eff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"), ("\u3040", "\u9fff"),
              ("\uac00", "\ud7a3"), ("\U00020000", "\U0003ffff"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counting:
    """One way of counting, and where the selections are by it.

    ``spans`` are in the text with ``\\n`` at line ends, None where there is no such place;
    ``inside`` are the selections that begin or end inside a word, or nowhere.
    """

    name: str
    spans: tuple[Span | None, ...]
    inside: tuple[int, ...]


def one_line_end(text: str) -> str:
    """Return a text with ``\\n`` at line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def countings(stored: str, spans: Sequence[Span]) -> list[Counting]:
    """Return the selections by every way of counting, UTF-16 units of the text as it is stored first."""
    short = one_line_end(stored)
    texts = {
        "with line ends as in the file": stored,
        "with line ends of two": short.replace("\n", "\r\n"),
        "with line ends of one": short,
    }
    return [
        _counted(f"{unit} {ends}", text, short, _positions(text, unit), spans)
        for unit in ("UTF-16 units", "characters")
        for ends, text in texts.items()
    ]


def utf16_offsets(text: str) -> list[int]:
    """Return, for each character and the end of a text, its offset in UTF-16 code units."""
    return list(accumulate((2 if char > _ASTRAL else 1 for char in text), initial=0))


def _positions(text: str, unit: str) -> Sequence[int]:
    astral = bool(text) and max(text) > _ASTRAL
    return utf16_offsets(text) if unit.startswith("UTF") and astral else range(len(text) + 1)


def _counted(name: str, text: str, short: str, positions: Sequence[int], spans: Sequence[Span]) -> Counting:
    pairs = [at for at, two in enumerate(pairwise(text)) if two == ("\r", "\n")]
    found: list[Span | None] = []
    for start, end in spans:
        first, last = _index(positions, start), _index(positions, end)
        if first is None or last is None or not first < last:
            found.append(None)
        else:
            found.append((first - bisect_left(pairs, first), last - bisect_left(pairs, last)))
    inside = tuple(number for number, span in enumerate(found) if span is None or not _at_edges(short, *span))
    return Counting(name, tuple(found), inside)


def _index(positions: Sequence[int], offset: int) -> int | None:
    at = bisect_left(positions, offset)
    return at if at < len(positions) and positions[at] == offset else None


def _at_edges(text: str, start: int, end: int) -> bool:
    return not _within_word(text, start) and not _within_word(text, end)


def _within_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and _of_word(text[at - 1]) and _of_word(text[at])


def _of_word(char: str) -> bool:
    return char.isalnum() and not any(low <= char <= high for low, high in _NO_BLANKS)
