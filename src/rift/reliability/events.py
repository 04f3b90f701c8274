"""Events of a session found again: one-to-one matching of episodes, and how early alarms are.

An event is a half-open span of turns, first turn and the turn after the last. Matching is the largest
one-to-one, not greedy: greedy pairing can lose half of the matches that there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from rift.reliability.intervals import Floats, Ints
from rift.reliability.result import Statistic, undefined

NO_EVENTS = "no episodes"


@dataclass(frozen=True, slots=True)
class MatchRule:
    """When two events are one: intersection over union and distance of their onsets, in turns."""

    min_iou: float
    onset_within: float


@dataclass(frozen=True, slots=True)
class EventScores:
    """Events found again in one session.

    Attributes
    ----------
    precision, recall, f1
        Matched events over predicted, over reference, and over the mean of both.
    pairs
        Of each match the places of the reference and the predicted event.
    onset_errors
        Of each match how many turns later the predicted event begins; negative: earlier.
    """

    precision: Statistic
    recall: Statistic
    f1: Statistic
    pairs: tuple[tuple[int, int], ...]
    onset_errors: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """One session as it was watched, turn by turn.

    Attributes
    ----------
    turns
        [T] numbers of the turns that have a score, rising.
    scores
        [T], higher is likelier.
    events
        [E, 2] the reference events.
    """

    turns: Ints
    scores: Floats
    events: npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """How many turns before an event's onset the alarm for it began.

    Attributes
    ----------
    lead
        Median over all events: a missed one counts as later, an early one as earlier than any
        other. Undefined where the median itself is censored.
    threshold
        The lowest of the scores with few enough false alarms; ``None`` where even the highest has
        more of them.
    false_alarms
        Per session at that threshold.
    leads
        Of the events whose alarm began within the horizon or in the event: turns before the onset,
        negative after it.
    early
        Censored: the alarm was on already when the horizon began, so the lead is at least that.
    missed
        Censored: no alarm until the event's end.
    """

    lead: Statistic
    threshold: float | None
    false_alarms: float | None
    leads: tuple[float, ...]
    early: int
    missed: int


def iou(reference: npt.ArrayLike, predicted: npt.ArrayLike) -> Floats:
    """Return [R, P] intersection over union of events [R, 2] and [P, 2].

    Raises
    ------
    ValueError
        An event does not end after it begins.
    """
    first, second = _spans(reference)[:, None], _spans(predicted)[None, :]
    shared = np.minimum(first[..., 1], second[..., 1]) - np.maximum(first[..., 0], second[..., 0])
    shared = np.maximum(shared, 0.0)
    lengths = first[..., 1] - first[..., 0] + second[..., 1] - second[..., 0]
    return np.asarray(shared / (lengths - shared), dtype=np.float64)


def match_events(reference: npt.ArrayLike, predicted: npt.ArrayLike, rule: MatchRule) -> Ints:
    """Return the largest one-to-one matching, and among equal ones that of most overlap.

    Parameters
    ----------
    reference, predicted
        [R, 2] and [P, 2] half-open spans; either may be empty.
    rule
        What may be matched at all.

    Returns
    -------
    [M, 2]
        Places of the reference and of the predicted event, by rising place of the first.
    """
    overlap = iou(reference, predicted)
    late = np.abs(_spans(reference)[:, None, 0] - _spans(predicted)[None, :, 0])
    # Times in seconds are not exact: .5 must not fail as .49999999.
    allowed = (overlap >= rule.min_iou - 1e-9) & (late <= rule.onset_within + 1e-9)
    # One more match outweighs whatever overlap can be gained.
    worth = np.where(allowed, len(overlap) + overlap.shape[1] + overlap, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    kept = allowed[rows, columns]
    return np.column_stack([rows[kept], columns[kept]]).astype(np.int64)


def event_scores(reference: npt.ArrayLike, predicted: npt.ArrayLike, rule: MatchRule) -> EventScores:
    """Return precision, recall and F1 of one session's events, without intervals.

    Parameters as for `match_events`. Two codings without events agree on it, yet there is nothing
    to take a share of: all three are then undefined.
    """
    pairs = match_events(reference, predicted, rule)
    known, found = len(_spans(reference)), len(_spans(predicted))
    errors = _spans(predicted)[pairs[:, 1], 0] - _spans(reference)[pairs[:, 0], 0]
    return EventScores(
        precision=_ratio(len(pairs), found, "no episodes predicted"),
        recall=_ratio(len(pairs), known, NO_EVENTS),
        f1=_ratio(2 * len(pairs), known + found, NO_EVENTS),
        pairs=tuple((int(one), int(other)) for one, other in pairs),
        onset_errors=tuple(float(error) for error in errors),
    )


def lead_times(sessions: Sequence[Watched], horizon: int, max_false_alarms: float = 1.0) -> LeadTimes:
    """Return how early alarms come at the lowest threshold with few enough false ones.

    An alarm is a run of scored turns at or above the threshold, and it is false on the turns that lie
    in no event and not within the horizon before one. It lasts for as many turns as the horizon has:
    one that is still on after that counts again, so that an alarm that never ends is no warning.
    False alarms thus never grow fewer as the threshold falls. The threshold is chosen on the
    sessions that it is judged on, which favours the scores a little.

    Parameters
    ----------
    sessions
        Scores and events of each.
    horizon
        Turns before an onset within which an alarm counts as one for it; 0 or more.
    max_false_alarms
        Per session, on average.
    """
    events = sum(len(session.events) for session in sessions)
    if events == 0:
        return LeadTimes(undefined(NO_EVENTS), None, None, (), 0, 0)
    threshold = _lowest(sessions, horizon, max_false_alarms * len(sessions))
    if threshold is None:
        reason = f"more than {max_false_alarms:g} false alarm per session at every threshold"
        return LeadTimes(undefined(reason, events), None, None, (), 0, 0)
    leads = np.array([lead for session in sessions for lead in _leads(session, threshold, horizon)])
    known = leads[np.isfinite(leads)]
    return LeadTimes(
        lead=_median(leads, horizon),
        threshold=threshold,
        false_alarms=_false_alarms(sessions, threshold, horizon) / len(sessions),
        leads=tuple(float(lead) for lead in known),
        early=int((leads == np.inf).sum()),
        missed=int((leads == -np.inf).sum()),
    )


def runs(turns: Ints, carried: npt.NDArray[np.bool_]) -> Ints:
    """Return [A, 2] half-open spans of runs of carried turns; turns that are not listed do not end one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], carried, [False]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2] - 1
    return np.column_stack([turns[starts], turns[ends] + 1]).astype(np.int64)


def _spans(events: npt.ArrayLike) -> Floats:
    spans = np.asarray(events, dtype=np.float64).reshape(-1, 2)
    if (spans[:, 1] <= spans[:, 0]).any():
        raise ValueError("an event must end after it begins")
    return spans


def _ratio(part: int, whole: int, empty: str) -> Statistic:
    return Statistic(part / whole, None, None, whole) if whole else undefined(empty)


def _lowest(sessions: Sequence[Watched], horizon: int, allowed: float) -> float | None:
    """Return the lowest score with so many false alarms at most, by bisection of the ranked scores."""
    scores = np.unique(np.concatenate([session.scores for session in sessions]))
    low, high = 0, len(scores)
    while low < high:
        middle = (low + high) // 2
        if _false_alarms(sessions, float(scores[middle]), horizon) <= allowed:
            high = middle
        else:
            low = middle + 1
    return float(scores[low]) if low < len(scores) else None


def _false_alarms(sessions: Sequence[Watched], threshold: float, horizon: int) -> int:
    """Return how many alarms of the horizon's length it takes to cover the turns of false alarm."""
    count = 0
    for session in sessions:
        turns, spans = session.turns[session.scores >= threshold], _spans(session.events)
        inside = (turns[:, None] >= spans[:, 0] - horizon) & (turns[:, None] < spans[:, 1])
        over = -np.inf
        for turn in turns[~inside.any(axis=1)]:
            if turn >= over:
                count, over = count + 1, turn + max(horizon, 1)
    return count


def _leads(session: Watched, threshold: float, horizon: int) -> Iterator[float]:
    """Yield the lead of each event: infinite where early, minus infinite where missed."""
    alarms = runs(session.turns, session.scores >= threshold)
    for onset, end in _spans(session.events):
        reaching = alarms[(alarms[:, 1] > onset - horizon) & (alarms[:, 0] < end)]
        if not len(reaching):
            yield -np.inf
        else:
            lead = onset - reaching[0, 0]
            yield float(lead) if lead <= horizon else np.inf


def _median(leads: Floats, horizon: int) -> Statistic:
    ranked = np.sort(leads)
    middle = ranked[[(len(ranked) - 1) // 2, len(ranked) // 2]]
    if (middle == -np.inf).any():
        return undefined("half of the episodes or more have no alarm", len(leads))
    if (middle == np.inf).any():
        return undefined(f"half of the alarms or more began over {horizon} turns before", len(leads))
    return Statistic(float(middle.mean()), None, None, len(leads))
