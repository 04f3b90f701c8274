"""MAXQDA, Dedoose, BORIS: tables that these programs write."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import boris, dedoose, maxqda_segments, registry, turn_table
from rift.readers.code_paths import labels_of
from rift.readers.contract import Source
from rift.schema import Mark, Transcript

MAXQDA = (
    "Color;Comment;Document group;Document name;Code;Begin;End;Weight score;Segment;Created by\n"
    "●;;Fall 12;S07;3RS > Rückzug > Minimal response;2;3;0;Fine.;Anna\n"
    "●;;Fall 12;S07;3RS > Konfrontation;0:03:12,4;0:03:20,0;50;Das.;Ben\n"
    "●;;Fall 13;S01;3RS > Konfrontation;2: 234;2: 260;0;Nein.;Ben\n"
)
DEDOOSE = (
    "Media Title,Excerpt Range,Excerpt Creator,Excerpt Copy,Codes Applied Combined,Code: Withdrawal Applied,"
    "Code: Withdrawal Weight,Code: Withdrawal\\Minimal response Applied\n"
    's07.docx,120-141,anna,"Fine, I guess.","Withdrawal, Minimal response",True,3,True\n'
    's07.docx,,ben,"She said ""no, thanks""",,False,,False\n'
    "s08.mp4,0:01:05-0:01:20,ben,No,Withdrawal,True,,False\n"
)
TABULAR = (
    "Observation id\tSubject\tCoder\tBehavior\tBehavioral category\tModifiers\tBehavior type\tTime\n"
    "s07\tpatient\tA\tWithdrawal\t\t\tSTART\t12.5\n"
    "s07\tpatient\tA\tDenial\t\tstrong\tPOINT\t13\n"
    "s07\tpatient\tA\tWithdrawal\t\t\tSTOP\t20.25\n"
    "s07\tpatient\tA\tConfrontation\t\t\tSTOP\t21\n"
    "s07\tpatient\tA\tConfrontation\t\t\tSTART\t30\n"
)
OLD = (
    "Observation id,s07\n\nMedia file(s)\n\n"
    "Time,Media file path,Total length,FPS,Subject,Behavior,Behavioral category,Modifiers,Comment,Status\n"
    "1.5,a.mp4,60,25,patient,Withdrawal,,,,START\n2.5,a.mp4,60,25,patient,Withdrawal,,,,STOP\n"
)
AGGREGATED = (
    "Observation id,Observation date,FPS,Subject,Behavior,Behavioral category,Behavior type,"
    "Start (s),Stop (s)\n"
    "s07,2021-01-01,25,patient,Withdrawal,,STATE,1.5,3\n"
    "s07,2021-01-01,25,patient,Denial,,POINT,4,4\n"
    "s08,2021-01-01,25,patient,Withdrawal,,STATE,9,NA\n"
)


def source(content: str, name: str = "a.csv") -> Source:
    return Source(Path(name), content.encode())


def brief(transcript: Transcript) -> list[tuple[Any, ...]]:
    return [(one.coder, one.label, one.state, one.start_s, one.end_s, one.value) for one in transcript.marks]


def test_maxqda_paragraphs_times_and_weights() -> None:
    first, second = maxqda_segments.read(source(MAXQDA))
    assert (first.patient_id, first.session_id, first.turns) == ("Fall 12", "S07", ())
    assert first.marks == (
        Mark("Anna", "turn", "Minimal response", "present", "row 2", 1, 2),
        Mark("Ben", "segment", "Konfrontation", "present", "row 3", None, None, 192.4, 200.0, 50.0),
    )
    assert second.marks == (Mark("Ben", "segment", "Konfrontation", "present", "row 4"),)
    assert first.warnings == (
        "paragraphs taken as turns: paragraph 1 is the first turn",
        "'Document group' taken as the patient",
        "1 segment without paragraph or time: row 4",
    )


def test_a_workbook_of_maxqda_is_no_table_of_turns(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for line in MAXQDA.replace("Code;Begin", "Code;Anfang").replace(";End;", ";Ende;").splitlines():
        workbook.active.append(line.split(";"))
    buffer = io.BytesIO()
    workbook.save(buffer)
    path = tmp_path / "a.xlsx"
    path.write_bytes(buffer.getvalue())
    content = registry.read_file(path)
    assert content.format == "maxqda"
    assert len(content.transcripts[0].marks) == 2


def test_dedoose_codes_that_are_applied_and_not() -> None:
    first, second = dedoose.read(source(DEDOOSE))
    assert (first.session_id, second.session_id) == ("s07", "s08")
    assert brief(first) == [
        ("anna", "Withdrawal", "present", None, None, 3.0),
        ("anna", "Minimal response", "present", None, None, None),
        ("ben", None, "absent", None, None, None),
    ]
    assert brief(second) == [
        ("ben", "Withdrawal", "present", 65.0, 80.0, None),
        ("ben", "Minimal response", "absent", 65.0, 80.0, None),
    ]


def test_dedoose_combined_codes_alone() -> None:
    (found,) = dedoose.read(
        source('Media Title,Excerpt Creator,Codes Applied Combined\ns07,a,"WD, CF"\ns07,a,\n')
    )
    assert [one.label for one in found.marks] == ["WD", "CF", None]
    assert "does not tell their parents" in found.warnings[0]


def test_boris_tabular_events() -> None:
    (found,) = boris.read(source(TABULAR, "a.tsv"))
    assert found.session_id == "s07"
    assert brief(found) == [
        ("A", "Withdrawal", "present", 12.5, 20.25, None),
        ("A", "Denial", "present", 13.0, 13.0, None),
        ("A", "Confrontation", "present", 30.0, None, None),
    ]
    assert found.warnings == (
        "1 start without a stop, kept without an end: row 6",
        "1 stop without a start left out: row 5",
        "modifiers are not read: 'strong'",
    )


def test_boris_of_old_with_lines_above_the_header() -> None:
    (found,) = boris.read(source(OLD))
    assert brief(found) == [(None, "Withdrawal", "present", 1.5, 2.5, None)]
    assert found.marks[0].place == "row 6"


def test_boris_aggregated_events() -> None:
    first, second = boris.read(source(AGGREGATED))
    assert [one[3:5] for one in brief(first)] == [(1.5, 3.0), (4.0, 4.0)]
    assert [one[3:5] for one in brief(second)] == [(9.0, None)]
    assert first.warnings == ("1 start without a stop, kept without an end: row 4",)


@pytest.mark.parametrize(
    ("reader", "content", "problem"),
    [
        (maxqda_segments, MAXQDA.replace(";2;3;", ";3;2;"), "'3' to '2' are no paragraphs"),
        (maxqda_segments, MAXQDA.replace(";2;3;", ";2;;"), "a segment with one end only"),
        (maxqda_segments, MAXQDA.replace(";50;", ";much;"), "'much' is no number"),
        (maxqda_segments, "a,b\n1,2\n", "no column for document"),
        (dedoose, DEDOOSE.replace("True,3", "maybe,3"), "'maybe' does not tell"),
        (dedoose, DEDOOSE.replace("0:01:20", "0:01:00"), "no times in order"),
        (dedoose, "a,b\n1,2\n", "no column of codes"),
        (boris, TABULAR.replace("20.25", "soon"), "'soon' is no time"),
        (boris, TABULAR.replace("POINT", "PAUSE"), "'pause' is neither"),
        (boris, TABULAR.replace("20.25", "2"), "a stop before its start"),
        (boris, AGGREGATED.replace("1.5,3", "5,3"), "lies before the start"),
        (boris, "a,b\n1,2\n", "no columns for behaviours"),
    ],
)
def test_what_cannot_be_read_is_refused(reader: Any, content: str, problem: str) -> None:
    with pytest.raises(RiftError, match=problem):
        reader.read(source(content))


def test_sniffing() -> None:
    readers = (maxqda_segments, dedoose, boris)
    for own, content in ((0, MAXQDA), (1, DEDOOSE), (2, TABULAR), (2, OLD), (2, AGGREGATED)):
        assert [reader.sniff(source(content)) for reader in readers] == [0.95 * (i == own) for i in range(3)]
        assert turn_table.sniff(source(content)) < 0.95
    for content in ("speaker,text\nT,hello\n", "T: hello\nP: no\n", "", "start,stop\n1,2\n"):
        assert not any(reader.sniff(source(content)) for reader in readers)


def test_codes_of_one_name_keep_their_parents() -> None:
    labels, told = labels_of(["A > Other", "B\\Other", "B > Denial"])
    assert labels == {"A > Other": "A > Other", "B\\Other": "B > Other", "B > Denial": "Denial"}
    assert told == ["codes of one name under several parents keep their parents: Other"]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([(maxqda_segments, MAXQDA), (dedoose, DEDOOSE), (boris, TABULAR), (boris, AGGREGATED)]),
    st.integers(0, 600), st.integers(0, 12), st.text(alphabet=',;\t\n"0:x-9é', max_size=4),
)  # fmt: skip
def test_anything_mutated_is_read_or_refused(kind: tuple[Any, str], at: int, cut: int, put: str) -> None:
    reader, content = kind
    given_source = source(content[:at] + put + content[at + cut :])
    assert 0 <= reader.sniff(given_source) <= 1
    with suppress(RiftError):
        assert all(isinstance(one, Transcript) for one in reader.read(given_source))
