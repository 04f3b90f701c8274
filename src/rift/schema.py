"""The words of the field as frozen types, and the columns of the tables between stages.

Ids: a ``session_id`` is unique only within a patient, so the key of a session is always
(patient_id, session_id). ``turn`` counts from 0 within a session. Times are seconds from the
session's start, or ``None``. "Absent" (looked for, not found), "not coded" (nobody looked) and
"uncodable" (looked, could not tell) are three different things: the first and the last are
states of a coding, the second is the lack of coverage. A coding "not_coded" takes a single turn
out of a session's coverage: the coder left it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rift.codebook import Speaker

Unit = Literal["turn", "segment", "session"]
State = Literal["present", "absent", "uncodable", "not_coded"]

SESSION_KEY = ["patient_id", "session_id"]
TURN_KEY = [*SESSION_KEY, "turn"]

TURN_COLUMNS = [*TURN_KEY, "speaker", "start_s", "end_s", "therapist_id", "text"]
"""turns.parquet: one row per turn, in session order."""

CODING_COLUMNS = [
    *SESSION_KEY, "coder", "unit", "first_turn", "last_turn", "start_s", "end_s", "label", "value", "state",
]  # fmt: skip
"""codings.parquet, long: one row per coder, unit and label that the coder wrote down.

``first_turn`` and ``last_turn`` (inclusive) are null for a session unit or an unaligned time
span; ``value`` is a rating (3RS significance 1-5) or null; ``state`` is a `State`.
"""

COVERAGE_COLUMNS = [*SESSION_KEY, "coder", "label", "speaker"]
"""coverage.parquet: a row says that this coder looked for this label in this speaker's turns."""

PREDICTION_KEY = [*TURN_KEY, "speaker", "fold"]
"""predictions.parquet: these, then ``p_LABEL`` (uncalibrated, out-of-fold) for every column of the
codebook; null where the speaker is not eligible or the label was never coded."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said before another spoke; ``speaker`` is the name in the file."""

    speaker: str | None
    text: str
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing a coder wrote down in a file that holds a session, or the codings of one.

    ``coder`` is None where the file does not tell; ``label`` is the coder's spelling, None says
    that the coder looked at this unit and marked nothing (state absent), could not tell (uncodable),
    or did not code it (not_coded). ``first_turn`` and ``last_turn`` (inclusive) count the turns of
    the same file from 0; ``start_s`` and ``end_s`` are seconds, the end exclusive. ``place`` is where
    it stands, as narrow as is known, without the file: ``line 3``, ``cell B4``, ``annotation a12``.
    """

    coder: str | None
    unit: Unit
    label: str | None
    state: State
    place: str
    first_turn: int | None = None
    last_turn: int | None = None
    start_s: float | None = None
    end_s: float | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """A session as a file gives it, before speakers have roles, with the marks of coders in it.

    ``turns`` is empty where a file holds codings only. ``patient_id``, ``session_id``,
    ``therapist_id`` are ``None`` where the file does not tell; ``warnings`` are counted facts about
    the file that a reader should tell the user.
    """

    turns: tuple[Turn, ...]
    source: str
    patient_id: str | None = None
    session_id: str | None = None
    warnings: tuple[str, ...] = ()
    therapist_id: str | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Coding:
    """One thing a coder wrote down, as a file gives it; ``place`` is file and row.

    ``label`` is the coder's spelling (the codebook resolves it later); ``None`` says that the
    coder looked at this unit and marked nothing.
    """

    patient_id: str
    session_id: str
    coder: str
    unit: Unit
    label: str | None
    state: State
    place: str
    first_turn: int | None = None
    last_turn: int | None = None
    start_s: float | None = None
    end_s: float | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """A run of turns with rupture markers of one family, or of both (``mixed``).

    ``peak`` is the highest family probability in it, 0-1; ``markers`` the markers flagged in
    it, strongest first; ``turns`` the turns that carry it; ``answered_by`` the resolution
    strategies found in it or within the answer window after it, so that an empty one is a
    rupture nobody answered.
    """

    family: str
    first_turn: int
    last_turn: int
    start_s: float | None
    end_s: float | None
    peak: float
    markers: tuple[str, ...]
    turns: tuple[int, ...]
    answered_by: tuple[str, ...]


SpeakerRoles = dict[str, Speaker]
"""The names in a file and the roles they stand for."""
