"""Calibration in the terminal."""

from __future__ import annotations

from rich.console import Group

from rift.evaluation.calibration import CalibrationTable
from rift.reports.grid import grid, texts, with_notes
from rift.reports.numbers import Footnotes, fine


def calibration_report(table: CalibrationTable) -> Group:
    """Return a row per label with more than counts: whether its probabilities mean what they say."""
    notes = Footnotes()
    level = f"[{100 * table.level:.4g}%]"
    shown = grid(
        "Calibration", ("Label", 25), ("Base\nrate", 5), ("Mean\nprob.", 5), ("Brier", 5),
        (f"Skill {level}", 17), (f"Intercept {level}", 20), (f"Slope {level}", 17),
    )  # fmt: skip
    rows = [row for row in table.rows if row.support != "Counts" and row.turns]
    for row in rows:
        shown.add_row(*texts([
            row.name, fine(row.prevalence or 0.0), fine(row.predicted or 0.0),
            notes.value(row.brier, fine), notes.interval(row.skill), notes.interval(row.intercept),
            notes.interval(row.slope),
        ]))  # fmt: skip
    legend = [
        "Brier: squared error against a randomly drawn coder; skill: what it saves of the base rate's error",
        "(0: no better). Intercept: above 0, marks are commoner than said. Slope: below 1, too extreme.",
    ]
    if left_out := len(table.rows) - len(rows):
        legend.append(f"{left_out} of {len(table.rows)} rows have counts only or nothing coded: left out.")
    return with_notes(shown, legend, notes)
