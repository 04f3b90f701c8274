"""Prodigy exports (JSON lines): what each annotator answered of a text; an ignored one is not coded."""

from __future__ import annotations

import re
from typing import Any

from rift.errors import RiftError
from rift.readers.annotated_text import AnnotatedText, Coded, Said, sessions_of
from rift.readers.contract import Source
from rift.readers.documents import ids_in, whole_number
from rift.readers.json_lines import Record, first_record, records_in
from rift.readers.offsets import Selection
from rift.readers.wording import shown
from rift.schema import State, Transcript

names: tuple[str, ...] = ("prodigy",)
suffixes: tuple[str, ...] = (".jsonl", ".json")

_ANSWERS = frozenset({"accept", "reject", "ignore"})
_BY_TIME = re.compile(r"(?:.{0,60}-)?\d{4}-\d{2}-\d{2}[_T ]\d{2}[-:]\d{2}.{0,20}")
_REMEDY = "export the data set with prodigy db-out"


def sniff(source: Source) -> float:
    """Return 0.95 where the first object has a text and an answer, or Prodigy's own marks."""
    record = first_record(source)
    if not isinstance(record.get("text"), str):
        return 0.0
    answered = isinstance(record.get("answer"), str) and record["answer"] in _ANSWERS
    return 0.95 if answered or {"_input_hash", "_task_hash"} <= set(record) else 0.0


def read(source: Source) -> list[Transcript]:
    """Return texts of one line as the turns of a session, else a session per text."""
    where = str(source.path)
    texts: dict[Any, AnnotatedText] = {}
    for place, record in records_in(source):
        text = record.get("text")
        if not isinstance(text, str):
            raise RiftError("there is no text", where=f"{where}, {place}", remedy=_REMEDY)
        # A text that stands twice is one that several annotators had, or several questions asked of it.
        number = record.get("_input_hash")
        known = isinstance(number, int) or _coder(record) is not None
        key = (number if isinstance(number, int) else None, text, None if known else place)
        one = texts.setdefault(key, AnnotatedText(place, text, ids_in(record, record.get("meta"))))
        one.coders.append(_coded(record, place, f"{where}, {place}"))
    return sessions_of([_merged(one) for one in texts.values()], where, source.decode().warnings)


def _merged(one: AnnotatedText) -> AnnotatedText:
    """Return a text in which a coder's answers to several questions are one."""
    by_coder: dict[str | None, Coded] = {}
    for coded in one.coders:
        first = by_coder.setdefault(coded.coder, coded)
        if first is not coded and coded.coded:
            first.said += [said for said in coded.said if said not in first.said]
            first.coded = True
    one.coders = list(by_coder.values())
    return one


def _coder(record: Record) -> str | None:
    """Return who answered; a session that is named by its time only tells nobody."""
    for key in ("_annotator_id", "_session_id"):
        value = record.get(key)
        if isinstance(value, str) and value.strip() and not _BY_TIME.fullmatch(value):
            return value.strip()[:100]
    return None


def _coded(record: Record, place: str, where: str) -> Coded:
    answer = record.get("answer")
    if answer is not None and (not isinstance(answer, str) or answer not in _ANSWERS):
        raise RiftError(f"the answer is {shown(str(answer))}", where=where, remedy=_REMEDY)
    coded = Coded(_coder(record), place, coded=answer in {"accept", "reject"})
    if not coded.coded:
        return coded
    state: State = "present" if answer == "accept" else "absent"
    label = record.get("label")
    if isinstance(label, str) and label.strip() and not record.get("spans"):
        coded.said.append(Said(label.strip(), state))
    coded.said += _spans(record, state, place, where)
    coded.said += _choices(record, state, where)
    if answer == "reject" and not coded.said:
        coded.coded = False  # the text as a whole was refused, which says nothing of its labels
    return coded


def _spans(record: Record, state: State, place: str, where: str) -> list[Said]:
    spans = record.get("spans")
    if spans is None:
        return []
    if not isinstance(spans, list):
        raise RiftError("spans is no list", where=where, remedy=_REMEDY)
    found: list[Said] = []
    for span in spans:
        if not isinstance(span, dict):
            raise RiftError("a span that is no object", where=where, remedy=_REMEDY)
        label = span.get("label", record.get("label"))
        if not isinstance(label, str) or not label.strip():
            raise RiftError("a span without a label", where=where, remedy=_REMEDY)
        start, end = (whole_number(span.get(name), name, where) for name in ("start", "end"))
        quote = span.get("text")
        picked = Selection(start, end, place, quote if isinstance(quote, str) else None)
        found.append(Said(label.strip(), state, picked))
    return found


def _choices(record: Record, state: State, where: str) -> list[Said]:
    """Return the options that were chosen, and as absent those that were offered and not chosen."""
    chosen = record.get("accept")
    if chosen is None and "options" not in record:
        return []
    chosen = [] if chosen is None else chosen
    options = record.get("options")
    if not isinstance(chosen, list) or not isinstance(options, list | None):
        raise RiftError("the options are no list", where=where, remedy=_REMEDY)
    offered: dict[str, str] = {}
    for option in options or []:
        if not isinstance(option, dict) or not isinstance(option.get("id"), str | int):
            raise RiftError("an option without an id", where=where, remedy=_REMEDY)
        name = option["id"] if isinstance(option["id"], str) else option.get("text", option["id"])
        offered[str(option["id"])] = str(name)
    picked = {str(one) for one in chosen if isinstance(one, str | int)}
    if len(picked) != len({str(one) for one in chosen}):
        raise RiftError("a choice that is no option", where=where, remedy=_REMEDY)
    if state == "absent":  # the answer was refused: none of the choices stands
        return []
    said = [Said(offered.get(one, one), "present") for one in dict.fromkeys(str(one) for one in chosen)]
    return said + [Said(name, "absent") for key, name in offered.items() if key not in picked]
