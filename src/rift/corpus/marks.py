"""Codings as one array: what every coder said of every label in every turn.

The array keeps "absent", "not coded" and "uncodable" apart; everything downstream (soft
targets, agreement, evaluation) starts from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rift.codebook import Codebook
from rift.schema import TURN_KEY

PRESENT, ABSENT, NOT_CODED, UNCODABLE = 1, 0, -1, -2

_STATES = {"present": PRESENT, "absent": ABSENT, "uncodable": UNCODABLE}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Marks:
    """Turn-unit codings of a corpus.

    Attributes
    ----------
    turns
        [T] rows in the order of the turns table: TURN_KEY and speaker.
    columns
        The L labels, then families, in codebook order.
    coders
        The C coders, sorted.
    states
        int8 [T, L, C]: 1 present, 0 absent, -1 not coded, -2 uncodable.
    """

    turns: pd.DataFrame
    columns: tuple[str, ...]
    coders: tuple[str, ...]
    states: npt.NDArray[np.int8]

    def coded(self) -> npt.NDArray[np.int64]:
        """Return [T, L]: how many coders looked and could tell."""
        return np.asarray((self.states >= 0).sum(axis=2), dtype=np.int64)

    def soft(self) -> Floats:
        """Return [T, L]: the share of those coders who marked it, 0-1; NaN where nobody coded."""
        coded = self.coded()
        marked = (self.states == PRESENT).sum(axis=2)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(coded > 0, marked / coded, np.nan)


def build_marks(
    turns: pd.DataFrame, codings: pd.DataFrame, coverage: pd.DataFrame, codebook: Codebook
) -> Marks:
    """Lay turn-unit codings over coverage.

    A (coder, label, turn) starts as not coded; coverage of the session, label and speaker makes it
    absent; a coding makes it what it says. A family is present when the family itself or one of
    its markers is, absent when the family itself or all its markers were looked for and absent,
    uncodable when one of them is uncodable and none present.

    Parameters
    ----------
    turns, codings, coverage
        The tables of `rift.schema`; codings with units other than turn are passed over.
    codebook
        Gives the columns.
    """
    columns = codebook.columns
    coders = tuple(sorted(set(coverage["coder"]) | set(codings["coder"])))
    states = np.full((len(turns), len(columns), len(coders)), NOT_CODED, dtype=np.int8)
    label_at = {label: i for i, label in enumerate(columns)}
    coder_at = {coder: i for i, coder in enumerate(coders)}

    rows_of: dict[tuple[str, str, str], npt.NDArray[np.int64]] = {
        key: np.asarray(rows, dtype=np.int64)
        for key, rows in turns.groupby(["patient_id", "session_id", "speaker"]).indices.items()
    }
    for entry in coverage.itertuples(index=False):
        rows = rows_of.get((entry.patient_id, entry.session_id, entry.speaker))
        if rows is not None:
            states[rows, label_at[entry.label], coder_at[entry.coder]] = ABSENT

    row_at = {key: i for i, key in enumerate(turns[TURN_KEY].itertuples(index=False, name=None))}
    # Absent first, present last: whatever is written twice, the mark that was made stands.
    written = codings[codings["unit"] == "turn"].sort_values(
        "state", key=lambda state: state.map({"absent": 0, "uncodable": 1, "present": 2})
    )
    for entry in written.itertuples(index=False):
        for turn in range(int(entry.first_turn), int(entry.last_turn) + 1):
            row = row_at[(entry.patient_id, entry.session_id, turn)]
            states[row, label_at[entry.label], coder_at[entry.coder]] = _STATES[entry.state]

    for family in codebook.families:
        members = [label_at[member] for member in codebook.members(family.id)]
        states[:, label_at[family.id]] = _family_states(states[:, label_at[family.id]], states[:, members])
    return Marks(turns[[*TURN_KEY, "speaker"]].reset_index(drop=True), columns, coders, states)


def _family_states(own: npt.NDArray[np.int8], members: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """Return the family's states from its own codes [T, C] and its markers' [T, M, C]."""
    present = (own == PRESENT) | (members == PRESENT).any(axis=1)
    uncodable = (own == UNCODABLE) | (members == UNCODABLE).any(axis=1)
    absent = (own == ABSENT) | ((members == ABSENT).all(axis=1) & (members.shape[1] > 0))
    result = np.full_like(own, NOT_CODED)
    result[absent] = ABSENT
    result[uncodable] = UNCODABLE
    result[present] = PRESENT
    return result
