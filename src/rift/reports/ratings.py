"""Agreement of the coders of any table: for a terminal of 100 columns, and as rows of CSV files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group
from rich.table import Table

from rift.evaluation.rating_statistics import STATISTICS
from rift.evaluation.ratings import RatingRow, RatingTable
from rift.readers.wording import SHOWN, counted, some
from rift.reliability.result import Statistic
from rift.reports.cells import Cell, notes_of, statistic_cells, statistic_header
from rift.reports.grid import grid, texts, with_notes
from rift.reports.numbers import Footnotes

_FACTS = (
    "column", "scale", "units", "shared", "coders", "pairs_possible", "clusters", "coded", "uncodable",
    "mean", "averaged",
)  # fmt: skip
_MARKS = ("pabak", "prevalence", "bias", "positive_agreement", "negative_agreement")
_PAIR = ("kappa", "agreement", "difference")
_TOP = 3
_LISTED = 50
_LONGEST = 14


def rating_report(table: RatingTable) -> Group:
    """Return what was coded, then the coefficients of nominal values, then those of rating scales."""
    nominal = [row for row in table.rows if row.scale == "nominal"]
    scaled = [row for row in table.rows if row.scale != "nominal"]
    parts = [_overview(table)]
    if nominal:
        parts.append(_nominal(nominal, table.level))
    if scaled:
        parts.append(_scaled(scaled, table.level))
    return Group(*parts)


def rating_sheets(table: RatingTable) -> dict[str, tuple[list[str], list[list[Cell]]]]:
    """Return header and rows of each CSV file.

    ``ratings.csv`` has a row per value, ``rating_pairs.csv`` one per value and pair of coders that
    share units.
    """
    rows: list[list[Cell]] = []
    pairs: list[list[Cell]] = []
    for row in table.rows:
        levels = some([f"{level}: {count}" for level, count in row.levels], _LISTED)
        rows.append([*(getattr(row, name) for name in _FACTS), levels, *statistic_cells(row, STATISTICS)])
        for pair in row.pairs:
            values = [_value(getattr(pair, name)) for name in _PAIR]
            facts: list[Cell] = [row.column, row.scale, pair.first, pair.second, pair.overlap]
            pairs.append([*facts, *values, notes_of(pair, _PAIR)])
    return {
        "ratings.csv": ([*_FACTS, "levels", *statistic_header(STATISTICS), "notes"], rows),
        "rating_pairs.csv": (["column", "scale", "first", "second", "overlap", *_PAIR, "notes"], pairs),
    }


def _overview(table: RatingTable) -> Group:
    shown = grid(
        "What was coded",
        ("Value", 26), ("Scale", 8), ("Units", 6), ("by two\nor more", 7), ("Coders", 6), ("Clus-\nters", 5),
        ("Uncod-\nable", 6), ("Mean", 5), ("Most frequent", 23),
    )  # fmt: skip
    for row in table.rows:
        counts = (row.units, row.shared, row.coders, row.clusters, row.uncodable)
        mean = "" if row.mean is None else f"{row.mean:.2f}"
        cells = ["" if count is None else str(count) for count in counts]
        shown.add_row(*texts([row.column, row.scale, *cells, mean, _frequent(row)]))
    cluster = f"values of {table.cluster} among" if table.cluster else "none known, for"
    legend = [f"{counted(len(table.coders), 'coder')}. Clusters: {cluster} the units that two or more coded."]
    return with_notes(shown, [*legend, *table.warnings], Footnotes())


def _frequent(row: RatingRow) -> str:
    given = [(level, count) for level, count in row.levels if count]
    parts = [f"{_short(level)}: {count}" for level, count in given[:_TOP]]
    if len(given) > _TOP:
        parts.append(f"+{len(given) - _TOP}")
    return ", ".join(parts)


def _short(level: str) -> str:
    return level if len(level) <= _LONGEST else level[: _LONGEST - 1] + "…"


def _nominal(rows: Sequence[RatingRow], level: float) -> Group:
    notes = Footnotes()
    marked = any(row.pabak is not None for row in rows)
    wide = [(f"alpha [{100 * level:.4g}%]", 17), ("kappa", 6), ("Fleiss", 6), ("AC1", 5), ("Agree", 5)]
    extra = [("PABAK", 5), ("PI", 5), ("BI", 5), ("PA+", 5), ("PA-", 5)] if marked else []
    shown = grid("Agreement: nominal values", ("Value", 24), *wide, *extra)
    for row in rows:
        singles = (row.kappa, row.fleiss, row.ac1, row.agreement)
        marks = tuple(getattr(row, name) for name in _MARKS) if marked else ()
        _add(shown, [row.column, notes.interval(row.alpha)], (*singles, *marks), notes)
    legend = [
        "alpha: Krippendorff's, interval over clusters. kappa: Cohen's, mean over pairs of coders. Agree:",
        "share of a unit's pairs of coders that agree, mean over units. Fleiss, AC1: their chance is taken",
        "from all units, also those coded once. AC1 is high where one value is common: no headline.",
    ]
    if marked:
        legend += [
            "Two-valued columns: PABAK, prevalence index (PI) and size of the bias index (BI) are means over",
            "pairs; PA+, PA-: agreement on present (1, yes, true, +) and on absent.",
        ]
    return with_notes(shown, [*legend, *_partial(rows)], notes)


def _scaled(rows: Sequence[RatingRow], level: float) -> Group:
    notes = Footnotes()
    shown = grid(
        "Agreement: rating scales and numbers",
        ("Value", 19), (f"alpha [{100 * level:.4g}%]", 16), ("kappa\nlin.", 5), ("kappa\nquad.", 5),
        ("AC2", 5), (f"ICC(A,1) [{100 * level:.4g}%]", 16), ("ICC(A,k)", 16), ("Agree", 5), ("MAD", 5),
    )  # fmt: skip
    for row in rows:
        cells = [row.column, notes.interval(row.alpha)]
        cells += [_cell(known, notes) for known in (row.kappa_linear, row.kappa_quadratic, row.ac2)]
        cells += [
            "" if known is None else notes.interval(known) for known in (row.icc_single, row.icc_average)
        ]
        _add(shown, cells, (row.agreement, row.difference), notes)
    averaged = sorted({f"{row.averaged:.3g}" for row in rows if row.averaged is not None})
    legend = [
        "alpha: Krippendorff's on the scale, interval over clusters. kappa: weighted, mean over pairs of",
        "coders. AC2: Gwet's, ordinal weights. ICC(A,1), ICC(A,k): absolute agreement of one coder and of",
        "the mean of k (McGraw & Wong), two-way random, by REML; their intervals take units as independent,",
        "too narrow where units of a cluster are alike. Agree: share of a unit's pairs of coders with the",
        "same value; MAD: mean absolute difference of a unit's pairs; means over units.",
    ]
    if averaged:
        legend.append(f"k, the harmonic mean number of coders of a unit: {', '.join(averaged)}.")
    return with_notes(shown, [*legend, *_partial(rows)], notes)


def _add(table: Table, cells: list[str], statistics: Iterable[Statistic | None], notes: Footnotes) -> None:
    table.add_row(*texts([*cells, *(_cell(known, notes) for known in statistics)]))


def _cell(statistic: Statistic | None, notes: Footnotes) -> str:
    """Return a value, blank where the statistic is not of the scale."""
    return "" if statistic is None else notes.value(statistic)


def _partial(rows: Sequence[RatingRow]) -> list[str]:
    """Return a line on means over pairs that leave pairs out."""
    lines = []
    for row in rows:
        mean = row.kappa if row.scale == "nominal" else row.kappa_quadratic
        if mean is not None and mean.defined and mean.reason:
            lines.append(f"{row.column[:SHOWN]}: kappa is {mean.reason}.")
        if row.shared and len(row.pairs) < row.pairs_possible:
            apart = f"{row.pairs_possible - len(row.pairs)} of {row.pairs_possible} pairs of coders"
            lines.append(f"{row.column[:SHOWN]}: {apart} share no unit.")
    return lines


def _value(statistic: Statistic | None) -> float | None:
    return None if statistic is None else statistic.value
