"""Any table (CSV, TSV, semicolons, XLSX) as a header and rows of strings.

Nothing is converted: ``01`` stays ``01``, ``1,5`` stays ``1,5``, and what a blank or ``NA`` means is
for the caller to say. Rows keep the number they have in a spreadsheet.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rift.errors import RiftError
from rift.readers.archive import is_zip
from rift.readers.decode import decode, read_bytes
from rift.readers.grid import Grid, Row
from rift.readers.wording import counted, numbers, shown
from rift.readers.xlsx import read_sheet

_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r"sep=([,;|\t])\n", re.IGNORECASE)
_SAMPLE_CHARACTERS = 2**18
_HEADER_WITHIN = 20
"""Rows from the top in which the header must lie."""


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it, each as wide as the header; blank rows are left out."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    warnings: tuple[str, ...] = ()


def read_table(path: Path, encoding: str | None = None, sheet: str | None = None) -> Table:
    """Read a table from a file; see `parse_table`."""
    return parse_table(read_bytes(path), path, encoding, sheet)


def parse_table(data: bytes, where: object, encoding: str | None = None, sheet: str | None = None) -> Table:
    """Return the table in a file's bytes, whatever its extension.

    The header is the first row with two cells or more that are not blank. The delimiter is the one
    that divides header and rows most evenly.

    Parameters
    ----------
    data
        The bytes of a CSV, TSV or XLSX file.
    where
        The file, for messages.
    encoding
        A codec for CSV and TSV; see `rift.readers.decode.decode`.
    sheet
        The sheet of a workbook; None for the first visible one.

    Raises
    ------
    RiftError
        The file is no table, has a row wider than its header, a formula without a value, or is
        larger than a table of codings can be.
    """
    if is_zip(data):
        grid = read_sheet(data, where, sheet)
    else:
        decoded = decode(data, where, encoding)
        grid = _split(decoded.text, where)
        grid = replace(grid, warnings=(*decoded.warnings, *grid.warnings))
    return _with_header(grid, where)


def sniff_header(text: str) -> tuple[str, ...]:
    """Return what would be the header if this text were a table; never raises."""
    sample = _sample(text)
    match = _SEPARATOR_LINE.match(sample)
    delimiter = match[1] if match else _delimiter(sample)
    rows = _tolerant_rows(sample[match.end() if match else 0 :], delimiter)
    return next((_stripped(row) for row in rows[:_HEADER_WITHIN] if _filled(row) > 1), ())


def find_columns(
    table: Table, columns: Mapping[str, str], where: object, needed: Sequence[str] = ()
) -> dict[str, int]:
    """Return the position of each column by our name for it.

    Headers are compared without case and outer blanks.

    Parameters
    ----------
    table
        The table.
    columns
        Our names to the file's headers.
    where
        The file, for messages.
    needed
        Our names that must be among them.

    Raises
    ------
    RiftError
        A needed name is not given, or the table lacks its header or has it twice.
    """
    headers = f"the table has {', '.join(shown(name) for name in table.header if name) or 'no headers'}"
    for name in needed:
        if name not in columns:
            raise RiftError(
                f"the column for {name!r} is not known; {headers}",
                where=where,
                remedy=f"name it under columns, as in '{name}: HEADER'",
            )
    keys = [header_key(header) for header in table.header]
    found: dict[str, int] = {}
    for name, header in columns.items():
        matches = [i for i, key in enumerate(keys) if key == header_key(header)]
        if len(matches) != 1:
            count = "no column" if not matches else f"{len(matches)} columns"
            raise RiftError(
                f"{count} {header!r} (for {name}); {headers}",
                where=where,
                remedy="correct the name under columns, or the header in the file",
            )
        found[name] = matches[0]
    return found


def header_key(header: str) -> str:
    """Return what a header is compared by."""
    return " ".join(header.split()).casefold()


def _split(text: str, where: object) -> Grid:
    match = _SEPARATOR_LINE.match(text)
    body = text[match.end() :] if match else text
    delimiter = match[1] if match else _delimiter(_sample(text))
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    try:
        return Grid(tuple(Row(number, tuple(cells)) for number, cells in enumerate(reader, 1)), True)
    except csv.Error as error:
        # Many programs write tab-separated text without any quoting: then a quote is a character.
        plain = [tuple(line.split(delimiter)) for line in body.rstrip("\n").split("\n")]
        if len({len(cells) for cells in plain if any(cells)}) == 1 and len(plain[0]) > 1:
            rows = tuple(Row(number, cells) for number, cells in enumerate(plain, 1))
            return Grid(rows, True, warnings=("quotation marks do not pair up; read as plain characters",))
        raise RiftError(
            f"the row near line {reader.line_num} cannot be divided into cells: {error}",
            where=where,
            remedy='a cell that contains " is written as "He said ""no"""; save it again as CSV or XLSX',
        ) from None


def _sample(text: str) -> str:
    if len(text) <= _SAMPLE_CHARACTERS:
        return text
    return text[: text.rfind("\n", 0, _SAMPLE_CHARACTERS) + 1] or text[:_SAMPLE_CHARACTERS]


def _delimiter(sample: str) -> str:
    """Return the delimiter that divides most rows into equally many cells, more cells first."""

    def evenness(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in _tolerant_rows(sample, delimiter) if _filled(row)]
        counts = Counter(width for width in widths if width > 1)
        if not counts:
            return 0.0, 0
        width, count = max(counts.items(), key=lambda item: (item[1], item[0]))
        return count / len(widths), width

    return max(_DELIMITERS, key=evenness)


def _tolerant_rows(sample: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    with suppress(csv.Error):  # what was read until then is enough to sniff by
        rows.extend(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
    return rows


def _with_header(grid: Grid, where: object) -> Table:
    rows = [row for row in grid.rows if _filled(row.cells)]
    if not rows:
        raise RiftError("the table is empty", where=where)
    top = next((i for i, row in enumerate(rows[:_HEADER_WITHIN]) if _filled(row.cells) > 1), 0)
    depth, header = _header(grid, rows, top)
    if not grid.delimited:  # columns without a heading are allowed where no delimiter can be amiss
        header += ("",) * (max(len(row.cells) for row in rows) - len(header))
    body = [_fitted(row, header, where) for row in rows[top + depth :]]
    warnings = list(grid.warnings)
    if top:
        above = numbers(row.number for row in rows[:top])
        warnings.append(f"{counted(top, 'row')} above the header left out: row {above}")
    return Table(header, tuple(body), tuple(warnings))


def _header(grid: Grid, rows: Sequence[Row], top: int) -> tuple[int, tuple[str, ...]]:
    """Return how many rows the header has, and its names.

    A heading merged over several columns stands for each of them. Where the next row fills only
    the columns below such headings, it is part of the header (``Segment`` over ``0-5``, ``5-10``).
    """
    row = rows[top]
    names = list(_stripped(row.cells))
    under: set[int] = set()
    for area in grid.merged:
        if area.top <= row.number <= area.bottom and area.right > area.left:
            names += [""] * (area.right + 1 - len(names))
            names[area.left : area.right + 1] = [names[area.left]] * (area.right + 1 - area.left)
            under |= set(range(area.left, area.right + 1))
    below = _stripped(rows[top + 1].cells) if len(rows) > top + 1 else ()
    filled = {i for i, cell in enumerate(below) if cell}
    if not (filled and filled <= under):
        return 1, _trimmed(names)
    both = zip(names, [*below, *[""] * (len(names) - len(below))], strict=False)
    return 2, _trimmed([f"{upper} {lower}".strip() for upper, lower in both])


def _fitted(row: Row, header: Sequence[str], where: object) -> Row:
    cells = row.cells
    extra = [cell for cell in cells[len(header) :] if cell.strip()]
    if extra:
        raise RiftError(
            f"{counted(len(_trimmed(list(cells))), 'cell')} under {counted(len(header), 'header')};"
            f" the first too many: {shown(extra[0])}",
            where=f"{where}, row {row.number}",
            remedy="put text that contains the delimiter into quotation marks, or give the column a header",
        )
    padding = ("",) * (len(header) - len(cells))
    return Row(row.number, (*cells[: len(header)], *padding))


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    last = max((i for i, cell in enumerate(cells) if cell.strip()), default=-1)
    return tuple(cells[: last + 1])


def _stripped(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in cells)


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)
