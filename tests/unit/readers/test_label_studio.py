from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import label_studio, text, turn_table
from rift.readers.contract import Source
from rift.schema import Mark, Transcript, Turn

LINES = [
    {"author": "T", "text": "How 😀 was it?"},
    {"author": "P", "text": "Fine, I guess."},
    {"text": "No."},
]


def source(content: object) -> Source:
    return Source(Path("a.json"), json.dumps(content).encode())


def paragraph(
    start: object, end: object, offsets: tuple[int, int], *labels: str, **more: Any
) -> dict[str, Any]:
    value = {"start": start, "end": end, "startOffset": offsets[0], "endOffset": offsets[1]}
    return {"id": "r", "type": "paragraphlabels", "value": {**value, "paragraphlabels": list(labels)}, **more}


def annotated(
    *results: dict[str, Any], by: object = 1, id: int = 11, cancelled: bool = False
) -> dict[str, Any]:
    return {"id": id, "completed_by": by, "was_cancelled": cancelled, "result": list(results)}


def task(*annotations: dict[str, Any], data: dict[str, Any] | None = None, id: int = 1) -> dict[str, Any]:
    return {"id": id, "data": {"dialogue": LINES} if data is None else data, "annotations": list(annotations)}


def brief(transcript: Transcript) -> list[tuple[Any, ...]]:
    return [(one.coder, one.label, one.state, one.first_turn, one.last_turn) for one in transcript.marks]


def read(*tasks: dict[str, Any]) -> Transcript:
    (transcript,) = label_studio.read(source(list(tasks)))
    return transcript


def test_annotators_and_what_each_marked() -> None:
    found = read(
        task(
            annotated(paragraph("1", "2", (6, 2), "Withdrawal")),
            annotated(by={"id": 2, "email": "b@x.org"}, id=12, cancelled=True),
            annotated(paragraph(0, 0, (4, 6), "A", "B", origin="prediction"), by={"id": 3}, id=13),
            annotated(by=4, id=14),
        )
    )
    assert found.turns == (Turn("T", "How 😀 was it?"), Turn("P", "Fine, I guess."), Turn(None, "No."))
    assert brief(found) == [
        ("1", "Withdrawal", "present", 1, 2),
        ("3", "A", "present", 0, 0),
        ("3", "B", "present", 0, 0),
        ("1", None, "absent", 0, 0),
        ("3", None, "absent", 1, 2),
        ("4", None, "absent", 0, 2),
        ("2", None, "not_coded", 0, 2),
    ]
    assert found.marks[0].place == "task 1, annotation 11, result r"
    assert found.warnings == (
        "1 cancelled annotation, not coded: task 1, annotation 12",
        "1 mark accepted from a model's prediction: task 1, annotation 13, result r",
    )


def test_text_with_offsets_of_javascript() -> None:
    content = "T: How 😀 was it?\nP: Fine, I guess."
    label = {"type": "labels", "value": {"start": 21, "end": 25, "text": "Fine", "labels": ["WD"]}}
    found = read(task(annotated(label), data={"text": content, "patient": "P7", "session": 3}))
    assert found.turns == (Turn("T", "How 😀 was it?"), Turn("P", "Fine, I guess."))
    assert brief(found) == [("1", "WD", "present", 1, 1), ("1", None, "absent", 0, 0)]
    assert (found.patient_id, found.session_id) == ("P7", "3")


def test_tasks_of_one_line_are_the_turns_of_a_session() -> None:
    choice = {"type": "choices", "from_name": "c", "value": {"choices": ["WD"]}}
    found = read(
        task(annotated(choice), data={"text": "Fine."}), task(annotated(), data={"text": "No."}, id=2)
    )
    assert [turn.text for turn in found.turns] == ["Fine.", "No."]
    assert brief(found) == [("1", "WD", "present", 0, 0), ("1", None, "absent", 1, 1)]


def test_dialogues_are_sessions_and_choices_code_the_whole() -> None:
    choice = {"type": "choices", "from_name": "c", "value": {"choices": ["Rupture"]}}
    rating = {"type": "rating", "from_name": "Significance", "value": {"rating": 4}}
    first, second = label_studio.read(source([task(annotated(choice, rating)), task(annotated(), id=2)]))
    assert (first.session_id, second.session_id) == ("1", "2")
    assert first.marks[:2] == (
        Mark("1", "session", "Rupture", "present", "task 1, annotation 11"),
        Mark("1", "session", "Significance", "present", "task 1, annotation 11", value=4.0),
    )


def test_json_min_repeats_a_task_for_each_annotation() -> None:
    label = {"start": 0, "end": 4, "text": "Fine", "labels": ["WD"]}
    row = {"id": 1, "annotation_id": 5, "annotator": "a@x.org", "text": "Fine, I guess.", "label": [label]}
    other = {"id": 1, "annotation_id": 6, "annotator": 2, "text": "Fine, I guess."}
    assert brief(read(row, other)) == [("a@x.org", "WD", "present", 0, 0), ("2", None, "absent", 0, 0)]
    assert label_studio.sniff(source([row])) == 0.9


def test_regions_of_audio_are_segments() -> None:
    region = {"type": "labels", "original_length": 60.0, "value": {"start": 1.5, "end": 3, "labels": ["WD"]}}
    found = read(task(annotated(region), data={"audio": "/data/upload/1/a.wav"}))
    assert found.marks == (
        Mark("1", "segment", "WD", "present", "task 1, annotation 11", None, None, 1.5, 3.0),
    )


def test_a_chat_led_while_annotating_gives_turns() -> None:
    message = {"type": "chatmessage", "value": {"chatmessage": {"role": "user", "content": "hi"}}}
    found = read(task(annotated(message), data={"prompt": "Play a patient."}))
    assert (found.turns, found.marks) == ((Turn("user", "hi"),), ())


def test_what_is_no_coding_is_told() -> None:
    found = read(
        task(
            annotated(
                {"type": "relation", "from_id": "a"},
                {"type": "rectanglelabels", "value": {"x": 1, "y": 1, "rectanglelabels": ["Car"]}},
            )
        )
    )
    assert found.marks == ()
    assert found.warnings == (
        "1 result without labels of type 'relation' left out: task 1, annotation 11",
        "1 image region left out: task 1, annotation 11",
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ([], "not a list of tasks"),
        ([1], "not a list of tasks"),
        ([{"id": 1, "annotations": []}], "without data"),
        ([task(annotated(paragraph(1, 7, (0, 1), "A")))], "paragraphs 1-7, but there are 3"),
        ([task(annotated(paragraph(2, 1, (0, 1), "A")))], "paragraphs 2-1"),
        ([task(annotated(paragraph("/p[1]", 1, (0, 1), "A")))], "start is '/p.1.', not a whole number"),
        ([task(annotated(paragraph(1, 1, (1, 3), "A")))], "cuts out 'in'"),
        ([task(annotated(paragraph(1, 1, (0, 900), "A")))], "lies outside"),
        ([task(1)], "an annotation without content"),
        ([task({"result": {}})], "without a list of results"),
        ([task({"result": [], "was_cancelled": "no"})], "was_cancelled is neither"),
        ([task(data={"d": [{"a": 1}]})], "paragraphs without a text"),
    ],
)
def test_what_cannot_be_read_is_refused(content: object, problem: str) -> None:
    with pytest.raises(RiftError, match=problem):
        label_studio.read(source(content))


def test_sniffing() -> None:
    good = source([task()])
    assert label_studio.sniff(good) > max(text.sniff(good), turn_table.sniff(good))
    for other in ([], {}, [1], {"segments": []}, [{"id": 1, "text": "a"}]):
        assert label_studio.sniff(source(other)) == 0
    assert label_studio.sniff(Source(Path("a.json"), b"{")) == 0


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def places(content: Any) -> list[tuple[Any, Any]]:
    """Return every container of a JSON content with each of its keys."""
    found, waiting = [], [content]
    while waiting:
        place = waiting.pop()
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        found += [(place, key) for key in keys]
        waiting += [place[key] for key in keys if isinstance(place[key], dict | list)]
    return found


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_anything_mutated_is_read_or_refused(data: st.DataObject) -> None:
    region = {"type": "labels", "value": {"start": 0, "end": 4, "labels": ["WD"]}}
    tasks = [task(annotated(paragraph(1, 2, (0, 2), "A"))), task(annotated(region), data={"text": "Fine."})]
    content = json.loads(json.dumps(tasks))
    place, key = data.draw(st.sampled_from(places(content)))
    place[key] = data.draw(VALUES)
    label_studio.sniff(source(content))
    with suppress(RiftError):
        label_studio.read(source(content))
