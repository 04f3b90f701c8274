"""Agreement on how often a label occurs in a session, as a terminal table."""

from __future__ import annotations

from itertools import groupby

from rich.console import Group

from rift.evaluation.sessions import SessionRow, SessionTable
from rift.reports.grid import grid, texts, with_notes
from rift.reports.numbers import Footnotes, count


def session_report(table: SessionTable) -> Group:
    """Return a row per label and family: coders beside one another, and the model in a coder's place."""
    notes = Footnotes()
    shown = grid(
        "Sessions: marks per 100 turns of a session",
        ("Label", 24), ("Sess-\nions", 5), ("Cod-\ners", 4),
        (f"ICC(A,1)\ncoders [{100 * table.level:.4g}%]", 17),
        ("ICC\n(A,k)\ncoders", 6), ("ICC\n(A,1)\nmodel", 5), (f"difference [{100 * table.level:.4g}%]", 17),
        ("ordinal\nalpha", 7), ("MAE", 5),
    )  # fmt: skip
    for _, same in groupby(table.rows, key=lambda row: row.kind):
        for row in same:
            shown.add_row(*texts(_cells(row, notes)))
        shown.add_section()
    legend = [
        "Sessions coded by two or more coders, and these coders. ICC: two-way random model, absolute",
        "agreement, REML (McGraw & Wong): (A,1) of one coder, (A,k) of the mean of the coders of a session",
        f"({averaged(table)}). Model: with the model in a coder's place, mean over coders; difference:",
        "that less ICC(A,1) of the coders. Intervals: of ICCs by profile likelihood, of the difference over",
        "patients. MAE: mean absolute difference of model and coder, in marks per 100 turns.",
        "Ordinal alpha: Krippendorff's, of the coders. Who agrees on how often a label occurs need not agree",
        "on the turns.",
    ]
    return with_notes(shown, legend, notes)


def averaged(table: SessionTable) -> str:
    """Return the k of ICC(A,k), the harmonic mean of coders of a session: ``k = 2``, ``k = 2 to 2.7``."""
    known = sorted(row.averaged for row in table.rows if row.averaged is not None)
    if not known:
        return "k: undefined"
    fewest, most = count(known[0]), count(known[-1])
    return f"k = {fewest}" if fewest == most else f"k = {fewest} to {most}"


def _cells(row: SessionRow, notes: Footnotes) -> list[str]:
    return [
        row.name, str(row.sessions), str(row.coders), notes.interval(row.human),
        notes.value(row.human_average), notes.value(row.model), notes.interval(row.difference),
        notes.value(row.alpha), notes.amount(row.error),
    ]  # fmt: skip
