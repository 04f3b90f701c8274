"""A coding table with its layout: where each thing stands, and where a fault lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rift.errors import RiftError
from rift.readers.coding_layout import COLUMN_NAMES, CodingLayout
from rift.readers.grid import Row
from rift.readers.table import Table, find_columns, header_key
from rift.readers.times import is_missing, parse_seconds
from rift.readers.wording import shown
from rift.schema import Unit

_POSITION_NAMES = ("turn", "first_turn", "last_turn", "start_s", "end_s")
_UNITS: Mapping[str, Unit] = {"turn": "turn", "segment": "segment", "session": "session"}


@dataclass(frozen=True, slots=True)
class CodingSheet:
    """A table and how to read it.

    Attributes
    ----------
    path
        The file.
    layout
        As the lab describes it.
    table
        Its rows.
    at
        The position of each column by our name.
    marks
        For wide layouts: the position of each coder's or label's column by its name.
    fixed
        Ids that the file's name gives.
    """

    path: Path
    layout: CodingLayout
    table: Table
    at: Mapping[str, int]
    marks: Mapping[str, int]
    fixed: Mapping[str, str]

    def cell(self, row: Row, name: str) -> str:
        """Return a cell by our name for its column, without outer blanks; '' where there is none."""
        return row.cells[self.at[name]].strip() if name in self.at else ""

    def place(self, row: Row, column: int | None = None) -> str:
        """Return file, row and column as messages name them."""
        where = f"{self.path}, row {row.number}"
        return where if column is None else f"{where}, column {self.table.header[column] or column + 1}"

    def fault(self, problem: str, row: Row, name: str, remedy: str) -> RiftError:
        """Return an error at a cell, named by our name for its column."""
        return RiftError(problem, where=self.place(row, self.at.get(name)), remedy=remedy)

    def known(self, row: Row, name: str) -> str | None:
        """Return an id from its column, else from the layout (coder), else from the file's name."""
        cell = self.cell(row, name)
        if not is_missing(cell):
            return cell
        return (self.layout.coder if name == "coder" else None) or self.fixed.get(name) or None

    def named(self, row: Row, name: str) -> str:
        """Return an id as `known` does; RiftError if nothing gives it."""
        if found := self.known(row, name):
            return found
        raise self.fault(
            f"{name} is not known",
            row,
            name,
            f"fill in the cell, name its column under columns, or put {{{name}}} into the file's name",
        )


def open_sheet(path: Path, layout: CodingLayout, table: Table, fixed: Mapping[str, str]) -> CodingSheet:
    """Find the layout's columns in a table.

    Raises
    ------
    RiftError
        A column is missing, there twice, or there are no columns of marks.
    """
    keys = {header_key(header) for header in table.header}
    own = COLUMN_NAMES if layout.layout == "long" else COLUMN_NAMES[: COLUMN_NAMES.index("label")]
    columns = layout.columns or {name: name for name in own if name in keys}
    needed = ("label",) if layout.layout == "long" else ()
    at = find_columns(table, columns, path, needed)
    marks: dict[str, int] = {}
    if layout.layout != "long":
        rest = {name: name for i, name in enumerate(table.header) if name and i not in at.values()}
        marks = find_columns(table, rest if layout.marks is None else layout.marks, path)
        if not marks:
            raise RiftError(
                "there are no columns of marks",
                where=path,
                remedy="name them under marks, or choose the layout that the table has",
            )
    return CodingSheet(path, layout, table, at, marks, fixed)


@dataclass(frozen=True, slots=True)
class Position:
    """What a row codes: turns as RIFT counts them, or a span of time, or the session."""

    patient_id: str
    session_id: str
    unit: Unit
    first_turn: int | None = None
    last_turn: int | None = None
    start_s: float | None = None
    end_s: float | None = None

    @property
    def session(self) -> tuple[str, str]:
        """The patient and the session."""
        return self.patient_id, self.session_id


def is_placeless(sheet: CodingSheet, row: Row) -> bool:
    """Return whether a table has columns for the place of a mark, and this row fills none of them."""
    names = [name for name in _POSITION_NAMES if name in sheet.at]
    return bool(names) and all(is_missing(sheet.cell(row, name)) for name in names)


def position_of(sheet: CodingSheet, row: Row) -> Position:
    """Return what a row codes.

    Raises
    ------
    RiftError
        An id, the turn or the times are missing, malformed or contradict each other.
    """
    ids = (sheet.named(row, "patient_id"), sheet.named(row, "session_id"))
    first, last = _turns(sheet, row)
    start, end = _times(sheet, row)
    unit = _unit(sheet, row, first is not None, start is not None or end is not None)
    if unit == "session":
        return Position(*ids, unit)
    if unit == "turn" and first is None:
        raise sheet.fault("a coding of a turn without its number", row, "turn", "fill in the turn")
    if unit == "segment" and first is None and (start is None or end is None):
        raise sheet.fault(
            "a segment without its start and end", row, "start_s" if start is None else "end_s",
            "fill in both times",
        )  # fmt: skip
    return Position(*ids, unit, first, last, start, end)


def _unit(sheet: CodingSheet, row: Row, has_turn: bool, has_time: bool) -> Unit:
    cell = sheet.cell(row, "unit")
    if not is_missing(cell):
        if cell.casefold() in _UNITS:
            return _UNITS[cell.casefold()]
        raise sheet.fault(f"unknown unit {shown(cell)}", row, "unit", f"known: {', '.join(_UNITS)}")
    if sheet.layout.unit is not None:
        return sheet.layout.unit
    if has_turn or has_time:
        return "turn" if has_turn else "segment"
    if is_placeless(sheet, row):
        raise sheet.fault(
            "neither turn nor times are filled in",
            row,
            next(name for name in _POSITION_NAMES if name in sheet.at),
            "fill them in; a row that codes the whole session needs 'session' in a column for unit",
        )
    return "session"


def _turns(sheet: CodingSheet, row: Row) -> tuple[int | None, int | None]:
    first = _turn(sheet, row, "turn" if "turn" in sheet.at else "first_turn")
    last = _turn(sheet, row, "last_turn")
    if last is None:
        return first, first
    if first is None or last < first:
        raise sheet.fault("the last turn comes before the first", row, "last_turn", "correct the turns")
    return first, last


def _turn(sheet: CodingSheet, row: Row, name: str) -> int | None:
    cell = sheet.cell(row, name)
    if is_missing(cell):
        return None
    whole = cell.removesuffix(".0")
    lowest = sheet.layout.first_turn_number
    if not (whole.isdecimal() and len(whole) < 10 and int(whole) >= lowest):
        raise sheet.fault(
            f"turn {shown(cell)} is not a whole number from {lowest}",
            row,
            name,
            "correct it; first_turn_number in the layout says whether turns count from 0 or 1",
        )
    return int(whole) - lowest


def _times(sheet: CodingSheet, row: Row) -> tuple[float | None, float | None]:
    start, end = (_time(sheet, row, name) for name in ("start_s", "end_s"))
    if end is not None and sheet.layout.inclusive_end:
        end += 1.0
    if start is not None and end is not None and end <= start:
        raise sheet.fault(
            f"the end ({end:g} s) is not after the start ({start:g} s)", row, "end_s",
            "correct the times; where the end names the last second, set inclusive_end in the layout",
        )  # fmt: skip
    return start, end


def _time(sheet: CodingSheet, row: Row, name: str) -> float | None:
    cell = sheet.cell(row, name)
    if is_missing(cell):
        return None
    seconds = parse_seconds(cell)
    if seconds is None:
        raise sheet.fault(
            f"{shown(cell)} is no time", row, name, "write seconds, mm:ss or hh:mm:ss, or leave it blank"
        )
    return seconds
