"""Sessions: how often each label is marked in a session, by the coders and by the model in one's place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rift.config import EvaluateSection
from rift.corpus.marks import PRESENT
from rift.evaluation.rows import interval_rule, kind_of, row_of
from rift.evaluation.units import ScoredMarks
from rift.reliability.icc_reml import RemlIcc, icc_of, lacking, reml_icc
from rift.reliability.intervals import (
    Floats,
    IntervalRule,
    Ints,
    group_sums,
    jackknife_interval,
    jackknife_replicates,
    jackknife_statistic,
)
from rift.reliability.kappa import mean_defined, share_of
from rift.reliability.ordinal import ordinal_alpha, ordinal_alpha_without
from rift.reliability.reml import reml_sums
from rift.reliability.result import Statistic, undefined

MEASURE = "marks per 100 turns"

SESSION_STATISTICS = ("human", "human_average", "model", "difference", "alpha", "error")
"""The statistics of a row, in the order in which they are reported."""

_NOT_TWICE = "no session coded by two coders"


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A label's or family's frequency in a session, as the coders and the model find it.

    Attributes
    ----------
    column, name, kind
        Id, printed name, and marker, strategy, class or family.
    measure
        What is compared: of the turns that a coder coded and that have a probability, how many of
        100 are marked. The model's is taken over the turns of the coder that it stands beside.
    sessions, coders
        Sessions that two or more coders coded; coders who coded any of these.
    human, human_average
        ICC(A,1) and ICC(A,k) of the coders by REML; intervals by profile likelihood, of other
        sessions and other coders. ``averaged``: the k, the harmonic mean of coders of a session.
    model
        Mean over coders of ICC(A,1) with the model in the coder's place.
    difference
        ``model`` less ``human``; like that with a jackknife-t interval over patients, these coders
        being given.
    alpha
        Krippendorff's ordinal alpha of the coders.
    error
        Mean absolute difference of model and coder, in marks per 100 turns, over all coders'
        sessions.
    """

    column: str
    name: str
    kind: str
    measure: str
    sessions: int
    coders: int
    averaged: float | None
    human: Statistic
    human_average: Statistic
    model: Statistic
    difference: Statistic
    alpha: Statistic
    error: Statistic


@dataclass(frozen=True)
class SessionTable:
    """The frequencies of every label and family; ``level`` of the two-sided intervals."""

    level: float
    rows: tuple[SessionRow, ...]

    def row(self, column: str) -> SessionRow:
        """Return the row of a label or family; KeyError if there is none."""
        return row_of(self.rows, column)


@dataclass(frozen=True)
class Frequencies:
    """Marks per 100 turns of one label.

    Attributes
    ----------
    coders
        [S, C], NaN where a coder coded no turn of the session.
    model
        [S, C] the model's on the same turns.
    patients
        [S] the session's patient, 0 to ``patient_count - 1``.
    patient_count
        Patients of the corpus.
    """

    coders: Floats
    model: Floats
    patients: Ints
    patient_count: int


def session_table(data: ScoredMarks, section: EvaluateSection) -> SessionTable:
    """Return session by session agreement on how often each label occurs.

    Parameters
    ----------
    data
        Coded turns with the model's flags.
    section
        Level of the intervals, and the patients that they need.
    """
    rule = interval_rule(section)
    return SessionTable(
        section.interval, tuple(_row(data, at, rule) for at in range(len(data.codebook.columns)))
    )


def frequencies(data: ScoredMarks, column: int) -> Frequencies:
    """Return the marks per 100 turns of one label, by its place among the columns."""
    known = ~np.isnan(data.probabilities[:, column])
    states, flags = data.marks.states[known, column], data.flags[known, column]
    sessions = int(data.sessions.max(initial=-1)) + 1
    looked = states >= 0
    counts = np.stack([looked, states == PRESENT, looked * flags[:, None]], axis=1)
    coded, marked, flagged = np.moveaxis(group_sums(counts, data.sessions[known], sessions), 1, 0)
    patients = np.zeros(sessions, dtype=np.int64)
    patients[data.sessions] = data.patients
    return Frequencies(
        100 * share_of(marked, coded), 100 * share_of(flagged, coded), patients, data.patient_count
    )


def _row(data: ScoredMarks, at: int, rule: IntervalRule) -> SessionRow:
    column = data.codebook.columns[at]
    table = frequencies(data, at)
    coded = ~np.isnan(table.coders)
    shared = coded.sum(axis=1) >= 2
    human = reml_icc(table.coders, rule.level)
    reason = _lacking(table)
    statistics = (
        dict.fromkeys(SESSION_STATISTICS[:-1], undefined(reason, int(shared.sum())))
        if reason
        else _agreement(table, human, rule)
    )
    return SessionRow(
        column=column,
        name=data.codebook.display_name(column),
        kind=kind_of(column, data.codebook),
        measure=MEASURE,
        sessions=int(shared.sum()),
        coders=int(coded[shared].any(axis=0).sum()),
        averaged=None if reason else human.coders,
        error=_error(table, rule),
        **statistics,
    )


def _lacking(table: Frequencies) -> str | None:
    """Return why coders cannot be compared, if so."""
    coded = ~np.isnan(table.coders)
    if not coded.any():
        return "not coded"
    if table.coders.shape[1] < 2:
        return "fewer than two coders"
    if not (coded.sum(axis=1) >= 2).any():
        return _NOT_TWICE
    return None if np.nansum(table.coders) > 0 else "nobody marked it"


def _agreement(table: Frequencies, human: RemlIcc, rule: IntervalRule) -> dict[str, Statistic]:
    replaced = _with_model(table)
    # One table at a time: what all of them need together grows with the fourth power of the coders.
    fits = [_fits(one, table) for one in (table.coders, *replaced)]
    own, in_place = fits[0], mean_defined(np.stack(fits[1:], axis=1))
    reasons = [lacking(reml_sums(one).sum(axis=0)) for one in replaced]
    empty = next((reason for reason in reasons if reason), "undefined without one of the coders")
    n = human.single.n

    def statistic(values: Floats, least: float, reason: str) -> Statistic:
        if np.isnan(values[0]):
            return undefined(reason, n)
        return jackknife_interval(float(values[0]), values[1:], rule, (least, 1.0), n)

    patients = len(np.unique(table.patients[~np.isnan(table.coders).all(axis=1)]))
    return {
        "human": _if_enough(human.single, patients, rule),
        "human_average": _if_enough(human.average, patients, rule),
        "model": statistic(in_place, 0.0, empty),
        "difference": statistic(in_place - own, -1.0, human.single.reason or empty),
        "alpha": _alpha(table, rule),
    }


def _fits(ratings: Floats, table: Frequencies) -> Floats:
    """Return ICC(A,1) with all patients, then without each of those who have ratings."""
    sums = group_sums(reml_sums(ratings), table.patients, table.patient_count)
    value, without = jackknife_replicates(sums, icc_of)
    return np.append(value, without)


def _with_model(table: Frequencies) -> Sequence[Floats]:
    """Return the coders' frequencies with the model in place of each coder who coded any session."""
    replaced = []
    for at in np.flatnonzero(~np.isnan(table.coders).all(axis=0)):
        other = table.coders.copy()
        other[:, at] = table.model[:, at]
        replaced.append(other)
    return replaced


def _if_enough(known: Statistic, patients: int, rule: IntervalRule) -> Statistic:
    """Return a statistic without its interval where there are too few patients for one."""
    if known.low is None or patients >= rule.min_patients:
        return known
    reason = f"no interval: {patients} patient{'' if patients == 1 else 's'}, {rule.min_patients} needed"
    return Statistic(known.value, None, None, known.n, reason)


def _alpha(table: Frequencies, rule: IntervalRule) -> Statistic:
    alpha = ordinal_alpha(table.coders)
    if alpha.value is None:
        return alpha
    without = ordinal_alpha_without(table.coders, table.patients, table.patient_count)
    shared = (~np.isnan(table.coders)).sum(axis=1) >= 2
    telling = np.unique(table.patients[shared])
    return jackknife_interval(alpha.value, without[telling], rule, (-1.0, 1.0), alpha.n)


def _error(table: Frequencies, rule: IntervalRule) -> Statistic:
    known = ~np.isnan(table.coders)
    if not known.any():
        return undefined("not coded")
    apart = np.where(known, np.abs(table.model - table.coders), 0.0).sum(axis=1)
    sums = group_sums(np.column_stack([apart, known.sum(axis=1)]), table.patients, table.patient_count)
    return jackknife_statistic(
        sums, lambda rest: share_of(rest[:, 0], rest[:, 1]), rule,
        bounds=(0.0, 100.0), empty="not coded", n=int(known.sum()),
    )  # fmt: skip
