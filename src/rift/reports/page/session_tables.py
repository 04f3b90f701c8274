"""The page's table of how often a label occurs in a session, by the coders and by RIFT."""

from __future__ import annotations

from rift.evaluation.sessions import SessionRow, SessionTable
from rift.reports.numbers import count
from rift.reports.page.grid import Cell, Cells, Column, Grid, Row
from rift.reports.page.tables import LABEL, kind_groups
from rift.reports.page.wording import level

_COLUMNS = (
    Column("Sessions", "Sessions that two or more coders coded for the label."),
    Column("Coders", "Coders who coded any of these sessions."),
    Column("ICC(A,1), coders", "Absolute agreement of single coders in a two-way random model, by REML"
           " (McGraw & Wong 1996). Interval by profile likelihood: of other sessions and other coders."),
    Column("ICC(A,k), coders", "The same of the mean of k coders; k is the harmonic mean of coders of"
           " a session."),
    Column("ICC(A,1) with RIFT", "With RIFT in the place of one coder, counted over the turns that this coder"
           " coded: mean over coders."),
    Column("Difference", "ICC(A,1) with RIFT less that of the coders; jackknife interval over patients, these"
           " coders being given."),
    Column("Ordinal alpha", "Krippendorff's ordinal alpha of the coders: of the order of sessions, not of"
           " their distances."),
    Column("Mean error", "Mean absolute difference of RIFT and a coder, in marks per 100 turns, over all"
           " coders' sessions; interval over patients."),
)  # fmt: skip
_OF_CODERS = 5


def session_grid(table: SessionTable) -> Grid:
    """Return a row per label and family."""
    cells = Cells()
    groups = kind_groups(table.rows, lambda row: _row(row, cells))
    return Grid(
        "session-table",
        f"Marks per 100 turns of a session; intervals {level(table.level)}",
        LABEL,
        _COLUMNS,
        groups,
        cells.footnotes(),
        sortable=True,
    )


def _row(row: SessionRow, cells: Cells) -> Row:
    facts = (Cell(f"{row.sessions:,}", row.sessions), Cell(str(row.coders), row.coders))
    if row.error.reason and not row.error.defined:
        # Nothing was coded, so nothing else is defined either.
        return Row(row.name, (*facts, Cell(f"undefined: {row.error.reason}", span=_OF_CODERS + 1)))
    return Row(row.name, (*facts, *_of_coders(row, cells), cells.amount(row.error)))


def _of_coders(row: SessionRow, cells: Cells) -> tuple[Cell, ...]:
    known = (row.human, row.human_average, row.model, row.difference, row.alpha)
    reasons = {statistic.reason for statistic in known}
    if not any(statistic.defined for statistic in known) and len(reasons) == 1:
        return (Cell(f"undefined: {row.human.reason}", span=_OF_CODERS),)
    average = cells.value(row.human_average)
    below = "" if row.averaged is None or row.human_average.value is None else f"k = {count(row.averaged)}"
    return (
        cells.interval(row.human),
        Cell(average.text, average.key, average.note, below=below),
        cells.value(row.model),
        cells.interval(row.difference),
        cells.value(row.alpha),
    )
