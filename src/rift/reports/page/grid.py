"""A table of the page as data: columns with their legend, rows of cells, footnotes below."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rift.reliability.result import Statistic
from rift.reports.numbers import Footnotes, footnote_mark
from rift.reports.page.wording import amounts, figure, number


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and what it means."""

    title: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes
    ----------
    text
        As it is read.
    key
        By which rows are sorted; None goes last.
    note
        Mark of its footnote.
    below
        A second, smaller line.
    span
        Columns it takes.
    shade
        0 (none) to 5, the share a count has in its row.
    diagonal
        Whether it counts agreement in a table of who gave which label.
    """

    text: str
    key: float | str | None = None
    note: str | None = None
    below: str = ""
    span: int = 1
    shade: int = 0
    diagonal: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its heading and the cells after it."""

    name: str
    cells: tuple[Cell, ...]
    below: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong, and are sorted, together."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes
    ----------
    identifier, caption
        Of the table.
    first
        The column of the rows' headings.
    columns, groups
        The rest.
    notes
        Footnotes as mark and text.
    sortable
        Whether its headings sort.
    """

    identifier: str
    caption: str
    first: Column
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    notes: tuple[tuple[str, str], ...] = ()
    sortable: bool = False


@dataclass
class Cells:
    """Makes cells of statistics and collects the reasons of what they lack."""

    notes: Footnotes = field(default_factory=Footnotes)

    def value(self, statistic: Statistic | None) -> Cell:
        """Return a value without its interval; an empty cell where there is no such statistic."""
        if statistic is None:
            return Cell("")
        if statistic.value is None:
            return self._undefined(statistic)
        return Cell(figure(statistic.value), statistic.value)

    def interval(self, statistic: Statistic | None) -> Cell:
        """Return a value with its interval, footnoted where it has none."""
        if statistic is None or statistic.value is None:
            return self.value(statistic)
        note = self.notes.mark(statistic.reason) if statistic.low is None and statistic.reason else None
        return Cell(number(statistic), statistic.value, note)

    def amount(self, statistic: Statistic) -> Cell:
        """Return value and interval of what may exceed 1, such as a number of turns."""
        cell = self.interval(statistic)
        return replace(cell, text=amounts(statistic)) if statistic.defined else cell

    def footnotes(self) -> tuple[tuple[str, str], ...]:
        """Return the footnotes collected so far."""
        return tuple((footnote_mark(at), reason) for at, reason in enumerate(self.notes.reasons))

    def _undefined(self, statistic: Statistic) -> Cell:
        return Cell("undefined", None, self.notes.mark(statistic.reason or ""))
