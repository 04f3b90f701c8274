"""Turns in a data frame scored: for notebooks, and for a model served from a registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from rift.codebook import Speaker
from rift.errors import RiftError
from rift.readers.roles import assign_roles
from rift.schema import Transcript, Turn
from rift.scoring.runtime import TurnScorer
from rift.scoring.session import UNKNOWN_PATIENT, SpokenSession, score_sessions
from rift.scoring.tables import episode_table, turn_table

REQUIRED = ("session_id", "turn", "speaker", "text")
WHERE = "table of turns"

_ROLES: Mapping[str, Speaker] = {"patient": "patient", "therapist": "therapist", "other": "other"}


def score_frame(
    scorer: TurnScorer, turns: pd.DataFrame, speakers: Mapping[str, Speaker] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score the turns of any number of sessions.

    Parameters
    ----------
    scorer
        The model.
    turns
        One row per turn: ``session_id``, ``turn`` (whole numbers, any order of rows), ``speaker``
        and ``text``; ``patient_id``, ``start_s`` and ``end_s`` where known.
    speakers
        Names in ``speaker`` to roles, beside the roles themselves and the well-known labels.

    Returns
    -------
    (turn scores, episodes)
        `rift.scoring.tables.turn_table` and `episode_table`, sessions in order of appearance,
        turns in order of their numbers.

    Raises
    ------
    RiftError
        A column or a value is missing, a turn stands twice, or a speaker is unknown.
    """
    if missing := [name for name in REQUIRED if name not in turns.columns]:
        raise RiftError(
            f"column {missing[0]!r} is missing; found: {', '.join(str(name) for name in turns.columns)}",
            where=WHERE,
            remedy=f"name the columns {', '.join(REQUIRED)}; patient_id, start_s and end_s may be left out",
        )
    sessions = list(_sessions(turns.reset_index(drop=True), {**_ROLES, **(speakers or {})}))
    scores = score_sessions(scorer, sessions)
    book = scorer.manifest.codebook
    return turn_table(scores, book.columns, book.exclusive), episode_table(scores)


def _sessions(turns: pd.DataFrame, roles: Mapping[str, Speaker]) -> Iterator[SpokenSession]:
    patients, sessions = _texts(turns, "patient_id", UNKNOWN_PATIENT), _texts(turns, "session_id")
    speakers, texts = _texts(turns, "speaker", ""), _texts(turns, "text")
    numbers = _numbers(turns).tolist()
    starts, ends = _seconds(turns, "start_s"), _seconds(turns, "end_s")
    rows_of: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(patients, sessions, strict=True)):
        rows_of.setdefault(key, []).append(row)
    for (patient, session), unordered in rows_of.items():
        rows = sorted(unordered, key=numbers.__getitem__)
        where = f"{WHERE}, session {'/'.join(part for part in (patient, session) if part)}"
        for before, after in pairwise(rows):
            if numbers[before] == numbers[after]:
                raise RiftError(f"turn {numbers[after]} stands twice", where=where)
        spoken = tuple(Turn(speakers[row] or None, texts[row], starts[row], ends[row]) for row in rows)
        given = assign_roles(Transcript(spoken, source=where), roles, where)
        yield SpokenSession(patient, session, spoken, given, tuple(numbers[row] for row in rows))


def _texts(turns: pd.DataFrame, column: str, absent: str | None = None) -> list[str]:
    """Return a column as texts; where ``absent`` is None, a missing value is an error."""
    if column not in turns.columns:
        return [absent or ""] * len(turns)
    missing = turns[column].isna().to_numpy()
    if absent is None and missing.any():
        raise RiftError(
            f"{column} is missing in row {int(np.argmax(missing))} (counted from 0)",
            where=WHERE,
            remedy="fill it; a turn without words has the text ''",
        )
    return [absent or "" if gone else str(value) for value, gone in zip(turns[column], missing, strict=True)]


def _numbers(turns: pd.DataFrame) -> npt.NDArray[np.int64]:
    values = pd.to_numeric(turns["turn"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(values) | (values != np.floor(values))
    _refuse(turns, "turn", wrong, "not a whole number")
    return values.astype(np.int64)


def _seconds(turns: pd.DataFrame, column: str) -> list[float | None]:
    if column not in turns.columns:
        return [None] * len(turns)
    values = pd.to_numeric(turns[column], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    _refuse(turns, column, np.isnan(values) & turns[column].notna().to_numpy(), "not seconds")
    return [None if np.isnan(value) else float(value) for value in values]


def _refuse(turns: pd.DataFrame, column: str, wrong: npt.NDArray[np.bool_], why: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        found = str(turns[column].iloc[row])[:40]
        raise RiftError(f"{column} is {found!r} in row {row} (counted from 0), {why}", where=WHERE)
