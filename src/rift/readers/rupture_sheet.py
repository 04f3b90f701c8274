"""The 3RS five-minute sheet: a workbook with a row per marker and a column per stretch of the session.

Cells hold a mark (x), several (xx, 2) or none (blank, 0); ``-`` and ``n/a`` are not codable. The value of
a segment's mark is how many there are; that of a session's mark is the significance, 1-5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from rift.errors import RiftError
from rift.readers.contract import Source
from rift.readers.grid import Row
from rift.readers.rupture_layout import COUNT, DASHES, UNCODABLE, Layout, find_layout, marks_in
from rift.readers.sheet_head import Head, read_head
from rift.readers.wording import counted, numbers, shown, some
from rift.readers.xlsx import NamedGrid, read_sheets
from rift.schema import Mark, State, Transcript

names: tuple[str, ...] = ("3rs_sheet", "rupture_sheet")
suffixes: tuple[str, ...] = (".xlsx", ".xlsm")

_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{1,3})?")
_TOTALS = re.compile(r"(?:totals?|sums?|summe|gesamt\w*|insgesamt)\b.{0,60}", re.IGNORECASE | re.DOTALL)
_GROUP = re.compile(
    r"(?:(?:confrontation|withdrawal|resolution|ruptures?|rückzug\w*|konfrontation\w*|auflösung\w*|markers?"
    r"|strateg\w*|immediate|exploratory|expressive|of|and|und|or)[\s:/,&-]*){1,5}",
    re.IGNORECASE,
)


@dataclass
class _Found:
    """What a sheet says."""

    marks: list[Mark] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    recounted: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


def sniff(source: Source) -> float:
    """Return 0.95 where a visible sheet has a row of headings such as ``0-5``, ``5-10``."""
    return 0.95 if any(find_layout(one.grid.rows) is not None for one in source.sheet_tops) else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the marks of every visible sheet, a transcript per session."""
    where = source.path
    sheets, told = read_sheets(source.data, where, source.sheet)
    grids = [(one, layout) for one in sheets if (layout := find_layout(one.grid.rows))]
    if not grids:
        raise RiftError(
            "no visible sheet has a row of stretches of the session, as in 0-5, 5-10",
            where=where,
            remedy="write the minutes above the columns of marks, or read it as a table (--format table)",
        )
    if other := [repr(one.title) for one in sheets if find_layout(one.grid.rows) is None]:
        told.append(f"{counted(len(other), 'sheet')} without such a grid left out: {some(other)}")
    sessions: dict[tuple[str | None, str | None], _Found] = {}
    for one, layout in grids:
        head = read_head(one, layout.top, layout.marker, several=len(grids) > 1)
        found = sessions.setdefault((head.patient_id, head.session_id), _Found())
        prefix = f"sheet {one.title!r}: " if len(grids) > 1 else ""
        told += [prefix + fact for fact in (*head.warnings, *one.grid.warnings)]
        _read_grid(one, layout, head, where, found)
    return [
        Transcript((), str(where), *ids, (*(told if i == 0 else ()), *found.told), None, tuple(found.marks))
        for i, (ids, found) in enumerate(sessions.items())
    ]


def _read_grid(sheet: NamedGrid, layout: Layout, head: Head, where: object, found: _Found) -> None:
    place = f"{where}, sheet {sheet.title!r}"
    body = sheet.grid.rows[layout.top :]
    rows = [row for row in body if _cell(row, layout.marker)]
    # A heading has nothing beside it where markers have at least the formula of their count.
    counted_rows = {row.number for row in rows if _has_count(sheet, layout, row)}
    bare = [row for row in rows if not _beside(layout, row) and row.number not in counted_rows]
    groups = {row.number for row in bare if _is_group(sheet, layout, row, bool(counted_rows))}
    if len(groups) == len(rows):  # families alone are coded
        groups = set()
    for row in body:
        if not _cell(row, layout.marker) and any(_cell(row, column) for column in layout.bins.columns):
            raise RiftError(
                "marks in a row without a marker",
                where=f"{place}, row {row.number}",
                remedy="write the marker's name beside them, or clear the cells",
            )
    markers = [row for row in rows if row.number not in groups]
    totals = [row for row in markers if _TOTALS.fullmatch(_cell(row, layout.marker))]
    markers = [row for row in markers if row not in totals]
    columns = {*layout.bins.columns, *({layout.significance} - {None})}
    if not any(_cell(row, column) for row in markers for column in columns):
        found.told.append(
            f"sheet {sheet.title!r} holds no mark at all, taken as not coded; write 0 where a coder looked"
            " and found nothing"
        )
        found.marks.append(Mark(head.coder, "session", None, "not_coded", f"sheet {sheet.title!r}"))
        return
    for row in markers:
        _read_marker(sheet, layout, row, head.coder, place, found)
    _tell(sheet, layout, sorted(groups), totals, found)


def _tell(
    sheet: NamedGrid, layout: Layout, groups: Sequence[int], totals: Sequence[Row], found: _Found
) -> None:
    facts = []
    if groups:
        facts.append(f"{counted(len(groups), 'heading')} of groups left out: row {numbers(groups)}")
    if totals:
        rows = numbers(row.number for row in totals)
        facts.append(f"{counted(len(totals), 'row')} of totals left out: row {rows}")
    if found.recounted:
        facts.append(
            f"{counted(len(found.recounted), 'count')} without a stored value recounted from the marks:"
            f" cell {some(found.recounted)}"
        )
    if found.differing:
        facts.append(
            f"{counted(len(found.differing), 'count')} other than the marks beside them, which are kept:"
            f" {some(found.differing)}"
        )
    if found.comments:
        facts.append(f"{counted(len(found.comments), 'comment')} left out: cell {some(found.comments)}")
    if layout.bins.dates:
        columns = some([get_column_letter(column + 1) for column in layout.bins.dates])
        facts.append(f"headings that became dates read as minutes: column {columns}")
    found.told += [f"sheet {sheet.title!r}: {fact}" for fact in facts]
    found.recounted, found.differing, found.comments = [], [], []


def _cell(row: Row, column: int | None) -> str:
    return row.cells[column].strip() if column is not None and column < len(row.cells) else ""


def _reference(row: Row, column: int) -> str:
    return f"{get_column_letter(column + 1)}{row.number}"


def _beside(layout: Layout, row: Row) -> bool:
    """Return whether a row has anything in the columns of marks, counts, significance and comments."""
    return any(cell.strip() for cell in row.cells[layout.bins.columns[0] :])


def _has_count(sheet: NamedGrid, layout: Layout, row: Row) -> bool:
    column = layout.frequency
    return column is not None and bool(_cell(row, column) or _reference(row, column) in sheet.uncomputed)


def _is_group(sheet: NamedGrid, layout: Layout, row: Row, others_counted: bool) -> bool:
    merged = any(
        area.top <= row.number <= area.bottom
        and area.left <= layout.marker
        and area.right >= layout.bins.columns[0]
        for area in sheet.grid.merged
    )
    return merged or others_counted or _GROUP.fullmatch(_cell(row, layout.marker)) is not None


def _read_marker(
    sheet: NamedGrid, layout: Layout, row: Row, coder: str | None, place: str, found: _Found
) -> None:
    label = " ".join(_cell(row, layout.marker).split())
    total = 0
    for column, (start, end) in zip(layout.bins.columns, layout.bins.spans, strict=True):
        reference = _reference(row, column)
        where = f"{place}, cell {reference}"
        if reference in sheet.uncomputed:
            raise RiftError(
                "the formula in this cell has no stored value",
                where=where,
                remedy="open the file in a spreadsheet program and save it, or put values for formulas",
            )
        state, count = marks_in(_cell(row, column), where)
        total += count
        at = _place(sheet, reference)
        value = float(count) if count else None
        found.marks.append(Mark(coder, "segment", label, state, at, None, None, start, end, value))
    if rated := _significance(sheet, layout, row, place):
        state, value = rated
        if value == 1.0 and not total:
            state = "absent"
        at = _place(sheet, _reference(row, layout.significance or 0))
        found.marks.append(Mark(coder, "session", label, state, at, value=value))
    _compare(sheet, layout, row, total, found)
    found.comments += [_reference(row, column) for column in layout.others if _cell(row, column)]


def _place(sheet: NamedGrid, reference: str) -> str:
    return f"sheet {sheet.title!r}, cell {reference}"


def _significance(
    sheet: NamedGrid, layout: Layout, row: Row, place: str
) -> tuple[State, float | None] | None:
    cell = _cell(row, layout.significance)
    reference = _reference(row, layout.significance or 0)
    where = f"{place}, cell {reference}"
    if layout.significance is not None and reference in sheet.uncomputed:
        raise RiftError("the formula in this cell has no stored value", where=where, remedy="write the value")
    text = DASHES.sub("-", cell.casefold())
    if not text:
        return None
    if text in UNCODABLE:
        return "uncodable", None
    value = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else 0.0
    if not 1 <= value <= 5:
        raise RiftError(
            f"{shown(cell)} is no significance from 1 to 5",
            where=where,
            remedy="write 1 to 5, nothing, or - where it cannot be told",
        )
    return "present", value


def _compare(sheet: NamedGrid, layout: Layout, row: Row, total: int, found: _Found) -> None:
    """Note a count that was never stored, or that is not the number of the marks."""
    if layout.frequency is None:
        return
    reference = _reference(row, layout.frequency)
    cell = _cell(row, layout.frequency)
    if reference in sheet.uncomputed:
        found.recounted.append(reference)
    elif cell:
        number = COUNT.fullmatch(cell)
        if (int(number[1]) if number else None) != total:
            found.differing.append(f"cell {reference} says {shown(cell)} of {counted(total, 'mark')}")
