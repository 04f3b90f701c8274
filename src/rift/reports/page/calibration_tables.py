"""The page's table of calibration."""

from __future__ import annotations

from rift.evaluation.calibration import CalibrationRow, CalibrationTable
from rift.reports.page.grid import Cell, Cells, Column, Grid, Row
from rift.reports.page.tables import LABEL, kind_groups
from rift.reports.page.wording import fine, level

_COLUMNS = (
    Column("Base rate", "Mean share of coders who marked a turn."),
    Column("Mean probability", "Calibrated, out of fold."),
    Column("Brier", "Mean squared error of the probability against the mark of a randomly drawn coder."),
    Column("Skill", "What it saves of the error that always giving the base rate makes: 1 at best, 0 for the"
           " base rate itself, below 0 if worse."),
    Column("Intercept", "Calibration in the large, in log odds: 0 at best; above 0, marks are commoner than"
           " the probabilities say."),
    Column("Slope", "1 at best; below 1 the probabilities are too extreme, above 1 too timid."),
)  # fmt: skip


def calibration_grid(table: CalibrationTable) -> Grid:
    """Return Brier score, skill, intercept and slope of every label and family."""
    cells = Cells()
    groups = kind_groups(table.rows, lambda row: _row(row, cells))
    return Grid(
        "calibrated",
        f"Do the probabilities mean what they say? Intervals {level(table.level)}, over patients",
        LABEL,
        _COLUMNS,
        groups,
        cells.footnotes(),
        sortable=True,
    )


def _row(row: CalibrationRow, cells: Cells) -> Row:
    rates = (row.prevalence, row.predicted)
    head = tuple(Cell("") if rate is None else Cell(fine(rate), rate) for rate in rates)
    if not row.brier.defined:
        return Row(row.name, (*head, Cell(f"undefined: {row.brier.reason}", span=4)))
    brier = Cell(fine(row.brier.value or 0.0), row.brier.value)
    return Row(row.name, (*head, brier, *(cells.interval(s) for s in (row.skill, row.intercept, row.slope))))
