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
from rift.readers import codings, otter, registry, text, turn_table
from rift.readers.contract import Source
from rift.schema import Mark, Transcript

ONE_MINUTE = (
    "patient;session;coder;segment;start;end;WD_P;WD_T;CF_P;CF_T;Comment\n"
    "P01;S03;A;1;0;59;1;1;2,5;1;ok\n"
    "P01;3;A;2;60;119;3;1;;;\n"
    "P01;3.0;B;1;0;59;1;1;n/a;1;\n"
    "P01;S03;B;2;;;2;1;1;1;\n"
    "P01;S03;B;2;;;2;1;1;1;\n"
    "P01;S03;B;3;120;131;2;1;1;1;\n"
    "P01;S04;B;1;0;59;1;1;1;1;\n"
    "P01;S04;;;;;;;;;\n"
    "P01;S04;;2;60;119;;;;;\n"
)


def source(content: str) -> Source:
    return Source(Path("a.csv"), content.encode())


def read(content: str) -> Transcript:
    assert codings.sniff(source(content)) == 0.92
    (found,) = codings.read(source(content))
    return found


def brief(transcript: Transcript) -> list[tuple[Any, ...]]:
    return [
        (one.coder, one.label, one.state, one.first_turn, one.start_s, one.end_s) for one in transcript.marks
    ]


def test_one_minute_sheets() -> None:
    first, second = codings.read(source(ONE_MINUTE))
    assert (first.patient_id, first.session_id, second.session_id) == ("P01", "S03", "S04")
    assert first.turns == ()
    assert first.marks[2] == Mark(
        "A", "segment", "CF_P", "present", "row 2, column CF_P", None, None, 0.0, 60.0, 2.5
    )
    states = {(one.coder, one.label, one.start_s): (one.state, one.value) for one in first.marks}
    assert len(states) == len(first.marks) == 20
    assert states["A", "WD_P", 0.0] == ("absent", 1.0)
    assert states["A", "CF_P", 60.0] == ("not_coded", None)
    assert states["B", "CF_P", 0.0] == ("uncodable", None)
    assert states["B", "WD_P", 60.0] == ("present", 2.0)
    assert {one.end_s for one in first.marks if one.start_s == 120} == {132.0}
    assert first.warnings[1:] == (
        "2 rows without marks and without coder or ids left out: row 9-10",
        "times filled in from the segment's number: row 5-6",
        "ends name the last second of a segment: 0-59 is the first minute",
        "columns not read: segment, Comment",
        "2 cells not coded: row 3",
        "sessions S03, 3, 3.0 are taken as one: S03",
        "session S03: 4 codings said twice, kept once: row 6, column WD_P, row 6, column WD_T,"
        " row 6, column CF_P, row 6, column CF_T",
    )


def test_ends_that_are_exclusive_stay() -> None:
    found = read("session,coder,start,end,WD_P,CF_P\n1,A,0,60,1,2\n1,A,60,120,1,1\n")
    assert {one.end_s for one in found.marks} == {60.0, 120.0}
    assert found.session_id == "1"


def test_rows_that_fill_each_other_and_rows_that_contradict() -> None:
    head = "session,coder,start,end,WD_P,CF_P\n"
    found = read(head + "1,A,0,60,3,\n1,A,0,60,,2\n")
    assert [(one.label, one.value) for one in found.marks] == [("WD_P", 3.0), ("CF_P", 2.0)]
    found = read(head + "1,A,0,60,3,1\n1,A,0,60,2,1\n")
    assert len(found.marks) == 3
    assert "1 coding other than an earlier row's, both kept: row 3, column WD_P" in found.warnings


def test_long_tables() -> None:
    found = read("Rater,Turn,Code,Session\nA,3,Denial,07\nA,4,,07\nA,5,n/a,07\n")
    assert found.session_id == "07"
    assert brief(found) == [
        ("A", "Denial", "present", 3, None, None),
        ("A", None, "absent", 4, None, None),
        ("A", None, "uncodable", 5, None, None),
    ]


def test_a_column_per_coder() -> None:
    found = read("turn,Coder A,Coder B\n1,Denial,none\n2,,Denial; WD-min\n3,-,\n")
    assert brief(found)[:2] == [
        ("Coder A", "Denial", "present", 0, None, None),
        ("Coder B", None, "absent", 0, None, None),
    ]
    assert "turns are numbered from 1" in found.warnings


def test_a_column_per_label_with_marks() -> None:
    found = read("session,coder,turn,Denial,Minimal response\n7,A,0,x,\n7,A,5,0,-\n")
    assert brief(found) == [
        ("A", "Denial", "present", 0, None, None),
        ("A", "Minimal response", "absent", 0, None, None),
        ("A", "Denial", "absent", 5, None, None),
        ("A", "Minimal response", "uncodable", 5, None, None),
    ]


def test_no_header_at_all() -> None:
    found = read("Alex,1,2,9\nAlex,2,11,17\nPaul,1,2,9\n")
    assert brief(found)[0] == ("Alex", "1", "present", None, 2.0, 9.0)
    assert found.marks[2].place == "row 3, column label"
    assert "no header: 3 rows read as coder, label, start, end" in found.warnings


def test_a_workbook_through_the_registry(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for line in ONE_MINUTE.splitlines():
        workbook.active.append(line.split(";"))
    buffer = io.BytesIO()
    workbook.save(buffer)
    path = tmp_path / "a.xlsx"
    path.write_bytes(buffer.getvalue())
    content = registry.read_file(path)
    assert content.format == "codings"
    assert [len(one.marks) for one in content.transcripts] == [20, 4]


def test_ids_of_other_prefixes_stay_apart() -> None:
    found = codings.read(source("patient,session,coder,label\nA1,1,X,Denial\nB1,1,X,Denial\n1,01,X,Denial\n"))
    assert [(one.patient_id, one.session_id) for one in found] == [("A1", "1"), ("B1", "1"), ("1", "01")]


@pytest.mark.parametrize(
    "content",
    [
        "speaker,text\nT,hello\nP,no\n",
        "session,turn,speaker,text,label,annotator\n1,1,T,hello,WD,A\n",
        "T: hello\nP: no, no\n",
        "start,end,text\n0,1,hello\n",
        "name,age,start,end\nA,12,3,x\n",
        "",
    ],
)
def test_other_files_are_left_alone(content: str) -> None:
    assert codings.sniff(source(content)) == 0


def test_it_is_surer_than_the_readers_of_transcripts() -> None:
    for reader in (turn_table, text, otter):
        assert reader.sniff(source(ONE_MINUTE)) < codings.sniff(source(ONE_MINUTE))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (ONE_MINUTE.replace("2,5", "7"), "'7' is none of the known spellings"),
        (ONE_MINUTE.replace("P01;3;A", "P01;3;"), "coder is not known"),
        (ONE_MINUTE.replace("60;119", "60;"), "a segment without its start and end"),
        ("a,b\n1,2\n", "layout of this table of codings is not known"),
        ("", "the file is empty"),
    ],
)
def test_what_cannot_be_read_is_refused(content: str, problem: str) -> None:
    with pytest.raises(RiftError, match=problem):
        codings.read(source(content))


LONG = "Rater,Turn,Code,Session\nA,3,Denial,07\n"
WIDE = "turn,Coder A,Coder B\n1,Denial,none\n"


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([ONE_MINUTE, LONG, WIDE]),
    st.integers(0, 400), st.integers(0, 12), st.text(alphabet=',;\t\n"0:x-9é', max_size=4),
)  # fmt: skip
def test_anything_mutated_is_read_or_refused(content: str, at: int, cut: int, put: str) -> None:
    given_source = source(content[:at] + put + content[at + cut :])
    assert 0 <= codings.sniff(given_source) <= 1
    with suppress(RiftError):
        assert all(isinstance(one, Transcript) for one in codings.read(given_source))
