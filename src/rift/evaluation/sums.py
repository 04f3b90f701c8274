"""What every statistic of a marker needs, summed per patient; nothing after this sees single turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rift.corpus.marks import PRESENT
from rift.evaluation.units import ScoredMarks
from rift.reliability.intervals import Floats, Ints, group_sums
from rift.reliability.kappa import Codes, coder_pairs, kappa_of, mean_defined, pair_tables, share_of
from rift.reliability.ranking import average_precision, average_precision_without
from rift.reliability.result import Statistic

HITS, FLAGS, POSITIVES = 0, 1, 2


@dataclass(frozen=True)
class MarkerSums:
    """One label's sums over the turns that were coded for it and have a probability.

    Attributes
    ----------
    turns, sessions, unscored
        Such turns and their sessions; coded turns without a probability, which are left out.
    patients
        bool [G] whether the patient has such turns; G is all patients of the corpus.
    counts
        [G, 3] flagged and marked (soft), flagged, marked (soft).
    ranking
        Average precision.
    ranking_without
        [G] average precision with each patient left out.
    coders
        Number of coders C.
    paired
        Turns that two or more coders coded.
    compared
        Turns behind ``tables``: the paired ones or, where there are none, all.
    tables
        [G, C + P, 2, 2] of model and each coder, then of each of the P pairs of coders.
    others
        [G, 2, C, 2] on the paired turns that a coder coded: flagged or marked, and how much of it
        the other coders marked too (soft); first the model's flags, then the coder's own marks.
    """

    turns: int
    sessions: int
    unscored: int
    patients: npt.NDArray[np.bool_]
    counts: Floats
    ranking: Statistic
    ranking_without: Floats
    coders: int
    paired: int
    compared: int
    tables: Floats
    others: Floats

    @property
    def positives(self) -> float:
        """Sum of the soft labels."""
        return self._total(POSITIVES)

    @property
    def flags(self) -> float:
        """Number of flags."""
        return self._total(FLAGS)

    @property
    def hits(self) -> float:
        """Flags that a randomly drawn coder is expected to agree with."""
        return self._total(HITS)

    def _total(self, count: int) -> float:
        # Sums of thirds and the like: 30 must not come out as 29.999999999999996.
        return round(float(self.counts[:, count].sum()), 9)

    @property
    def positive_patients(self) -> int:
        """Patients with a turn that any coder marked."""
        return int((self.counts[:, POSITIVES] > 0).sum())


def marker_sums(data: ScoredMarks, column: int) -> MarkerSums:
    """Sum one label, by its place among the columns, over the turns of each patient."""
    coded = np.asarray((data.marks.states[:, column] >= 0).any(axis=1))
    known = ~np.isnan(data.probabilities[:, column])
    rows = coded & known
    patients, count = data.patients[rows], data.patient_count
    states, flags = data.marks.states[rows, column], data.flags[rows, column]
    scores = data.probabilities[rows, column]

    looked = (states >= 0).sum(axis=1)
    soft = (states == PRESENT).sum(axis=1) / looked
    compared = looked >= 2 if (looked >= 2).any() else looked >= 1
    return MarkerSums(
        turns=int(rows.sum()),
        sessions=len(np.unique(data.sessions[rows])),
        unscored=int((coded & ~known).sum()),
        patients=np.bincount(patients, minlength=count) > 0,
        counts=group_sums(np.column_stack([flags * soft, flags, soft]), patients, count),
        ranking=average_precision(soft, scores),
        ranking_without=average_precision_without(soft, scores, patients, count),
        coders=states.shape[1],
        paired=int((looked >= 2).sum()),
        compared=int(compared.sum()),
        tables=_tables(states[compared], flags[compared], patients[compared], count),
        others=_others(states, flags, patients, count),
    )


def f1_of(counts: Floats) -> Floats:
    """Return F1 [...] of counts [..., 3]; NaN where nothing is flagged nor marked."""
    return share_of(2 * counts[..., HITS], counts[..., FLAGS] + counts[..., POSITIVES])


def precision_of(counts: Floats) -> Floats:
    """Return precision [...] of counts [..., 3]; NaN where nothing is flagged."""
    return share_of(counts[..., HITS], counts[..., FLAGS])


def recall_of(counts: Floats) -> Floats:
    """Return recall [...] of counts [..., 3]; NaN where nothing is marked."""
    return share_of(counts[..., HITS], counts[..., POSITIVES])


def mean_share_of(others: Floats) -> Floats:
    """Return the mean over coders [...] of marked-by-others over marked [..., C, 2]."""
    return mean_defined(share_of(others[..., 1], others[..., 0]))


def kappa_mh_of(tables: Floats, coders: int) -> Floats:
    """Return the mean over coders of model-coder kappa [...] of tables [..., C + P, 2, 2]."""
    return mean_defined(kappa_of(tables[..., :coders, :, :]))


def kappa_hh_of(tables: Floats, coders: int) -> Floats:
    """Return the mean over coder pairs of kappa [...] of tables [..., C + P, 2, 2]."""
    return mean_defined(kappa_of(tables[..., coders:, :, :]))


def delta_of(tables: Floats, coders: int) -> Floats:
    """Return kappa_MH - kappa_HH [...] of tables [..., C + P, 2, 2]."""
    return kappa_mh_of(tables, coders) - kappa_hh_of(tables, coders)


def _tables(states: Codes, flags: Floats, patients: Ints, count: int) -> Floats:
    first, second = coder_pairs(states.shape[1])
    human = pair_tables(states[:, first], states[:, second], 2, patients, count)
    # A model that flags at random counts in both rows, by its chance of flagging.
    weights = np.stack([1 - flags, flags], axis=1)[:, None, :, None]
    given = np.stack([states == 0, states == PRESENT], axis=2)[:, :, None, :]
    return np.concatenate([group_sums(weights * given, patients, count), human], axis=1)


def _others(states: Codes, flags: Floats, patients: Ints, count: int) -> Floats:
    looked, marked = states >= 0, states == PRESENT
    rest = looked.sum(axis=1, keepdims=True) - looked
    usable = looked & (rest > 0)
    agreeing = np.where(usable, (marked.sum(axis=1, keepdims=True) - marked) / np.maximum(rest, 1), 0.0)
    model, own = flags[:, None] * usable, marked & usable
    sums = np.stack([np.stack([who, who * agreeing], axis=2) for who in (model, own)], axis=1)
    return group_sums(sums, patients, count)
