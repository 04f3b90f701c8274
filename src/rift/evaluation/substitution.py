"""Alpha among the coders, and with the model in the place of each of them in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rift.corpus.marks import NOT_CODED
from rift.evaluation.claims import SubstitutedAlpha
from rift.evaluation.units import ScoredMarks
from rift.reliability.alpha import alpha_of, alpha_sums, category_counts
from rift.reliability.intervals import (
    Floats,
    IntervalRule,
    SumsFunction,
    group_sums,
    jackknife_statistic,
)
from rift.reliability.kappa import Codes, mean_defined, no_variation
from rift.reliability.result import Statistic, undefined


def model_codes(data: ScoredMarks, columns: Sequence[int]) -> Codes:
    """Return the model's flags [T, columns] as codes: 1 flagged, 0 not, negative without a probability."""
    flags = data.flags[:, columns]
    known = ~np.isnan(data.probabilities[:, columns])
    return np.where(known, flags == 1, NOT_CODED).astype(np.int8)


def substitution_sums(data: ScoredMarks, column: int) -> Floats:
    """Return what alpha needs [G, 1 + C, 3]: of the coders, then with the model in each one's place.

    The model says something just where the coder did, so that all are of the same turns. A coder
    who coded no turn together with another cannot be replaced: all 0.
    """
    model = model_codes(data, [column])[:, 0]
    states = np.where((model >= 0)[:, None], data.marks.states[:, column], NOT_CODED)
    paired = (states >= 0).sum(axis=1) >= 2
    result = [_sums(states, data)]
    for coder in range(states.shape[1]):
        looked = states[:, coder] >= 0
        other = states.copy()
        other[:, coder] = np.where(looked, model, NOT_CODED)
        result.append(_sums(other, data) * float((looked & paired).any()))
    return np.stack(result, axis=1)


def alpha_hh_of(sums: Floats) -> Floats:
    """Return alpha among the coders [...] of sums [..., 1 + C, 3]; NaN where undefined."""
    return alpha_of(sums[..., 0, :])


def alpha_mh_of(sums: Floats) -> Floats:
    """Return the mean over coders of alpha with the model in their place [...]; NaN where undefined."""
    return mean_defined(alpha_of(sums[..., 1:, :]))


def alpha_delta_of(sums: Floats) -> Floats:
    """Return how much higher alpha is with the model than among the coders [...]."""
    return alpha_mh_of(sums) - alpha_hh_of(sums)


ALPHA_FUNCTIONS: Mapping[str, SumsFunction] = {
    "alpha_hh": alpha_hh_of, "alpha_mh": alpha_mh_of, "alpha_delta": alpha_delta_of,
}  # fmt: skip


def alphas(sums: Floats, rule: IntervalRule, paired: int) -> dict[str, Statistic]:
    """Return a label's three alphas with jackknife-t intervals; ``paired`` counts its turns."""
    human, model = sums[:, 0].sum(axis=0), sums[:, 1:].sum(axis=(0, 1))
    empty = {"alpha_hh": no_variation(human[1:]), "alpha_mh": no_variation(model[1:])}
    empty["alpha_delta"] = empty["alpha_mh" if np.isnan(alpha_mh_of(sums.sum(axis=0))) else "alpha_hh"]
    return {
        name: jackknife_statistic(
            sums, function, rule, bounds=(-2.0, 2.0) if name == "alpha_delta" else (-1.0, 1.0),
            empty=empty[name], n=paired,
        )
        for name, function in ALPHA_FUNCTIONS.items()
    }  # fmt: skip


def substituted(
    sums: Floats, rule: IntervalRule, paired: int, coders: Sequence[str]
) -> tuple[SubstitutedAlpha, ...]:
    """Return alpha with the model in the place of each coder."""

    def one(place: int) -> Statistic:
        own = sums[:, 1 + place]
        if not own.any():
            return undefined("coded no turn together with another")
        empty = no_variation(own[:, 1:].sum(axis=0))
        return jackknife_statistic(own, alpha_of, rule, bounds=(-1.0, 1.0), empty=empty, n=paired)

    return tuple(SubstitutedAlpha(coder, one(place)) for place, coder in enumerate(coders))


def _sums(states: Codes, data: ScoredMarks) -> Floats:
    return group_sums(alpha_sums(category_counts(states, 2)), data.patients, data.patient_count)
