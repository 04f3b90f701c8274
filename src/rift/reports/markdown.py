"""Words and tables in GitHub-flavoured Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rift.reports.page.grid import Cell, Grid

# An underscore within a word and the brackets of an interval mean nothing there, and read better bare.
_SPECIAL = re.compile(
    r"[\\`*<|~$]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)|\[(?![−-]?[\d.]+, [−-]?[\d.]+\](?!\())", re.UNICODE
)


def escaped(text: str) -> str:
    """Return words as they are to be read, on one line: nothing in them is markup, or ends a table's cell."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already, each row on one line."""
    lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]]) + "\n"


def grid_tables(grid: Grid, depth: str = "###") -> Iterator[str]:
    """Yield a table per group of a grid, under its heading where it has one; last the footnotes, numbered."""
    numbers = {mark: at for at, (mark, _) in enumerate(grid.notes, start=1)}

    def written(cell: Cell) -> str:
        return escaped(cell.text) + (f" (note {numbers[cell.note]})" if cell.note else "")

    head = [escaped(column.title) for column in (grid.first, *grid.columns)]
    for group in grid.groups:
        if group.heading:
            yield f"{depth} {escaped(group.heading)}\n"
        yield table(head, [[escaped(row.name), *map(written, row.cells)] for row in group.rows])
    if grid.notes:
        notes = (f"{numbers[mark]}. {escaped(reason)}" for mark, reason in grid.notes)
        yield "Notes:\n\n" + "\n".join(notes) + "\n"
