"""A word processor's document as paragraphs and tables: what DOCX, ODT, RTF and HTML have in common."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; ``span`` counts its columns, ``continued`` says it lies under a merged cell."""

    text: str
    span: int = 1
    continued: bool = False


@dataclass(frozen=True, slots=True)
class DocumentTable:
    """The rows of a table in a document; merged cells have their text once."""

    rows: tuple[tuple[Cell, ...], ...]

    def grid(self) -> list[list[str]]:
        """Return the texts by row and column, all rows of one width; "" where a cell goes on."""
        rows = [[text for cell in row for text in (cell.text, *[""] * (cell.span - 1))] for row in self.rows]
        width = max(map(len, rows), default=0)
        return [row + [""] * (width - len(row)) for row in rows]


Block = str | DocumentTable
"""A paragraph (with ``\\n`` at line breaks in it) or a table."""


@dataclass(frozen=True, slots=True)
class Document:
    """The blocks of a document in their order, and what the user should know of it."""

    blocks: tuple[Block, ...]
    warnings: tuple[str, ...] = ()


MAX_SPAN = 100
"""Columns that a merged cell may cover; more is an accident."""

MAX_CELLS = 1_000_000
"""Cells, merged ones by their columns, that are read of a document."""


@dataclass(slots=True)
class _OpenTable:
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    row: list[Cell] = field(default_factory=list)
    cell: list[str] | None = None
    span: int = 1
    continued: bool = False


class Builder:
    """Collects a document from the events of a parser; tables in cells become lines of the cell."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._tables: list[_OpenTable] = []
        self._cells = 0

    @property
    def in_cell(self) -> bool:
        """Whether text now goes to a cell."""
        return bool(self._tables) and self._tables[-1].cell is not None

    def paragraph(self, text: str) -> None:
        """Add a paragraph, to the open cell if there is one."""
        text = text.replace("\xa0", " ").replace("\r", "\n")
        cell = next((table.cell for table in reversed(self._tables) if table.cell is not None), None)
        if cell is None:
            self._blocks.append(text.rstrip())
        elif text.strip():
            cell.append(text.strip())

    def open_table(self) -> None:
        """Begin a table."""
        self._tables.append(_OpenTable())

    def open_cell(self, span: int = 1, continued: bool = False) -> None:
        """Begin a cell of the open table; without one, begin that too."""
        if not self._tables:
            self.open_table()
        self.close_cell()
        table = self._tables[-1]
        self._cells += span
        if self._cells > MAX_CELLS:
            raise ValueError("too many cells")
        table.cell, table.span, table.continued = [], min(max(span, 1), MAX_SPAN), continued

    def close_cell(self) -> None:
        """End the open cell, if there is one."""
        if self._tables and (table := self._tables[-1]).cell is not None:
            text = "" if table.continued else "\n".join(table.cell)
            table.row.append(Cell(text, table.span, table.continued))
            table.cell = None

    def close_row(self) -> None:
        """End the open row; one without cells is none."""
        self.close_cell()
        if self._tables and (table := self._tables[-1]).row:
            table.rows.append(tuple(table.row))
            table.row = []

    def drop_row(self) -> None:
        """Forget the open row."""
        if self._tables:
            self._tables[-1].row, self._tables[-1].cell = [], None

    def close_table(self) -> None:
        """End the open table."""
        if not self._tables:
            return
        self.close_row()
        table = DocumentTable(tuple(self._tables.pop().rows))
        if not table.rows:
            return
        if self._tables:
            for line in table_lines(table):
                self.paragraph(line)
        else:
            self._blocks.append(table)

    def document_part(self, part: Document) -> None:
        """Add the blocks of a document that lies in this one."""
        for block in part.blocks:
            if isinstance(block, str):
                self.paragraph(block)
            elif self._tables:
                for line in table_lines(block):
                    self.paragraph(line)
            else:
                self._blocks.append(block)

    def document(self, warnings: tuple[str, ...] = ()) -> Document:
        """Return what was collected."""
        while self._tables:
            self.close_table()
        return Document(tuple(self._blocks), warnings)


def table_lines(table: DocumentTable) -> list[str]:
    """Return a table as lines, cells divided by tabs as a label is from its words."""
    lines = []
    for row in table.rows:
        line = "\t".join(cell.text for cell in row if cell.text)
        if line:
            lines.append(line)
    return lines
