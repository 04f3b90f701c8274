"""Turns laid into equal stretches of a session, each stretch with every coder's marks and the flags."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from rift.corpus.marks import NOT_CODED, Marks
from rift.evaluation.units import ScoredMarks
from rift.reliability.intervals import Floats, Ints
from rift.reliability.kappa import Codes
from rift.schema import SESSION_KEY, TURN_KEY

Rule = Literal["onset", "overlap"]
RULES: tuple[Rule, ...] = get_args(Rule)
"""Whether a turn counts in the segment in which it begins, or in every one that it overlaps."""


@dataclass(frozen=True)
class TimedTurns:
    """When the coded turns were spoken, in seconds from the session's start.

    Attributes
    ----------
    start, end
        [T]; NaN where the start is not known, else ``end >= start``.
    timed
        bool [T]: the turn's session has a start for every coded turn.
    """

    start: Floats
    end: Floats
    timed: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Segments:
    """The segments of one length and rule that hold a coded turn of a session with times.

    Attributes
    ----------
    scored
        A row per segment, ``turn`` being its number in the session. A coder's state is present if
        the coder marked a turn in it, absent if the coder coded turns and marked none, else not coded;
        the probability is the highest of the coded turns; flagged if any coded turn is.
    own_flags
        int8 [S, L, C]: 1 if a turn that this coder coded is flagged.
    minutes, rule
        Their length, and where a turn counts.
    """

    scored: ScoredMarks
    own_flags: Codes
    minutes: float
    rule: Rule


def turn_times(data: ScoredMarks, times: pd.DataFrame) -> TimedTurns:
    """Return when each coded turn was spoken.

    A turn without an end lasts until the next known start among the later turns of its session, and
    without one until its own start. One that would end before it starts (turns out of time order)
    is taken to end where it starts.

    Parameters
    ----------
    data
        The T coded turns.
    times
        TURN_KEY, ``start_s`` and ``end_s`` (null where not known) of all turns of their sessions, in any
        order; a coded turn that is not there has no times.
    """
    known = times[[*TURN_KEY, "start_s", "end_s"]].sort_values("turn", kind="stable", ignore_index=True)
    starts, given = (known[name].astype("float64") for name in ("start_s", "end_s"))
    session = known.groupby(SESSION_KEY, sort=False).ngroup()
    following = starts.groupby(session).bfill().groupby(session).shift(-1)
    ends = given.fillna(following).fillna(starts)
    rows = pd.MultiIndex.from_frame(known[TURN_KEY]).get_indexer(
        pd.MultiIndex.from_frame(data.marks.turns[TURN_KEY])
    )
    start, end = (np.append(column.to_numpy(), np.nan)[rows] for column in (starts, ends))
    end = np.maximum(start, end)
    sessions = int(data.sessions.max(initial=-1)) + 1
    lacking = np.bincount(data.sessions, weights=np.isnan(start), minlength=sessions) > 0
    return TimedTurns(start, end, ~lacking[data.sessions])


def comparable(data: ScoredMarks) -> ScoredMarks:
    """Return the turns with what is not compared as not coded, so that states are 1, 0 or -1.

    Compared are turns of speakers who may show the label, with a probability; uncodable is neither
    present nor absent.
    """
    states = data.marks.states.copy()
    states[states < 0] = NOT_CODED
    states[np.isnan(data.probabilities)] = NOT_CODED
    for at, column in enumerate(data.codebook.columns):
        eligible = data.marks.turns["speaker"].isin(data.codebook.speakers(column))
        states[~eligible.to_numpy(), at] = NOT_CODED
    return replace(data, marks=replace(data.marks, states=states))


def segments(data: ScoredMarks, times: TimedTurns, minutes: float, rule: Rule) -> Segments:
    """Lay the coded turns of sessions with times into segments.

    Segments are half-open, [k * minutes, (k + 1) * minutes) from the session's start, so that a turn
    which ends exactly where a segment begins does not overlap it; the last ends with the session.

    Parameters
    ----------
    data, times
        The coded turns, `comparable`, and when they were spoken.
    minutes
        Length of a segment, above 0.
    rule
        Where a turn counts.
    """
    turns, numbers = _placed(times, minutes, rule)
    order = np.lexsort((numbers, data.sessions[turns]))
    turns, numbers = turns[order], numbers[order]
    within = data.sessions[turns]
    new = np.ones(len(turns), dtype=np.bool_)
    new[1:] = (within[1:] != within[:-1]) | (numbers[1:] != numbers[:-1])
    begins = np.flatnonzero(new)
    states, own, probabilities = _pooled(data, turns, begins)
    first = turns[begins]
    frame = data.marks.turns.iloc[first].assign(turn=numbers[begins]).reset_index(drop=True)
    scored = ScoredMarks(
        data.codebook,
        Marks(frame, data.marks.columns, data.marks.coders, states),
        data.patients[first],
        data.sessions[first],
        data.patient_count,
        probabilities,
        own.max(axis=2, initial=0).astype(np.float64),
    )
    return Segments(scored, own, minutes, rule)


def _pooled(
    data: ScoredMarks, turns: Ints, begins: Ints
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], Floats]:
    """Return the states and flags [S, L, C] and probabilities [S, L] of segments.

    ``turns`` are those of the first segment, then of the second and so on; ``begins`` [S] is where
    each segment's begin.
    """
    shape = (len(begins), *data.marks.states.shape[1:])
    states, own = (np.full(shape, value, dtype=np.int8) for value in (NOT_CODED, 0))
    probabilities = np.full(shape[:2], np.nan)
    for at in range(shape[1] if len(begins) else 0):
        known = data.marks.states[:, at]
        flags = (known >= 0) & (data.flags[:, at, None] > 0)
        coded = np.where((known >= 0).any(axis=1), data.probabilities[:, at], np.nan)
        # Present is above absent, and absent above not coded.
        states[:, at] = np.maximum.reduceat(known[turns], begins, axis=0)
        own[:, at] = np.maximum.reduceat(flags.astype(np.int8)[turns], begins, axis=0)
        probabilities[:, at] = np.fmax.reduceat(coded[turns], begins)
    return states, own, probabilities


def _placed(times: TimedTurns, minutes: float, rule: Rule) -> tuple[Ints, Ints]:
    """Return turns and numbers of the segments they count in, a pair for each."""
    turns = np.flatnonzero(times.timed)
    length = 60 * minutes
    first = np.floor(times.start[turns] / length).astype(np.int64)
    last = first
    if rule == "overlap":
        # A turn without duration at a segment's edge belongs where it begins all the same.
        last = np.maximum(first, np.ceil(times.end[turns] / length).astype(np.int64) - 1)
    counts = last - first + 1
    place = np.repeat(np.arange(len(turns)), counts)
    passed = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
    return turns[place], first[place] + passed
