"""Segments in the terminal: the model beside the coders on equal stretches of a session."""

from __future__ import annotations

from rich.console import Group
from rich.text import Text

from rift.evaluation.segment_rows import SegmentRow
from rift.evaluation.segments import NO_TIMES, SegmentTable, segment_name
from rift.readers.wording import counted
from rift.reports.grid import grid, texts, with_notes
from rift.reports.numbers import Footnotes, count

_LEGEND = (
    "A coder marks a segment by marking a turn in it; against each coder, the model flags it by flagging",
    "a turn that this coder coded. onset: a turn counts where it begins; overlap: wherever it lasts.",
    "Marked, flags: sums of the shares of coders. Precision: agreement with a randomly drawn coder,",
    "interval over patients. MH, HH: model-coder and coder-coder kappa. alpha: Krippendorff's, coders.",
)


def segment_report(table: SegmentTable) -> Group:
    """Return a row per family, and per label with full support, of each length of segments and rule."""
    if not table.sessions:
        return Group(Text(f"Segments: {NO_TIMES}, so none could be compared.\n"))
    shown = shown_rows(table)
    if not shown:
        return Group(Text(f"Segments: no label has full support. {_elsewhere(table)}\n"))
    notes = Footnotes()
    level = f"{100 * table.level:.4g}%"
    printed = grid(
        "Segments: equal stretches of a session",
        ("Label", 31), ("Segm.", 6), ("Marked", 6), ("Flags", 6), (f"Precision [{level}]", 16), ("Recall", 6),
        ("F1", 4), ("kappa\nMH", 5), ("kappa\nHH", 5), ("alpha", 6),
    )  # fmt: skip
    for name, rows in shown.items():
        printed.add_row(Text(name))
        for row in rows:
            printed.add_row(*texts(_cells(row, notes)), end_section=row is rows[-1])
    legend = [*_LEGEND, f"{_compared(table)} {_elsewhere(table)}"]
    return with_notes(printed, legend, notes)


def shown_rows(table: SegmentTable) -> dict[str, tuple[SegmentRow, ...]]:
    """Return what reports show, by length and rule: families, and labels with full support."""
    found = {
        segment_name(*known): tuple(row for row in rows if row.kind == "family" or row.support == "Full")
        for known, rows in table.kinds().items()
    }
    return {name: rows for name, rows in found.items() if rows}


def _cells(row: SegmentRow, notes: Footnotes) -> list[str]:
    known = (row.recall, row.f1, row.kappa_mh, row.kappa_hh, row.alpha_hh)
    return [
        f"  {row.name}", str(row.segments), count(row.positives), count(row.flags),
        notes.interval(row.precision), *(notes.value(statistic) for statistic in known),
    ]  # fmt: skip


def _compared(table: SegmentTable) -> str:
    out = table.sessions_without_times
    without = f"; {out} without times left out" if out else ""
    return f"{counted(table.sessions, 'session')} with times{without}."


def _elsewhere(table: SegmentTable) -> str:
    return f"All {counted(len(table.rows), 'row')}, every label: segments.csv."
