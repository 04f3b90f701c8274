from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import text
from rift.readers.contract import Source
from rift.schema import Transcript, Turn


def read(content: str | bytes) -> Transcript:
    data = content.encode() if isinstance(content, str) else content
    (transcript,) = text.read(Source(Path("a.txt"), data))
    return transcript


def pairs(content: str) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in read(content).turns]


def test_numbered_lines_and_numbered_turns() -> None:
    content = (
        "001  T1: How was the week?\n002  C1: Fine. I guess.\n003      Nothing to tell.\n"
        '004  T2: "Fine"?\n005  C3: I don\'t know what you want me to say.\n006  T3: Mm.\n'
        "007  T3: You sound annoyed with me.\n008  C4: No. It's fine.\n"
    )
    assert pairs(content) == [
        ("T", "How was the week?"),
        ("C", "Fine. I guess.\nNothing to tell."),
        ("T", '"Fine"?'),
        ("C", "I don't know what you want me to say."),
        ("T", "Mm."),
        ("T", "You sound annoyed with me."),
        ("C", "No. It's fine."),
    ]
    assert read(content).warnings == ()


@pytest.mark.parametrize("codec", ["utf-8-sig", "cp1252"])
def test_f4_stamps_are_ends_and_the_next_starts(codec: str) -> None:
    content = (
        "Th.: Guten Tag, Frau Größe. Wie war die Woche? #00:00:04-2#\r\n\r\n"
        "Pat.: Ja, äh, „ganz gut“, würde ich sagen … (lacht) #00:00:09-8#\r\n\r\n"
        "Th.: Mhm.\r\n\r\n"
        "Pat.: Also: eigentlich nicht. (..) Ich weiß nicht, ob das hier was bringt. #00:00:31-0#\r\n\r\n"
        "Th.: Sie zweifeln, ob es hilft? #00:00:34-5#\r\n"
    )
    transcript = read(content.encode(codec))
    assert transcript.turns == (
        Turn("Th.", "Guten Tag, Frau Größe. Wie war die Woche?", 0.0, 4.2),
        Turn("Pat.", "Ja, äh, „ganz gut“, würde ich sagen … (lacht)", 4.2, 9.8),
        Turn("Th.", "Mhm."),
        Turn("Pat.", "Also: eigentlich nicht. (..) Ich weiß nicht, ob das hier was bringt.", None, 31.0),
        Turn("Th.", "Sie zweifeln, ob es hilft?", 31.0, 34.5),
    )
    assert len(transcript.warnings) == (codec == "cp1252")


def test_f4_stamps_in_other_places() -> None:
    content = "#00:00:01-0# T: a\nb #00:00:06-25# c #00:00:08-0#\nP: d #00:77:00-0#\n#00:00:10-0#\nT: e\n"
    transcript = read(content)
    assert transcript.turns == (
        Turn("T", "a\nb c", 1.0, 8.0),
        Turn("P", "d #00:77:00-0#", 8.0, 10.0),
        Turn("T", "e"),
    )
    assert transcript.warnings == ("1 time not understood: line 3",)


def test_hebrew_with_direction_marks_and_a_quotation() -> None:
    content = '\u200fמטפלת: איך עבר השבוע?\n\u200fמטופל: בסדר. אמרתי לה: "אני לא יודע".\n\u200fמטפלת: ממ.\n'
    assert pairs(content) == [
        ("מטפלת", "איך עבר השבוע?"),
        ("מטופל", 'בסדר. אמרתי לה: "אני לא יודע".'),
        ("מטפלת", "ממ."),
    ]


def test_speech_with_colons_and_times_stays_speech() -> None:
    content = "T: And?\nP: She came.\nI said: no.\nat 3:15 she left\n\nI said: no!\nT: Mm.\n"
    assert pairs(content) == [
        ("T", "And?"),
        ("P", "She came.\nI said: no.\nat 3:15 she left\nI said: no!"),
        ("T", "Mm."),
    ]


def test_transcribers_notes_survive() -> None:
    content = "T: So.\nP: [long pause] (laughs) I- .. <whispers> no# {sighs} *yes*\n(shrugs)\nT: Hm (-) ja\n"
    assert pairs(content) == [
        ("T", "So."),
        ("P", "[long pause] (laughs) I- .. <whispers> no# {sighs} *yes*\n(shrugs)"),
        ("T", "Hm (-) ja"),
    ]


def test_bracketed_times_are_starts() -> None:
    content = "[00:01:02] T: a\nP [1:05]: b\nT: (00:01:09.5) c [00:02:00] d\nP: [00:99:99] e\n"
    transcript = read(content)
    assert transcript.turns == (
        Turn("T", "a", 62.0),
        Turn("P", "b", 65.0),
        Turn("T", "c [00:02:00] d", 69.5),
        Turn("P", "e"),
    )
    assert transcript.warnings == ("1 time not understood: line 4",)


def test_labels_on_their_own_line_with_and_without_colon() -> None:
    expected = [("Therapist", "How are you?"), ("Patient", "Fine.\n7"), ("Therapist", "7?")]
    assert pairs("Therapist:\nHow are you?\n\nPatient:\nFine.\n7\n\nTherapist:\n7?\n") == expected
    assert pairs("Therapist\nHow are you?\n\nPatient\nFine.\n7\n\nTherapist\n7?\n") == expected


def test_numbered_labels_on_their_own_line() -> None:
    assert pairs("T1\nHow?\nC1\nFine.\nT2\nMm.\nC2\nNo.\nT3\nSo.\n") == [
        ("T", "How?"),
        ("C", "Fine."),
        ("T", "Mm."),
        ("C", "No."),
        ("T", "So."),
    ]


def test_page_numbers_are_left_out_and_told() -> None:
    transcript = read("T: From 1 to 10?\n1\nP:\n7\nPage 2 of 3\nT: 7?\n2\nSeite 3\nP: yes\n- 4 -\n3\n")
    assert [(turn.speaker, turn.text) for turn in transcript.turns] == [
        ("T", "From 1 to 10?"),
        ("P", "7"),
        ("T", "7?"),
        ("P", "yes"),
    ]
    assert transcript.warnings == ("6 page numbers left out: line 2, 5, 7-8, 10-11",)


def test_a_single_number_is_speech() -> None:
    assert pairs("T: From 1 to 10?\nP: well\n7\nT: ok\n")[1] == ("P", "well\n7")


def test_text_before_the_first_label_is_told() -> None:
    transcript = read(
        "Session 7\nrecorded in May\n\nTherapist: Dr. Lee\nPatient: P07\n\nT: a\nP: b\nT: c\nP: d\n"
    )
    assert [turn.text for turn in transcript.turns] == ["a", "b", "c", "d"]
    assert transcript.warnings == ("10 words before the first label left out: line 1-2, 4-5, 'Session 7'",)


def test_a_name_that_occurs_once_is_told() -> None:
    transcript = read("T: a\nP: b\nand so on\nMother: hello\nT: c\n")
    assert [turn.text for turn in transcript.turns] == ["a", "b\nand so on\nMother: hello", "c"]
    assert transcript.warnings == (
        "1 line like a speaker's label but never again, read as speech: line 4 'Mother'",
    )


def test_a_turn_without_words_is_kept_and_told() -> None:
    transcript = read("T: a\nP:\nT: b\n")
    assert [turn.text for turn in transcript.turns] == ["a", "", "b"]
    assert transcript.warnings == ("1 turn without words: turn 1 (counted from 0)",)


def test_without_labels_the_paragraphs_have_no_speaker() -> None:
    assert pairs("some text\nmore: of it\n \nand more\n") == [
        (None, "some text\nmore: of it"),
        (None, "and more"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nT: hello\n",
        "1\n00:00:01,000 --> 00:00:02,000\nT: hello\n\n2\n00:00:03,000 --> 00:00:04,000\nP: hello\n",
        '<?xml version="1.0"?>\n<ANNOTATION_DOCUMENT/>\n',
        '{"results": []}',
        '[{"speaker": "T"}]',
        "@UTF8\n@Begin\n*PAR:\thello\n",
    ],
)
def test_text_of_another_kind_is_not_taken(content: str) -> None:
    assert text.sniff(Source(Path("a.txt"), content.encode())) == 0


SPEAKERS = st.sampled_from(["T", "P", "Therapist", "Dr. Lee", "Anna", "Frau Grün"])
LINE = (
    st.text(
        st.characters(categories=["L", "Po", "Pd", "Sm", "Zs"], exclude_characters=":：#"),
        min_size=1,
        max_size=30,
    )
    .map(str.strip)
    .filter(bool)
)
LINES = st.lists(LINE, min_size=1, max_size=3)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(SPEAKERS, LINES), min_size=1, max_size=6), st.sampled_from(["\n", "\n\n"]))
def test_turns_come_back_from_text(turns: list[tuple[str, list[str]]], gap: str) -> None:
    twice = turns * 2  # every name recurs
    content = gap.join(f"{speaker}: {gap.join(lines)}" for speaker, lines in twice)
    assert pairs(content) == [(speaker, "\n".join(lines)) for speaker, lines in twice]


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text("TP:# \n01-[]\t.aZ", max_size=80).map(str.encode)))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    source = Source(Path("a.txt"), data)
    assert 0 <= text.sniff(source) <= 0.7
    try:
        (transcript,) = text.read(source)
    except RiftError:
        return
    assert transcript.turns
