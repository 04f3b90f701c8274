"""Episodes: runs of turns that carry a family of markers.

Hysteresis on the family's probability (onset, offset), bridging of short gaps, a minimal length:
the scheme of pyannote.audio's Binarize, counted in turns, and right on single turns and at edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rift.codebook import Codebook
from rift.config import EpisodeSection
from rift.manifest import Decision
from rift.schema import Episode

MIXED = "mixed"
"""The family of an episode in which episodes of several families overlap."""


@dataclass(frozen=True)
class SessionTurns:
    """The judged turns of one session, in order.

    Attributes
    ----------
    turn
        [T] numbers of the turns, rising.
    speakers
        [T] roles.
    start_s, end_s
        [T] seconds, None where unknown.
    probabilities
        [T, L] calibrated; NaN where the speaker is not eligible.
    flags
        [T, L] true where the label is flagged.
    """

    turn: npt.NDArray[np.int64]
    speakers: Sequence[str]
    start_s: Sequence[float | None]
    end_s: Sequence[float | None]
    probabilities: npt.NDArray[np.float64]
    flags: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Run:
    """Rows that carry one family (a column of the probabilities)."""

    family: int
    rows: tuple[int, ...]


def find_episodes(
    session: SessionTurns, decisions: Sequence[Decision], codebook: Codebook, section: EpisodeSection
) -> tuple[Episode, ...]:
    """Find the episodes of a session, in order of their first turn.

    An episode of a family starts at a turn of an eligible speaker (``section.speakers``, and
    coded for the family in training) with p >= onset * threshold and is carried by the eligible
    turns after it as long as they have p >= offset * threshold; other speakers' turns between
    them do not end it. Two runs with at most ``max_gap`` turns of any speaker between their
    carrying turns are one. Episodes that span fewer than ``min_length`` turns are dropped. Then
    episodes of different families that share turns become one `MIXED` episode. A family without
    a threshold gives no episodes.

    Parameters
    ----------
    session
        The judged turns.
    decisions
        One per column of ``codebook.columns``; for cross-fitted turns, those of the fold.
    codebook
        Families, their markers, and the strategies.
    section
        The episode rule.
    """
    if (np.diff(session.turn) <= 0).any():
        raise ValueError("turn numbers must rise")
    runs: list[_Run] = []
    for family in codebook.families:
        column = codebook.columns.index(family.id)
        threshold = decisions[column].threshold
        if threshold is not None:
            runs += _runs(session, column, threshold, section)
    runs.sort(key=lambda run: (run.rows[0], run.family))
    return tuple(_episode(group, session, codebook, section) for group in _overlapping(runs))


def answers_known(decisions: Sequence[Decision], codebook: Codebook) -> bool:
    """Tell whether any resolution strategy can be flagged; if not, "unanswered" is undefined."""
    strategies = set(codebook.of_kind("strategy"))
    return any(decision.threshold is not None for decision in decisions if decision.label in strategies)


def _runs(session: SessionTurns, column: int, threshold: float, section: EpisodeSection) -> list[_Run]:
    carried: list[list[int]] = []
    inside = False
    for row, speaker in enumerate(session.speakers):
        p = session.probabilities[row, column]
        if speaker not in section.speakers or np.isnan(p):
            continue
        if inside and p >= section.offset * threshold:
            carried[-1].append(row)
        elif p >= section.onset * threshold:
            carried.append([row])
            inside = True
        else:
            inside = False
    merged: list[list[int]] = []
    for rows in carried:
        if merged and session.turn[rows[0]] - session.turn[merged[-1][-1]] - 1 <= section.max_gap:
            merged[-1] += rows
        else:
            merged.append(rows)
    return [
        _Run(column, tuple(rows))
        for rows in merged
        if session.turn[rows[-1]] - session.turn[rows[0]] + 1 >= section.min_length
    ]


def _overlapping(runs: Sequence[_Run]) -> list[list[_Run]]:
    """Group runs, sorted by first row, that share turns directly or through others."""
    groups: list[list[_Run]] = []
    last = -1
    for run in runs:
        if groups and run.rows[0] <= last:
            groups[-1].append(run)
        else:
            groups.append([run])
        last = max(last, run.rows[-1])
    return groups


def _episode(
    runs: Sequence[_Run], session: SessionTurns, codebook: Codebook, section: EpisodeSection
) -> Episode:
    families = sorted({run.family for run in runs})
    rows = sorted({row for run in runs for row in run.rows})
    names = [codebook.columns[family] for family in families]
    last_turn = int(session.turn[rows[-1]])
    return Episode(
        family=names[0] if len(names) == 1 else MIXED,
        first_turn=int(session.turn[rows[0]]),
        last_turn=last_turn,
        start_s=session.start_s[rows[0]],
        end_s=session.end_s[rows[-1]],
        peak=max(float(session.probabilities[row, run.family]) for run in runs for row in run.rows),
        markers=_markers(rows, [m for name in names for m in codebook.members(name)], session, codebook),
        turns=tuple(int(session.turn[row]) for row in rows),
        answered_by=_answers(rows[0], last_turn + section.answer_within, session, codebook),
    )


def _markers(
    rows: Sequence[int], members: Sequence[str], session: SessionTurns, codebook: Codebook
) -> tuple[str, ...]:
    """Return the markers flagged on these rows, strongest first, equals in codebook order."""
    strength: dict[str, float] = {}
    for label in members:
        column = codebook.columns.index(label)
        flagged = [session.probabilities[row, column] for row in rows if session.flags[row, column]]
        if flagged:
            strength[label] = float(max(flagged))
    return tuple(sorted(strength, key=lambda label: -strength[label]))


def _answers(first_row: int, until: int, session: SessionTurns, codebook: Codebook) -> tuple[str, ...]:
    """Return the strategies flagged from the episode's first turn to ``until``, in codebook order."""
    rows = slice(first_row, int(np.searchsorted(session.turn, until, side="right")))
    return tuple(
        label
        for label in codebook.of_kind("strategy")
        if session.flags[rows, codebook.columns.index(label)].any()
    )
