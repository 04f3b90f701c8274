"""Label Studio exports (JSON and JSON-MIN): paragraphs or text, and what each annotator marked."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rift.readers.contract import Source
from rift.readers.documents import (
    Document,
    ids_in,
    left_out,
    spoken,
    transcripts,
    unmarked,
)
from rift.readers.label_studio_results import Draft, Told, read_result, value_of
from rift.readers.label_studio_tasks import Annotation, Task, dialogue_of, tasks_in, text_of
from rift.readers.offsets import Selection, located
from rift.readers.wording import counted, some
from rift.schema import Mark, Transcript, Turn

names: tuple[str, ...] = ("label_studio", "labelstudio")
suffixes: tuple[str, ...] = (".json",)

_UNITS = ("UTF-16 units", "code points", "graphemes", "UTF-16 units without CR", "code points without CR")
_TAG = re.compile(r"<[^<>]{0,10000}>")


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
    told = Told()
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


def _draft(task: Task, where: str, told: Told) -> Draft:
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
    draft = Draft(Document(task.name, turns or (), ids_in(task.data, task.meta)), said)
    if task.predictions:
        told.leave("prediction", f"task {task.name}")
    for annotation in task.annotations:
        if annotation.cancelled:
            draft.skipped[annotation.coder] = annotation.place
            continue
        draft.coders[annotation.coder] = annotation.place
        for result in annotation.results:
            read_result(result, annotation, draft, where, told)
    return draft


def _results(task: Task) -> Iterator[tuple[Annotation, Mapping[str, Any]]]:
    for annotation in task.annotations:
        for result in annotation.results:
            yield annotation, result


def _chat(task: Task) -> Iterator[Turn]:
    """Yield the messages of a chat that was led while annotating."""
    for annotation in task.annotations[:1]:
        for result in annotation.results:
            message = value_of(result).get("chatmessage")
            if isinstance(message, dict) and isinstance(message.get("content"), str):
                role = message.get("role")
                yield Turn(role if isinstance(role, str) and role.strip() else None, message["content"])


def _place_all(drafts: list[Draft], where: object) -> list[str]:
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
