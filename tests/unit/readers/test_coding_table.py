from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers.coding_table import CodingLayout, read_codings
from rift.schema import Coding

FIXED = {"patient_id": "P1", "session_id": "S1"}


@pytest.fixture
def read(tmp_path: Path):
    def run(
        content: str, fixed: dict[str, str] | None = None, **layout: Any
    ) -> tuple[list[Coding], list[str]]:
        path = tmp_path / "codes.csv"
        path.write_text(content, encoding="utf-8")
        codings, warnings = read_codings(path, CodingLayout(**layout), FIXED if fixed is None else fixed)
        assert all(warning.startswith(f"{path}: ") for warning in warnings)
        assert all(coding.place.startswith(f"{path}, row ") for coding in codings)
        return codings, [warning.removeprefix(f"{path}: ") for warning in warnings]

    return run


def brief(codings: list[Coding]) -> list[tuple[Any, ...]]:
    return [(one.coder, one.first_turn, one.label, one.state) for one in codings]


def test_long_with_our_own_names(read) -> None:
    codings, warnings = read(
        "patient_id,session_id,turn,coder,label\nP7,02,3,A,Denial\nP7,02,4,A,\nP7,02,5,A,?\n", layout="long"
    )
    assert brief(codings) == [
        ("A", 3, "Denial", "present"),
        ("A", 4, None, "absent"),
        ("A", 5, None, "uncodable"),
    ]
    first = codings[0]
    assert (first.patient_id, first.session_id, first.unit, first.last_turn) == ("P7", "02", "turn", 3)
    assert first.place.endswith("codes.csv, row 2, column label")
    assert warnings == []


def test_several_labels_in_a_cell_and_turns_from_one(read) -> None:
    columns = {"turn": "Nr", "label": "Codes"}
    codings, _ = read(
        "Nr;Codes\n1;denial; \n2;none\n3;denial | WD-min,denial\n",
        layout="long",
        coder="A",
        columns=columns,
        first_turn_number=1,
        separators=["|", ","],
    )
    assert brief(codings) == [
        ("A", 0, "denial", "present"),
        ("A", 1, None, "absent"),
        ("A", 2, "denial", "present"),
        ("A", 2, "WD-min", "present"),
    ]
    kept, _ = read("Nr\tCodes\n1\tDenial, strong\n", layout="long", coder="A", columns=columns, separators=[])
    assert kept[0].label == "Denial, strong"


def test_states_and_values(read) -> None:
    codings, _ = read(
        'turn,label,state,value\n0,a,present,3\n1,a,absent,\n2,a,n/a,NA\n3,,uncodable,\n4,,,\n5,b,1,"2,5"\n',
        layout="long",
        coder="A",
    )
    assert [(one.label, one.state, one.value) for one in codings] == [
        ("a", "present", 3.0),
        ("a", "absent", None),
        ("a", "uncodable", None),
        (None, "uncodable", None),
        (None, "absent", None),
        ("b", "present", 2.5),
    ]


def test_what_is_not_coded_is_said_so(read) -> None:
    codings, warnings = read(
        "transcript_id,utterance_id,annotator_id,client_talk_type\n0,0,3,n/a\n0,1,3,neutral\n0,1,4,change\n"
        "0,2,,n/a\n",
        {"patient_id": "P1"},
        layout="long",
        columns={
            "session_id": "transcript_id",
            "turn": "utterance_id",
            "coder": "annotator_id",
            "label": "client_talk_type",
        },
        not_coded=["n/a"],
    )
    assert brief(codings) == [
        ("3", 0, None, "not_coded"),
        ("3", 1, "neutral", "present"),
        ("4", 1, "change", "present"),
    ]
    assert {one.session_id for one in codings} == {"0"}
    assert warnings == ["2 cells not coded: row 2, 5"]


def test_not_coded_by_the_state_column(read) -> None:
    codings, warnings = read(
        "turn,label,state\n0,a,not_coded\n1,a; b,Not coded\n2,,not_coded\n3,a,skip\n",
        layout="long",
        coder="A",
        not_coded=["skip"],
    )
    assert brief(codings) == [
        ("A", 0, "a", "not_coded"),
        ("A", 1, "a", "not_coded"),
        ("A", 1, "b", "not_coded"),
        ("A", 2, None, "not_coded"),
        ("A", 3, "a", "not_coded"),
    ]
    assert warnings == ["4 cells not coded: row 2-5"]


def test_not_coded_in_the_columns_of_coders_and_labels(read) -> None:
    codings, warnings = read(
        "turn,A,B,C\n0,denial,later,\n1,later,none,\n", layout="wide_coders", not_coded=["later"]
    )
    assert brief(codings) == [
        ("A", 0, "denial", "present"),
        ("B", 0, None, "not_coded"),
        ("A", 1, None, "not_coded"),
        ("B", 1, None, "absent"),
    ]
    assert "2 cells not coded: row 2-3" in warnings
    codings, warnings = read(
        "turn,WD,CF\n0,x,\n1,,0\n", layout="wide_labels", coder="A", marks=["WD", "CF"], not_coded=[""]
    )
    assert brief(codings) == [
        ("A", 0, "WD", "present"),
        ("A", 0, "CF", "not_coded"),
        ("A", 1, "WD", "not_coded"),
        ("A", 1, "CF", "absent"),
    ]
    assert warnings == ["2 cells not coded: row 2-3"]


def test_a_column_per_coder(read) -> None:
    codings, warnings = read(
        "turn,text,Anna,Ben,Cleo\n0,hi,denial,,\n1,so,,none,\n2,no,-,denial; CF,\n",
        layout="wide_coders",
        marks={"anna": "Anna", "ben": "Ben", "cleo": "Cleo"},
    )
    assert brief(codings) == [
        ("anna", 0, "denial", "present"),
        ("ben", 0, None, "absent"),
        ("anna", 1, None, "absent"),
        ("ben", 1, None, "absent"),
        ("anna", 2, None, "uncodable"),
        ("ben", 2, "denial", "present"),
        ("ben", 2, "CF", "present"),
    ]
    assert codings[-1].place.endswith("row 4, column Ben")
    assert warnings == [
        "session P1/S1 is not coded by cleo: all cells are blank;"
        " write none where a coder looked and marked nothing"
    ]


def test_who_coded_is_told_by_session(read) -> None:
    codings, warnings = read(
        "session_id,turn,A,B\nS1,0,x1,\nS1,1,,\nS2,0,,y1\n", {"patient_id": "P1"}, layout="wide_coders"
    )
    assert [(one.session_id, *row) for one, row in zip(codings, brief(codings), strict=True)] == [
        ("S1", "A", 0, "x1", "present"),
        ("S1", "A", 1, None, "absent"),
        ("S2", "B", 0, "y1", "present"),
    ]
    assert warnings[0] == "columns read as coders: A, B; to change that, name them under marks"
    assert len(warnings) == 3


def test_a_column_per_label(read) -> None:
    codings, warnings = read(
        "turn,coder,WD,CF\n0,A,x,\n0,B,-,1\n1,A,no,✓\n", layout="wide_labels", marks=["WD", "CF"]
    )
    assert brief(codings) == [
        ("A", 0, "WD", "present"),
        ("A", 0, "CF", "absent"),
        ("B", 0, "WD", "uncodable"),
        ("B", 0, "CF", "present"),
        ("A", 1, "WD", "absent"),
        ("A", 1, "CF", "present"),
    ]
    assert warnings == []


def test_one_minute_ratings(read) -> None:
    codings, warnings = read(
        "patient;session;coder;segment;start;end;WD_P;CF_P\n"
        "01;S03;A;1;0;59;1;3\n01;S03;A;2;60;1:59;2,5;\n01;S03;A;3;120;179;n/a;none\n01;S03;A;;;;;\n",
        {},
        layout="wide_labels",
        columns={
            "patient_id": "patient",
            "session_id": "session",
            "coder": "coder",
            "start_s": "start",
            "end_s": "end",
        },
        marks=["WD_P", "CF_P"],
        value_is_rating=True,
        inclusive_end=True,
    )
    assert [(one.start_s, one.end_s, one.label, one.state, one.value) for one in codings] == [
        (0.0, 60.0, "WD_P", "absent", 1.0),
        (0.0, 60.0, "CF_P", "present", 3.0),
        (60.0, 120.0, "WD_P", "present", 2.5),
        (60.0, 120.0, "CF_P", "not_coded", None),
        (120.0, 180.0, "WD_P", "uncodable", None),
        (120.0, 180.0, "CF_P", "absent", None),
    ]
    assert {(one.unit, one.first_turn, one.patient_id) for one in codings} == {("segment", None, "01")}
    assert warnings == ["1 row with neither place nor marks left out", "1 cell not coded: row 3"]


def test_ratings_in_a_long_table(read) -> None:
    codings, warnings = read(
        "turn,label,value\n0,WD,1\n0,CF,4\n1,WD,\n2,WD,?\n3,,\n",
        layout="long",
        coder="A",
        value_is_rating=True,
    )
    assert [(one.first_turn, one.label, one.state, one.value) for one in codings] == [
        (0, "WD", "absent", 1.0),
        (0, "CF", "present", 4.0),
        (1, "WD", "not_coded", None),
        (2, "WD", "uncodable", None),
        (3, None, "not_coded", None),
    ]
    assert warnings == ["2 cells not coded: row 4, 6"]


def test_the_unit_is_what_the_row_has(read) -> None:
    codings, _ = read(
        "first_turn,last_turn,start_s,end_s,unit,label\n"
        "2,4,,,,a\n3,,,,,b\n,,0:00,5:00,,c\n,,,,session,d\n2,4,,,Segment,e\n",
        layout="long",
        coder="A",
    )
    assert [
        (one.label, one.unit, one.first_turn, one.last_turn, one.start_s, one.end_s) for one in codings
    ] == [
        ("a", "turn", 2, 4, None, None),
        ("b", "turn", 3, 3, None, None),
        ("c", "segment", None, None, 0.0, 300.0),
        ("d", "session", None, None, None, None),
        ("e", "segment", 2, 4, None, None),
    ]
    whole, _ = read("label\na\n", layout="long", coder="A", columns={"label": "label"})
    assert (whole[0].unit, whole[0].first_turn) == ("session", None)
    fixed, _ = read("turn,label\n1,a\n", layout="long", coder="A", unit="segment")
    assert (fixed[0].unit, fixed[0].first_turn) == ("segment", 1)


def test_ids_from_the_file_name_fill_in_for_cells(read) -> None:
    codings, _ = read(
        "session_id,turn,label\nS2,0,a\nn/a,0,a\n",
        {"patient_id": "P9", "session_id": "S1", "coder": "ben"},
        layout="long",
    )
    assert [(one.patient_id, one.session_id, one.coder) for one in codings] == [
        ("P9", "S2", "ben"),
        ("P9", "S1", "ben"),
    ]


@pytest.mark.parametrize(
    ("content", "layout", "place", "problem"),
    [
        ("turn,WD\n0,x\n1,perhaps\n", {"layout": "wide_labels"}, "row 3, column WD", "'perhaps' is none of"),
        ("turn,WD\n0,3\n", {"layout": "wide_labels"}, "row 2, column WD", "'3' is none of"),
        (
            "turn,WD\n0,6\n",
            {"layout": "wide_labels", "value_is_rating": True},
            "row 2, column WD",
            "'6' is none",
        ),
        (
            "turn,WD\n0,x\n",
            {"layout": "wide_labels", "value_is_rating": True},
            "row 2, column WD",
            "'x' is none",
        ),
        ("turn,label\n0,denial; none\n", {}, "row 2, column label", "'denial; none' is neither"),
        ("turn,label,state\n0,a,seen\n", {}, "row 2, column state", "'seen' is no known state"),
        ("turn,label,state\n0,a,\n", {}, "row 2, column state", "'' is no known state"),
        ("turn,label,state\n0,,present\n", {}, "row 2, column state", "present, but no label"),
        ("turn,label,value\n0,a,high\n", {}, "row 2, column value", "'high' is no number"),
        ("turn,label\nT3,a\n", {}, "row 2, column turn", "turn 'T3' is not a whole number from 0"),
        (
            "turn,label\n0,a\n",
            {"first_turn_number": 1},
            "row 2, column turn",
            "turn '0' is not a whole number from 1",
        ),
        ("turn,label\n,a\n", {}, "row 2, column turn", "neither turn nor times"),
        ("start_s,end_s,label\n5,,a\n", {}, "row 2, column end_s", "a segment without its start and end"),
        (
            "start_s,end_s,label\n5,5,a\n",
            {},
            "row 2, column end_s",
            "the end (5 s) is not after the start (5 s)",
        ),
        ("start_s,end_s,label\nsoon,5,a\n", {}, "row 2, column start_s", "'soon' is no time"),
        ("first_turn,last_turn,label\n5,4,a\n", {}, "row 2, column last_turn", "the last turn comes before"),
        ("unit,label\nchapter,a\n", {}, "row 2, column unit", "unknown unit 'chapter'"),
        ("unit,label\nturn,a\n", {}, "row 2", "a coding of a turn without its number"),
        ("turn,coder,label\n0,,a\n", {"coder": None}, "row 2, column coder", "coder is not known"),
    ],
)
def test_cells_that_cannot_be_understood(
    read, tmp_path: Path, content: str, layout: dict[str, Any], place: str, problem: str
) -> None:
    with pytest.raises(RiftError) as caught:
        read(content, **{"layout": "long", "coder": "A", **layout})
    assert caught.value.where == f"{tmp_path / 'codes.csv'}, {place}"
    assert caught.value.problem.startswith(problem)
    assert caught.value.remedy


def test_an_unknown_cell_names_the_known_spellings(read) -> None:
    with pytest.raises(RiftError) as caught:
        read("turn,WD\n0,q\n1,x\n2,q\n3,q\n", layout="wide_labels", coder="A", value_is_rating=True)
    assert "known: ratings 1-5; absent: 'no' 'none' 'false'; uncodable: '-'" in str(caught.value.remedy)
    assert caught.value.problem == "'q' is none of the known spellings (faults also in row 3-5)"


def test_missing_columns_and_ids(read) -> None:
    with pytest.raises(RiftError, match="no column 'Code' \\(for label\\); the table has 'turn', 'label'"):
        read("turn,label\n0,a\n", layout="long", coder="A", columns={"label": "Code"})
    with pytest.raises(RiftError, match="the column for 'label' is not known"):
        read("turn,code\n0,a\n", layout="long", coder="A")
    with pytest.raises(RiftError, match="no column 'CF' \\(for CF\\)"):
        read("turn,WD\n0,1\n", layout="wide_labels", coder="A", marks=["WD", "CF"])
    with pytest.raises(RiftError, match="no columns of marks"):
        read("turn,coder\n0,1\n", layout="wide_labels")
    with pytest.raises(RiftError, match="session_id is not known"):
        read("turn,label\n0,a\n", {"patient_id": "P1"}, layout="long", coder="A")


def test_a_workbook_and_a_named_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["nothing", "here"])
    sheet = book.create_sheet("Coder A")
    for row in (["turn", "Denial", "CF"], [1, "x", None], [2, 0, "–"]):
        sheet.append(row)
    path = tmp_path / "codes.xlsx"
    book.save(path)
    layout = CodingLayout(layout="wide_labels", coder="A", sheet="coder a", first_turn_number=1)
    codings, warnings = read_codings(path, layout, FIXED)
    assert brief(codings) == [
        ("A", 0, "Denial", "present"),
        ("A", 0, "CF", "absent"),
        ("A", 1, "Denial", "absent"),
        ("A", 1, "CF", "uncodable"),
    ]
    assert warnings == [f"{path}: columns read as labels: Denial, CF; to change that, name them under marks"]


STATE = st.sampled_from(["present", "absent", "uncodable", "not_coded"])
SPELLED = {"present": "x", "absent": "", "uncodable": "-", "not_coded": "later"}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(STATE, STATE), min_size=1, max_size=6))
def test_states_come_back_from_both_layouts(tmp_path_factory, marks: list[tuple[str, str]]) -> None:
    folder = tmp_path_factory.mktemp("codes")
    (folder / "wide.csv").write_text(
        "turn,WD,CF\n" + "".join(f"{i},{SPELLED[a]},{SPELLED[b]}\n" for i, (a, b) in enumerate(marks))
    )
    (folder / "long.csv").write_text(
        "turn,label,state\n" + "".join(f"{i},WD,{a}\n{i},CF,{b}\n" for i, (a, b) in enumerate(marks))
    )
    expected = [
        ("A", i, label, state)
        for i, pair in enumerate(marks)
        for label, state in zip(("WD", "CF"), pair, strict=True)
    ]
    for name, layout in (("wide", "wide_labels"), ("long", "long")):
        made = CodingLayout(layout=layout, coder="A", not_coded=["later"])
        codings, _ = read_codings(folder / f"{name}.csv", made, FIXED)
        assert brief(codings) == expected
