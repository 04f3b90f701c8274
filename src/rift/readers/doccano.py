"""doccano exports (JSON lines): texts with labelled selections or labels of the whole."""

from __future__ import annotations

from typing import Any

from rift.errors import RiftError
from rift.readers.annotated_text import AnnotatedText, Coded, Said, sessions_of
from rift.readers.contract import Source
from rift.readers.documents import ids_in, whole_number
from rift.readers.json_lines import Record, first_record, records_in
from rift.readers.offsets import Selection
from rift.readers.wording import counted, some
from rift.schema import Transcript

names: tuple[str, ...] = ("doccano",)
suffixes: tuple[str, ...] = (".jsonl", ".json", ".json1")

_TEXTS = ("text", "data")
_LABELS = ("label", "labels", "cats", "entities", "annotations", "spans")
_FOREIGN = frozenset({"answer", "words", "segments", "utterances", "results", "annotation_id"})
"""What other programs write beside a text."""

_REMEDY = "export the project from doccano as JSONL"


def sniff(source: Source) -> float:
    """Return 0.9 where the first object has a text and labels as doccano writes them."""
    record = first_record(source)
    if _FOREIGN & set(record) or not any(isinstance(record.get(key), str) for key in _TEXTS):
        return 0.0
    lists = [record[key] for key in _LABELS if isinstance(record.get(key), list)]
    return 0.9 if lists and all(_is_label(one) for found in lists for one in found[:20]) else 0.0


def _is_label(one: Any) -> bool:
    if isinstance(one, dict):
        return "label" in one and ("start_offset" in one or "user" in one or "start" in one)
    return isinstance(one, str) or (isinstance(one, list) and len(one) == 3)


def read(source: Source) -> list[Transcript]:
    """Return texts of one line as the turns of a session, else a session per text."""
    where = str(source.path)
    told = list(source.decode().warnings)
    texts: list[AnnotatedText] = []
    relations: list[str] = []
    for place, record in records_in(source):
        text = next((record[key] for key in _TEXTS if isinstance(record.get(key), str)), None)
        if text is None:
            raise RiftError("there is no text", where=f"{where}, {place}", remedy=_REMEDY)
        name = record.get("id")
        one = AnnotatedText(
            str(name)[:40] if isinstance(name, str | int) else place, text, ids_in(record, record.get("meta"))
        )
        one.coders = _coded(record, place, where)
        texts.append(one)
        if record.get("relations"):
            relations.append(place)
    if relations:
        told.append(f"relations of {counted(len(relations), 'text')} left out: {some(relations)}")
    return sessions_of(texts, where, told)


def _coded(record: Record, place: str, where: str) -> list[Coded]:
    """Return what each user said; an empty list of labels says that there is nothing to be found."""
    keys = [key for key in _LABELS if key in record]
    if not keys:
        return [Coded(None, place, coded=False)]
    by_coder: dict[str | None, Coded] = {}
    for key in keys:
        labels = record[key]
        if isinstance(labels, str):
            labels = [labels]
        if not isinstance(labels, list):
            raise RiftError(f"{key} is no list of labels", where=f"{where}, {place}", remedy=_REMEDY)
        for label in labels:
            user = label.get("user") if isinstance(label, dict) else None
            coder = str(user)[:100] if isinstance(user, str | int) and not isinstance(user, bool) else None
            coded = by_coder.setdefault(coder, Coded(coder, place))
            said = _said(label, place, f"{where}, {place}")
            if said not in coded.said:
                coded.said.append(said)
    return list(by_coder.values()) or [Coded(None, place)]


def _said(label: Any, place: str, where: str) -> Said:
    if isinstance(label, str) and label.strip():
        return Said(label.strip(), "present")
    if isinstance(label, dict):
        start = label.get("start_offset", label.get("start"))
        name, given = label.get("label"), (start, label.get("end_offset", label.get("end")))
        if given == (None, None) and isinstance(name, str | int) and not isinstance(name, bool):
            return Said(str(name).strip() or "label", "present")
    elif isinstance(label, list) and len(label) == 3:
        name, given = label[2], (label[0], label[1])
    else:
        raise RiftError("a label that is neither a name nor a selection", where=where, remedy=_REMEDY)
    if not isinstance(name, str) or not name.strip():
        raise RiftError("a selection without the name of its label", where=where, remedy=_REMEDY)
    start, end = (whole_number(value, "an offset", where) for value in given)
    return Said(name.strip(), "present", Selection(start, end, place))
