"""Marks of time spans to marks of turns, by an explicit rule that is reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rift.schema import Mark, Turn

MIN_SHARE = 0.5
"""A span marks a turn when their overlap is at least this share of the shorter of the two."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Aligned:
    """Marks of turns that came of marks of spans; what lay beside the turns; what had no need."""

    marks: tuple[Mark, ...]
    moved: int
    beside: tuple[Mark, ...]


def align_to_turns(marks: Sequence[Mark], turns: Sequence[Turn], offset_s: float = 0.0) -> Aligned:
    """Give marks that have times and no turns the turns that they overlap.

    Parameters
    ----------
    marks
        Those of turns and of whole sessions stay as they are.
    turns
        Of the session. One without an end lasts until the next begins.
    offset_s
        Added to the marks' times: how much later the transcript's clock is than the coders'.

    Returns
    -------
    Aligned
        A mark over turns that do not follow one another becomes several.
    """
    spans = turn_spans(turns)
    kept: list[Mark] = []
    beside: list[Mark] = []
    moved = 0
    for mark in marks:
        if mark.first_turn is not None or mark.start_s is None:
            kept.append(mark)
            continue
        end = mark.start_s if mark.end_s is None else mark.end_s
        covered = _covered((mark.start_s + offset_s, end + offset_s), spans)
        if not covered:
            beside.append(mark)
            continue
        moved += 1
        for first, last in _runs(covered):
            kept.append(replace(mark, unit="turn", first_turn=first, last_turn=last))
    return Aligned(tuple(kept), moved, tuple(beside))


def turn_spans(turns: Sequence[Turn]) -> list[Span | None]:
    """Return begin and end of each turn in seconds; None where its beginning is not known."""
    spans: list[Span | None] = []
    following: float | None = None
    for turn in reversed(turns):
        if turn.start_s is None:
            spans.append(None)
            continue
        end = turn.end_s if turn.end_s is not None else following
        spans.append((turn.start_s, turn.start_s if end is None else max(end, turn.start_s)))
        following = turn.start_s
    return spans[::-1]


def _covered(mark: Span, spans: Sequence[Span | None]) -> list[int]:
    return [number for number, span in enumerate(spans) if span is not None and _fits(mark, span)]


def _fits(mark: Span, turn: Span) -> bool:
    shorter = min(mark[1] - mark[0], turn[1] - turn[0])
    overlap = min(mark[1], turn[1]) - max(mark[0], turn[0])
    if shorter <= 0:  # a moment, not a span: it is in the turn, its end excluded, or it is not
        moment, span = (mark[0], turn) if mark[1] <= mark[0] else (turn[0], mark)
        return span[0] <= moment < span[1] or (span[0] == moment == span[1])
    return overlap >= MIN_SHARE * shorter


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last
