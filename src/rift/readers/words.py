"""Single words with speakers and times, put together to turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rift.readers.wording import counted, numbers
from rift.schema import Turn


@dataclass(frozen=True, slots=True)
class Word:
    """A word as a recogniser gives it; ``attached`` to the one before without a blank, as a comma is."""

    text: str
    speaker: str | None
    start_s: float | None
    end_s: float | None
    attached: bool = False


def turns_of_words(words: Sequence[Word]) -> tuple[Turn, ...]:
    """Return a turn for every run of words of one speaker; a comma or full stop has no speaker of its own."""
    return tuple(_turn(speaker, run) for speaker, run in _runs(words))


def _runs(words: Sequence[Word]) -> Iterator[tuple[str | None, list[Word]]]:
    speakers: list[str | None] = []
    for word in words:
        own = speakers[-1] if word.attached and speakers and word.speaker is None else word.speaker
        speakers.append(own)
    for speaker, run in groupby(zip(speakers, words, strict=True), key=lambda pair: pair[0]):
        yield speaker, [word for _, word in run]


def _turn(speaker: str | None, words: Sequence[Word]) -> Turn:
    text = "".join(word.text if word.attached else f" {word.text}" for word in words).strip()
    starts = [word.start_s for word in words if word.start_s is not None]
    ends = [word.end_s for word in words if word.end_s is not None]
    return Turn(speaker, text, min(starts, default=None), max(ends, default=None))


def untold(turns: Sequence[Turn]) -> list[str]:
    """Return a warning of turns without a time, where others have one."""
    timeless = [number for number, turn in enumerate(turns) if turn.start_s is None]
    if not timeless or len(timeless) == len(turns):
        return []
    return [f"{counted(len(timeless), 'turn')} without a time: turn {numbers(timeless)} (counted from 0)"]
