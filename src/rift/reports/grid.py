"""The look of every table in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from rift.reports.numbers import Footnotes


def grid(title: str, *columns: tuple[str, int]) -> Table:
    """Return an empty table with the first column at the left and the others right-aligned."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=0,
        pad_edge=False, show_edge=False,
    )  # fmt: skip
    for place, (header, width) in enumerate(columns):
        table.add_column(
            Text(header), justify="right" if place else "left", width=width, overflow="fold",
            vertical="bottom" if place else "top",
        )  # fmt: skip
    return table


def texts(cells: Sequence[str]) -> Iterable[Text]:
    """Return cells as text, not markup: names and intervals hold square brackets."""
    return [Text(cell) for cell in cells]


def with_notes(table: Table, legend: Sequence[str], notes: Footnotes) -> Group:
    """Return a table with its legend and footnotes below."""
    return Group(table, Text("\n".join([*legend, *notes.lines(), ""]), overflow="fold"))
