"""The tasks of a Label Studio export, whatever its variant: data and annotations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rift.errors import RiftError
from rift.schema import Turn

_TEXT_KEYS = (
    "text",
    "utterance",
    "content",
    "message",
    "dialogue",
    "transcript",
    "sentence",
    "phrase",
    "value",
)
_NAME_KEYS = ("author", "speaker", "role", "name", "who", "user", "participant", "from")
_START_KEYS, _END_KEYS = ("start", "start_s", "start_time"), ("end", "end_s", "end_time")
_MIN_KEYS = frozenset(
    {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "completed_by"}
)
_REMEDY = "export the project from Label Studio as JSON"


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one annotator submitted, or cancelled, for a task."""

    coder: str | None
    cancelled: bool
    place: str
    results: tuple[Mapping[str, Any], ...]


@dataclass
class Task:
    """A task: its data and its annotations."""

    name: str
    data: Mapping[str, Any]
    meta: Any = None
    annotations: list[Annotation] = field(default_factory=list)
    predictions: int = 0


def tasks_in(content: Any, where: str) -> list[Task]:
    """Return the tasks of an export; RiftError if this is none."""
    records = content if isinstance(content, list) else [content]
    if not records or not all(isinstance(record, dict) for record in records):
        raise RiftError("this is no export of Label Studio: not a list of tasks", where=where, remedy=_REMEDY)
    if all("annotation_id" in record and "annotations" not in record for record in records):
        return _minimal(records, where)
    return [_task(record, number, where) for number, record in enumerate(records, 1)]


def _task(record: Mapping[str, Any], number: int, where: str) -> Task:
    name = _name(record.get("id"), number)
    data = record.get("data")
    annotations = record.get("annotations", record.get("completions"))
    if not isinstance(data, dict) or not isinstance(annotations, list):
        raise RiftError("a task without data or annotations", where=f"{where}, task {name}", remedy=_REMEDY)
    predictions = record.get("predictions")
    count = len(predictions) if isinstance(predictions, list) else 0
    task = Task(name, data, record.get("meta"), predictions=count)
    for i, annotation in enumerate(annotations, 1):
        place = f"task {name}, annotation {i}"
        if not isinstance(annotation, dict):
            raise RiftError("an annotation without content", where=f"{where}, {place}", remedy=_REMEDY)
        place = f"task {name}, annotation {_name(annotation.get('id'), i)}"
        results = annotation.get("result")
        cancelled = annotation.get("was_cancelled", annotation.get("skipped", False))
        if not isinstance(cancelled, bool | None):
            raise RiftError(
                "was_cancelled is neither true nor false", where=f"{where}, {place}", remedy=_REMEDY
            )
        if results is None and cancelled:
            results = []
        if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
            raise RiftError(
                "an annotation without a list of results", where=f"{where}, {place}", remedy=_REMEDY
            )
        task.annotations.append(
            Annotation(_coder(annotation.get("completed_by")), bool(cancelled), place, tuple(results))
        )
    return task


def _name(value: Any, number: int) -> str:
    return str(value)[:40] if isinstance(value, str | int) and str(value).strip() else str(number)


def _coder(value: Any) -> str | None:
    """Return who annotated: the id, in either way that it is written, else the address."""
    if isinstance(value, dict):
        value = next((value[key] for key in ("id", "email", "username") if value.get(key) is not None), None)
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value).strip()[:100] or None
    return None


def _minimal(records: Sequence[Mapping[str, Any]], where: str) -> list[Task]:
    """Return the tasks of JSON-MIN, which repeats a task for each of its annotations."""
    tasks: dict[str, Task] = {}
    for number, record in enumerate(records, 1):
        name = _name(record.get("id"), number)
        results: list[dict[str, Any]] = []
        data: dict[str, Any] = {}
        for key, value in record.items():
            found = _results_in(key, value)
            if found:
                results += found
            elif key not in _MIN_KEYS:
                data[key] = value
        place = f"task {name}, annotation {_name(record.get('annotation_id'), number)}"
        coder = _coder(record.get("annotator", record.get("completed_by")))
        task = tasks.setdefault(name, Task(name, data))
        task.annotations.append(Annotation(coder, False, place, tuple(results)))
    return list(tasks.values())


def _results_in(name: str, value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict) and isinstance(value.get("choices"), list):
        return [{"type": "choices", "from_name": name, "value": value}]
    if not isinstance(value, list) or not value:
        return []
    found = []
    for one in value:
        kind = (
            next((key for key in one if str(key).endswith("labels")), None) if isinstance(one, dict) else None
        )
        if kind is None:
            return []
        found.append({"type": kind, "from_name": name, "value": one})
    return found


def dialogue_of(task: Task, where: str) -> tuple[Turn, ...] | None:
    """Return the paragraphs of a task as turns; None where it has no list of them."""
    lists = [
        value
        for value in task.data.values()
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
    ]
    best = max(lists, key=len, default=None)
    if best is None:
        return None
    keys = [key for key in _TEXT_KEYS if all(isinstance(one.get(key), str) for one in best)]
    if not keys:
        raise RiftError(
            "paragraphs without a text", where=f"{where}, task {task.name}", remedy="name it text"
        )
    return tuple(_turn(one, keys[0]) for one in best)


def _turn(paragraph: Mapping[str, Any], key: str) -> Turn:
    name = next((paragraph[one] for one in _NAME_KEYS if isinstance(paragraph.get(one), str)), "")
    start, end = (_seconds(paragraph, keys) for keys in (_START_KEYS, _END_KEYS))
    return Turn(name.strip() or None, paragraph[key], start, end)


def _seconds(paragraph: Mapping[str, Any], keys: Sequence[str]) -> float | None:
    for key in keys:
        value = paragraph.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9:
            return float(value) if math.isfinite(value) else None
    return None


def text_of(task: Task) -> str:
    """Return the text of a task: under a name that texts have, else the longest."""
    texts = {key: value for key, value in task.data.items() if isinstance(value, str)}
    named = next((texts[key] for key in _TEXT_KEYS if key in texts), None)
    if named is not None:
        return named
    spoken = [value for value in texts.values() if " " in value.strip() and "://" not in value[:12]]
    return max(spoken, key=len, default="")
