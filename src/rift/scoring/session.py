"""One session scored: probabilities, flags and episodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rift.codebook import Speaker
from rift.decisions.apply import classes, decide
from rift.decisions.episodes import SessionTurns, answers_known, find_episodes
from rift.schema import Episode, Turn
from rift.scoring.runtime import TurnScorer

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

UNKNOWN_PATIENT = ""
"""``patient_id`` where no file tells it: an empty text, not null, since tables grouped by their
keys would lose null keys in silence."""


@dataclass(frozen=True)
class SpokenSession:
    """A session to score: turns in order, the role of each, and its number in the session."""

    patient_id: str
    session_id: str
    turns: tuple[Turn, ...]
    roles: tuple[Speaker, ...]
    numbers: tuple[int, ...]

    @property
    def spoken(self) -> tuple[tuple[Speaker, ...], tuple[str, ...]]:
        """The roles and the words: what the network reads."""
        return self.roles, tuple(turn.text for turn in self.turns)


@dataclass(frozen=True)
class SessionScore:
    """What the model says of a session; no words of it.

    Attributes
    ----------
    patient_id, session_id
        The key.
    turn
        [T] numbers of the turns.
    speakers, start_s, end_s
        [T] roles, and seconds or None.
    labels
        The L labels, then families, in codebook order.
    probabilities
        [T, L] calibrated; NaN where the speaker was never coded for the label in training.
    flags
        [T, L] the label is flagged.
    judged
        [T, L] a flag could have been set: False in ``flags`` says "not found" only here.
    classes
        [T] the one class of each turn for an exclusive codebook, else None.
    episodes
        In order.
    answers_known
        Whether the model can flag any resolution strategy; if not, an episode that nobody
        answered cannot be told from one that somebody did.
    """

    patient_id: str
    session_id: str
    turn: tuple[int, ...]
    speakers: tuple[str, ...]
    start_s: tuple[float | None, ...]
    end_s: tuple[float | None, ...]
    labels: tuple[str, ...]
    probabilities: Floats
    flags: Bools
    judged: Bools
    classes: tuple[str | None, ...] | None
    episodes: tuple[Episode, ...]
    answers_known: bool


def score_session(scorer: TurnScorer, session: SpokenSession) -> SessionScore:
    """Score one session; see `score_sessions`."""
    return score_sessions(scorer, [session])[0]


def score_sessions(scorer: TurnScorer, sessions: Sequence[SpokenSession]) -> list[SessionScore]:
    """Score sessions together, so that short ones share batches.

    Raises
    ------
    RiftError
        The network fails.
    """
    raw = scorer.probabilities([session.spoken for session in sessions])
    return [_judge(scorer, *pair) for pair in zip(sessions, raw, strict=True)]


def _judge(scorer: TurnScorer, session: SpokenSession, raw: Floats) -> SessionScore:
    manifest = scorer.manifest
    decided = decide(raw, session.roles, manifest.decisions)
    starts = tuple(turn.start_s for turn in session.turns)
    ends = tuple(turn.end_s for turn in session.turns)
    turns = SessionTurns(
        np.asarray(session.numbers, dtype=np.int64),
        session.roles,
        starts,
        ends,
        decided.probabilities,
        decided.flags,
    )
    book = manifest.codebook
    return SessionScore(
        patient_id=session.patient_id,
        session_id=session.session_id,
        turn=session.numbers,
        speakers=session.roles,
        start_s=starts,
        end_s=ends,
        labels=book.columns,
        probabilities=decided.probabilities,
        flags=decided.flags,
        judged=decided.judged,
        classes=tuple(classes(decided.probabilities, manifest.decisions, book)) if book.exclusive else None,
        episodes=find_episodes(turns, manifest.decisions, book, manifest.episodes),
        answers_known=answers_known(manifest.decisions, book),
    )
