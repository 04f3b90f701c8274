"""The page's table of segments: RIFT beside the coders on equal stretches of a session."""

from __future__ import annotations

from rift.evaluation.segment_rows import SegmentRow
from rift.evaluation.segments import NO_TIMES, SegmentTable
from rift.readers.wording import counted
from rift.reports.numbers import count
from rift.reports.page.grid import Cell, Cells, Column, Grid, Group, Row
from rift.reports.page.tables import LABEL
from rift.reports.page.wording import level
from rift.reports.segments import shown_rows

_COLUMNS = (
    Column("Segments", "Segments in which a coder coded a turn of the label's speakers; below, those coded by"
           " two or more."),
    Column("Patients", "Patients of these segments."),
    Column("Marked", "Sum over segments of the share of their coders who marked a turn in it."),
    Column("Flags", "Sum over segments of the share of their coders on whose turns RIFT has a flag."),
    Column("Precision", "Share of flagged segments that carry the mark of a randomly drawn coder."),
    Column("Recall", "Share of the segments marked by a randomly drawn coder that RIFT flags."),
    Column("F1", "Harmonic mean of precision and recall."),
    Column("Kappa RIFT–coder", "Cohen's kappa of RIFT and a coder: mean over coders, on segments coded by two"
           " or more (on all where there are none)."),
    Column("Kappa coder–coder", "Cohen's kappa of two coders: mean over pairs, on the same segments."),
    Column("Difference", "Kappa RIFT–coder less kappa coder–coder."),
    Column("Alpha", "Krippendorff's alpha of the coders, nominal."),
)  # fmt: skip
_STATISTICS = 7


def segment_grid(table: SegmentTable) -> Grid | None:
    """Return families, and labels with full support, on each length and rule; None if there are none."""
    shown = shown_rows(table)
    if not table.sessions or not shown:
        return None
    cells = Cells()
    return Grid(
        "segments-table",
        f"RIFT beside the coders on segments; intervals {level(table.level)}, over patients",
        LABEL,
        _COLUMNS,
        tuple(Group(name, tuple(_row(row, cells) for row in rows)) for name, rows in shown.items()),
        cells.footnotes(),
        sortable=True,
    )


def segment_sentences(table: SegmentTable) -> tuple[str, ...]:
    """Return what is said above the table, or in its place."""
    if not table.sessions:
        return (f"{NO_TIMES.capitalize()}, so there are no segments to compare.",)
    means = (
        "A coder marks a segment by marking a turn in it; against each coder, RIFT flags it by flagging a"
        " turn that this coder coded. By onset, a turn counts in the segment in which it begins; by overlap,"
        " in every one that it overlaps."
    )
    out = table.sessions_without_times
    left_out = f"; {counted(out, 'session')} without times left out" if out else ""
    some = "" if shown_rows(table) else " No label has full support, so no table is shown."
    return (means, f"{counted(table.sessions, 'session')} with times{left_out}.{some}")


def _row(row: SegmentRow, cells: Cells) -> Row:
    facts = (
        Cell(f"{row.segments:,}", row.segments, below=f"{row.overlap:,} coded twice"),
        Cell(f"{row.patients:,}", row.patients),
        Cell(count(row.positives), row.positives),
        Cell(count(row.flags), row.flags),
    )
    below = "" if row.support == "Full" else row.support.lower()
    known = (
        row.precision, row.recall, row.f1, row.kappa_mh, row.kappa_hh, row.delta, row.alpha_hh,
    )  # fmt: skip
    if not any(statistic.defined for statistic in known) and len({s.reason for s in known}) == 1:
        return Row(row.name, (*facts, Cell(f"undefined: {row.precision.reason}", span=_STATISTICS)), below)
    values = (
        cells.interval(row.precision), cells.value(row.recall), cells.value(row.f1),
        cells.value(row.kappa_mh), cells.value(row.kappa_hh), cells.interval(row.delta),
        cells.interval(row.alpha_hh),
    )  # fmt: skip
    return Row(row.name, (*facts, *values), below)
