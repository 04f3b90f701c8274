"""Segments: the model beside the coders on equal stretches of a session, as coders rate the 3RS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rift.config import EvaluateSection
from rift.evaluation.bins import RULES, Rule, TimedTurns, comparable, segments, turn_times
from rift.evaluation.segment_rows import LeftOut, SegmentRow, segment_row
from rift.evaluation.units import ScoredMarks

NO_TIMES = "no session has times"


@dataclass(frozen=True)
class SegmentTable:
    """Segments of every length, by both rules.

    Attributes
    ----------
    level
        Of the two-sided intervals.
    rows
        By length as configured, then rule, then in the codebook's order.
    sessions, sessions_without_times
        Sessions coded for any label that have a start for every coded turn, and those that lack one.
    """

    level: float
    rows: tuple[SegmentRow, ...]
    sessions: int
    sessions_without_times: int

    def row(self, column: str, minutes: float, rule: Rule) -> SegmentRow:
        """Return the row of a label or family; KeyError if there is none."""
        for row in self.rows:
            if (row.column, row.minutes, row.rule) == (column, minutes, rule):
                return row
        raise KeyError((column, minutes, rule))

    def kinds(self) -> dict[tuple[float, Rule], tuple[SegmentRow, ...]]:
        """Return the rows of each length and rule."""
        found = dict.fromkeys((row.minutes, row.rule) for row in self.rows)
        return {known: tuple(row for row in self.rows if (row.minutes, row.rule) == known) for known in found}

    def by_name(self) -> dict[str, Any]:
        """Return the fields by name, the rows of each length and rule apart: ``5 minutes, onset``."""
        return {
            "level": self.level,
            "sessions": self.sessions,
            "sessions_without_times": self.sessions_without_times,
            "segments": {segment_name(*known): rows for known, rows in self.kinds().items()},
        }


def segment_name(minutes: float, rule: Rule) -> str:
    """Return what segments of this length and rule are called: ``5 minutes, onset``."""
    return f"{minutes:g} minute{'' if minutes == 1 else 's'}, {rule}"


def segment_table(data: ScoredMarks, times: pd.DataFrame, section: EvaluateSection) -> SegmentTable:
    """Compare model and coders on equal stretches of the sessions that have times.

    Parameters
    ----------
    data
        Coded turns with the model's flags.
    times
        TURN_KEY, ``start_s`` and ``end_s`` of all turns of these sessions (`turn_times`).
    section
        Lengths of the segments, support classes and intervals.
    """
    known, compared = turn_times(data, times), comparable(data)
    left_out = [_left_out(data, compared, known, at) for at in range(len(data.codebook.columns))]
    rows: list[SegmentRow] = []
    for minutes in section.segment_minutes:
        for rule in RULES:
            found = segments(compared, known, minutes, rule)
            rows += [segment_row(found, at, out, section) for at, out in enumerate(left_out)]
    sessions, timed = len(np.unique(data.sessions)), len(np.unique(data.sessions[known.timed]))
    return SegmentTable(section.interval, tuple(rows), timed, sessions - timed)


def _left_out(data: ScoredMarks, compared: ScoredMarks, times: TimedTurns, at: int) -> LeftOut:
    usable = (compared.marks.states[:, at] >= 0).any(axis=1)
    if not (data.marks.states[:, at] >= 0).any():
        reason = "not coded"
    elif not times.timed.any():
        reason = NO_TIMES
    elif usable.any():
        reason = "coded only in sessions without times"
    else:
        reason = "no probability for the coded turns"
    return LeftOut(len(np.unique(data.sessions[usable & ~times.timed])), reason)
