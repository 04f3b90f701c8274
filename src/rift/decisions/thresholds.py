"""Thresholds that keep a promise of precision, or say that none could be kept.

Candidates are the distinct probabilities, from the highest down. The threshold is the last one
before the lower bound of precision first falls below the target: fixed-sequence testing, so that
looking at many candidates costs no confidence (Angelopoulos et al. 2021, Learn then Test).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rift.config import DecisionSection
from rift.manifest import Status
from rift.reliability.intervals import ratio_lower_bounds

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MIN_FLAGS = 15
"""A candidate that flags fewer turns is passed over: its bound would fail for want of data, and
the first failure ends the search. In simulations (10-40 patients, patient effects of SD .7 on the
logit) starting at 15 to 20 flags released most, at 5 or at 40 up to half fewer."""

MIN_PATIENTS = 5
"""A candidate that flags turns of fewer patients is passed over: too few clusters for a variance."""

MAX_CANDIDATES = 200
"""More distinct probabilities are thinned to this many, evenly on the logarithm of flagged turns."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A label's threshold on the calibrated probability: a turn at or above it is flagged.

    ``value`` is None without examples; ``precision_bound`` the bound behind a release.
    """

    value: float | None
    status: Status
    rule: str
    precision_bound: float | None = None


@dataclass(frozen=True)
class _Candidates:
    """Distinct probabilities from the highest, with what a threshold there would flag."""

    values: Floats
    flags: Ints
    hits: Floats


def fit_threshold(
    probabilities: Floats, soft: Floats, patients: npt.NDArray[np.object_], section: DecisionSection
) -> Threshold:
    """Find the lowest threshold whose precision is shown to reach the target.

    Precision is sum(flag * soft) / sum(flag), agreement with a randomly drawn coder. Its lower
    bound is one-sided at ``confidence``, with patients as clusters. Candidates that flag fewer
    than `MIN_FLAGS` turns or turns of fewer than `MIN_PATIENTS` patients, or whose bound is
    undefined, are passed over and are no failures; which ones these are does not depend on the
    labels. Where no candidate qualifies the label is not released and stands at the threshold
    with the highest F0.5 (of equal ones the highest).

    Parameters
    ----------
    probabilities
        [T] calibrated, out of fold; turns with NaN are left out.
    soft
        [T] soft labels; turns with NaN are left out.
    patients
        [T] patient of each turn.
    section
        ``target_precision``, ``confidence`` and ``min_positives``, below which nothing is
        released.
    """
    usable = np.isfinite(probabilities) & np.isfinite(soft)
    if not usable.any():
        return Threshold(None, "no examples", "none: no turn was coded for it")
    order = np.argsort(-probabilities[usable], kind="stable")
    ranked, target = probabilities[usable][order], soft[usable][order]
    _, cluster = np.unique(patients[usable][order].astype(str), return_inverse=True)
    positives = float(target.sum())
    if positives == 0:
        return Threshold(None, "no examples", "none: no coded turn carries it")

    candidates = _candidates(ranked, target)
    fallback = _best_f_half(candidates, positives)
    if positives < section.min_positives:
        why = f"{positives:.4g} soft positives, {section.min_positives} needed for a release"
        return Threshold(fallback, "not released", f"highest F0.5: {why}")
    found, tested = _search(candidates, target, cluster, section)
    wanted = f"precision of {section.target_precision:g} at {section.confidence:.4g} confidence"
    if found is None:
        why = (
            f"{wanted} not shown"
            if tested
            else f"no threshold flags {MIN_FLAGS} turns of {MIN_PATIENTS} patients with a defined bound"
        )
        return Threshold(fallback, "not released", f"highest F0.5: {why}")
    rule = f"lowest threshold with {wanted} (one-sided, patients as clusters), searched from the highest"
    return Threshold(found[0], "released", rule, found[1])


def _candidates(ranked: Floats, target: Floats) -> _Candidates:
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    return _Candidates(ranked[last], last.astype(np.int64) + 1, np.cumsum(target)[last])


def _best_f_half(candidates: _Candidates, positives: float) -> float:
    # F0.5 = 1.25 P R / (0.25 P + R), with P = hits / flags and R = hits / positives.
    score = 1.25 * candidates.hits / (0.25 * positives + candidates.flags)
    return float(candidates.values[int(np.argmax(score))])


def _search(
    candidates: _Candidates, target: Floats, cluster: Ints, section: DecisionSection
) -> tuple[tuple[float, float] | None, bool]:
    """Return the last (threshold, bound) before the first failure, and whether any was tested."""
    chosen = _chosen(candidates.flags)
    # The candidate at which each turn, from the highest probability, is first flagged.
    first = np.searchsorted(candidates.flags[chosen], np.arange(1, len(target) + 1))
    reached = first < len(chosen)
    flagged = np.zeros((int(cluster.max()) + 1, len(chosen)))
    hits = np.zeros_like(flagged)
    np.add.at(flagged, (cluster[reached], first[reached]), 1.0)
    np.add.at(hits, (cluster[reached], first[reached]), target[reached])
    flagged, hits = flagged.cumsum(axis=1), hits.cumsum(axis=1)

    bounds = ratio_lower_bounds(hits, flagged, section.confidence)
    tested = np.flatnonzero((np.count_nonzero(flagged, axis=0) >= MIN_PATIENTS) & ~np.isnan(bounds))
    failures = np.flatnonzero(bounds[tested] < section.target_precision)
    passed = tested[: failures[0]] if len(failures) else tested
    if not len(passed):
        return None, bool(len(tested))
    last = passed[-1]
    return (float(candidates.values[chosen[last]]), float(bounds[last])), True


def _chosen(flags: Ints) -> Ints:
    """Return the indices of the candidates to test, from the highest threshold."""
    enough: Ints = np.flatnonzero(flags >= MIN_FLAGS).astype(np.int64)
    if len(enough) <= MAX_CANDIDATES:
        return enough
    wanted = np.geomspace(flags[enough[0]], flags[enough[-1]], MAX_CANDIDATES)
    nearest = np.searchsorted(flags[enough], np.floor(wanted).astype(np.int64))
    kept: Ints = enough[np.unique(np.minimum(nearest, len(enough) - 1))]
    return kept
