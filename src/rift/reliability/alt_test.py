"""The alternative annotator test: may the model replace a coder (Calderon, Reichart & Dror 2025)?

Each coder in turn is left out, and on every unit coder and model are compared with the others: who
agrees with more of them? The coder wins, the model wins, or both do. The model beats the coder if
the coder's wins exceed the model's by less than ``epsilon``, the worth of a coder's labour; it
passes if it beats at least half of the coders (winning rate omega).

On a rare mark this is worthless as it stands, since a model that never marks ties with everybody
nearly everywhere. So there are two forms: the standard one, over all units, which are taken as
independent, and one over *active* units, those that a coder or the model marked, with patients as
the independent clusters. The second is the one that a verdict rests on. It is no proof against a
model that never marks either: with moderate agreement (kappa .5) coders so often mark alone that
such a model is as close to the others as they are (``scripts/benchmark_coverage.py``). So its result
belongs beside that of a model which flags nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from rift.reliability.intervals import Floats, IntervalRule, Ints, group_sums, jackknife_statistic
from rift.reliability.kappa import Codes, mean_defined, share_of
from rift.reliability.multiplicity import benjamini_yekutieli
from rift.reliability.result import Statistic, Verdict, undefined

MIN_CODERS = 3
FALSE_DISCOVERY = 0.05
PASSING_RATE = 0.5

_MIN_UNITS = 30
"""Units that the standard form asks of a coder, as its authors do."""

_UNITS, _NOT_WORSE, _BEHIND, _DECIDED = range(4)

_NOTHING = "nothing marked or flagged"


@dataclass(frozen=True, slots=True)
class AltTest:
    """One marker's test.

    Attributes
    ----------
    units
        Units on which the model was compared with some coder.
    p_values, adjusted
        Per coder, before and after Benjamini and Yekutieli; ``None`` for a coder not tested.
    omega
        Winning rate, the share of the tested coders (``n``) whom the model beats; no interval.
    rho
        Average advantage, the mean over coders of the share of units on which the model is at
        least as close to the other coders as the coder is; ``n`` counts units.
    verdict
        ``yes``: omega is at least a half; ``cannot tell``: it is undefined.
    """

    units: int
    p_values: tuple[float | None, ...]
    adjusted: tuple[float | None, ...]
    omega: Statistic
    rho: Statistic
    verdict: Verdict


def comparison_sums(
    model: npt.ArrayLike, codes: npt.ArrayLike, groups: Ints, count: int, *, active: bool
) -> Floats:
    """Return who was closer to the other coders, summed over the units of each group.

    Parameters
    ----------
    model
        [T, ...] 1 marked, 0 not, negative where the model says nothing.
    codes
        [T, ..., C] of the coders, the same; a unit counts for a coder if another coder coded it too.
    groups, count
        [T] group of each unit, 0 to ``count - 1``.
    active
        Only units that a coder or the model marked.

    Returns
    -------
    [G, ..., C, 4]
        Units; those on which the model is at least as close as the coder; by how many the coder is
        closer more often than the model; those on which one of them is closer.
    """
    own, coders = np.asarray(model)[..., None], np.asarray(codes)
    looked, marked = coders >= 0, coders == 1
    others = looked.sum(axis=-1, keepdims=True) - looked
    marking = marked.sum(axis=-1, keepdims=True) - marked
    usable = looked & (others > 0) & (own >= 0)
    if active:
        usable &= marked.any(axis=-1, keepdims=True) | (own == 1)
    # Where they differ, one agrees with the others who mark and the other with those who do not.
    lead = np.where(marked, 1, -1) * np.sign(2 * marking - others) * (marked != (own == 1)) * usable
    return group_sums(np.stack([usable, usable & (lead <= 0), lead, lead != 0], axis=-1), groups, count)


def advantage_of(sums: Floats) -> Floats:
    """Return average advantage rho [...] of sums [..., C, 4]; NaN without units."""
    return mean_defined(share_of(sums[..., _NOT_WORSE], sums[..., _UNITS]))


def unit_p_values(totals: Floats, epsilon: float, min_units: int = _MIN_UNITS) -> Floats:
    """Return one-sided p-values [..., C] of totals [..., C, 4] with units as independent.

    Student's t test of mean lead < ``epsilon``, as the authors of the test make it; NaN for a coder
    with fewer than ``min_units`` (at least 2) units.
    """
    units = np.where(totals[..., _UNITS] >= max(min_units, 2), totals[..., _UNITS], np.nan)
    lead = totals[..., _BEHIND] / units
    variance = np.maximum(totals[..., _DECIDED] - units * lead**2, 0.0) / (units - 1)
    return _below(lead - epsilon, np.sqrt(variance / units), units - 1)


def patient_p_values(sums: Floats, epsilon: float, min_patients: int) -> Floats:
    """Return one-sided p-values [..., C] of sums [G, ..., C, 4] with patients as clusters.

    The mean lead is a ratio of sums over the G patients who have units for the coder: linearised
    variance times G / (G - 1), Student's t with G - 1 degrees of freedom. With one unit per patient
    it is the standard t test. NaN for a coder with fewer than ``min_patients`` (at least 2).
    """
    units, behind = sums[..., _UNITS], sums[..., _BEHIND]
    patients = (units > 0).sum(axis=0).astype(np.float64)
    patients = np.where(patients >= max(min_patients, 2), patients, np.nan)
    total = units.sum(axis=0)
    lead = share_of(behind.sum(axis=0), total)
    spread = ((behind - lead * units) ** 2).sum(axis=0) * patients / (patients - 1)
    return _below(lead - epsilon, share_of(np.sqrt(spread), total), patients - 1)


def standard_alt_test(model: npt.ArrayLike, codes: npt.ArrayLike, epsilon: float) -> AltTest:
    """Return the test of one marker in its standard form, for comparison only.

    Parameters
    ----------
    model, codes
        [T] and [T, C] as for `comparison_sums`.
    epsilon
        How much closer to the others a coder may be, 0-1; .2 for experts.

    Returns
    -------
    AltTest
        Without intervals; undefined with fewer than three coders of 30 units.
    """
    array = np.asarray(codes)
    totals = comparison_sums(model, array, np.zeros(len(array), dtype=np.int64), 1, active=False)[0]
    p_values = unit_p_values(totals, epsilon)
    lacking = _lacking(totals, p_values, f"{_MIN_UNITS} turns coded by others too")
    units = _units(model, array, active=False)
    if lacking:
        rho = undefined(lacking, units)
    else:
        rho = Statistic(float(advantage_of(totals[~np.isnan(p_values)])), None, None, units)
    return _test(p_values, benjamini_yekutieli(p_values), rho, lacking)


def active_alt_tests(
    model: npt.ArrayLike, codes: npt.ArrayLike, patients: Ints, rule: IntervalRule, epsilon: float,
    refused: Sequence[str | None],
) -> tuple[AltTest, ...]:  # fmt: skip
    """Return the tests of M markers on active units, p-values adjusted over all markers and coders.

    Parameters
    ----------
    model, codes
        [T, M] and [T, M, C] as for `comparison_sums`.
    patients
        [T] the unit's patient, counted from 0.
    rule
        Level of rho's jackknife-t interval, and the patients that an interval or a p-value needs.
    epsilon
        As for `standard_alt_test`.
    refused
        [M] why a marker is not to be tested (its support); ``None`` if it is.

    Returns
    -------
    [M] tests
        A marker not tested still has its rho; fewer than three coders leave both undefined.
    """
    own, coders = np.asarray(model), np.asarray(codes)
    sums = comparison_sums(own, coders, patients, int(patients.max(initial=-1)) + 1, active=True)
    p_values = patient_p_values(sums, epsilon, rule.min_patients)
    asked = f"{max(rule.min_patients, 2)} patients with marks or flags"
    lacking = [_lacking(sums[:, at].sum(axis=0), one, asked) for at, one in enumerate(p_values)]
    untested = [first or second for first, second in zip(refused, lacking, strict=True)]
    p_values[[reason is not None for reason in untested]] = np.nan
    adjusted = benjamini_yekutieli(p_values)
    return tuple(
        _test(p_values[at], adjusted[at], _rho(own[:, at], coders[:, at], sums[:, at], rule), reason)
        for at, reason in enumerate(untested)
    )


def _rho(model: Codes, codes: Codes, sums: Floats, rule: IntervalRule) -> Statistic:
    compared = (sums[..., _UNITS].sum(axis=0) > 0).sum()
    units = _units(model, codes, active=True)
    if 0 < compared < MIN_CODERS or codes.shape[-1] < MIN_CODERS:
        return undefined("fewer than three coders", units)
    return jackknife_statistic(sums, advantage_of, rule, bounds=(0.0, 1.0), empty=_NOTHING, n=units)


def _test(p_values: Floats, adjusted: Floats, rho: Statistic, lacking: str | None) -> AltTest:
    found = _numbers(p_values), _numbers(adjusted)
    if lacking:
        return AltTest(rho.n, *found, undefined(lacking), rho, "cannot tell")
    tested = ~np.isnan(p_values)
    won = float((adjusted[tested] <= FALSE_DISCOVERY).mean())
    omega = Statistic(won, None, None, int(tested.sum()))
    return AltTest(rho.n, *found, omega, rho, "yes" if won >= PASSING_RATE else "no")


def _lacking(totals: Floats, p_values: Floats, asked: str) -> str | None:
    """Return why a marker with totals [C, 4] and p-values [C] has no winning rate, if so."""
    compared = int((totals[:, _UNITS] > 0).sum())
    if compared == 0 and len(totals) >= MIN_CODERS:
        return _NOTHING
    if compared < MIN_CODERS:
        return "fewer than three coders"
    return f"fewer than three coders with {asked}" if (~np.isnan(p_values)).sum() < MIN_CODERS else None


def _units(model: npt.ArrayLike, codes: Codes, *, active: bool) -> int:
    """Return the units of one marker that any coder is compared on."""
    units = np.arange(len(codes), dtype=np.int64)
    sums = comparison_sums(model, codes, units, len(units), active=active)
    return int(sums[..., _UNITS].any(axis=-1).sum())


def _below(distance: Floats, error: Floats, freedom: Floats) -> Floats:
    """Return the p-value of a distance below 0; without any variation it is 0 or 1, the test's limit."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(error > 0, distance / error, np.where(distance < 0, -np.inf, np.inf))
        known = np.isfinite(freedom) & ~np.isnan(distance)
        return np.where(known, stdtr(np.where(known, freedom, 1.0), ratio), np.nan)


def _numbers(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else float(value) for value in values)
