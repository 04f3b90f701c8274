"""The results of a Label Studio annotation: marks, or selections whose turns are yet to be found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rift.errors import RiftError
from rift.readers.documents import Document, Spoken, whole, whole_number
from rift.readers.label_studio_tasks import Annotation
from rift.readers.offsets import Selection
from rift.readers.wording import shown
from rift.schema import Mark

_MAX_SECONDS = 10**6


@dataclass
class Told:
    """What was left out, by kind, with the places; and what was accepted from a model."""

    left: dict[str, list[str]] = field(default_factory=dict)
    predicted: list[str] = field(default_factory=list)

    def leave(self, kind: str, place: str) -> None:
        """Note that something was left out."""
        self.left.setdefault(kind, []).append(place)


@dataclass(frozen=True, slots=True)
class Pending:
    """A mark whose turns follow from a selection."""

    label: str
    coder: str | None
    place: str
    selection: Selection
    paragraphs: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Here:
    """Whose result is read, and where it stands."""

    coder: str | None
    place: str
    where: str


@dataclass
class Draft:
    """A task while it is read.

    Attributes
    ----------
    document
        What becomes of it.
    said
        The turns of its text, None where it has paragraphs or no text.
    pending
        Marks without turns yet.
    coders, skipped
        Who submitted and who cancelled, with the place of the annotation.
    unread
        Those whose results do not code words, but images or a chat.
    """

    document: Document
    said: Spoken | None
    pending: list[Pending] = field(default_factory=list)
    coders: dict[str | None, str] = field(default_factory=dict)
    skipped: dict[str | None, str] = field(default_factory=dict)
    unread: set[str | None] = field(default_factory=set)


def value_of(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the value of a result, empty if it has none."""
    value = result.get("value")
    return value if isinstance(value, dict) else {}


def read_result(
    result: Mapping[str, Any], annotation: Annotation, draft: Draft, where: str, told: Told
) -> None:
    """Add what a result says to its task: marks, or selections that are to be placed."""
    value = value_of(result)
    kind = str(result.get("type") or "")[:40]
    place = annotation.place + (f", result {str(result['id'])[:40]}" if result.get("id") is not None else "")
    if kind == "chatmessage":
        draft.unread.add(annotation.coder)
        return
    if kind in {"rating", "number"} and "start" not in value:
        number = value.get(kind)
        name = result.get("from_name")
        if (
            isinstance(number, int | float)
            and not isinstance(number, bool)
            and isinstance(name, str)
            and name
        ):
            if not abs(number) <= 1e9:
                raise RiftError(f"a {kind} of {number}", where=f"{where}, {place}", remedy="correct it")
            mark = whole(draft.document, annotation.coder, name, place)
            draft.document.marks.append(
                Mark(
                    mark.coder,
                    mark.unit,
                    name,
                    "present",
                    place,
                    mark.first_turn,
                    mark.last_turn,
                    value=float(number),
                )
            )
            return
    labels = _labels(value, kind)
    if not labels:
        told.leave(f"result without labels of type {kind!r}" if kind else "result without labels", place)
        return
    if "x" in value and "y" in value:
        told.leave("image region", place)
        draft.unread.add(annotation.coder)
        return
    if result.get("origin") == "prediction":
        told.predicted.append(place)
    for label in labels:
        _add(label, value, _Here(annotation.coder, place, where), result, draft)


def _labels(value: Mapping[str, Any], kind: str) -> list[str]:
    """Return the labels of a result; a taxonomy's are paths, of which the last part is the label."""
    found = value.get(kind) if kind else None
    if found is None:
        found = next((value[key] for key in value if key.endswith("labels") or key == "choices"), None)
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list) or kind == "textarea":
        return []
    if kind == "taxonomy":
        found = [path[-1] for path in found if isinstance(path, list) and path]
    labels = [label.strip() for label in found if isinstance(label, str) and label.strip()]
    return list(dict.fromkeys(labels))


def _add(
    label: str,
    value: Mapping[str, Any],
    at: _Here,
    result: Mapping[str, Any],
    draft: Draft,
) -> None:
    full = f"{at.where}, {at.place}"
    coder, place = at.coder, at.place
    if "start" not in value and "globalOffsets" not in value:
        draft.document.marks.append(whole(draft.document, coder, label, place))
        return
    quote = value.get("text") if isinstance(value.get("text"), str) else None
    if "startOffset" in value and draft.said is None:
        first, last = (whole_number(value.get(name), name, full) for name in ("start", "end"))
        if not first <= last < len(draft.document.turns):
            raise RiftError(
                f"paragraphs {first}-{last}, but there are {len(draft.document.turns)}",
                where=full,
                remedy="export tasks and annotations together",
            )
        start, end = (whole_number(value.get(name), name, full) for name in ("startOffset", "endOffset"))
        draft.pending.append(Pending(label, coder, place, Selection(start, end, place, quote), (first, last)))
        return
    if (
        "channel" in value
        or "original_length" in result
        or (draft.said is None and "startOffset" not in value)
    ):
        draft.document.marks.append(_timed(label, value, coder, place, full))
        return
    if draft.said is None:
        raise RiftError(
            "a selection in a text that the task lacks", where=full, remedy="export the tasks' data too"
        )
    offsets = value.get("globalOffsets")
    given = offsets if isinstance(offsets, dict) else value
    start, end = (whole_number(given.get(name), name, full) for name in ("start", "end"))
    draft.pending.append(Pending(label, coder, place, Selection(start, end, place, quote)))


def _timed(label: str, value: Mapping[str, Any], coder: str | None, place: str, full: str) -> Mark:
    times = []
    for name in ("start", "end"):
        given = value.get(name)
        number = given if isinstance(given, int | float) and not isinstance(given, bool) else None
        if number is None or not 0 <= number <= _MAX_SECONDS:
            raise RiftError(f"{name} is {shown(str(given))}, not seconds", where=full, remedy="correct it")
        times.append(float(number))
    if times[1] < times[0]:
        raise RiftError("the end lies before the start", where=full, remedy="correct the region")
    return Mark(coder, "segment", label, "present", place, None, None, times[0], times[1])
