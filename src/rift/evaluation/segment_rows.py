"""A label's row of the segment table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rift.config import EvaluateSection
from rift.corpus.marks import PRESENT
from rift.evaluation.bins import Rule, Segments
from rift.evaluation.rows import Support, interval_rule, lacking_coders, marker_row, support_class
from rift.evaluation.sums import MarkerSums, marker_sums
from rift.reliability.alpha import alpha_of, alpha_sums, category_counts
from rift.reliability.intervals import group_sums, jackknife_statistic
from rift.reliability.kappa import no_variation, pair_tables
from rift.reliability.result import Statistic, undefined

SEGMENT_STATISTICS = (
    "precision", "recall", "f1", "average_precision", "kappa_mh", "kappa_hh", "delta", "alpha_hh",
)  # fmt: skip
"""The statistics of a row, in the order in which they are reported."""


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One label or family on segments of one length, by one rule.

    A coder coded a segment who coded a turn in it that the label's speakers spoke and that has a
    probability, and marked it who marked such a turn. Against each coder, the model flags a segment
    if it flags one of the turns that this coder coded.

    Attributes
    ----------
    column, name, kind
        Id, printed name, and marker, strategy, class or family.
    minutes, rule
        Length of a segment; ``onset``: a turn counts where it begins, ``overlap``: wherever it lasts.
    support
        As of turns (`rift.evaluation.rows.MarkerRow`), but of flagged and marked segments.
    sessions, sessions_without_times
        Sessions compared; sessions coded for the label that are left out, as a coded turn has no start.
    segments, overlap, patients
        Segments that any coder coded; that two or more coded; patients of the former.
    positives, flags, hits
        Sums over segments of the share of their coders who marked them; against whom the model
        flags them; and of whom both holds.
    precision, recall, f1
        Agreement of the model with a randomly drawn coder.
    average_precision
        Of the highest probability in a segment, over all turns coded, against the share of coders.
    kappa_mh, kappa_hh, delta
        Mean kappa of model and coder, of coder and coder, and the difference, on segments that two or
        more coders coded (``kappa_mh`` on all where there are none).
    alpha_hh
        Krippendorff's nominal alpha of the coders.
    """

    column: str
    name: str
    kind: str
    minutes: float
    rule: Rule
    support: Support
    sessions: int
    sessions_without_times: int
    segments: int
    overlap: int
    patients: int
    positives: float
    flags: float
    hits: float
    precision: Statistic
    recall: Statistic
    f1: Statistic
    average_precision: Statistic
    kappa_mh: Statistic
    kappa_hh: Statistic
    delta: Statistic
    alpha_hh: Statistic


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of a label's codings is in no segment.

    Attributes
    ----------
    sessions
        Coded for the label, without a start for every coded turn.
    reason
        Why there is no segment of the label at all, where there is none.
    """

    sessions: int
    reason: str


def segment_row(found: Segments, at: int, left_out: LeftOut, section: EvaluateSection) -> SegmentRow:
    """Return the row of a label, by its place among the columns.

    Parameters
    ----------
    found
        The segments of one length and rule.
    at, left_out
        The label, and what of it is not in them.
    section
        Support classes and intervals.
    """
    data, sums = found.scored, segment_sums(found, at)
    support = support_class(sums, section)
    row = marker_row(data.codebook.columns[at], sums, support, data.codebook, section, None)
    statistics: dict[str, Any] = {name: _worded(getattr(row, name)) for name in SEGMENT_STATISTICS[:-1]}
    statistics["alpha_hh"] = row.kappa_hh if support == "Counts" else _alpha(found, at, sums, section)
    if not sums.turns:
        statistics = dict.fromkeys(SEGMENT_STATISTICS, undefined(left_out.reason))
    return SegmentRow(
        column=row.column,
        name=row.name,
        kind=row.kind,
        minutes=found.minutes,
        rule=found.rule,
        support=support,
        sessions=sums.sessions,
        sessions_without_times=left_out.sessions,
        segments=sums.turns,
        overlap=sums.paired,
        patients=row.patients,
        positives=row.positives,
        flags=row.flags,
        hits=row.hits,
        **statistics,
    )


def segment_sums(found: Segments, column: int) -> MarkerSums:
    """Sum one label over the segments of each patient.

    As `rift.evaluation.sums.marker_sums`, except that a model's flag of a segment may differ from
    coder to coder: each is met on the turns that this coder coded. ``others``, the human ceiling,
    does not heed that.
    """
    data, sums = found.scored, marker_sums(found.scored, column)
    coded = np.asarray((data.marks.states[:, column] >= 0).any(axis=1))
    states, flags = data.marks.states[coded, column], found.own_flags[coded, column]
    patients, count = data.patients[coded], data.patient_count
    looked, marked = (states >= 0).sum(axis=1), states == PRESENT
    shares = np.stack([(flags & marked).sum(axis=1), flags.sum(axis=1), marked.sum(axis=1)], axis=1)
    compared = looked >= (2 if sums.paired else 1)
    model = np.where(states >= 0, flags, np.int8(-1))[compared]
    tables = pair_tables(model, states[compared], 2, patients[compared], count)
    return replace(
        sums,
        counts=group_sums(shares / looked[:, None], patients, count),
        tables=np.concatenate([tables, sums.tables[:, sums.coders :]], axis=1),
    )


def _alpha(found: Segments, at: int, sums: MarkerSums, section: EvaluateSection) -> Statistic:
    if lacking := lacking_coders(sums):
        return _worded(undefined(lacking))
    data = found.scored
    known = group_sums(
        alpha_sums(category_counts(data.marks.states[:, at], 2)), data.patients, data.patient_count
    )
    return jackknife_statistic(
        known, alpha_of, interval_rule(section),
        bounds=(-1.0, 1.0), empty=no_variation(known[:, 1:].sum(axis=0)), n=sums.paired,
    )  # fmt: skip


def _worded(known: Statistic) -> Statistic:
    """Return a statistic whose reason speaks of segments, where that of turns does of turns."""
    reason = known.reason and known.reason.replace("no turn coded", "no segment coded")
    return replace(known, reason=reason)
