from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import archive, xlsx
from rift.readers.table import Table, parse_table
from rift.readers.xlsx import is_workbook


def workbook(*rows: list[Any], change: Callable[[Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Codes"
    for row in rows:
        sheet.append(row)
    if change:
        change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def edited(data: bytes, part: str, edit: Callable[[str], str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry, edit(content.decode()).encode() if entry.filename == part else content)
    return stream.getvalue()


def table(data: bytes, sheet: str | None = None) -> Table:
    return parse_table(data, "a.xlsx", sheet=sheet)


def test_every_cell_is_text() -> None:
    found = table(
        workbook(
            ["id", "n", "share", "flag", "day", "at", "long", "text"],
            [
                "01",
                3,
                0.1 + 0.2,
                True,
                date(2021, 3, 2),
                time(0, 5, 30),
                timedelta(hours=1, seconds=4.5),
                None,
            ],
            ["02", 3.0, 2.5, False, datetime(2021, 3, 2, 10), time(0, 0, 9, 800000), timedelta(days=1), "NA"],
        )
    )
    assert found.rows[0].cells == ("01", "3", "0.3", "True", "2021-03-02", "330", "3604.5", "")
    assert found.rows[1].cells == ("02", "3", "2.5", "False", "2021-03-02 10:00:00", "9.8", "86400", "NA")
    assert [row.number for row in found.rows] == [2, 3]
    assert found.warnings == ()


def test_rows_keep_their_numbers_and_need_no_header_over_notes() -> None:
    def change(book: Any) -> None:
        book.active["A5"] = "2"
        book.active["D5"] = "a note"

    found = table(workbook(["id", "text"], ["1", "a"], change=change))
    assert found.header == ("id", "text", "", "")
    assert [(row.number, row.cells) for row in found.rows] == [
        (2, ("1", "a", "", "")),
        (5, ("2", "", "", "a note")),
    ]


def test_times_typed_without_seconds_are_told() -> None:
    def change(book: Any) -> None:
        book.active["B2"].number_format = "h:mm"

    found = table(workbook(["id", "at"], ["1", time(5, 30)], change=change))
    assert found.rows[0].cells == ("1", "19800")
    (warning,) = found.warnings
    assert warning.startswith("1 time typed without seconds and read as hours and minutes: cell B2")


def test_times_beyond_a_day() -> None:
    def change(book: Any) -> None:
        book.active["B2"] = 1.5
        book.active["B2"].number_format = "h:mm:ss"

    assert table(workbook(["id", "at"], ["1", None], change=change)).rows[0].cells == ("1", "129600")


def test_merged_headings_stand_for_each_column_and_cells_for_themselves() -> None:
    def change(book: Any) -> None:
        for area in ["A1:F1", "B2:C2", "A4:A5"]:
            book.active.merge_cells(area)

    found = table(
        workbook(
            ["A title", None, None, None, None, None],
            ["Marker", "Segment", None, "Comment", None, None],
            [None, "0-5", "5-10", None, None, None],
            ["Denial", "x", "xx", None, None, None],
            [None, None, "-", "hm", None, None],
            change=change,
        )
    )
    assert found.header == ("Marker", "Segment 0-5", "Segment 5-10", "Comment")
    assert [(row.number, row.cells) for row in found.rows] == [
        (4, ("Denial", "x", "xx", "")),
        (5, ("", "", "-", "hm")),
    ]
    assert found.warnings == ("1 row above the header left out: row 1",)


def test_a_merged_heading_over_full_rows_has_one_row() -> None:
    found = table(
        workbook(
            ["id", "Codes", None],
            ["1", "x", "y"],
            change=lambda book: book.active.merge_cells("B1:C1"),
        )
    )
    assert found.header == ("id", "Codes", "Codes")
    assert found.rows[0].cells == ("1", "x", "y")


def test_sheets_are_chosen_and_the_others_told() -> None:
    def change(book: Any) -> None:
        book.create_sheet("Draft").sheet_state = "hidden"
        book["Draft"].append(["id", "old"])
        book["Draft"].append(["9", "z"])
        book.create_sheet("Other").append(["p", "q"])

    data = workbook(["id", "text"], ["1", "a"], change=change)
    found = table(data)
    assert found.rows[0].cells == ("1", "a")
    assert found.warnings == (
        "sheet 'Codes' is read; 1 other not: 'Other'",
        "1 hidden sheet left out: 'Draft'",
    )
    named = table(data, "draft")
    assert (named.rows[0].cells, named.warnings) == (("9", "z"), ())
    with pytest.raises(RiftError) as caught:
        table(data, "None")
    assert caught.value.remedy == "sheets: 'Codes', 'Draft', 'Other'"


def test_a_formula_without_a_stored_value_is_named() -> None:
    data = workbook(["id", "n"], ["1", "=1+1"])
    with pytest.raises(RiftError) as caught:
        table(data)
    assert caught.value.where == "a.xlsx, sheet 'Codes', cell B2"
    part = "xl/worksheets/sheet1.xml"
    stored = edited(data, part, lambda xml: xml.replace("<v />", "<v>2</v>").replace("<v></v>", "<v>2</v>"))
    assert table(stored).rows[0].cells == ("1", "2")


def test_an_error_in_a_cell_is_named_but_na_is_a_blank() -> None:
    with pytest.raises(RiftError) as caught:
        table(workbook(["id", "text"], ["1", "#NAME?"]))
    assert caught.value.where == "a.xlsx, sheet 'Codes', row 2, column B"
    assert table(workbook(["id", "text"], ["1", "#N/A"])).rows[0].cells == ("1", "#N/A")


def test_zip_bombs_and_entities_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = workbook(["id", "text"], ["1", "a"])
    bomb = edited(
        data, "xl/workbook.xml", lambda xml: '<!DOCTYPE x [<!ENTITY a "b">]>' + xml.partition("?>")[2]
    )
    with pytest.raises(RiftError, match="declares XML entities"):
        table(bomb)
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1000)
    with pytest.raises(RiftError, match="unpacks to"):
        table(data)


def test_sheets_of_absurd_size_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    part = "xl/worksheets/sheet1.xml"
    data = edited(
        workbook(["id", "text"], ["1", "a"]),
        part,
        lambda xml: xml.replace('<row r="2">', '<row r="99999999999">'),
    )
    with pytest.raises(RiftError, match="larger than"):
        table(data)
    monkeypatch.setattr(xlsx, "MAX_CELLS", 3)
    with pytest.raises(RiftError, match="larger than 3 cells"):
        table(workbook(["id", "text"], ["1", "a"]))


def test_other_zip_files_are_no_workbooks() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert not is_workbook(stream.getvalue())
    assert is_workbook(workbook(["a", "b"]))
    with pytest.raises(RiftError, match="no Excel workbook"):
        table(stream.getvalue())


GOOD = workbook(["id", "text"], ["1", "a"])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_workbooks_raise_nothing_else(data: st.DataObject) -> None:
    damaged = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(4, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    content = bytes(damaged[: data.draw(st.integers(4, len(GOOD)))])
    is_workbook(content)
    with suppress(RiftError):
        table(content)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_damaged_sheets_raise_nothing_else(data: st.DataObject) -> None:
    def damage(xml: str) -> str:
        start = data.draw(st.integers(0, len(xml)))
        stop = data.draw(st.integers(start, min(len(xml), start + 30)))
        return xml[:start] + data.draw(st.text('<>/"vcr19A', max_size=8)) + xml[stop:]

    part = data.draw(st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"]))
    with suppress(RiftError):
        table(edited(GOOD, part, damage))
