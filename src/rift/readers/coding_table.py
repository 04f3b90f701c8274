"""Codings from tables: long (a row per mark) or wide (a column per coder or per label).

Absent, uncodable and not coded stay apart: the layout says which spelling means which, and a cell
that is none of them is an error, never a guess. Labels keep the coder's spelling.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from rift.errors import RiftError
from rift.readers.coding_layout import CodingLayout, spelling_key
from rift.readers.coding_sheet import CodingSheet, Position, is_placeless, open_sheet, position_of
from rift.readers.grid import Row
from rift.readers.table import Table, read_table
from rift.readers.times import is_missing
from rift.readers.wording import counted, numbers, shown
from rift.schema import Coding, State

__all__ = ["CodingLayout", "codings_in", "read_codings"]

_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_LOWEST, _HIGHEST = 1.0, 5.0
"""The ends of the 3RS rating scale; the lowest says that there is no marker."""

_STATES: Mapping[str, State] = {name: name for name in get_args(State)}


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a cell says: a label or, with None, the whole unit."""

    coder: str
    label: str | None
    state: State
    column: int
    value: float | None = None


def read_codings(
    path: Path, layout: CodingLayout, fixed: Mapping[str, str], encoding: str | None = None
) -> tuple[list[Coding], list[str]]:
    """Read what coders wrote into a table.

    Parameters
    ----------
    path
        A CSV, TSV or XLSX file.
    layout
        What its columns and cells mean.
    fixed
        patient_id, session_id and coder where the file's name gives them; a column wins over it.
    encoding
        A codec for CSV and TSV; see `rift.readers.decode.decode`.

    Returns
    -------
    codings
        In file order. A label of None says that the coder looked at the unit and marked nothing
        (absent), could not tell (uncodable), or left it out (not_coded).
    warnings
        Each begins with the file's path.

    Raises
    ------
    RiftError
        The file is no table, lacks a column, or a cell cannot be understood; the message gives the
        first such cell and the rows of the others.
    """
    codings, told = codings_in(read_table(path, encoding, layout.sheet), path, layout, fixed)
    return codings, [f"{path}: {warning}" for warning in told]


def codings_in(
    table: Table, path: Path, layout: CodingLayout, fixed: Mapping[str, str]
) -> tuple[list[Coding], list[str]]:
    """Return the codings in a table as `read_codings` does; the warnings do not name the file."""
    sheet = open_sheet(path, layout, table, fixed)
    told = list(table.warnings)
    if sheet.marks and layout.marks is None:
        kind = "coders" if layout.layout == "wide_coders" else "labels"
        told.append(
            f"columns read as {kind}: {', '.join(sheet.marks)}; to change that, name them under marks"
        )
    rows = [row for row in table.rows if not _says_nothing(sheet, row)]
    if left := len(table.rows) - len(rows):
        told.append(f"{counted(left, 'row')} with neither place nor marks left out")
    placed, faults = _placed(sheet, rows)
    skipped, said = _unread_columns(sheet, placed)
    codings: list[Coding] = []
    silent: list[int] = []
    for row, position in placed:
        try:
            marks = _marks(sheet, row, skipped[position.session])
        except RiftError as error:
            faults.append((row.number, error))
            continue
        codings += [_coding(sheet, row, position, mark) for mark in marks]
        cells = len(sheet.marks) - len(skipped[position.session]) if sheet.marks else 1
        coded = {mark.column for mark in marks if mark.state != "not_coded"}
        silent += [row.number] * (cells - len(coded))
    _raise_first(faults)
    if silent:
        told.append(f"{counted(len(silent), 'cell')} not coded: row {numbers(dict.fromkeys(silent))}")
    return codings, [*told, *said]


Placed = list[tuple[Row, Position]]
Faults = list[tuple[int, RiftError]]


def _says_nothing(sheet: CodingSheet, row: Row) -> bool:
    """Return whether a row is only prepared: no turn, no times, no marks."""
    columns = list(sheet.marks.values()) or [
        sheet.at[name] for name in ("label", "value", "state") if name in sheet.at
    ]
    return is_placeless(sheet, row) and not any(row.cells[column].strip() for column in columns)


def _placed(sheet: CodingSheet, rows: Sequence[Row]) -> tuple[Placed, Faults]:
    placed: Placed = []
    faults: Faults = []
    for row in rows:
        try:
            placed.append((row, position_of(sheet, row)))
        except RiftError as error:
            faults.append((row.number, error))
    return placed, faults


def _raise_first(faults: Faults) -> None:
    if not faults:
        return
    first, *others = sorted(faults, key=lambda fault: fault[0])
    more = f" (faults also in row {numbers(number for number, _ in others)})" if others else ""
    error = first[1]
    raise RiftError(error.problem + more, where=error.where, remedy=error.remedy)


def _unread_columns(
    sheet: CodingSheet, placed: Placed
) -> tuple[dict[tuple[str, str], frozenset[str]], list[str]]:
    """Return, by session, the coders whose column is blank in all its rows: they did not code it."""
    skipped: dict[tuple[str, str], frozenset[str]] = defaultdict(frozenset)
    if sheet.layout.layout != "wide_coders":
        return skipped, []
    sessions: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row, position in placed:
        sessions[position.session].append(row)
    told = []
    for session, rows in sessions.items():
        blank = [coder for coder, i in sheet.marks.items() if not any(row.cells[i].strip() for row in rows)]
        if blank:
            skipped[session] = frozenset(blank)
            told.append(
                f"session {'/'.join(session)} is not coded by {', '.join(blank)}: all cells are blank;"
                " write none where a coder looked and marked nothing"
            )
    return skipped, told


def _marks(sheet: CodingSheet, row: Row, skipped: frozenset[str]) -> list[_Mark]:
    if sheet.layout.layout == "long":
        return _long_marks(sheet, row)
    if sheet.layout.layout == "wide_labels":
        coder = sheet.named(row, "coder")
        return [_label_mark(sheet, row, coder, label) for label in sheet.marks]
    return [
        _Mark(coder, label, state, column)
        for coder, column in sheet.marks.items()
        if coder not in skipped
        for label, state in _labels(sheet, row, column)
    ]


def _labels(sheet: CodingSheet, row: Row, column: int) -> list[tuple[str | None, State]]:
    """Return the labels in a cell, or None with what it says of the whole unit."""
    cell = row.cells[column].strip()
    meaning = sheet.layout.meaning(cell)
    if meaning is not None and meaning != "present":
        return [(None, meaning)]
    parts = [cell]
    if sheet.layout.separators:
        parts = re.split("|".join(re.escape(one) for one in sheet.layout.separators), cell)
    labels = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if not labels or any(sheet.layout.meaning(label) not in {None, "present"} for label in labels):
        raise RiftError(
            f"{shown(cell)} is neither labels nor a word for none",
            where=sheet.place(row, column),
            remedy=f"write labels alone, or one of {sheet.layout.spellings()}",
        )
    return [(label, "present") for label in labels]


def _long_marks(sheet: CodingSheet, row: Row) -> list[_Mark]:
    column = sheet.at["label"]
    labels = _labels(sheet, row, column)
    given = _state(sheet, row, marked=any(label for label, _ in labels))
    left_out = "not_coded" in {given, *(state for _, state in labels)}
    value, rated = (None, "not_coded") if left_out else _value(sheet, row)
    if rated == "not_coded":
        known = sheet.known(row, "coder")  # a row for whoever may code it later has none
        return [_Mark(known, label, "not_coded", column) for label, _ in labels] if known else []
    coder = sheet.named(row, "coder")
    return [
        _Mark(
            coder, label, state if label is None and given is None else given or rated or state, column, value
        )
        for label, state in labels
    ]


def _state(sheet: CodingSheet, row: Row, marked: bool) -> State | None:
    """Return what the state column says; None where there is none or nothing to say."""
    cell = sheet.cell(row, "state")
    if "state" not in sheet.at or not (cell or marked):
        return None
    found = _STATES.get(spelling_key(cell).replace(" ", "_")) or (
        sheet.layout.meaning(cell) if cell else None
    )
    if found is None or (found == "present" and not marked):
        problem = f"{shown(cell)} is no known state" if found is None else "present, but no label"
        raise sheet.fault(problem, row, "state", f"known: {', '.join(_STATES)}; {sheet.layout.spellings()}")
    return found


def _value(sheet: CodingSheet, row: Row) -> tuple[float | None, State | None]:
    """Return the number in the value column and, where it is a rating, what it says."""
    cell = sheet.cell(row, "value")
    if "value" in sheet.at and sheet.layout.value_is_rating:
        return _rating(sheet, row, sheet.at["value"], blank="not_coded")
    if is_missing(cell) or sheet.layout.meaning(cell) == "uncodable":
        return None, None
    if _NUMBER.fullmatch(cell) is None:
        raise sheet.fault(f"{shown(cell)} is no number", row, "value", "write a number, or leave it blank")
    return float(cell.replace(",", ".")), None


def _label_mark(sheet: CodingSheet, row: Row, coder: str, label: str) -> _Mark:
    column = sheet.marks[label]
    value: float | None = None
    meaning: State | None
    if sheet.layout.value_is_rating:
        value, meaning = _rating(sheet, row, column, blank=None)
    else:
        meaning = sheet.layout.meaning(row.cells[column])
    if meaning is None:
        raise _unknown(sheet, row, column)
    return _Mark(coder, label, meaning, column, value)


def _rating(sheet: CodingSheet, row: Row, column: int, blank: State | None) -> tuple[float | None, State]:
    """Return a rating and what it says: 1 is absent, more is present.

    ``blank`` is what a blank cell says; None leaves that to the layout.
    """
    cell = row.cells[column].strip()
    if _NUMBER.fullmatch(cell):
        value = float(cell.replace(",", "."))
        if _LOWEST <= value <= _HIGHEST:
            return value, "absent" if value == _LOWEST else "present"
    meaning = blank if blank and not cell else sheet.layout.meaning(cell)
    if meaning is None:
        raise _unknown(sheet, row, column)
    return None, meaning


def _unknown(sheet: CodingSheet, row: Row, column: int) -> RiftError:
    rating = f"ratings {_LOWEST:g}-{_HIGHEST:g}; " if sheet.layout.value_is_rating else ""
    return RiftError(
        f"{shown(row.cells[column])} is none of the known spellings",
        where=sheet.place(row, column),
        remedy=f"known: {rating}{sheet.layout.spellings()}; correct the cell, or add it to the layout",
    )


def _coding(sheet: CodingSheet, row: Row, position: Position, mark: _Mark) -> Coding:
    return Coding(
        patient_id=position.patient_id,
        session_id=position.session_id,
        coder=mark.coder,
        unit=position.unit,
        label=mark.label,
        state=mark.state,
        place=sheet.place(row, mark.column),
        first_turn=position.first_turn,
        last_turn=position.last_turn,
        start_s=position.start_s,
        end_s=position.end_s,
        value=mark.value,
    )
