"""Tables of programs that are known by the headings they write."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from rift.readers.contract import Source
from rift.readers.grid import Row
from rift.readers.table import Table, parse_table
from rift.readers.times import is_missing
from rift.readers.xlsx import is_workbook

_WITHIN = 40
_DELIMITERS = ",;\t|"
_LONGEST_LINE = 50_000

Wanted = Mapping[str, tuple[str, ...]]
"""Our names to the keys (`heading_key`) of the headings that stand for them, the likeliest first."""


def heading_key(heading: str) -> str:
    """Return what a heading is compared by: its letters and digits, without case."""
    return "".join(character for character in heading.casefold() if character.isalnum())


def matched(header: Sequence[str], wanted: Wanted) -> dict[str, int]:
    """Return the position of each column that a header has, by our name for it."""
    at: dict[str, int] = {}
    for i, heading in enumerate(header):
        at.setdefault(heading_key(heading), i)
    found = {name: next((at[key] for key in keys if key in at), None) for name, keys in wanted.items()}
    return {name: i for name, i in found.items() if i is not None}


def has_header(source: Source, fits: Callable[[Sequence[str]], bool]) -> bool:
    """Return whether a row near the top of a table is the header that is looked for; never raises."""
    return any(fits(cells) for _, cells in _top(source))


def table_below(source: Source, fits: Callable[[Sequence[str]], bool]) -> Table:
    """Return a table whose header is the first row that fits; what stands above it is left out."""
    if is_workbook(source.data):
        return parse_table(source.data, source.path, source.encoding, source.sheet)
    decoded = source.decode()
    text = decoded.text
    first = next((number for number, cells in _top(source) if fits(cells)), 0)
    if first:  # blank lines keep the numbers of those below
        text = "\n" * first + "\n".join(text.split("\n")[first:])
    table = parse_table(text.encode(), source.path, "utf-8")
    return replace(table, warnings=(*decoded.warnings, *table.warnings))


def cell(row: Row, at: Mapping[str, int], name: str) -> str | None:
    """Return a cell by our name for its column; None where there is no such column or it says nothing."""
    if name not in at or is_missing(row.cells[at[name]]):
        return None
    return row.cells[at[name]].strip()


def _top(source: Source) -> Iterator[tuple[int, Sequence[str]]]:
    if is_workbook(source.data):
        for sheet in source.sheet_tops[:1]:
            yield from ((row.number - 1, row.cells) for row in sheet.grid.rows)
        return
    if source.decoded is None:
        return
    start, text = 0, source.decoded.text
    for number in range(_WITHIN):
        end = text.find("\n", start)
        line = text[start : len(text) if end < 0 else end]
        if len(line) <= _LONGEST_LINE:
            for delimiter in _DELIMITERS:
                with suppress(csv.Error, StopIteration):
                    if delimiter in line:
                        yield number, next(csv.reader([line], delimiter=delimiter))
        if end < 0:
            return
        start = end + 1
