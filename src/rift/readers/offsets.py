"""Character offsets of selections: which unit a file counts in, proved by its words or by word edges.

Programs count code points (Python), UTF-16 units (JavaScript, Java) or what a reader sees as one
character; they differ after the first emoji.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rift.errors import RiftError
from rift.readers.wording import counted, shown

_JOINER = "\u200d"
_SELECTORS = frozenset("\ufe0e\ufe0f\u20e3")
_UNSPACED = "\u0e00"
"""From here on letters without case are mostly of scripts that put no blanks between words."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Offsets as a file gives them, the words it quotes of them if it does, and its place."""

    start: int
    end: int
    place: str
    quote: str | None = None


Span = tuple[int, int]
Selected = tuple[str, Sequence[Selection]]
"""A text and the selections in it."""


def located(
    texts: Sequence[Selected], where: object, units: Sequence[str]
) -> tuple[list[list[Span]], list[str]]:
    """Return all selections as code points, by the one unit in which they are sound.

    A selection is sound if it cuts out the words that the file quotes, or begins and ends on word edges.

    Parameters
    ----------
    texts
        The texts of a file with their selections.
    where
        The file, for messages.
    units
        The units that the program may count in, the likeliest first: keys of `UNITS`.

    Returns
    -------
    spans
        For each text, for each selection.
    warnings
        That two units fit and differ.

    Raises
    ------
    RiftError
        No unit fits all selections.
    """
    tried: list[tuple[str, list[list[Span]], int]] = []
    fault: RiftError | None = None
    for unit in units:
        try:
            spans, quoted = _in_unit(texts, unit, where)
        except RiftError as error:
            fault = fault or error
        else:
            tried.append((unit, spans, quoted))
    if not tried:
        raise fault or RiftError("no unit of offsets is known", where=where)
    unit, best, most = max(tried, key=lambda one: one[2])  # the first of equals
    words = _words(texts, best)
    if any(spans != best and _words(texts, spans) != words for _, spans, quoted in tried if quoted == most):
        return best, [f"offsets read as {unit}; others would fit as well"]
    return best, []


def _words(texts: Sequence[Selected], spans: Sequence[Sequence[Span]]) -> list[list[str]]:
    return [
        text[start:end].split() for (text, _), own in zip(texts, spans, strict=True) for start, end in own
    ]


def _in_unit(texts: Sequence[Selected], unit: str, where: object) -> tuple[list[list[Span]], int]:
    found: list[list[Span]] = []
    quoted = 0
    for text, selections in texts:
        at = UNITS[unit](text) if selections else range(1)
        spans: list[Span] = []
        for one in selections:
            start, end = (at[i] if 0 <= i < len(at) else -1 for i in (one.start, one.end))
            matches = one.quote is not None and start >= 0 and _same(text[start:end], one.quote)
            if not (0 <= start <= end and (matches or (on_edge(text, start) and on_edge(text, end)))):
                raise _misfit(text, one, (start, end), where)
            quoted += matches
            spans.append((start, end))
        found.append(spans)
    return found, quoted


def _misfit(text: str, one: Selection, span: Span, where: object) -> RiftError:
    inside = 0 <= span[0] <= span[1]
    found = (
        f"cuts out {shown(text[span[0] : span[1]])}"
        if inside
        else f"lies outside {counted(len(text), 'character')}"
    )
    return RiftError(
        f"the selection {one.start}-{one.end} {found}, which is not whole words",
        where=f"{where}, {one.place}",
        remedy="was the text edited after coding? Export text and codings anew, or correct the selection",
    )


def _same(cut: str, quote: str) -> bool:
    return bool(cut.strip()) and cut.split() == quote.split()


def on_edge(text: str, at: int) -> bool:
    """Return whether a position does not lie inside a word."""
    return at <= 0 or at >= len(text) or not (_in_word(text[at - 1]) and _in_word(text[at], first=False))


def _in_word(character: str, first: bool = True) -> bool:
    category = unicodedata.category(character)
    if category == "Lo":
        return character < _UNSPACED
    return category in {"Lu", "Ll", "Lt", "Nd"} or (not first and category in {"Mn", "Mc"})


def _code_points(text: str) -> Sequence[int]:
    return range(len(text) + 1)


def _utf16(text: str) -> Sequence[int]:
    if text.isascii() or max(text) < "\U00010000":
        return range(len(text) + 1)
    at: list[int] = []
    for i, character in enumerate(text):
        at += [i] if character < "\U00010000" else [i, -1]
    return [*at, len(text)]


def _graphemes(text: str) -> Sequence[int]:
    if text.isascii() and "\r" not in text:
        return range(len(text) + 1)
    at: list[int] = []
    flags = 0
    for i, character in enumerate(text):
        before = text[i - 1] if i else ""
        flag = "\U0001f1e6" <= character <= "\U0001f1ff"
        flags = flags + 1 if flag else 0
        joined = (
            _JOINER in (before, character)
            or character in _SELECTORS
            or "\U0001f3fb" <= character <= "\U0001f3ff"
            or (flag and flags % 2 == 0)
            or (before == "\r" and character == "\n")
            or unicodedata.category(character) in {"Mn", "Me"}
        )
        if not (joined and i):
            at.append(i)
    return [*at, len(text)]


def _line_ends(inner: Callable[[str], Sequence[int]]) -> Callable[[str], Sequence[int]]:
    """Return the unit for programs that count CRLF as one character."""

    def positions(text: str) -> Sequence[int]:
        if "\r\n" not in text:
            return inner(text)
        kept = [
            i for i, character in enumerate(text) if not (character == "\r" and text[i + 1 : i + 2] == "\n")
        ]
        at = [*kept, len(text)]
        return [at[i] if i >= 0 else -1 for i in inner(text.replace("\r\n", "\n"))]

    return positions


UNITS: dict[str, Callable[[str], Sequence[int]]] = {
    "code points": _code_points,
    "UTF-16 units": _utf16,
    "graphemes": _graphemes,
    "code points without CR": _line_ends(_code_points),
    "UTF-16 units without CR": _line_ends(_utf16),
}
"""For each unit, the code point that each offset stands for; -1 inside a character."""
