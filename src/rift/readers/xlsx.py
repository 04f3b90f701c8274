"""A sheet of an Excel workbook as rows of strings, read without trust in the file.

Only stored values are read, never formulas. Sizes are checked before anything is unpacked.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries

from rift.errors import RiftError
from rift.readers.archive import check_size, member_names
from rift.readers.grid import Area, Grid, Row
from rift.readers.wording import counted, some

MAX_CELLS = 5_000_000
MAX_ROWS = 2**20
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_HEADER_ROWS = 50
"""Merged cells matter in the header only, so those below are not kept."""


@dataclass(frozen=True, slots=True)
class _Scan:
    """What openpyxl does not tell of a sheet that it streams."""

    merged: tuple[Area, ...]
    uncomputed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedGrid:
    """A sheet with its title, and the cells whose formula has no stored value: they read as blank."""

    title: str
    grid: Grid
    uncomputed: frozenset[str] = frozenset()


def is_workbook(data: bytes) -> bool:
    """Return whether the bytes are an Excel workbook of the XML kind."""
    return "xl/workbook.xml" in member_names(data)


def read_sheet(data: bytes, where: object, sheet: str | None = None) -> Grid:
    """Return the rows of one sheet, every cell as text.

    Whole numbers have no ``.0``; times are seconds; dates are ISO dates; merged cells hold their
    text in the first cell only, and the areas are told.

    Parameters
    ----------
    data
        The bytes of the workbook.
    where
        The file, for messages.
    sheet
        The sheet's name; None for the first visible one, with a warning if there are more.

    Raises
    ------
    RiftError
        This is no sound workbook, has no such sheet, is too large, or a cell holds an error or a
        formula that was never computed.
    """
    grids, told = _read_guarded(data, where, sheet, every=False)
    (one,) = grids
    if one.uncomputed:
        raise RiftError(
            "the formula in this cell has no stored value",
            where=f"{where}, sheet {one.title!r}, cell {min(one.uncomputed, key=_cell_order)}",
            remedy="open the file in a spreadsheet program and save it, or put values for formulas",
        )
    return replace(one.grid, warnings=(*told, *one.grid.warnings))


def read_sheets(data: bytes, where: object, sheet: str | None = None) -> tuple[list[NamedGrid], list[str]]:
    """Return every visible sheet, or the one named, and what is said of the hidden ones.

    A formula without a stored value is the caller's to judge; else as `read_sheet`.
    """
    return _read_guarded(data, where, sheet, every=True)


def sheet_tops(data: bytes, rows: int = 40) -> tuple[NamedGrid, ...]:
    """Return the first rows of every visible sheet, none of a damaged workbook: for sniffing."""
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(data)) as archive:
            warnings.simplefilter("ignore")
            _check_archive(archive, None)
            reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            reader.read()
            visible = [one for one in reader.wb.worksheets if one.sheet_state == "visible"]
            return tuple(NamedGrid(one.title, Grid(_rows(one, "", rows)[0], False)) for one in visible)
    except Exception:  # as in read_sheet; what is wrong is said when it is read
        return ()


def _cell_order(reference: str) -> tuple[int, int, str]:
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return (int(row) if row.isdecimal() else 0, len(reference), reference)


def _read_guarded(
    data: bytes, where: object, sheet: str | None, every: bool
) -> tuple[list[NamedGrid], list[str]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that do not concern us
            return _read(data, where, sheet, every)
    except RiftError:
        raise
    except Exception as error:  # openpyxl and zipfile raise many kinds on damaged files
        raise RiftError(
            f"this is no readable Excel workbook ({type(error).__name__})",
            where=where,
            remedy="open it in a spreadsheet program and save it again as XLSX or CSV",
        ) from None


def _read(data: bytes, where: object, sheet: str | None, every: bool) -> tuple[list[NamedGrid], list[str]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _check_archive(archive, where)
        reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        reader.read()
        parts = {entry.name: rel.target for entry, rel in reader.parser.find_sheets()}
        chosen, told = _choose(reader.wb, where, sheet, every)
        return [_grid(archive, one, parts[one.title], where) for one in chosen], told


def _grid(archive: zipfile.ZipFile, sheet: Any, part: str, where: object) -> NamedGrid:
    with archive.open(part) as stream:
        scan = _scan(stream)
    rows, minutes = _rows(sheet, where)
    told: tuple[str, ...] = ()
    if minutes:
        told = (
            f"{counted(len(minutes), 'time')} typed without seconds and read as hours and minutes: cell"
            f" {some(minutes)}; if minutes and seconds are meant, write them as text or as 0:05:30",
        )
    return NamedGrid(sheet.title, Grid(rows, False, scan.merged, told), frozenset(scan.uncomputed))


def _check_archive(archive: zipfile.ZipFile, where: object) -> None:
    entries = archive.infolist()
    if not any(entry.filename.startswith("xl/") for entry in entries):
        raise RiftError(
            "this is a zip file but no Excel workbook", where=where, remedy="save the table as XLSX or CSV"
        )
    check_size(archive, where)
    for entry in entries:
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as stream:
                if _DECLARATION.search(stream.read(4096)):
                    raise RiftError("the workbook declares XML entities; it is not read", where=where)


def _choose(book: Any, where: object, sheet: str | None, every: bool) -> tuple[list[Any], list[str]]:
    """Return the sheets to read (``every`` visible one or the first), and what is said of the others."""
    sheets = book.worksheets
    if sheet is not None:
        for one in sheets:
            if one.title.casefold() == sheet.strip().casefold():
                return [one], []
        names = ", ".join(repr(one.title) for one in sheets)
        raise RiftError(f"there is no sheet {sheet!r}", where=where, remedy=f"sheets: {names or 'none'}")
    visible = [one for one in sheets if one.sheet_state == "visible"]
    if not visible:
        raise RiftError("the workbook has no visible sheet", where=where, remedy="unhide it, or name it")
    told = []
    if len(visible) > 1 and not every:
        others = [repr(one.title) for one in visible[1:]]
        told.append(
            f"sheet {visible[0].title!r} is read; {counted(len(others), 'other')} not: {some(others)}"
        )
    if hidden := [repr(one.title) for one in sheets if one.sheet_state != "visible"]:
        told.append(f"{counted(len(hidden), 'hidden sheet')} left out: {some(hidden)}")
    return visible if every else visible[:1], told


def _scan(stream: Any) -> _Scan:
    """Return the merged areas at the top, and the formulas whose value was never stored."""
    merged: list[Area] = []
    uncomputed: list[str] = []
    rows: Any = None
    for event, element in ElementTree.iterparse(stream, events=("start", "end")):
        tag = element.tag.rpartition("}")[2]
        if event == "start":
            rows = element if tag == "sheetData" else rows
        elif tag == "c":
            parts = {child.tag.rpartition("}")[2]: child.text for child in element}
            # An empty text ("str") may be a formula's true result; any other empty value is none.
            if "f" in parts and not parts.get("v") and not ("v" in parts and element.get("t") == "str"):
                uncomputed.append(element.get("r", "without a reference"))
        elif tag == "row" and rows is not None:
            rows.clear()  # else the whole sheet would gather in memory
        elif tag == "mergeCell":
            left, top, right, bottom = range_boundaries(element.get("ref", ""))
            if top <= _HEADER_ROWS:
                merged.append(Area(top, bottom, left - 1, right - 1))
    return _Scan(tuple(merged), tuple(uncomputed))


def _rows(sheet: Any, where: object, most: int | None = None) -> tuple[tuple[Row, ...], list[str]]:
    """Return the rows with content, and the cells whose times were typed without seconds."""
    sheet.reset_dimensions()  # some programs declare fewer cells than they write
    rows: list[Row] = []
    minutes: list[str] = []
    seen = 0
    for number, cells in enumerate(sheet.iter_rows(max_row=most), 1):
        seen += len(cells)
        if seen > MAX_CELLS or number > MAX_ROWS:
            raise RiftError(
                f"the sheet is larger than {MAX_CELLS:,} cells or {MAX_ROWS:,} rows",
                where=where,
                remedy="delete the empty columns and rows around the table, or save it as CSV",
            )
        texts = [_text(cell, f"{where}, sheet {sheet.title!r}, row {number}") for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            rows.append(Row(number, tuple(texts)))
            minutes.extend(_untold_seconds(cells, number))
    return tuple(rows), minutes


def _untold_seconds(cells: Any, number: int) -> Iterator[str]:
    for column, cell in enumerate(cells, 1):
        if isinstance(cell.value, time) and "s" not in (cell.number_format or "").lower():
            yield f"{get_column_letter(column)}{number}"


def _text(cell: Any, where: str) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        if cell.data_type == "e" and value != "#N/A":
            raise RiftError(
                f"the cell holds the error {value}",
                where=f"{where}, column {get_column_letter(cell.column)}",
                remedy="correct it; text that begins with = or - must be typed with ' before it",
            )
        return value.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    return _moment(value, cell.number_format or "")


def _number(value: float) -> str:
    """Return a number as a spreadsheet shows it: at most 15 digits, whole ones without ``.0``."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"


def _moment(value: Any, number_format: str) -> str:
    if isinstance(value, time):
        return _number(value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6)
    if isinstance(value, timedelta):
        return _number(value.total_seconds())
    if isinstance(value, datetime):
        if "y" not in number_format.lower() and value.year <= 1900:  # a time of 24 hours or more
            return _number((value - datetime(1899, 12, 31)).total_seconds())
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    return value.isoformat() if isinstance(value, date) else str(value)
