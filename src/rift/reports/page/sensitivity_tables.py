"""The page's table of what other settings would have made of the evaluation."""

from __future__ import annotations

from collections.abc import Iterator

from rift.evaluation.sensitivity import SensitivityTable
from rift.evaluation.sensitivity_rows import CASELOADS, LABEL_RULES, SensitivityRow
from rift.reports.page.grid import Cell, Cells, Column, Grid, Row
from rift.reports.page.tables import LABEL, kind_groups
from rift.reports.page.wording import figure, level, setting

_ORDER = {"no": 0, "cannot tell": 1, "yes": 2}
_RULES = {
    "random coder": "A turn's label is what a randomly drawn coder says: as everywhere else.",
    "majority": "The label is what most coders say; ties are left out, their number below.",
    "any coder": "A turn is marked if any coder marked it.",
    "every coder": "A turn is marked only if every coder marked it.",
}
_MARGIN = "Is RIFT's kappa with a coder lower than that of two coders by no more than this? After Holm."
_EPSILON = (
    "Is the alternative annotator test passed on active units, if a coder may be closer to the others by this"
    " much? Below, the share of coders that RIFT beats."
)


def sensitivity_grid(table: SensitivityTable) -> Grid | None:
    """Return a row for each label with more than counts; None where there is none."""
    cells = Cells()
    first = tuple({row.column: row for row in reversed(table.rows)}.values())[::-1]
    groups = kind_groups(first, lambda row: Row(row.name, tuple(_cells(table, row.column, cells))))
    if not groups:
        return None
    return Grid(
        "sensitivity-table",
        f"Under other settings; intervals {level(table.level)}",
        LABEL,
        tuple(_columns(table)),
        groups,
        cells.footnotes(),
        sortable=True,
    )


def _columns(table: SensitivityTable) -> Iterator[Column]:
    yield from (Column(f"Precision, {rule}", legend) for rule, legend in _RULES.items())
    for margin in table.settings("margin"):
        yield Column(f"Margin {setting(float(margin))}", _MARGIN)
    for epsilon in table.settings("epsilon"):
        yield Column(f"Epsilon {setting(float(epsilon))}", _EPSILON)
    if table.settings("clusters"):
        yield Column("Precision by caseload", "Intervals take patients who share a therapist as one.")
        yield Column("Kappa difference by caseload", "The same for kappa RIFT–coder less kappa coder–coder.")
    for training in table.settings("training"):
        yield Column(f"F1, {training}", "F1 of this and of other trainings, with other seeds for instance.")


def _cells(table: SensitivityTable, column: str, cells: Cells) -> Iterator[Cell]:
    rules = table.of(column, "label rule")
    for rule in LABEL_RULES:
        row = rules[rule]
        known = cells.value(row.precision)
        yield Cell(known.text, known.key, known.note, f"{row.left_out} tied" if row.left_out else "")
    yield from (_verdict(row) for row in table.of(column, "margin").values())
    yield from (_verdict(row) for row in table.of(column, "epsilon").values())
    if grouped := table.of(column, "clusters").get(CASELOADS):
        yield cells.interval(grouped.precision)
        yield cells.interval(grouped.delta)
    yield from (cells.value(row.f1) for row in table.of(column, "training").values())


def _verdict(row: SensitivityRow) -> Cell:
    said = row.verdict or "cannot tell"
    won = None if row.omega is None else row.omega.value
    return Cell(said, _ORDER[said], below="" if won is None else figure(won))
