"""Marks of coders in an ELAN file, and the turns they are on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from rift.readers.code_values import is_label, parse_code
from rift.readers.elan_file import Annotation
from rift.readers.elan_tiers import Reading, of_session
from rift.readers.wording import counted, shown, some
from rift.schema import Mark, State

_MAX_DEPTH = 20
_Key = TypeVar("_Key")


def read_marks(readings: Sequence[Reading], spoken: Sequence[Annotation]) -> tuple[list[Mark], list[str]]:
    """Return the marks in the tiers of coders, in file order, and what was left out.

    Parameters
    ----------
    readings
        All tiers.
    spoken
        The annotations that are turns, in the order of the turns.
    """
    turns = _Turns(readings, spoken)
    marks: list[Mark] = []
    unnamed: list[str] = []
    nowhere: list[str] = []
    for reading in (reading for reading in readings if reading.kind == "codes"):
        crosses = bool(reading.base) and not any(is_label(value) for value in reading.tier.values)
        rated = any((parse_code(value).rating or 0) not in (0, 1) for value in reading.tier.values)
        for one in reading.tier.annotations:
            label, state, rating = _said(reading, one, crosses)
            value = rating if rated or one.value.endswith(")") else None
            place = f"annotation {one.id[:40]} in tier {shown(reading.tier.name)}"
            if label is None and state == "present":
                unnamed.append(one.id)
            elif of_session(reading):
                marks.append(Mark(reading.who, "session", label, state, place, value=value))
            elif run := turns.run(one):
                times = one.start, one.end
                marks.append(Mark(reading.who, "turn", label, state, place, *run, *times, value))
            elif one.start is None or one.end is None:
                nowhere.append(one.id)
            else:
                times = one.start, one.end
                marks.append(Mark(reading.who, "segment", label, state, place, None, None, *times, value))
    return marks, [
        f"{counted(len(ids), 'mark')} without {what} left out: annotation {some([one[:40] for one in ids])}"
        for ids, what in ((unnamed, "a label"), (nowhere, "times"))
        if ids
    ]


def _said(reading: Reading, one: Annotation, crosses: bool) -> tuple[str | None, State, float | None]:
    """Return label, state and rating; the tier names the label of crosses and of empty marks."""
    code = parse_code(one.value)
    takes_base = code.label is None and (crosses or (code.state == "present" and reading.base))
    label = (reading.base or None) if takes_base else code.label
    return label, code.state, code.rating


class _Turns:
    """The turns, found by the annotations that refer to them and by their times."""

    def __init__(self, readings: Sequence[Reading], spoken: Sequence[Annotation]) -> None:
        self._by_id = {one.id: one for reading in readings for one in reading.tier.annotations}
        self._of = {one.id: turn for turn, one in enumerate(spoken)}
        self._spans = _only_once([(one.start, one.end) for one in spoken])
        self._starts = _only_once([one.start for one in spoken])
        self._ends = _only_once([one.end for one in spoken])

    def run(self, one: Annotation) -> tuple[int, int] | None:
        """Return the first and the last turn that a mark is on, None if its time is not that of turns."""
        if one.parent is not None:
            turn = self._above(one)
            return None if turn is None else (turn, turn)
        if one.start is None or one.end is None:
            return None
        if (turn := self._spans.get((one.start, one.end))) is not None:
            return turn, turn
        first, last = self._starts.get(one.start), self._ends.get(one.end)
        return (first, last) if first is not None and last is not None and first <= last else None

    def _above(self, one: Annotation) -> int | None:
        above: Annotation | None = one
        for _ in range(_MAX_DEPTH):
            if above is None or above.parent is None:
                return None
            if above.parent in self._of:
                return self._of[above.parent]
            above = self._by_id.get(above.parent)
        return None


def _only_once(values: Sequence[_Key]) -> dict[_Key, int]:
    """Return the places of the values that are there once: what is there twice tells no turn."""
    times = Counter(values)
    return {value: at for at, value in enumerate(values) if times[value] == 1}
