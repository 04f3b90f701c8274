"""Episodes: the model's beside those that each coder's marks make, family by family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from rift.codebook import Codebook
from rift.config import EpisodeSection, EvaluateSection
from rift.corpus.marks import Marks
from rift.decisions.episodes import SessionTurns, find_episodes
from rift.evaluation.episode_rows import SUMS, EpisodeRow, EpisodeSums, episode_row
from rift.evaluation.rows import interval_rule, row_of
from rift.evaluation.spans import CoderSession, coder_session, compared
from rift.evaluation.units import number_groups
from rift.manifest import Decision
from rift.reliability.events import Watched
from rift.reliability.intervals import Floats, Ints, group_sums
from rift.schema import SESSION_KEY, TURN_KEY


@dataclass(frozen=True)
class EpisodeTable:
    """The episodes of every family; ``level`` of the two-sided intervals."""

    level: float
    rows: tuple[EpisodeRow, ...]

    def row(self, column: str) -> EpisodeRow:
        """Return the row of a family; KeyError if there is none."""
        return row_of(self.rows, column)


@dataclass(frozen=True)
class _Session:
    """One predicted session: its judged turns, the marks of them [T, L, C], patient and fold."""

    turns: SessionTurns
    states: Ints
    patient: int
    fold: int


def episode_table(
    marks: Marks, predictions: pd.DataFrame, decisions: Mapping[int, Sequence[Decision]],
    codebook: Codebook, section: EvaluateSection, rule: EpisodeSection,
) -> EpisodeTable:  # fmt: skip
    """Compare the model's episodes of each family with those of each coder.

    A coder's episode is a run of turns of the rule's speakers that the coder marked for the family,
    over the same gaps and of the same least length as the model's. An episode is compared with a
    coder only if it has a turn that the coder coded.

    Parameters
    ----------
    marks
        Every coder's marks.
    predictions
        TURN_KEY, speaker, fold, and ``p_LABEL`` calibrated and ``flag_LABEL`` for every column.
    decisions
        Of each fold, in the order of ``codebook.columns``: what its turns were judged by.
    codebook, section, rule
        Families; level of the intervals; what an episode is.
    """
    sessions = list(_sessions(marks, predictions, codebook))
    rows = []
    for family in codebook.families:
        sums = _sums(sessions, _FamilyView.of(codebook, family.id), decisions, rule)
        rows.append(episode_row(family.id, family.name, sums, interval_rule(section)))
    return EpisodeTable(section.interval, tuple(rows))


@dataclass(frozen=True)
class _FamilyView:
    """A codebook of one family alone, so that its episodes do not become mixed ones."""

    codebook: Codebook
    columns: tuple[int, ...]

    @classmethod
    def of(cls, codebook: Codebook, family: str) -> _FamilyView:
        labels = [label for label in codebook.labels if label.family == family]
        families = [known for known in codebook.families if known.id == family]
        content = codebook.model_dump()
        content["labels"] = [label.model_dump() for label in labels]
        content["families"] = [known.model_dump() for known in families]
        view = Codebook.model_validate(content)
        return cls(view, tuple(codebook.columns.index(column) for column in view.columns))


def _sessions(marks: Marks, predictions: pd.DataFrame, codebook: Codebook) -> Iterator[_Session]:
    rows = pd.MultiIndex.from_frame(marks.turns[TURN_KEY]).get_indexer(
        pd.MultiIndex.from_frame(predictions[TURN_KEY])
    )
    names = list(codebook.columns)
    p, flags = (
        predictions[[f"{part}_{name}" for name in names]].to_numpy(dtype=np.float64, na_value=np.nan)
        for part in ("p", "flag")
    )
    patients, _ = number_groups(predictions, ["patient_id"])
    turn, fold = (predictions[name].to_numpy(dtype=np.int64) for name in ("turn", "fold"))
    speakers = predictions["speaker"].to_numpy(dtype=object)
    sessions, count = number_groups(predictions, SESSION_KEY)
    for session in range(count):
        places = np.flatnonzero(sessions == session)
        at = places[np.argsort(turn[places], kind="stable")]
        unknown = [None] * len(at)
        judged = SessionTurns(turn[at], speakers[at].tolist(), unknown, unknown, p[at], flags[at] == 1)
        states = np.where((rows[at] >= 0)[:, None, None], marks.states[rows[at]], -1).astype(np.int64)
        yield _Session(judged, states, int(patients[at[0]]), int(fold[at[0]]))


def _sums(
    sessions: Sequence[_Session],
    view: _FamilyView,
    decisions: Mapping[int, Sequence[Decision]],
    rule: EpisodeSection,
) -> EpisodeSums:
    model: list[Floats] = []
    human: list[Floats] = []
    owners: tuple[list[int], list[int]] = [], []
    watched: list[Watched] = []
    coded_sessions, coders = 0, set()
    for session in sessions:
        coded = [
            (coder, known)
            for coder in range(session.states.shape[2])
            if (known := _coder(session, view, coder, rule)) is not None
        ]
        if not coded:
            continue
        coded_sessions += 1
        coders |= {coder for coder, _ in coded}
        found = _model(session, view, decisions[session.fold], rule)
        for _, known in coded:
            model.append(compared(known, found))
            owners[0].append(session.patient)
            watched.append(_watch(session, view, known, rule))
        for (_, one), (_, other) in combinations(coded, 2):
            human.append(compared(one, other))
            owners[1].append(session.patient)
    count = max((session.patient for session in sessions), default=-1) + 1
    return EpisodeSums(
        sessions=coded_sessions,
        coders=len(coders),
        model=group_sums(np.array(model).reshape(-1, SUMS), owners[0], count),
        human=group_sums(np.array(human).reshape(-1, SUMS), owners[1], count),
        watched=tuple(watched),
    )


def _coder(session: _Session, view: _FamilyView, coder: int, rule: EpisodeSection) -> CoderSession | None:
    """Return what a coder found in a session, ``None`` where the coder coded no turn of it."""
    eligible = np.isin(np.asarray(session.turns.speakers, dtype=object), rule.speakers)
    states = np.where(eligible, session.states[:, view.columns[-1], coder], -1)
    return coder_session(session.turns.turn, states, rule.max_gap, rule.min_length)


def _model(
    session: _Session, view: _FamilyView, decisions: Sequence[Decision], rule: EpisodeSection
) -> CoderSession:
    """Return the model's episodes of the family in a session; of the turns it has coded all."""
    columns = list(view.columns)
    turns = session.turns
    own = SessionTurns(
        turns.turn, turns.speakers, turns.start_s, turns.end_s,
        turns.probabilities[:, columns], turns.flags[:, columns],
    )  # fmt: skip
    episodes = find_episodes(own, [decisions[at] for at in columns], view.codebook, rule)
    spans = np.array([(one.first_turn, one.last_turn + 1) for one in episodes], dtype=np.int64)
    carried = tuple(frozenset(one.turns) for one in episodes)
    return CoderSession(turns.turn, frozenset(turns.turn.tolist()), spans.reshape(-1, 2), carried)


def _watch(session: _Session, view: _FamilyView, known: CoderSession, rule: EpisodeSection) -> Watched:
    """Return the family's probabilities on the turns that the coder coded, with the coder's episodes."""
    scores = session.turns.probabilities[:, view.columns[-1]]
    rows = np.isin(session.turns.turn, sorted(known.coded)) & ~np.isnan(scores)
    return Watched(session.turns.turn[rows], scores[rows], known.spans)
