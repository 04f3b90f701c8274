"""Texts that a program for annotation holds, as sessions: their turns, and marks by character offsets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rift.errors import RiftError
from rift.readers.labels import accepted_labels, candidate, label_key, running_bases, spoken_name
from rift.readers.times import is_missing, parse_seconds
from rift.readers.wording import shown
from rift.schema import Mark, Transcript, Turn

_PATIENT = ("patientid", "patient", "clientid", "client", "caseid", "case")
_SESSION = (
    "sessionid",
    "session",
    "transcriptid",
    "conversationid",
    "dialogueid",
    "sitzung",
    "filename",
    "file",
)
_MAX_ID = 80

Ids = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The turns of a text and where each lies in it, in code points, the end exclusive."""

    text: str
    turns: tuple[Turn, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def covered(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the first and the last turn that a selection touches; None if it holds blanks alone."""
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        first = bisect_right(self.ends, start)
        last = bisect_left(self.starts, max(end, start + 1)) - 1
        return (first, last) if first <= last else None


def spoken(text: str) -> Spoken:
    """Return the turns of a text: a line each, or from label to label where lines have speakers."""
    lines: list[tuple[int, str]] = []
    at = 0
    for line in text.split("\n"):
        if line.strip():
            lines.append((at, line))
        at += len(line) + 1
    found = [candidate(line.strip()) for _, line in lines]
    accepted = accepted_labels(found)
    running = running_bases(one.label for one in found if one is not None)
    turns: list[Turn] = []
    spans: list[tuple[int, int]] = []
    parts: list[list[str]] = []
    labelled = False
    for (start, line), one in zip(lines, found, strict=True):
        end = start + len(line)
        if one is not None and label_key(one.label, running) in accepted:
            labelled = True
            stamp = parse_seconds(one.stamp.strip("[](){}# ")) if one.stamp else None
            turns.append(Turn(spoken_name(one.label, running), "", stamp))
            parts.append([one.text])
        elif labelled:
            parts[-1].append(line.strip())
            spans[-1] = (spans[-1][0], end)
            continue
        else:
            turns.append(Turn(None, ""))
            parts.append([line.strip()])
        spans.append((start, end))
    said = tuple(
        replace(turn, text="\n".join(part for part in texts if part))
        for turn, texts in zip(turns, parts, strict=True)
    )
    return Spoken(text, said, tuple(start for start, _ in spans), tuple(end for _, end in spans))


@dataclass
class Document:
    """A text of a project: what is spoken in it and what coders marked, turns counted within it."""

    name: str
    turns: tuple[Turn, ...]
    ids: Ids = (None, None)
    marks: list[Mark] = field(default_factory=list)


def whole(document: Document, coder: str | None, label: str | None, place: str) -> Mark:
    """Return a present mark of a whole document: of its turn if it has but one, else of the session."""
    if len(document.turns) == 1:
        return Mark(coder, "turn", label, "present", place, 0, 0)
    return Mark(coder, "session", label, "present", place)


def left_out(document: Document, coder: str | None, place: str) -> Mark:
    """Return what says that a coder did not code a document."""
    if document.turns:
        return Mark(coder, "turn", None, "not_coded", place, 0, len(document.turns) - 1)
    return Mark(coder, "session", None, "not_coded", place)


def unmarked(document: Document, coder: str | None, own: Iterable[Mark], place: str) -> list[Mark]:
    """Return what says that a coder looked at all turns and marked nothing in those without a mark."""
    marks = list(own)
    touched = bytearray(len(document.turns))
    for mark in marks:
        if mark.first_turn is not None and mark.last_turn is not None:
            count = mark.last_turn + 1 - mark.first_turn
            touched[mark.first_turn : mark.last_turn + 1] = b"\x01" * count
    if not document.turns:
        return [] if marks else [Mark(coder, "session", None, "absent", place)]
    found: list[Mark] = []
    start = touched.find(0)
    while start >= 0:
        end = touched.find(1, start)
        last = (len(touched) if end < 0 else end) - 1
        found.append(Mark(coder, "turn", None, "absent", place, start, last))
        start = touched.find(0, last + 1)
    return found


def ids_in(*records: Any) -> Ids:
    """Return patient and session where a record's fields name them."""
    found: dict[str, str] = {}
    for record in records:
        for key, value in record.items() if isinstance(record, Mapping) else ():
            if isinstance(value, str | int) and not isinstance(value, bool):
                text = str(value).strip()
                if not is_missing(text) and len(text) <= _MAX_ID:
                    found.setdefault("".join(c for c in str(key).casefold() if c.isalnum()), text)
    patient = next((found[key] for key in _PATIENT if key in found), None)
    return patient, next((found[key] for key in _SESSION if key in found), None)


def transcripts(documents: Sequence[Document], where: object, told: Sequence[str]) -> list[Transcript]:
    """Return the sessions of a project.

    Documents of one turn are the turns of a session, by the ids that they name; of several turns, each
    document is a session, by its name where it names none.
    """
    single = all(len(document.turns) <= 1 for document in documents)
    sessions: dict[Ids, list[Document]] = {}
    for document in documents:
        ids = document.ids
        if not single and ids[1] is None and len(documents) > 1:
            ids = (ids[0], document.name)
        sessions.setdefault(ids, []).append(document)
    found: list[Transcript] = []
    for i, (ids, parts) in enumerate(sessions.items()):
        turns: list[Turn] = []
        marks: list[Mark] = []
        for part in parts:
            marks += [_moved(mark, len(turns)) for mark in part.marks]
            turns += part.turns
        found.append(
            Transcript(tuple(turns), str(where), *ids, tuple(told) if i == 0 else (), None, tuple(marks))
        )
    return found


def _moved(mark: Mark, by: int) -> Mark:
    if mark.first_turn is None or mark.last_turn is None:
        return mark
    return replace(mark, first_turn=mark.first_turn + by, last_turn=mark.last_turn + by)


def whole_number(value: Any, what: str, where: str) -> int:
    """Return a number that a file writes as a number or as text; RiftError if it is none."""
    if isinstance(value, str) and len(value) < 12 and value.strip().isdecimal():
        return int(value)
    if isinstance(value, float) and value.is_integer() and 0 <= value < 1e9:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return value
    raise RiftError(
        f"{what} is {shown(str(value))}, not a whole number", where=where, remedy="export the project anew"
    )
