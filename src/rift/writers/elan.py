"""ELAN files: a tier per speaker, a tier per coder, and one of the model's marks.

ELAN allows no two annotations at once in one tier. Turns or marks that overlap go into a further
tier of the same speaker or coder. `rift.readers.elan` reads all of it back.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from rift.errors import RiftError
from rift.manifest import whole_file
from rift.readers.code_values import write_code
from rift.readers.elan_file import Tier
from rift.readers.elan_tiers import read_tiers
from rift.schema import Mark, Transcript
from rift.writers.marks import all_marks, turns_of, writable

_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_CONSTRAINTS = (
    ("Time_Subdivision", "Time subdivision of parent annotation's time interval, no time gaps allowed"),
    ("Symbolic_Subdivision", "Symbolic subdivision of a parent annotation"),
    ("Symbolic_Association", "1-1 association with a parent annotation"),
    ("Included_In", "Time alignable annotations within the parent annotation's time interval"),
)
_MAX_MS = 9_999_999_999

_Span = tuple[int, int, str]


@dataclass(slots=True)
class _Tier:
    """A tier to be written: begin and end in milliseconds, and value."""

    name: str
    type: str
    participant: str = ""
    annotator: str = ""
    spans: list[_Span] = field(default_factory=list)


def write(transcript: Transcript, path: Path, model: Sequence[Mark] = ()) -> None:
    """Write a session with its marks as an ELAN file, whole or not at all.

    A turn without an end lasts until the next one begins. A mark of turns has their time.

    Parameters
    ----------
    transcript
        Each turn needs a start.
    path
        The ``.eaf`` file.
    model
        Marks of a model, written as those of one more coder.

    Raises
    ------
    RiftError
        Turns or marks have no times, or times below 0.
    """
    marks = all_marks(transcript, model)
    times = _turn_times(transcript)
    tiers = [*_speech(transcript, times), *_codes(transcript, marks, times)]
    content = etree.tostring(_document(tiers), xml_declaration=True, encoding="UTF-8", pretty_print=True)
    with whole_file(path) as aside:
        aside.write_bytes(content)


def _milliseconds(seconds: float, place: str, transcript: Transcript) -> int:
    if not 0 <= seconds <= _MAX_MS / 1000:
        raise RiftError(f"{place}: {seconds:g} s is no time in a session", where=transcript.source)
    return round(seconds * 1000)


def _turn_times(transcript: Transcript) -> list[tuple[int, int]]:
    """Return begin and end of each turn in milliseconds."""
    begins = []
    for number, turn in enumerate(transcript.turns):
        if turn.start_s is None:
            raise RiftError(
                f"turn {number} (counted from 0) has no time, which ELAN needs",
                where=transcript.source,
                remedy="write it as REFI-QDA (.qdpx), which needs no times",
            )
        begins.append(_milliseconds(turn.start_s, f"turn {number}", transcript))
    times = []
    for number, (turn, begin) in enumerate(zip(transcript.turns, begins, strict=True)):
        if turn.end_s is not None:
            end = _milliseconds(turn.end_s, f"turn {number}", transcript)
        else:
            end = begins[number + 1] if number + 1 < len(begins) else begin + 1000
        times.append((begin, max(end, begin + 1)))
    return times


def _speech(transcript: Transcript, times: Sequence[tuple[int, int]]) -> list[_Tier]:
    spans: dict[str | None, list[_Span]] = {}
    for turn, (begin, end) in zip(transcript.turns, times, strict=True):
        speaker = None if turn.speaker is None else writable(turn.speaker).strip() or None
        spans.setdefault(speaker, []).append((begin, end, writable(turn.text)))
    tiers: list[_Tier] = []
    for speaker, said in spans.items():
        name = "speech" if speaker is None else _speech_name(speaker)
        for number, lane in enumerate(_lanes(said), 1):
            # Behind an @ a number would be taken for part of the name.
            own = name.replace("speech@", f"speech {number}@", 1) if number > 1 else name
            tiers.append(_Tier(_free(own, tiers), "speech", participant=speaker or "", spans=lane))
    return tiers


def _speech_name(speaker: str) -> str:
    """Return the tier of a speaker: the name, or ``speech@NAME`` where it would read like something else."""
    read = read_tiers([Tier(speaker, speaker, "", None, "speech")])[0]
    return speaker if read.kind == "speech" and "@" not in speaker else f"speech@{speaker}"


def _codes(transcript: Transcript, marks: Sequence[Mark], times: Sequence[tuple[int, int]]) -> list[_Tier]:
    spans: dict[tuple[str, str | None], list[_Span]] = {}
    for mark in marks:
        coder = None if mark.coder is None else writable(mark.coder).strip() or None
        base = "session codes" if mark.unit == "session" else "codes"
        begin, end = _mark_times(mark, transcript, times)
        value = write_code(None if mark.label is None else writable(mark.label), mark.state, mark.value)
        spans.setdefault((base, coder), []).append((begin, max(end, begin + 1), value))
    tiers: list[_Tier] = []
    for (base, coder), said in spans.items():
        for number, lane in enumerate(_lanes(said), 1):
            name = (base if number == 1 else f"{base} {number}") + ("" if coder is None else f"@{coder}")
            tiers.append(_Tier(_free(name, tiers), "codes", annotator=coder or "", spans=lane))
    return tiers


def _mark_times(mark: Mark, transcript: Transcript, times: Sequence[tuple[int, int]]) -> tuple[int, int]:
    first, last = turns_of(mark)
    if mark.unit == "session":
        return min((begin for begin, _ in times), default=0), max((end for _, end in times), default=1)
    if first is not None and last is not None:
        return times[first][0], times[last][1]
    if mark.start_s is None or mark.end_s is None:
        raise RiftError(f"{mark.place}: a mark without turns or times", where=transcript.source)
    return (
        _milliseconds(mark.start_s, mark.place, transcript),
        _milliseconds(mark.end_s, mark.place, transcript),
    )


def _lanes(spans: Sequence[_Span]) -> list[list[_Span]]:
    """Share spans out so that no two in a lane overlap: as few lanes as there are at once."""
    lanes: list[list[_Span]] = []
    free: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda one: one[0]):
        if free and free[0][0] <= span[0]:
            lane = heapq.heappop(free)[1]
        else:
            lane = len(lanes)
            lanes.append([])
        lanes[lane].append(span)
        heapq.heappush(free, (span[1], lane))
    return lanes


def _free(name: str, tiers: Sequence[_Tier]) -> str:
    taken = {tier.name for tier in tiers}
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free


def _document(tiers: Sequence[_Tier]) -> etree._Element:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    root = etree.Element(
        "ANNOTATION_DOCUMENT",
        {"AUTHOR": "RIFT", "DATE": now, "FORMAT": "3.0", "VERSION": "3.0"},
        nsmap={"xsi": _INSTANCE},
    )
    root.set(f"{{{_INSTANCE}}}noNamespaceSchemaLocation", _SCHEMA)
    header = etree.SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    order = etree.SubElement(root, "TIME_ORDER")
    boundaries = sorted({time for tier in tiers for begin, end, _ in tier.spans for time in (begin, end)})
    slots = {time: f"ts{number}" for number, time in enumerate(boundaries, 1)}
    for time, slot in slots.items():
        etree.SubElement(order, "TIME_SLOT", TIME_SLOT_ID=slot, TIME_VALUE=str(time))
    number = 0
    for tier in tiers:
        element = etree.SubElement(root, "TIER", TIER_ID=tier.name, LINGUISTIC_TYPE_REF=tier.type)
        if tier.participant:
            element.set("PARTICIPANT", tier.participant)
        if tier.annotator:
            element.set("ANNOTATOR", tier.annotator)
        for begin, end, value in tier.spans:
            number += 1
            holder = etree.SubElement(etree.SubElement(element, "ANNOTATION"), "ALIGNABLE_ANNOTATION")
            holder.set("ANNOTATION_ID", f"a{number}")
            holder.set("TIME_SLOT_REF1", slots[begin])
            holder.set("TIME_SLOT_REF2", slots[end])
            etree.SubElement(holder, "ANNOTATION_VALUE").text = value
    etree.SubElement(header, "PROPERTY", NAME="lastUsedAnnotationId").text = str(number)
    for name in ("speech", "codes"):
        etree.SubElement(
            root,
            "LINGUISTIC_TYPE",
            LINGUISTIC_TYPE_ID=name,
            TIME_ALIGNABLE="true",
            GRAPHIC_REFERENCES="false",
        )
    for name, description in _CONSTRAINTS:
        etree.SubElement(root, "CONSTRAINT", STEREOTYPE=name, DESCRIPTION=description)
    return root
