"""The model card's table of labels: what a reader must know of each before relying on a flag."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rift.evaluation.results import Evaluation
from rift.evaluation.rows import MarkerRow
from rift.reports.numbers import count
from rift.reports.page.grid import Cell, Cells, Column, Grid, Group, Row
from rift.reports.page.headline import PLURAL
from rift.reports.page.tables import LABEL
from rift.reports.page.wording import figure, fine, level, number_or_reason

_NO_CLAIM = "nothing is claimed of it"


def label_grid(evaluation: Evaluation) -> Grid:
    """Return a row per label and family, a group per kind of label."""
    table, cells = evaluation.model, Cells()
    interval = f"({level(table.level)} interval)"
    titles = (
        "Support", "Marked", "Flags", f"Precision {interval}", "Ceiling", "Recall", "F1", "AP", "Kappa MH",
        "Kappa HH", f"Delta {interval}", "Not inferior", "Status",
    )  # fmt: skip
    groups = tuple(
        Group(PLURAL[kind].capitalize(), tuple(_row(row, cells) for row in table.rows if row.kind == kind))
        for kind in dict.fromkeys(row.kind for row in table.rows)
    )
    return Grid(
        "labels", "Label by label", LABEL, tuple(map(Column, titles)), groups, notes=cells.footnotes()
    )


def _row(row: MarkerRow, cells: Cells) -> Row:
    return Row(row.name, (
        Cell(row.support if row.turns else "None"), Cell(count(row.positives)), Cell(count(row.flags)),
        cells.interval(row.precision), cells.value(row.ceiling), cells.value(row.recall),
        cells.value(row.f1), cells.value(row.average_precision), cells.value(row.kappa_mh),
        cells.value(row.kappa_hh), cells.interval(row.delta), _verdict(row, cells),
        Cell(row.status or "unknown"),
    ))  # fmt: skip


def _verdict(row: MarkerRow, cells: Cells) -> Cell:
    known = row.claims and row.claims.non_inferiority
    if known and known.verdict != "cannot tell":
        return Cell(known.verdict)
    return Cell("cannot tell", note=cells.notes.mark((known and known.reason) or _NO_CLAIM))


def legend(evaluation: Evaluation, margin: float) -> Iterator[str]:
    """Yield what the columns mean."""
    yield (
        "Support: Full is enough for a statement, Exploratory an estimate left out of the averages, Counts"
        " too little for any estimate. Marked: sum over turns of the share of coders who marked it."
        " Precision: share of flags that carry the mark of a randomly drawn coder; ceiling: the same of"
        " coders' own marks. AP: average precision. MH, HH: model and coder, coder and coder; delta: kappa MH"
        f" less kappa HH. In brackets: {level(evaluation.model.level)} intervals over patients."
    )
    yield (
        f"Not inferior: yes, delta is shown to be above the margin of {figure(margin)}; no, it is shown to be"
        " below; adjusted over the labels of a kind (Holm). Status: released, the target precision is shown."
    )


def counts_only(rows: Sequence[MarkerRow]) -> Iterator[str]:
    """Yield the counts of each label that has no more than counts."""
    for row in rows:
        if row.support == "Counts" and row.turns:
            yield (
                f"{row.name}: {count(row.hits)} flagged and marked, {count(row.false_alarms)} flagged only,"
                f" {count(row.misses)} marked only (shares of coders)."
            )


def calibration_lines(evaluation: Evaluation) -> Iterator[str]:
    """Yield whether probabilities mean what they say: of families or, without any, of full labels."""
    rows = [row for row in evaluation.calibration.rows if row.predicted is not None]
    families = [row for row in rows if row.kind == "family"]
    for row in families or [row for row in rows if row.support == "Full"]:
        yield (
            f"{row.name}: mean probability {fine(row.predicted or 0)}, marked {fine(row.prevalence or 0)};"
            f" Brier skill {number_or_reason(row.skill)} (1 at best, 0 as the base rate);"
            f" slope {number_or_reason(row.slope)} (1 at best, below it too extreme)."
        )
