"""BORIS exports of coded events: tabular (START, STOP, POINT) and aggregated (start and stop in a row)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rift.errors import RiftError
from rift.readers.contract import Source
from rift.readers.grid import Row
from rift.readers.known_columns import Wanted, cell, has_header, matched, table_below
from rift.readers.times import parse_seconds
from rift.readers.wording import counted, numbers, shown, some
from rift.schema import Mark, Transcript

names: tuple[str, ...] = ("boris",)
suffixes: tuple[str, ...] = (".csv", ".tsv", ".xlsx")

_WANTED: Wanted = {
    "observation": ("observationid", "observation"),
    "patient": ("patientid", "patient", "client", "clientid"),
    "coder": ("coder", "coderid", "rater", "observer", "annotator", "codedby"),
    "subject": ("subject",),
    "behavior": ("behavior", "behaviour"),
    "category": ("behavioralcategory", "behaviouralcategory"),
    "modifier": ("modifiers", "modifier", "modifier1"),
    "kind": ("behaviortype", "behaviourtype", "status", "type"),
    "time": ("time", "times", "timerelative"),
    "start": ("starts", "start"),
    "stop": ("stops", "stop"),
    "media": ("mediafilepath", "mediafilename", "mediafile", "source", "observationtype"),
    "fps": ("fps", "fpsframess", "fpsframesecond"),
    "length": ("totallength", "mediadurations", "observationduration", "observationdurations"),
}
_SIGNS = ("observation", "subject", "category", "modifier", "kind", "media", "fps", "length")
_STOPS = frozenset({"stop", "end"})
_STARTS = frozenset({"start", "begin"})
_POINTS = frozenset({"point", "point event"})

Event = tuple[str, str, str]


@dataclass
class _Session:
    """The marks of an observation, and the starts in it that wait for their stop."""

    marks: list[Mark] = field(default_factory=list)
    waiting: dict[Event, list[int]] = field(default_factory=dict)


def sniff(source: Source) -> float:
    """Return 0.95 where a header has behaviours and their times as BORIS writes them."""
    return 0.95 if has_header(source, _fits) else 0.0


def _fits(header: Sequence[str]) -> bool:
    found = matched(header, _WANTED)
    timed = ("time" in found and "kind" in found) or ("start" in found and "stop" in found)
    return timed and "behavior" in found and sum(name in found for name in _SIGNS) >= 3


def read(source: Source) -> list[Transcript]:
    """Return the marks of each observation; a start without its stop has no end."""
    where = source.path
    table = table_below(source, _fits)
    at = matched(table.header, _WANTED)
    if "behavior" not in at or not ("time" in at or {"start", "stop"} <= set(at)):
        raise RiftError(
            "there are no columns for behaviours and their times",
            where=where,
            remedy="export tabular or aggregated events from BORIS",
        )
    sessions: dict[tuple[str | None, str | None], _Session] = {}
    open_ended: list[int] = []
    lone: list[int] = []
    modified: dict[str, None] = {}
    for row in table.rows:
        label = cell(row, at, "behavior")
        if label is None:
            raise RiftError(
                "an event without a behaviour", where=f"{where}, row {row.number}", remedy="fill it in"
            )
        session = sessions.setdefault((cell(row, at, "patient"), cell(row, at, "observation")), _Session())
        if modifier := cell(row, at, "modifier"):
            modified.setdefault(modifier)
        if "start" in at and "stop" in at:
            mark = _aggregated(row, at, label, str(where))
            session.marks.append(mark)
        elif not _event(row, at, label, session, str(where)):
            lone.append(row.number)
    for session in sessions.values():
        open_ended += [int(one.place.removeprefix("row ")) for one in session.marks if one.end_s is None]
    told = list(table.warnings)
    if open_ended:
        rows = numbers(sorted(open_ended))
        told.append(f"{counted(len(open_ended), 'start')} without a stop, kept without an end: row {rows}")
    if lone:
        told.append(f"{counted(len(lone), 'stop')} without a start left out: row {numbers(lone)}")
    if modified:
        told.append(f"modifiers are not read: {some([shown(one) for one in modified])}")
    return [
        Transcript((), str(where), *ids, tuple(told) if i == 0 else (), None, tuple(session.marks))
        for i, (ids, session) in enumerate(sessions.items())
    ]


def _aggregated(row: Row, at: Mapping[str, int], label: str, where: str) -> Mark:
    start = _seconds(row, at, "start", where)
    stop = _seconds(row, at, "stop", where) if cell(row, at, "stop") else None
    if start is not None and stop is not None and stop < start:
        raise RiftError(
            f"the stop ({stop:g} s) lies before the start ({start:g} s)",
            where=f"{where}, row {row.number}",
            remedy="correct the event in BORIS and export it anew",
        )
    return Mark(
        cell(row, at, "coder"), "segment", label, "present", f"row {row.number}", None, None, start, stop
    )


def _event(row: Row, at: Mapping[str, int], label: str, session: _Session, where: str) -> bool:
    """Note an event; False if it is a stop that nothing started."""
    kind = (cell(row, at, "kind") or "").casefold()
    time = _seconds(row, at, "time", where)
    coder = cell(row, at, "coder")
    key = (label, cell(row, at, "subject") or "", coder or "")
    waiting = session.waiting.setdefault(key, [])
    if kind in _STOPS:
        if not waiting:
            return False
        index = waiting.pop()
        begun = session.marks[index]
        if begun.start_s is not None and time < begun.start_s:
            raise RiftError(
                "a stop before its start",
                where=f"{where}, row {row.number}",
                remedy="sort the events by time",
            )
        session.marks[index] = Mark(
            begun.coder, "segment", label, "present", begun.place, None, None, begun.start_s, time
        )
        return True
    if kind not in _STARTS and kind not in _POINTS:
        raise RiftError(
            f"{shown(kind)} is neither START, STOP nor POINT",
            where=f"{where}, row {row.number}",
            remedy="export tabular events from BORIS anew",
        )
    end = time if kind in _POINTS else None
    if kind in _STARTS:
        waiting.append(len(session.marks))
    session.marks.append(Mark(coder, "segment", label, "present", f"row {row.number}", None, None, time, end))
    return True


def _seconds(row: Row, at: Mapping[str, int], name: str, where: str) -> float:
    text = cell(row, at, name) or ""
    seconds = parse_seconds(text)
    if seconds is None:
        raise RiftError(
            f"{shown(text)} is no time",
            where=f"{where}, row {row.number}",
            remedy="export the times in seconds",
        )
    return seconds
