"""The episodes that one coder, or the model, finds in a session, and two of them compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rift.corpus.marks import PRESENT
from rift.reliability.events import MatchRule, event_scores
from rift.reliability.intervals import Floats, Ints
from rift.reliability.segmentation import boundary_similarity, segment_masses, window_diff

MATCHED = MatchRule(min_iou=0.5, onset_within=2)
"""Two episodes are one: they share half of their turns and begin within two turns of each other."""


@dataclass(frozen=True)
class CoderSession:
    """What a coder found in a session.

    Attributes
    ----------
    turns
        [T] numbers of all the session's turns, rising.
    coded
        Turns that the coder coded.
    spans
        [E, 2] episodes: first turn, and the turn after the last.
    carried
        Of each episode the turns that carry it.
    """

    turns: Ints
    coded: frozenset[int]
    spans: Ints
    carried: tuple[frozenset[int], ...]

    def seen_by(self, other: CoderSession) -> Ints:
        """Return [E', 2] the episodes with a turn that the other coded."""
        seen = [bool(turns & other.coded) for turns in self.carried]
        return self.spans[np.array(seen, dtype=np.bool_)]


def coder_session(turns: Ints, states: Ints, max_gap: int, min_length: int) -> CoderSession | None:
    """Return a coder's episodes; ``None`` where the coder coded no turn.

    Parameters
    ----------
    turns
        [T] numbers of the session's turns, rising.
    states
        [T] 1 present, 0 absent, negative where the coder did not code the turn or could not tell.
    max_gap
        Turns between two marked ones that do not part an episode.
    min_length
        Turns that an episode spans at least.
    """
    coded = frozenset(turns[states >= 0].tolist())
    if not coded:
        return None
    marked = turns[states == PRESENT]
    parts = np.split(marked, np.flatnonzero(np.diff(marked) - 1 > max_gap) + 1) if len(marked) else []
    kept = [part for part in parts if part[-1] - part[0] + 1 >= min_length]
    spans = np.array([(part[0], part[-1] + 1) for part in kept], dtype=np.int64).reshape(-1, 2)
    return CoderSession(turns, coded, spans, tuple(frozenset(part.tolist()) for part in kept))


def compared(reference: CoderSession, predicted: CoderSession) -> Floats:
    """Return [9] what `rift.evaluation.episode_rows` sums over sessions.

    1 for the session; matched, predicted and reference episodes; the distances of the matched ones'
    onsets; boundary similarity, and 1 where it is defined; WindowDiff likewise.
    """
    known, found = reference.seen_by(predicted), predicted.seen_by(reference)
    scores = event_scores(known, found, MATCHED)
    one, other = (segment_masses(_segments(spans, reference.turns)) for spans in (found, known))
    similar, different = boundary_similarity(one, other), window_diff(one, other)
    late = sum(abs(error) for error in scores.onset_errors)
    counts = [1.0, len(scores.pairs), len(found), len(known), late]
    for statistic in (similar, different):
        counts += [0.0, 0.0] if statistic.value is None else [statistic.value, 1.0]
    return np.array(counts, dtype=np.float64)


def _segments(spans: Ints, turns: Ints) -> Ints:
    """Return [T] the number of the episode that each turn lies in, from 1; 0 for none."""
    segment = np.zeros(len(turns), dtype=np.int64)
    for number, (first, end) in enumerate(spans, start=1):
        segment[(turns >= first) & (turns < end)] = number
    return segment
