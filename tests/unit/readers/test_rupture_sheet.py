from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import registry, rupture_sheet, turn_table
from rift.readers.bins import find_bins, numbered_bins
from rift.readers.contract import Source
from rift.schema import Mark, Transcript

GRID = [
    ["3RS – Sitzung 07"],
    ["Marker", "5-min segment", None, None, "Freq.", "Sign. (1-5)", "Comment"],
    [None, "0-5", "5-10", "10-15"],
    ["Withdrawal"],
    ["Minimal response", "x", "xx", None, "=COUNTA(B5:D5)", 3, None],
    ["Denial", None, None, None, "=COUNTA(B6:D6)", None, "n/a"],
    ["Confrontation"],
    ["Complaints: therapist", "✓", 0, "-", "=COUNTA(B8:D8)", "2,5", None],
]


def book(*sheets: tuple[str, list[list[object]]], hidden: tuple[str, ...] = (), merged: str = "") -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets:
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if merged:
            sheet.merge_cells(merged)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def source(data: bytes) -> Source:
    return Source(Path("a.xlsx"), data)


def said(transcript: Transcript) -> list[tuple[str | None, float | None, str, float | None]]:
    return [(mark.label, mark.start_s, mark.state, mark.value) for mark in transcript.marks]


def simple(*rows: list[object]) -> list[list[object]]:
    return [["Marker", "0-5", "5-10", "Freq", "Significance"], *rows]


def test_marks_counts_and_significance() -> None:
    data = book(("Coder A", GRID), ("Coder B", [["old"]]), hidden=("Coder B",), merged="A4:G4")
    (transcript,) = rupture_sheet.read(source(data))
    assert (transcript.turns, transcript.session_id, transcript.patient_id) == ((), "07", None)
    assert said(transcript) == [
        ("Minimal response", 0.0, "present", 1.0),
        ("Minimal response", 300.0, "present", 2.0),
        ("Minimal response", 600.0, "absent", None),
        ("Minimal response", None, "present", 3.0),
        ("Denial", 0.0, "absent", None),
        ("Denial", 300.0, "absent", None),
        ("Denial", 600.0, "absent", None),
        ("Complaints: therapist", 0.0, "present", 1.0),
        ("Complaints: therapist", 300.0, "absent", None),
        ("Complaints: therapist", 600.0, "uncodable", None),
        ("Complaints: therapist", None, "present", 2.5),
    ]
    assert transcript.marks[1] == Mark(
        "A",
        "segment",
        "Minimal response",
        "present",
        "sheet 'Coder A', cell C5",
        None,
        None,
        300.0,
        600.0,
        2.0,
    )
    assert transcript.warnings == (
        "1 hidden sheet left out: 'Coder B'",
        "sheet 'Coder A': 2 headings of groups left out: row 4, 7",
        "sheet 'Coder A': 3 counts without a stored value recounted from the marks: cell E5, E6, E8",
        "sheet 'Coder A': 1 comment left out: cell G6",
    )


def test_the_content_tells_it_from_a_table_of_turns() -> None:
    sheet = source(book(("Coder A", GRID)))
    assert rupture_sheet.sniff(sheet) > turn_table.sniff(sheet)
    assert rupture_sheet.sniff(source(book(("T", [["speaker", "text"], ["T", "0-5 or 5-10?"]])))) == 0
    assert rupture_sheet.sniff(source(b"PK\x03\x04 xl/workbook.xml")) == 0


def test_it_is_read_through_the_registry(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(book(("Coder A", GRID)))
    content = registry.read_file(path)
    assert content.format == "3rs_sheet"
    assert len(content.transcripts[0].marks) == 11


def test_rows_of_markers_without_marks_are_not_headings() -> None:
    rows = simple(["Withdrawal"], ["Denial"], ["Minimal response", "x"], ["Total", 1, 0])
    (transcript,) = rupture_sheet.read(source(book(("S", rows))))
    assert said(transcript) == [
        ("Denial", 0.0, "absent", None),
        ("Denial", 300.0, "absent", None),
        ("Minimal response", 0.0, "present", 1.0),
        ("Minimal response", 300.0, "absent", None),
    ]
    assert "sheet 'S': 1 row of totals left out: row 5" in transcript.warnings


def test_families_alone_are_markers() -> None:
    rows = simple(["Withdrawal", "x", None], ["Confrontation", None, None])
    (transcript,) = rupture_sheet.read(source(book(("S", rows))))
    assert [label for label, *_ in said(transcript)] == ["Withdrawal"] * 2
    rows = simple(["Withdrawal", "x", None], ["Confrontation", 0, 0])
    (transcript,) = rupture_sheet.read(source(book(("S", rows))))
    assert [label for label, *_ in said(transcript)] == ["Withdrawal"] * 2 + ["Confrontation"] * 2


def test_sheets_of_several_coders() -> None:
    rows = [["Patient:", "P07", "Session", "3"], *simple(["Denial", "x", 0])]
    (transcript,) = rupture_sheet.read(source(book(("Anna", rows), ("Ben", rows))))
    assert (transcript.patient_id, transcript.session_id) == ("P07", "3")
    assert [mark.coder for mark in transcript.marks] == ["Anna", "Anna", "Ben", "Ben"]
    sessions = rupture_sheet.read(source(book(("Session 1", rows[1:]), ("Session 2", rows[1:]))))
    assert [one.session_id for one in sessions] == ["1", "2"]


def test_a_sheet_without_any_mark_is_not_coded() -> None:
    rows = simple(["Denial"], ["Minimal response"])
    (transcript,) = rupture_sheet.read(source(book(("Coder A", rows))))
    assert [(mark.coder, mark.label, mark.state) for mark in transcript.marks] == [("A", None, "not_coded")]


def test_counts_that_differ_are_told() -> None:
    rows = simple(["Denial", "xx", None, 1, 1], ["Minimal response", None, 0, 0, 1])
    (transcript,) = rupture_sheet.read(source(book(("S", rows))))
    assert said(transcript)[2] == ("Denial", None, "present", 1.0)
    assert said(transcript)[5] == ("Minimal response", None, "absent", 1.0)
    assert any("cell D2 says '1' of 2 marks" in warning for warning in transcript.warnings)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (["Denial", "maybe"], "'maybe' is no known mark"),
        (["Denial", "x", None, None, 7], "'7' is no significance from 1 to 5"),
        (["Denial", "x", None, None, "strong"], "'strong' is no significance"),
        (["Denial", "=1+1"], "the formula in this cell has no stored value"),
        ([None, "x"], "marks in a row without a marker"),
        (["Denial", "#REF!"], "the cell holds the error"),
    ],
)
def test_cells_that_mean_nothing_are_refused(row: list[object], problem: str) -> None:
    with pytest.raises(RiftError, match=problem.replace("(", r"\(")) as caught:
        rupture_sheet.read(source(book(("S", simple(["Minimal response", "x"], row)))))
    assert "a.xlsx" in str(caught.value)


@pytest.mark.parametrize(
    ("cells", "spans"),
    [
        (["", "0-5", "5-10"], [(0, 300), (300, 600)]),
        (["", "0–4 min", "5–9 min"], [(0, 300), (300, 600)]),
        (["", "1-5", "6-10"], [(0, 300), (300, 600)]),
        (["", "0:00-4:59", "5:00-9:59"], [(0, 300), (300, 600)]),
        (["", "00:00:00-00:05:00", "00:05:00-00:10:00"], [(0, 300), (300, 600)]),
        (["", "0-300", "300-600"], [(0, 300), (300, 600)]),
        (["", "0-59", "60-119"], [(0, 60), (60, 120)]),
        (["", "0-5", "2021-05-10 00:00:00", "10-15"], [(0, 300), (300, 600), (600, 900)]),
        (["", "0-5", "10-15"], None),
        (["", "5-0", "10-5"], None),
        (["", "0-5"], None),
    ],
)
def test_headings_of_stretches(cells: list[str], spans: list[tuple[int, int]] | None) -> None:
    bins = find_bins(cells)
    assert (None if bins is None else list(bins.spans)) == spans


def test_numbered_stretches_need_their_length() -> None:
    bins = numbered_bins(["", "1", "2", "3"], "Marker 5-min segments")
    assert bins is not None
    assert bins.spans[2] == (600.0, 900.0)
    assert numbered_bins(["", "1", "2", "3"], "Marker") is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.sampled_from(["x", "-", "0-5", "5-10", "Freq"]),
                st.text(max_size=5),
                st.floats(0, 9),
            ),
            max_size=6,
        ),
        max_size=6,
    )
)
def test_any_sheet_gives_marks_or_an_error(rows: list[list[object]]) -> None:
    from openpyxl.utils.exceptions import IllegalCharacterError

    try:
        data = book(("S", [["Marker", "0-5", "5-10"], *rows]))
    except IllegalCharacterError:
        return
    try:
        found = rupture_sheet.read(source(data))
    except RiftError:
        return
    assert all(isinstance(one, Transcript) for one in found)


def test_a_damaged_workbook_is_refused() -> None:
    data = book(("Coder A", GRID))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[:60] if "sheet1" in name else old.read(name))
    with pytest.raises(RiftError, match="no readable Excel workbook"):
        rupture_sheet.read(source(buffer.getvalue()))
