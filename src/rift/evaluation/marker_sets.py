"""How far the coders agree on which markers a turn shows, taken together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rift.codebook import Codebook
from rift.corpus.marks import ABSENT, NOT_CODED, Marks, eligibility
from rift.reliability.distances import distance_sums
from rift.reliability.intervals import IntervalRule, Ints, jackknife_statistic
from rift.reliability.kappa import Codes
from rift.reliability.result import Statistic, undefined
from rift.reliability.sets import SetDistance, all_alike, set_alpha_of, set_codes, set_distances


@dataclass(frozen=True, slots=True)
class SetAgreement:
    """Agreement on the set of markers of a turn.

    Attributes
    ----------
    turns, overlap, patients
        Turns whose set any coder gave; two or more gave; and the patients of these. A coder gave a
        turn's set, perhaps empty, who coded it for every marker that its speaker may show.
    masi, jaccard
        Krippendorff's alpha with these distances between sets.
    """

    turns: int
    overlap: int
    patients: int
    masi: Statistic
    jaccard: Statistic


def set_agreement(
    marks: Marks, codebook: Codebook, patients: Ints, rule: IntervalRule
) -> SetAgreement | None:
    """Return the coders' agreement on sets of markers; None where the codebook has fewer than two.

    Parameters
    ----------
    marks
        Every coder's marks.
    codebook
        Says which labels are markers and who may show them.
    patients
        [T] patient of each turn, counted from 0.
    rule
        Level of the intervals and the patients that they need.
    """
    markers = codebook.of_kind("marker")
    if codebook.exclusive or len(markers) < 2:
        return None
    codes, members = set_codes(_complete(marks, codebook, markers))
    overlapping = (codes >= 0).sum(axis=1) >= 2

    def alpha(distance: SetDistance) -> Statistic:
        if lacking := _lacking(codes):
            return undefined(lacking)
        distances = set_distances(members, distance)
        return jackknife_statistic(
            distance_sums(codes, distances, patients, int(patients.max(initial=-1)) + 1),
            lambda sums: set_alpha_of(sums, distances),
            rule,
            bounds=(-1.0, 1.0),
            empty=f"no variation: {all_alike(members)}",
            n=int(overlapping.sum()),
        )

    return SetAgreement(
        turns=int((codes >= 0).any(axis=1).sum()),
        overlap=int(overlapping.sum()),
        patients=len(np.unique(patients[overlapping])),
        masi=alpha("masi"),
        jaccard=alpha("jaccard"),
    )


def _complete(marks: Marks, codebook: Codebook, markers: tuple[str, ...]) -> npt.NDArray[np.int8]:
    """Return states [T, L, C] of the markers, absent where the turn's speaker may not show them.

    A turn whose speaker may show none of them stays as it is: there is no set to agree on.
    """
    states = marks.states[:, [marks.columns.index(marker) for marker in markers]]
    may = eligibility(marks.turns["speaker"], markers, codebook)
    not_asked = (~may & may.any(axis=1, keepdims=True))[:, :, None]
    return np.where(not_asked & (states == NOT_CODED), np.int8(ABSENT), states)


def _lacking(codes: Codes) -> str | None:
    """Return why coders cannot be compared, if so."""
    if codes.shape[1] < 2:
        return "fewer than two coders"
    if ((codes >= 0).sum(axis=1) >= 2).any():
        return None
    return "no turn coded for every marker by two coders"
