from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import turn_table
from rift.readers.contract import Source
from rift.schema import Transcript, Turn

HEADER = "session_id,turn,speaker,text"


def read(content: str, columns: dict[str, str] | None = None, name: str = "a.csv") -> list[Transcript]:
    return turn_table.read(Source(Path(name), content.encode(), columns or {}))


def test_several_sessions_in_the_order_they_begin() -> None:
    found = read(
        "patient,session,speaker,text,start,end,therapist\n"
        'P1,01,T,Hello,0,00:02,K\nP1,02,T,Again,,,K\nP1,01,P,NA,"00:02,5",4.5,K\n'
    )
    assert [(one.patient_id, one.session_id, one.therapist_id) for one in found] == [
        ("P1", "01", "K"),
        ("P1", "02", "K"),
    ]
    assert found[0].turns == (Turn("T", "Hello", 0.0, 2.0), Turn("P", "NA", 2.5, 4.5))
    assert found[1].turns == (Turn("T", "Again"),)
    assert found[0].warnings == (
        "columns recognised: patient_id='patient', session_id='session', speaker='speaker', text='text',"
        " start_s='start', end_s='end', therapist_id='therapist'; name them under columns to change that",
    )
    assert found[1].warnings == ()


def test_one_row_per_turn_and_annotator_as_in_annomi() -> None:
    found = read(
        "transcript_id,utterance_id,interlocutor,timestamp,utterance_text,annotator_id,client_talk_type\n"
        "0,0,therapist,00:00:13,Hello.,3,n/a\n"
        "0,1,client,00:00:24,NA,3,neutral\n"
        "0,0,therapist,00:00:13,Hello.,4,n/a\n"
        "0,1,client,00:00:25,NA,4,change\n"
    )
    (transcript,) = found
    assert transcript.session_id == "0"
    assert transcript.patient_id is None
    assert transcript.turns == (Turn("therapist", "Hello.", 13.0), Turn("client", "NA", 24.0))
    assert transcript.warnings[1:] == (
        "session 0: 1 row with other times than the first of the same turn, which are kept: row 5",
    )


def test_rows_of_one_turn_that_differ_are_refused() -> None:
    with pytest.raises(RiftError) as caught:
        read(f"{HEADER}\nS1,0,T,Hello\nS1,1,P,Yes\nS1,1,P,No\n")
    assert caught.value.where == "a.csv, session S1"
    assert caught.value.problem == "turn 1 has 'Yes' in row 3 and 'No' in row 4"
    with pytest.raises(RiftError, match="turn 0 has"):
        read(f"{HEADER}\nS1,0,T,Yes\nS1,0,P,Yes\n")


def test_turns_are_put_in_the_order_of_their_numbers() -> None:
    for first in (0, 1):
        (found,) = read(f"{HEADER}\nS1,{first + 1}.0,P,b\nS1,{first},T,a\nS1,{first + 2},T,c\n")
        assert [turn.text for turn in found.turns] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("numbers", "where", "problem"),
    [
        ("0 1 3", "a.csv, session S1, row 4", "turn 3 is out of sequence"),
        ("2 3 4", "a.csv, session S1, row 2", "turn 2 is out of sequence"),
        ("0 x 1", "a.csv, row 3", "turn 'x' is not a whole number"),
        ("0 1.5 2", "a.csv, row 3", "turn '1.5' is not a whole number"),
    ],
)
def test_turn_numbers_must_count(numbers: str, where: str, problem: str) -> None:
    rows = [f"S1,{number},T,{i}" for i, number in enumerate(numbers.split())]
    with pytest.raises(RiftError) as caught:
        read("\n".join([HEADER, *rows]))
    assert (caught.value.where, caught.value.problem[: len(problem)]) == (where, problem)


def test_named_columns_are_the_only_ones_read() -> None:
    content = "who,said,session,turn\nA,Hello,S1,7\nB,Yes,S1,7\n"
    (found,) = read(content, {"speaker": "WHO", "text": "said"})
    assert found.session_id is None
    assert found.turns == (Turn("A", "Hello"), Turn("B", "Yes"))
    assert found.warnings == ()


def test_missing_and_unknown_columns() -> None:
    with pytest.raises(RiftError) as caught:
        read("who,utterance\nA,Hello\n", {"text": "utterance"})
    assert caught.value.problem == "the column for 'speaker' is not known; the table has 'who', 'utterance'"
    with pytest.raises(RiftError, match="no column 'Sprecher' \\(for speaker\\)"):
        read("who,utterance\nA,Hello\n", {"text": "utterance", "speaker": "Sprecher"})
    with pytest.raises(RiftError, match="columns names 'label', which no transcript has"):
        read("who,utterance\nA,Hello\n", {"text": "utterance", "speaker": "who", "label": "x"})


def test_times_that_are_none_are_counted() -> None:
    (found,) = read("speaker,text,start\nT,a,00:09:025\nP,b,n/a\nT,c,later\nP,d,12\n")
    assert [turn.start_s for turn in found.turns] == [None, None, None, 12.0]
    assert found.warnings[1] == (
        "2 times in column 'start' not understood, left out: first in row 2, '00:09:025'"
    )


def test_an_id_in_some_rows_only_is_refused() -> None:
    with pytest.raises(RiftError) as caught:
        read("session,speaker,text\nS1,T,a\nn/a,P,b\n,T,c\n")
    assert caught.value.problem == "2 rows without session_id while others have one: row 3-4"
    (found,) = read("session,speaker,text\nNA,T,a\n,P,b\n")
    assert found.session_id is None


def test_blank_speakers_and_texts() -> None:
    (found,) = read("speaker,text\nT,a\n,b\nP,\n,\nT,c\n")
    assert found.turns == (Turn("T", "a"), Turn(None, "b"), Turn("P", ""), Turn("T", "c"))
    assert found.warnings[1:] == ("1 turn without words: turn 2 (counted from 0)",)


def test_a_session_has_one_therapist() -> None:
    with pytest.raises(RiftError, match="one session with 2 therapists: K, L"):
        read("session,speaker,text,therapist_id\nS1,T,a,K\nS1,P,b,L\n")


@pytest.mark.parametrize(
    ("name", "content", "columns", "sure"),
    [
        ("a.txt", "Speaker\tText\nT\tHello\n", {}, 0.9),
        ("a.csv", "Sprecher;Äußerung\nT;Hallo\n", {}, 0.9),
        ("a.csv", "foo;bar\nT;Hallo\n", {}, 0.5),
        ("a.txt", "foo;bar\nT;Hallo\n", {}, 0.0),
        ("a.txt", "foo;bar\nT;Hallo\n", {"speaker": "foo", "text": "bar"}, 0.9),
        ("a.txt", "foo;bar\nT;Hallo\n", {"speaker": "fo", "text": "bar"}, 0.6),
        ("a.txt", "T: Hello\nP: Well, yes\n", {}, 0.0),
    ],
)
def test_tables_are_known_by_their_header(
    name: str, content: str, columns: dict[str, str], sure: float
) -> None:
    assert turn_table.sniff(Source(Path(name), content.encode(), columns)) == sure


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]) | st.just("\n"), max_size=30)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["T", "P", "Frau Grün"]), TEXT), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t"]),
)
def test_turns_come_back_from_a_table(turns: list[tuple[str, str]], delimiter: str) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerow(["patient_id", "session_id", "turn", "speaker", "text"])
    writer.writerows(["01", "S1", i, *turn] for i, turn in enumerate(turns))
    (found,) = read(stream.getvalue())
    assert (found.patient_id, found.session_id) == ("01", "S1")
    assert [(turn.speaker, turn.text) for turn in found.turns] == [
        (speaker, words.strip()) for speaker, words in turns
    ]
