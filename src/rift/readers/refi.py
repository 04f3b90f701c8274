"""REFI-QDA projects (``.qdpx``) of NVivo, MAXQDA, ATLAS.ti and others: coded texts.

Each text is read as labelled text, and codes on stretches of it become marks of the turns that
they touch. The standard does not say what an offset counts. Programs on Windows count UTF-16 code
units, both characters of a line end, and no byte order mark; the end is exclusive. Whether that
holds is verified in each text: selections begin and end at the edges of words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rift.errors import RiftError
from rift.readers import text
from rift.readers.code_values import parse_written
from rift.readers.contract import Source
from rift.readers.refi_file import CodedText, Selection, is_project, read_project
from rift.readers.text_offsets import Counting, Span, countings, one_line_end
from rift.readers.turn_spans import TurnSpans, find_turns
from rift.readers.wording import counted, shown, some
from rift.schema import Mark, Transcript

names: tuple[str, ...] = ("refi", "refi-qda", "qdpx")
suffixes: tuple[str, ...] = (".qdpx",)

_AT_EDGES = 0.8
"""A share of selections that begin and end at edges of words below which the counting is wrong."""
_SURE = 0.95
_EXTENSION = re.compile(r"\.(?:txt|docx?|rtf|odt|pdf|md|vtt|srt)$", re.IGNORECASE)


def sniff(source: Source) -> float:
    """Return 0.95 where a zip archive holds a REFI-QDA project, 0.5 by extension alone."""
    if is_project(source.data):
        return 0.95
    return 0.5 if source.suffix in suffixes else 0.0


def read(source: Source) -> list[Transcript]:
    """Return a transcript for each text in a project, the name of the source as its session."""
    texts, warnings = read_project(source.data, source.path)
    transcripts = [_transcript(one, source.path) for one in texts]
    first = replace(transcripts[0], warnings=(*warnings, *transcripts[0].warnings))
    return [first, *transcripts[1:]]


def _transcript(coded: CodedText, path: Path) -> Transcript:
    where = Path(f"{path}: source {shown(coded.name)}")
    (read_text,) = text.read(Source(where, coded.stored.encode("utf-8", "replace"), encoding="utf-8"))
    spans, warnings = _spans(coded, where)
    found = find_turns(one_line_end(coded.stored), read_text.turns)
    marks: list[Mark] = []
    outside: list[str] = []
    for one, span in zip(coded.selections, spans, strict=True):
        mark = _mark(one, span, found, coded.name)
        if mark is None:
            outside.append(one.id[:36])
        else:
            marks.append(mark)
    if outside:
        warnings.append(f"{counted(len(outside), 'selection')} outside all turns left out: {some(outside)}")
    if any(one.coder is None for one in coded.selections):
        warnings.append("some codings name no user who created them")
    told = (f"source {shown(coded.name)}: {warning}" for warning in warnings)
    return Transcript(
        read_text.turns,
        str(path),
        session_id=_EXTENSION.sub("", coded.name).strip() or None,
        warnings=(*coded.warnings, *read_text.warnings, *told),
        marks=tuple(marks),
    )


def _spans(coded: CodedText, where: Path) -> tuple[list[Span | None], list[str]]:
    """Return where each selection is in the text with one line end, by the way of counting that fits."""
    drawn = [one.span for one in coded.selections if one.span is not None]
    if not drawn:
        return [None] * len(coded.selections), []
    chosen, warnings = _fitting(countings(coded.stored, drawn), len(drawn), where)
    at = iter(chosen.spans)
    return [None if one.span is None else next(at) for one in coded.selections], warnings


def _fitting(ways: Sequence[Counting], number: int, where: Path) -> tuple[Counting, list[str]]:
    usual = ways[0]
    best = min(ways, key=lambda way: len(way.inside))  # the usual one, if none is better
    doubtful = len(usual.inside) > 2 or len(usual.inside) > (1 - _AT_EDGES) * number
    if doubtful and best is not usual and len(best.inside) <= (1 - _SURE) * number:
        return best, [
            f"offsets taken as {best.name}: {number - len(best.inside):,} of {number:,} selections then begin"
            f" and end at edges of words, {number - len(usual.inside):,} by the usual counting"
        ]
    if len(usual.inside) > (1 - _AT_EDGES) * number and len(usual.inside) > 2:
        raise RiftError(
            f"{len(usual.inside):,} of {number:,} selections begin or end inside a word or outside the text:"
            " the offsets do not fit this text",
            where=where,
            remedy="export the project again with the texts as they were coded; nothing is taken from it,"
            " since the marks would be on other words",
        )
    if usual.inside:
        return usual, [
            f"{counted(len(usual.inside), 'selection')} beginning or ending inside a word or outside the text"
        ]
    return usual, []


def _mark(one: Selection, span: Span | None, found: TurnSpans, name: str) -> Mark | None:
    code = parse_written(one.code)
    place = f"selection {one.id[:36]} in source {shown(name)}"
    if one.span is None:
        return Mark(one.coder, "session", code.label, code.state, place, value=code.rating)
    turns = None if span is None else found.touched(*span)
    if turns is None:
        return None
    return Mark(one.coder, "turn", code.label, code.state, place, *turns, value=code.rating)
