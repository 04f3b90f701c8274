"""A family's row of the episode table."""

from __future__ import annotations

from dataclasses import dataclass

from rift.reliability.events import NO_EVENTS, Watched, lead_times
from rift.reliability.intervals import (
    Floats,
    IntervalRule,
    SumsFunction,
    jackknife_statistic,
    ratio_statistic,
)
from rift.reliability.kappa import share_of
from rift.reliability.result import Statistic, undefined

HORIZON = 10
"""Turns before an episode within which an alarm counts as one for it."""

FALSE_ALARMS = 1.0
"""False alarms per session that the threshold of the lead time allows."""

EPISODE_STATISTICS = (
    "precision", "recall", "f1", "human_f1", "onset_error", "false_alarms", "lead",
    "boundary", "human_boundary", "window_diff",
)  # fmt: skip
"""The statistics of a row, in the order in which they are reported."""

SESSIONS, MATCHES, FOUND, KNOWN, ONSET, SIMILAR, SIMILAR_N, DIFFERENT, DIFFERENT_N = range(9)
SUMS = 9


@dataclass(frozen=True)
class EpisodeSums:
    """One family's comparisons, summed per patient.

    Attributes
    ----------
    sessions, coders
        Sessions that any coder coded, and these coders.
    model, human
        [G, 9] sums of `rift.evaluation.spans.compared`: of the model with each coder, the coder
        being the reference, and of each pair of coders.
    watched
        Of each session and coder the family's probabilities and the coder's episodes.
    """

    sessions: int
    coders: int
    model: Floats
    human: Floats
    watched: tuple[Watched, ...]


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """The episodes of one family; counts are sums over coders, a session coded by two counting twice.

    Attributes
    ----------
    column, name
        Id and printed name.
    sessions, coders
        Sessions that any coder coded; coders who coded any.
    reference, predicted, matched
        The coders' episodes, the model's, and those matched one to one.
    precision, recall, f1
        Of the model's episodes: agreement with a randomly drawn coder.
    human_f1
        Of one coder's episodes against another's, over all pairs.
    onset_error
        Mean distance of the onsets of matched episodes, in turns; 2 at most.
    false_alarms
        The model's episodes that no episode of the coder matches, per session.
    lead
        Median turns from alarm to onset, at the lowest threshold with one false alarm per session at
        most (`rift.reliability.events.lead_times`); without interval.
    lead_threshold, lead_false_alarms
        That threshold, and the false alarms per session it has.
    early, missed
        Censored: episodes whose alarm was on before the horizon of 10 turns, and without an alarm.
    boundary, human_boundary
        Mean boundary similarity over sessions, of model and coder and of coder and coder.
    window_diff
        Mean WindowDiff of model and coder.
    """

    column: str
    name: str
    sessions: int
    coders: int
    reference: int
    predicted: int
    matched: int
    precision: Statistic
    recall: Statistic
    f1: Statistic
    human_f1: Statistic
    onset_error: Statistic
    false_alarms: Statistic
    lead: Statistic
    lead_threshold: float | None
    lead_false_alarms: float | None
    early: int
    missed: int
    boundary: Statistic
    human_boundary: Statistic
    window_diff: Statistic


def episode_row(column: str, name: str, sums: EpisodeSums, rule: IntervalRule) -> EpisodeRow:
    """Return a family's row."""
    # A patient whose sessions hold no episode belongs to the sample all the same.
    known = sums.model[sums.model[:, SESSIONS] > 0]
    matched, predicted, reference = (round(known[:, at].sum()) for at in (MATCHES, FOUND, KNOWN))
    lead = lead_times(sums.watched, HORIZON, FALSE_ALARMS)
    coded = None if sums.sessions else "not coded"
    return EpisodeRow(
        column=column,
        name=name,
        sessions=sums.sessions,
        coders=sums.coders,
        reference=reference,
        predicted=predicted,
        matched=matched,
        precision=undefined(coded)
        if coded
        else ratio_statistic(known[:, MATCHES], known[:, FOUND], rule, "no episodes predicted", predicted),
        recall=undefined(coded)
        if coded
        else ratio_statistic(known[:, MATCHES], known[:, KNOWN], rule, NO_EVENTS, reference),
        f1=_jackknife(known, _f1, rule, coded or NO_EVENTS, predicted + reference),
        human_f1=_human(sums, _f1, rule, NO_EVENTS),
        onset_error=_jackknife(known, _onset, rule, coded or "no episode matched", matched),
        false_alarms=_jackknife(known, _false_alarms, rule, coded or "no session", len(sums.watched)),
        lead=undefined(coded) if coded else lead.lead,
        lead_threshold=lead.threshold,
        lead_false_alarms=lead.false_alarms,
        early=lead.early,
        missed=lead.missed,
        boundary=_jackknife(known, _boundary, rule, coded or "no session", len(sums.watched)),
        human_boundary=_human(sums, _boundary, rule, "no session"),
        window_diff=_jackknife(known, _window, rule, coded or "no session", len(sums.watched)),
    )


def _jackknife(sums: Floats, function: SumsFunction, rule: IntervalRule, empty: str, n: int) -> Statistic:
    most = _MOST.get(function, 1.0)
    return jackknife_statistic(sums, function, rule, bounds=(0.0, most), empty=empty, n=n)


def _human(sums: EpisodeSums, function: SumsFunction, rule: IntervalRule, empty: str) -> Statistic:
    """Return a statistic of pairs of coders."""
    if not sums.sessions:
        return undefined("not coded")
    if not sums.human.any():
        return undefined("fewer than two coders" if sums.coders < 2 else "no session coded by two coders")
    return _jackknife(sums.human, function, rule, empty, round(sums.human[:, [FOUND, KNOWN]].sum()))


def _f1(sums: Floats) -> Floats:
    return share_of(2 * sums[..., MATCHES], sums[..., FOUND] + sums[..., KNOWN])


def _onset(sums: Floats) -> Floats:
    return share_of(sums[..., ONSET], sums[..., MATCHES])


def _false_alarms(sums: Floats) -> Floats:
    return share_of(sums[..., FOUND] - sums[..., MATCHES], sums[..., SESSIONS])


def _boundary(sums: Floats) -> Floats:
    return share_of(sums[..., SIMILAR], sums[..., SIMILAR_N])


def _window(sums: Floats) -> Floats:
    return share_of(sums[..., DIFFERENT], sums[..., DIFFERENT_N])


_MOST: dict[SumsFunction, float] = {_onset: 2.0, _false_alarms: float("inf")}
"""The greatest value of what is no share."""
