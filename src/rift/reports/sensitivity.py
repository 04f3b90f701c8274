"""What other settings would have made of an evaluation, in the terminal."""

from __future__ import annotations

from rich.console import Group

from rift.evaluation.sensitivity import SensitivityTable
from rift.evaluation.sensitivity_rows import LABEL_RULES, SensitivityRow
from rift.reports.grid import grid, texts, with_notes
from rift.reports.numbers import MISSING, Footnotes, setting


def sensitivity_report(table: SensitivityTable) -> Group | None:
    """Return a row per label with more than counts; None where there is none."""
    columns = dict.fromkeys(row.column for row in table.rows)
    if not columns:
        return None
    margins, epsilons = table.settings("margin"), table.settings("epsilon")
    notes = Footnotes()
    shown = grid(
        "Sensitivity: under other settings",
        ("Label", 29), ("precision\nrandom", 9), ("major-\nity", 6), ("any", 5), ("every", 5),
        *((f"margin\n{setting(float(margin))}", 7) for margin in margins),
        *((f"eps.\n{setting(float(epsilon))}", 5) for epsilon in epsilons),
    )  # fmt: skip
    for column in columns:
        rules, told = (
            table.of(column, "label rule"),
            [table.of(column, name) for name in ("margin", "epsilon")],
        )
        name = next(iter(rules.values())).name
        precision = [_precision(rules[rule], notes) for rule in LABEL_RULES]
        verdicts = [_verdict(row) for rows in told for row in rows.values()]
        shown.add_row(*texts([name, *precision, *verdicts]))
    legend = [
        "Precision where a turn's label is what a random coder says (as elsewhere), what most coders say",
        "(ties left out), a mark of any coder, or marks of every coder. Margin: not worse than a coder by",
        "more than it? Epsilon: does the alternative annotator test pass? -: cannot tell. More, and",
        "intervals by therapists' caseloads and other trainings if known: sensitivity.csv.",
        *(f"Not varied: {reason}." for reason in table.untried),
    ]
    return with_notes(shown, legend, notes)


def _precision(row: SensitivityRow, notes: Footnotes) -> str:
    return MISSING if row.precision is None else notes.value(row.precision)


def _verdict(row: SensitivityRow) -> str:
    return MISSING if row.verdict in (None, "cannot tell") else str(row.verdict)
