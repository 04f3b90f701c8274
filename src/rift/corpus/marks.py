"""Codings as one array: what every coder said of every label in every turn.

The array keeps "absent", "not coded" and "uncodable" apart; everything downstream (soft
targets, agreement, evaluation) starts from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rift.codebook import SPEAKERS, Codebook
from rift.schema import COVERAGE_COLUMNS, SESSION_KEY, TURN_KEY

PRESENT, ABSENT, NOT_CODED, UNCODABLE = 1, 0, -1, -2

_STATES = {"present": PRESENT, "absent": ABSENT, "uncodable": UNCODABLE, "not_coded": NOT_CODED}
_SAID = ["coder", "first_turn", "last_turn", "label", "state"]
_WRITTEN_ORDER = {"not_coded": 0, "absent": 1, "uncodable": 2, "present": 3}

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

    def where(self, rows: npt.NDArray[np.bool_]) -> Marks:
        """Return the marks of some turns; ``rows`` is bool [T]."""
        return Marks(self.turns[rows].reset_index(drop=True), self.columns, self.coders, self.states[rows])

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

    A (coder, label, turn) is what a coding says of it; without one it is absent where coverage has
    its session, label and speaker, and not coded elsewhere. A family is present when the family
    itself or one of its markers is, absent when the family itself or all its markers were looked
    for and absent, uncodable when one of them is uncodable and none present. In an exclusive
    codebook a coder who coded a turn gave it a label: the other labels are absent there, and a turn
    without one is not coded.

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

    rows_of: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row, key in enumerate(turns[[*SESSION_KEY, "speaker"]].itertuples(index=False, name=None)):
        rows_of[key].append(row)
    covered = np.zeros_like(states, dtype=np.bool_)
    for *session, coder, label, who in coverage[COVERAGE_COLUMNS].itertuples(index=False, name=None):
        covered[rows_of.get((*session, who), []), label_at[label], coder_at[coder]] = True

    row_at = {key: i for i, key in enumerate(turns[TURN_KEY].itertuples(index=False, name=None))}
    left_out = np.zeros_like(covered)
    # Present last: whatever is written twice, the mark that was made stands.
    written = codings.loc[codings["unit"] == "turn", [*SESSION_KEY, *_SAID]].sort_values(
        "state", key=lambda state: state.map(_WRITTEN_ORDER)
    )
    for *session, coder, first, last, label, state in written.itertuples(index=False, name=None):
        for turn in range(int(first), int(last) + 1):
            cell = row_at[(*session, turn)], label_at[label], coder_at[coder]
            states[cell] = _STATES[state]
            left_out[cell] |= state == "not_coded"

    if codebook.exclusive:
        covered &= (states == PRESENT).any(axis=1, keepdims=True)
    members_of = {f.id: [label_at[label] for label in codebook.members(f.id)] for f in codebook.families}
    for family, members in members_of.items():
        left_out[:, label_at[family]] |= left_out[:, members].any(axis=1)
    states[covered & ~left_out & (states == NOT_CODED)] = ABSENT

    for family, members in members_of.items():
        eligible = eligibility(turns["speaker"], codebook.members(family), codebook)
        own = states[:, label_at[family]]
        states[:, label_at[family]] = _family_states(own, states[:, members], eligible)
    return Marks(turns[[*TURN_KEY, "speaker"]].reset_index(drop=True), columns, coders, states)


def eligibility(
    speakers: Sequence[str] | pd.Series | npt.NDArray[np.object_], columns: Sequence[str], codebook: Codebook
) -> npt.NDArray[np.bool_]:
    """Return [turns, columns]: whether the turn's speaker may show the label or family."""
    allowed: dict[str, list[bool]] = {
        who: [who in codebook.speakers(column) for column in columns] for who in SPEAKERS
    }
    return np.array([allowed[who] for who in speakers], dtype=np.bool_).reshape(len(speakers), len(columns))


def _family_states(
    own: npt.NDArray[np.int8], members: npt.NDArray[np.int8], eligible: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int8]:
    """Return the family's states from its own codes [T, C] and its markers' [T, M, C].

    A marker that the turn's speaker may not show (``eligible`` [T, M]) need not be looked for.
    """
    present = (own == PRESENT) | (members == PRESENT).any(axis=1)
    uncodable = (own == UNCODABLE) | (members == UNCODABLE).any(axis=1)
    looked = ((members == ABSENT) | ~eligible[:, :, None]).all(axis=1)
    absent = (own == ABSENT) | (looked & eligible.any(axis=1, keepdims=True))
    result = np.full_like(own, NOT_CODED)
    result[absent] = ABSENT
    result[uncodable] = UNCODABLE
    result[present] = PRESENT
    return result
