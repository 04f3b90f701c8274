"""Label Studio exports (JSON and JSON-MIN): paragraphs or text, and what each annotator marked."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rift.errors import RiftError
from rift.readers.contract import Source
from rift.readers.documents import (
    Document,
    Spoken,
    ids_in,
    left_out,
    spoken,
    transcripts,
    unmarked,
    whole,
    whole_number,
)
from rift.readers.label_studio_tasks import Annotation, Task, dialogue_of, tasks_in, text_of
from rift.readers.offsets import Selection, located
from rift.readers.wording import counted, shown, some
from rift.schema import Mark, Transcript, Turn

names: tuple[str, ...] = ("label_studio", "labelstudio")
suffixes: tuple[str, ...] = (".json",)

_UNITS = ("UTF-16 units", "code points", "graphemes", "UTF-16 units without CR", "code points without CR")
_TAG = re.compile(r"<[^<>]{0,10000}>")
_MAX_SECONDS = 10**6


@dataclass
class _Told:
    """What was left out, by kind, with the places; and what was accepted from a model."""

    left: dict[str, list[str]] = field(default_factory=dict)
    predicted: list[str] = field(default_factory=list)

    def leave(self, kind: str, place: str) -> None:
        self.left.setdefault(kind, []).append(place)


@dataclass(frozen=True, slots=True)
class _Pending:
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
class _Draft:
    document: Document
    said: Spoken | None
    pending: list[_Pending] = field(default_factory=list)
    coders: dict[str | None, str] = field(default_factory=dict)
    skipped: dict[str | None, str] = field(default_factory=dict)
    unread: set[str | None] = field(default_factory=set)


def sniff(source: Source) -> float:
    """Return 0.95 for tasks with data and annotations, 0.9 for those of JSON-MIN."""
    content = source.json
    first = content[0] if isinstance(content, list) and content else content
    if not isinstance(first, dict):
        return 0.0
    if isinstance(first.get("annotations", first.get("completions")), list) and isinstance(
        first.get("data"), dict
    ):
        return 0.95
    return 0.9 if {"annotation_id", "annotator", "id"} <= set(first) else 0.0


def read(source: Source) -> list[Transcript]:
    """Return a session per task with a dialogue; tasks of one line each are turns of one session."""
    where = source.path
    decoded = source.decode()
    told = _Told()
    drafts = [_draft(task, str(where), told) for task in tasks_in(source.json, str(where))]
    warnings = [*decoded.warnings, *_place_all(drafts, where)]
    for draft in drafts:
        for coder, place in draft.coders.items():
            own = [mark for mark in draft.document.marks if mark.coder == coder]
            if not own and coder in draft.unread:
                continue  # what they marked is no coding of words
            draft.document.marks += unmarked(draft.document, coder, own, place)
        again = [place for coder, place in draft.skipped.items() if coder in draft.coders]
        for place in again:
            told.leave("cancelled annotation beside a submitted one", place)
        draft.document.marks += [
            left_out(draft.document, coder, place)
            for coder, place in draft.skipped.items()
            if coder not in draft.coders
        ]
    cancelled = [place for draft in drafts for place in draft.skipped.values()]
    if cancelled:
        warnings.append(f"{counted(len(cancelled), 'cancelled annotation')}, not coded: {some(cancelled)}")
    if told.predicted:
        warnings.append(
            f"{counted(len(told.predicted), 'mark')} accepted from a model's prediction:"
            f" {some(told.predicted)}"
        )
    warnings += [
        f"{counted(len(places), kind)} left out: {some(places)}" for kind, places in told.left.items()
    ]
    return transcripts([draft.document for draft in drafts], where, warnings)


def _draft(task: Task, where: str, told: _Told) -> _Draft:
    turns = dialogue_of(task, where)
    said = None
    if turns is None and not any(result.get("type") == "chatmessage" for _, result in _results(task)):
        kinds = {str(result.get("type")) for _, result in _results(task)}
        text = text_of(task)
        if "hypertextlabels" in kinds:
            text = html.unescape(_TAG.sub("", text))
        said = spoken(text) if text.strip() else None
        turns = said.turns if said else None
    if not turns:
        turns = tuple(_chat(task))
    draft = _Draft(Document(task.name, turns or (), ids_in(task.data, task.meta)), said)
    if task.predictions:
        told.leave("prediction", f"task {task.name}")
    for annotation in task.annotations:
        if annotation.cancelled:
            draft.skipped[annotation.coder] = annotation.place
            continue
        draft.coders[annotation.coder] = annotation.place
        if annotation.results:
            draft.unread.add(annotation.coder)
        for result in annotation.results:
            _read_result(result, annotation, draft, where, told)
    return draft


def _results(task: Task) -> Iterator[tuple[Annotation, Mapping[str, Any]]]:
    for annotation in task.annotations:
        for result in annotation.results:
            yield annotation, result


def _chat(task: Task) -> Iterator[Turn]:
    """Yield the messages of a chat that was led while annotating."""
    for annotation in task.annotations[:1]:
        for result in annotation.results:
            message = _value(result).get("chatmessage")
            if isinstance(message, dict) and isinstance(message.get("content"), str):
                role = message.get("role")
                yield Turn(role if isinstance(role, str) and role.strip() else None, message["content"])


def _value(result: Mapping[str, Any]) -> Mapping[str, Any]:
    value = result.get("value")
    return value if isinstance(value, dict) else {}


def _read_result(
    result: Mapping[str, Any], annotation: Annotation, draft: _Draft, where: str, told: _Told
) -> None:
    value = _value(result)
    kind = str(result.get("type") or "")[:40]
    place = annotation.place + (f", result {str(result['id'])[:40]}" if result.get("id") is not None else "")
    if kind == "chatmessage":
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
    draft: _Draft,
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
        draft.pending.append(
            _Pending(label, coder, place, Selection(start, end, place, quote), (first, last))
        )
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
    draft.pending.append(_Pending(label, coder, place, Selection(start, end, place, quote)))


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


def _place_all(drafts: list[_Draft], where: object) -> list[str]:
    """Give selections their turns, by the unit of offsets that fits all of them."""
    texts: list[tuple[str, list[Selection]]] = []
    for draft in drafts:
        for one in draft.pending:
            if one.paragraphs is None:
                continue
            first, last = one.paragraphs
            pick, turns = one.selection, draft.document.turns
            if first == last:
                texts.append((turns[first].text, [pick]))
            else:  # the quotation runs over both, so that each end is proved by its edge
                texts.append((turns[first].text, [Selection(pick.start, pick.start, pick.place)]))
                texts.append((turns[last].text, [Selection(pick.end, pick.end, pick.place)]))
    plain = [draft for draft in drafts if draft.said is not None]
    for draft in plain:
        texts.append((draft.said.text if draft.said else "", [one.selection for one in draft.pending]))
    spans, told = located(texts, where, _UNITS)
    placed = dict(zip(map(id, plain), spans[len(spans) - len(plain) :], strict=True))
    blank: Counter[str] = Counter()
    for draft in drafts:
        for i, one in enumerate(draft.pending):
            turns_of = one.paragraphs
            if turns_of is None and draft.said is not None:
                turns_of = draft.said.covered(*placed[id(draft)][i])
            if turns_of is None:
                blank[one.place] += 1
                continue
            draft.document.marks.append(Mark(one.coder, "turn", one.label, "present", one.place, *turns_of))
    if blank:
        told.append(f"{counted(blank.total(), 'selection')} of blanks alone left out: {some(list(blank))}")
    return told
