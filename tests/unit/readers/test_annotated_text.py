"""doccano, Prodigy, WebAnno TSV: labelled selections in texts."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import doccano, label_studio, prodigy, text, turn_table, webanno
from rift.readers.contract import Source
from rift.schema import Transcript, Turn

FIREMAN = "👨🏻\u200d🚒 so annoyed with you"
DIALOGUE = "T: How was it? 😀\nP: Fine, I guess.\nP: Nothing to say."
TSV = (
    "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Rupture|label|significance\n"
    "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|PosValue\n"
    "#T_RL=webanno.custom.Link|kind|BT_webanno.custom.Rupture\n\n\n"
    "#Text=T: Well 😀 .\n1-1\t0-2\tT:\t_\t_\t_\t_\t_\t\n1-2\t3-7\tWell\t_\t_\t_\t_\t_\t\n"
    "1-3\t8-10\t😀\t_\t_\t_\t_\t_\t\n1-4\t11-12\t.\t_\t_\t_\t_\t_\t\n\n"
    "#Text=P: I guess\n2-1\t13-15\tP:\t_\t_\t_\t_\t_\t\n"
    "2-2\t16-17\tI\tWD\\_min[1]|CF\\|a[2]\t3[1]|*[2]\tPRP\t_\t_\t\n"
    "2-3\t18-23\tguess\tWD\\_min[1]\t3[1]\tVB\t_\t_\t\n\n"
    "#Text=and so on\n"
    "3-1\t24-27\tand\tDenial\t*\t_\t_\t_\t\n3-2\t28-30\tso\t_\t_\t_\t_\t_\t\n"
    "3-3\t31-33\ton\t_\t_\t_\t_\t_\t\n"
)


def lines(*records: object) -> Source:
    return Source(Path("a.jsonl"), "\n".join(json.dumps(record) for record in records).encode())


def tsv(content: str) -> Source:
    return Source(Path("a.tsv"), content.encode())


def brief(transcript: Transcript) -> list[tuple[Any, ...]]:
    return [(one.coder, one.label, one.state, one.first_turn, one.last_turn) for one in transcript.marks]


def test_doccano_texts_of_a_line_are_turns() -> None:
    (found,) = doccano.read(
        lines(
            {"id": 1, "text": FIREMAN, "label": [[11, 18, "CF_P"]]},
            {"id": 2, "text": "Fine.", "label": []},
            {"id": 3, "data": "No.", "cats": ["CF_P", "WD_P"]},
            {"id": 4, "text": "Unseen."},
        )
    )
    assert [turn.text for turn in found.turns] == [FIREMAN, "Fine.", "No.", "Unseen."]
    assert brief(found) == [
        (None, "CF_P", "present", 0, 0),
        (None, None, "absent", 1, 1),
        (None, "CF_P", "present", 2, 2),
        (None, "WD_P", "present", 2, 2),
        (None, None, "not_coded", 3, 3),
    ]
    assert found.warnings == ("1 text not coded: line 4",)


def test_doccano_entities_in_dialogues_by_user() -> None:
    entity = {"id": 1, "label": "WD", "start_offset": 20, "end_offset": 45, "user": 7}
    first, second = doccano.read(
        lines(
            {"id": 5, "text": DIALOGUE, "entities": [entity], "relations": [{"id": 1}]},
            {"id": 6, "text": DIALOGUE, "label": ["Rupture"], "meta": {"session": "S2"}},
        )
    )
    assert (first.session_id, second.session_id) == ("5", "S2")
    assert first.turns[1] == Turn("P", "Fine, I guess.")
    assert brief(first) == [("7", "WD", "present", 1, 2), ("7", None, "absent", 0, 0)]
    assert second.marks[0].unit == "session"
    assert first.warnings == ("relations of 1 text left out: line 1",)


def test_prodigy_answers() -> None:
    def row(answer: str, who: str, **more: object) -> dict[str, object]:
        return {
            "text": "No.",
            "answer": answer,
            "_input_hash": 2,
            "_task_hash": 3,
            "_session_id": who,
            **more,
        }

    options = [{"id": "WD", "text": "Withdrawal"}, {"id": "CF", "text": "Confrontation"}]
    (found,) = prodigy.read(
        lines(
            row("accept", "anna", spans=[{"start": 0, "end": 2, "label": "CF"}]),
            row("accept", "ben", options=options, accept=["WD"]),
            row("reject", "eve", label="CF"),
            row("ignore", "jo"),
            row("accept", "kim", spans=[]),
            row("accept", "db-2024-01-02_10-11-12", label="WD"),
            row("reject", "lee"),
        )
    )
    assert found.turns == (Turn(None, "No."),)
    assert brief(found) == [
        ("anna", "CF", "present", 0, 0),
        ("ben", "WD", "present", 0, 0),
        ("ben", "CF", "absent", 0, 0),
        ("eve", "CF", "absent", 0, 0),
        ("jo", None, "not_coded", 0, 0),
        ("kim", None, "absent", 0, 0),
        (None, "WD", "present", 0, 0),
        ("lee", None, "not_coded", 0, 0),
    ]


def test_webanno_stacked_spans_escapes_and_ratings() -> None:
    (found,) = webanno.read(tsv(TSV))
    assert found.turns == (Turn("T", "Well 😀 ."), Turn("P", "I guess\nand so on"))
    assert [(one.label, one.first_turn, one.last_turn, one.value) for one in found.marks] == [
        ("WD_min", 1, 1, 3.0),
        ("CF|a", 1, 1, None),
        ("Denial", 1, 1, None),
        (None, 0, 0, None),
    ]
    assert found.marks[0].place == "line 15"
    assert found.warnings == ("2 layers without codings left out: POS, Link",)
    assert webanno.read(tsv(TSV.replace("\n", "\r\n"))) == webanno.read(tsv(TSV))


def test_webanno_sentences_without_speakers_are_turns() -> None:
    content = (
        "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Span|value\n\n\n#Text=This is\n#Text=a\\ttest\n"
        "1-1\t0-4\tThis\t*[1]\t\n1-2\t5-7\tis\t*[1]\t\n1-3\t8-9\ta\t*[1]\t\n1-4\t10-14\ttest\t_\t\n\n"
        "#Text=No\n2-1\t15-17\tNo\t*[1]\t\n"
    )
    (found,) = webanno.read(tsv(content))
    assert found.turns == (Turn(None, "This is\na\ttest"), Turn(None, "No"))
    assert brief(found) == [(None, "Span", "present", 0, 1)]


@pytest.mark.parametrize(
    ("reader", "content", "problem"),
    [
        (doccano, lines({"text": "so annoyed", "label": [[4, 8, "CF"]]}), "which is not whole words"),
        (doccano, lines({"text": "so", "label": [[0, 9, "CF"]]}), "lies outside"),
        (doccano, lines({"text": "so", "label": [["a", 1, "CF"]]}), "an offset is 'a'"),
        (doccano, lines({"text": "so", "label": [[0, 2, 1]]}), "without the name"),
        (doccano, lines({"text": "so", "label": 1}), "label is no list"),
        (doccano, lines({"text": 1, "label": []}), "there is no text"),
        (doccano, lines([1]), "no object with a text"),
        (doccano, Source(Path("a"), b'{"text": "a", "label": []}\n{"text'), "no sound JSON"),
        (prodigy, lines({"text": "so", "answer": "maybe"}), "the answer is 'maybe'"),
        (prodigy, lines({"text": "so", "answer": "accept", "spans": [1]}), "a span that is no object"),
        (prodigy, lines({"text": "so", "answer": "accept", "spans": [{"start": 0}]}), "without a label"),
        (prodigy, lines({"text": "so", "answer": "accept", "accept": 1}), "the options are no list"),
        (webanno, tsv("1-1\t0-2\tHe\t_\t\n"), "no WebAnno TSV"),
        (webanno, tsv(TSV.replace("24-27\tand", "24-27\tor")), "does not lie at 24-27|does not lie at"),
        (webanno, tsv(TSV.replace("2-3\t18-23\tguess\t", "2-3\t")), "is no token"),
        (webanno, tsv(TSV.replace("\t_\t_\t_\t_\t_\t\n", "\t_\n", 1)), "4 columns where 8 are declared"),
    ],
)
def test_what_cannot_be_read_is_refused(reader: Any, content: Source, problem: str) -> None:
    with pytest.raises(RiftError, match=problem):
        reader.read(content)


def test_sniffing() -> None:
    good = (
        (doccano, lines({"id": 1, "text": "a", "label": []})),
        (prodigy, lines({"text": "a", "answer": "accept", "label": "WD", "spans": []})),
        (webanno, tsv(TSV)),
    )
    for own, content in good:
        scores = {reader: reader.sniff(content) for reader in (doccano, prodigy, webanno, label_studio)}
        assert scores.pop(own) > max(0.89, text.sniff(content), turn_table.sniff(content))
        assert set(scores.values()) == {0.0}
    for other in (
        lines({"text": "a", "words": [], "entities": []}),
        lines({"text": "a"}),
        lines([1]),
        tsv("{"),
    ):
        assert doccano.sniff(other) == prodigy.sniff(other) == webanno.sniff(other) == 0


ROWS = [
    {"id": 1, "text": FIREMAN, "label": [[11, 18, "CF_P"]], "meta": {"session": 1}},
    {"text": "No.", "answer": "accept", "spans": [{"start": 0, "end": 2, "label": "CF"}], "_input_hash": 1,
     "options": [{"id": "a", "text": "b"}], "accept": ["a"], "_session_id": "x"},
]  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_record_is_read_or_refused(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, 1))
    record = json.loads(json.dumps(ROWS[number]))
    record[data.draw(st.sampled_from(sorted(record)))] = data.draw(VALUES)
    for reader in (doccano, prodigy):
        assert 0 <= reader.sniff(lines(record)) <= 1
        with suppress(RiftError):
            reader.read(lines(record, ROWS[number]))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 900), st.integers(0, 12), st.text(alphabet="\t\n#_[]*|\\0-9é😀", max_size=4))
def test_any_tsv_is_read_or_refused(at: int, cut: int, put: str) -> None:
    content = tsv(TSV[:at] + put + TSV[at + cut :])
    assert 0 <= webanno.sniff(content) <= 1
    with suppress(RiftError):
        assert len(webanno.read(content)) == 1
