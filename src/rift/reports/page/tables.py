"""The page's tables of the model: every label with its averages, and the baselines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from rift.evaluation.averages import Average
from rift.evaluation.results import Evaluation
from rift.evaluation.rows import STATISTICS, MarkerRow
from rift.reports.numbers import count
from rift.reports.page.grid import Cell, Cells, Column, Grid, Group, Row
from rift.reports.page.headline import PLURAL
from rift.reports.page.wording import figure, fine, level

_MARKERS = (
    Column("Support", "Full: enough for a statement. Exploratory: an estimate, left out of the macro average."
           " Counts: too little for any estimate."),
    Column("Turns", "Turns that a coder coded for the label and that have a probability."),
    Column("Sessions", "Sessions of these turns."),
    Column("Patients", "Patients of these turns; below, those with a turn that any coder marked."),
    Column("Marked", "Sum over turns of the share of coders who marked it: half where one of two did."),
    Column("Base rate", "Marked over turns: the precision of flagging at random."),
    Column("Threshold", "Calibrated probability from which a turn is flagged, as it goes with the model (each"
           " fold was judged by one fitted on the others). Below, the lower bound of precision that it"
           " was released for. Not released: no threshold has one that reaches the target."),
    Column("Flags", "Turns that RIFT flagged."),
    Column("Precision", "Share of flags that carry the mark of a randomly drawn coder."),
    Column("Human ceiling", "Share of a coder's marks that carry the mark of another, randomly drawn coder:"
           " mean over coders, on turns coded by two or more."),
    Column("RIFT, same turns", "RIFT's precision on the turns and marks of the human ceiling: compare both."),
    Column("Recall", "Share of coders' marks that stand on flagged turns."),
    Column("F1", "Harmonic mean of precision and recall."),
    Column("AP", "Average precision: area under precision and recall. Flagging at random has the base rate."),
    Column("Kappa RIFT–coder", "Cohen's kappa of RIFT's flags and a coder's marks: mean over coders, on turns"
           " coded by two or more (on all where there are none)."),
    Column("Kappa coder–coder", "Cohen's kappa of two coders: mean over pairs, on the same turns."),
    Column("Difference", "Kappa RIFT–coder less kappa coder–coder."),
)  # fmt: skip
LABEL = Column("Label", "Name in the codebook.")
_BEFORE_STATISTICS = 8


class _OfKind(Protocol):
    """A row of a label of some kind, or of a family."""

    @property
    def kind(self) -> str: ...


_Of = TypeVar("_Of", bound=_OfKind)


def kind_groups(rows: Sequence[_Of], written: Callable[[_Of], Row]) -> tuple[Group, ...]:
    """Return rows as written, those of one kind together under its name."""
    return tuple(
        Group(PLURAL[kind].capitalize(), tuple(written(row) for row in rows if row.kind == kind))
        for kind in dict.fromkeys(row.kind for row in rows)
    )


def marker_grid(evaluation: Evaluation) -> Grid:
    """Return the table of all labels and families, with their averages."""
    table, cells = evaluation.model, Cells()
    groups = kind_groups(table.rows, lambda row: _marker(row, cells))
    averages = tuple(_average(average, cells) for average in table.averages)
    return Grid(
        "markers",
        f"RIFT beside the coders; intervals {level(table.level)}, over patients",
        LABEL,
        _MARKERS,
        (*groups, Group("Averages", averages)),
        cells.footnotes(),
        sortable=True,
    )


def _marker(row: MarkerRow, cells: Cells) -> Row:
    facts = (
        Cell(row.support if row.turns else "None", {"Full": 3, "Exploratory": 2}.get(row.support, 1)),
        Cell(f"{row.turns:,}", row.turns, below=f"{row.unscored} unscored" if row.unscored else ""),
        Cell(f"{row.sessions:,}", row.sessions),
        Cell(f"{row.patients:,}", row.patients, below=f"{row.positive_patients} with marks"),
        Cell(count(row.positives), row.positives),
        Cell("undefined", None, cells.notes.mark(row.precision.reason or "no turns"))
        if row.prevalence is None
        else Cell(fine(row.prevalence), row.prevalence),
        _threshold(row, cells),
        Cell(count(row.flags), row.flags),
    )
    return Row(row.name, (*facts, *_statistics(row, cells)))


def _threshold(row: MarkerRow, cells: Cells) -> Cell:
    status = row.status if row.status != "released" else None
    if row.threshold is None:
        return Cell("undefined", None, cells.notes.mark(f"no threshold: {status or 'none was passed in'}"))
    bound = "" if row.precision_bound is None else f"precision ≥ {figure(row.precision_bound)}"
    return Cell(fine(row.threshold), row.threshold, below=status or bound)


def _statistics(row: MarkerRow, cells: Cells) -> tuple[Cell, ...]:
    known = [getattr(row, name) for name in STATISTICS]
    reasons = {statistic.reason for statistic in known}
    if not any(statistic.defined for statistic in known) and len(reasons) == 1:
        counts = (
            f"{count(row.hits)} flagged and marked, {count(row.false_alarms)} flagged only,"
            f" {count(row.misses)} marked only (shares of coders)"
        )
        below = counts if row.turns else ""
        return (Cell(f"undefined: {known[0].reason}", None, below=below, span=len(STATISTICS)),)
    return (
        cells.interval(row.precision), cells.value(row.ceiling), cells.value(row.model_ceiling),
        cells.value(row.recall), cells.value(row.f1), cells.value(row.average_precision),
        cells.value(row.kappa_mh), cells.value(row.kappa_hh), cells.interval(row.delta),
    )  # fmt: skip


def _average(average: Average, cells: Cells) -> Row:
    over = f"{average.method}, {len(average.columns)} of {average.total} {PLURAL[average.kind]}"
    empty = tuple(Cell("") for _ in range(_BEFORE_STATISTICS))
    return Row(over.capitalize(), (*empty, *(
        cells.interval(average.precision), cells.value(average.ceiling), cells.value(average.model_ceiling),
        cells.value(average.recall), cells.value(average.f1), cells.value(average.average_precision),
        cells.value(average.kappa_mh), cells.value(average.kappa_hh), cells.interval(average.delta),
    )))  # fmt: skip


def baseline_grid(evaluation: Evaluation, model: str = "RIFT") -> Grid:
    """Return the averages of the model, under this name, the baselines and the coders, per kind of label."""
    cells, groups = Cells(), []
    tables = (evaluation.model, *evaluation.baselines)
    for place in range(0, len(evaluation.model.averages), 2):
        macro = evaluation.model.averages[place]
        rows = [
            Row(
                model if table is evaluation.model else table.name[:1].upper() + table.name[1:],
                (
                    cells.interval(own.precision), cells.value(own.recall), cells.interval(own.f1),
                    cells.value(own.average_precision), cells.value(own.kappa_mh), cells.value(micro.f1),
                ),
            )
            for table in tables
            for own, micro in [table.averages[place : place + 2]]
        ]  # fmt: skip
        empty = Cell("")
        human = Row("A coder against the others", (
            cells.interval(macro.ceiling), empty, empty, empty, cells.value(macro.kappa_hh), empty,
        ))  # fmt: skip
        heading = f"{len(macro.columns)} of {macro.total} {PLURAL[macro.kind]}"
        groups.append(Group(heading, (*rows, human)))
    return Grid(
        "baselines",
        f"Macro averages over the labels with full support for {model}",
        Column("Predictions", "Who or what flags. Always positive: every turn. Marker base rate: at random,"
               " as often as coders mark."),
        (
            Column("Precision", "Share of flags that carry a randomly drawn coder's mark; of coders, the"
                   " human ceiling."),
            Column("Recall", "Share of coders' marks that are flagged."),
            Column("F1", "Harmonic mean of the two, per label, then averaged."),
            Column("AP", "Average precision."),
            Column("Kappa", "Mean kappa with a coder."),
            Column("Micro F1", "F1 of the counts of all coded labels pooled."),
        ),
        tuple(groups),
        cells.footnotes(),
    )  # fmt: skip
