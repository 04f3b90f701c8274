"""The page's tables of who gave which label: classes, confusion, the coders beside one another."""

from __future__ import annotations

from collections.abc import Mapping

from rift.codebook import Codebook
from rift.evaluation.classes import ClassTable
from rift.evaluation.coders import AgreementRow, AgreementTable
from rift.evaluation.details import Confusion
from rift.evaluation.marker_sets import SetAgreement
from rift.reports.numbers import count
from rift.reports.page.grid import Cell, Cells, Column, Grid, Group, Row
from rift.reports.page.headline import PLURAL
from rift.reports.page.tables import LABEL
from rift.reports.page.wording import level

_MANY_PAIRS = 6


def class_grid(classes: Mapping[str, ClassTable], codebook: Codebook, model: str = "RIFT") -> Grid:
    """Return macro-F1, kappa, accuracy and each class's F1, a column per set of predictions."""
    cells, tables = Cells(), tuple(classes.values())
    names = [codebook.display_name(name) for name in tables[0].names]
    rows = [
        Row("Turns compared", tuple(Cell(f"{t.turns:,}", t.turns) for t in tables)),
        Row("Left out", tuple(Cell(f"{t.left_out:,}", t.left_out) for t in tables)),
        Row("Macro F1", tuple(cells.interval(t.macro_f1) for t in tables)),
        Row("Kappa", tuple(cells.interval(t.kappa) for t in tables)),
        Row("Accuracy", tuple(cells.interval(t.accuracy) for t in tables)),
        *(
            Row(f"F1 {name}", tuple(cells.interval(table.f1[at]) for table in tables))
            for at, name in enumerate(names)
        ),
    ]
    titles = [model if name == "model" else name for name in classes]
    return Grid(
        "classes",
        "The one class chosen for a turn, against the class that most coders gave it",
        Column("", "Left out: turns without one majority class, or without a chosen one."),
        tuple(Column(title) for title in titles),
        (Group("", tuple(rows)),),
        cells.footnotes(),
    )


def confusion_grid(confusion: Confusion, codebook: Codebook) -> Grid:
    """Return which label is flagged where coders put which; columns are numbered as the rows."""
    names = [codebook.display_name(column) for column in confusion.columns]
    rows = []
    for at, name in enumerate(names):
        marked = confusion.marked[at]
        own = [*confusion.together[at], confusion.unflagged[at]]
        cells = [
            Cell(count(value), value, shade=_shade(value, marked), diagonal=place == at)
            for place, value in enumerate(own)
        ]
        rows.append(Row(f"{at + 1}. {name}", (Cell(count(marked), marked), *cells)))
    alone = tuple(Cell(count(value), value) for value in confusion.unmarked)
    rows.append(Row(f"No {confusion.kind} marked", (Cell(""), *alone, Cell(""))))
    return Grid(
        f"confusion-{confusion.kind}",
        f"Flagged {PLURAL[confusion.kind]} (columns) where coders put which (rows)",
        Column("Coders marked", "The label that coders gave; half a mark where one of two did."),
        (
            Column("Marked", "Sum of the coders' shares."),
            *(Column(str(at + 1), f"Flagged as {name}.") for at, name in enumerate(names)),
            Column("None", f"No {confusion.kind} flagged."),
        ),
        (Group("", tuple(rows)),),
    )


def class_confusion_grid(table: ClassTable, codebook: Codebook) -> Grid:
    """Return chosen class against the coders' majority class."""
    names = [codebook.display_name(name) for name in table.names]
    rows = []
    for at, counts in enumerate(table.confusion):
        cells = [
            Cell(str(n), n, shade=_shade(n, sum(counts)), diagonal=place == at)
            for place, n in enumerate(counts)
        ]
        rows.append(Row(names[at], (Cell(str(sum(counts))), *cells)))
    return Grid(
        "confusion-class",
        "Class chosen by RIFT (columns) where most coders gave which (rows)",
        Column("Most coders gave", "Turns without one majority class are left out."),
        (Column("Turns", "With this majority class."), *(Column(name, f"Chosen: {name}.") for name in names)),
        (Group("", tuple(rows)),),
    )


def coder_grid(table: AgreementTable) -> Grid:
    """Return the coders' agreement on every label and, for an exclusive codebook, on the class."""
    cells = Cells()
    kinds = dict.fromkeys(row.kind for row in table.rows)
    groups = [
        Group(
            PLURAL.get(kind, kind).capitalize(),
            tuple(_coders(row, cells) for row in table.rows if row.kind == kind),
        )
        for kind in kinds
    ]
    if (known := table.classes) is not None:
        blank = tuple(Cell("") for _ in table.coders)
        values = (cells.value(known.kappa), cells.interval(known.alpha), Cell(""))
        facts = (Cell(f"{known.overlap:,}", known.overlap), Cell(str(known.patients), known.patients))
        groups.append(Group("All classes", (Row("Which class", (*facts, *blank, *values)),)))
    if table.sets is not None:
        groups.append(Group("Set of markers", _sets(table.sets, len(table.coders), cells)))
    return Grid(
        "coders",
        f"The coders beside one another; intervals {level(table.level)}, over patients",
        LABEL,
        (
            Column("Turns", "Turns that two or more coders coded for the label."),
            Column("Patients", "Patients of these turns."),
            *(Column(f"{coder}", f"Turns that {coder} marked.") for coder in table.coders),
            Column("Kappa", "Cohen's kappa, mean over pairs of coders."),
            Column(
                "Alpha",
                "Krippendorff's alpha: nominal; of the set of markers that a turn shows, with the"
                " distance named, on turns that two or more coders coded for every marker.",
            ),
            Column("Positive agreement", "Twice the turns both marked over all marks of both, pairs pooled."),
        ),
        tuple(groups),
        cells.footnotes(),
        sortable=True,
    )


def _sets(sets: SetAgreement, coders: int, cells: Cells) -> tuple[Row, ...]:
    facts = (Cell(f"{sets.overlap:,}", sets.overlap), Cell(str(sets.patients), sets.patients))
    blank = tuple(Cell("") for _ in range(coders + 1))
    return tuple(
        Row(f"{name} distance", (*facts, *blank, cells.interval(alpha), Cell("")))
        for name, alpha in (("MASI", sets.masi), ("Jaccard", sets.jaccard))
    )


def _coders(row: AgreementRow, cells: Cells) -> Row:
    counts = tuple(
        Cell(
            f"{entry.marked:,}" if entry.coded else "not coded",
            entry.marked if entry.coded else None,
            below=f"{entry.uncodable} uncodable" if entry.uncodable else "",
        )
        for entry in row.counts
    )
    facts = (Cell(f"{row.overlap:,}", row.overlap), Cell(str(row.patients), row.patients))
    known = (row.kappa, row.alpha, row.positive_agreement)
    if not any(s.defined for s in known) and len({s.reason for s in known}) == 1:
        values = [Cell(f"undefined: {row.kappa.reason}", span=3)]
    else:
        values = [cells.value(row.kappa), cells.interval(row.alpha), cells.value(row.positive_agreement)]
    return Row(row.name, (*facts, *counts, *values))


def pair_grid(table: AgreementTable) -> Grid | None:
    """Return kappa of each pair of coders, label by label; None for one pair, or for very many."""
    places = [
        at for at in range(len(table.rows[0].pairs)) if any(row.pairs[at].overlap for row in table.rows)
    ]
    if not 2 <= len(places) <= _MANY_PAIRS:
        return None
    pairs = [f"{pair.first} – {pair.second}" for pair in table.rows[0].pairs]
    cells = Cells()
    rows = tuple(Row(r.name, tuple(cells.value(r.pairs[at].kappa) for at in places)) for r in table.rows)
    return Grid(
        "pairs",
        "Cohen's kappa of each pair of coders",
        LABEL,
        tuple(Column(pairs[at]) for at in places),
        (Group("", rows),),
        cells.footnotes(),
        sortable=True,
    )


def _shade(part: float, whole: float) -> int:
    return min(5, round(5 * part / whole + 0.3)) if whole > 0 and part > 0 else 0
