"""ICC(A,1) and ICC(A,k) of incomplete ratings: a two-way random model fitted by REML.

Coders need not have rated every target (ten Hove, Jorgensen & van der Ark 2024). ICC(A,1) is the
targets' share of the total variance. Of complete ratings it is the value of the analysis of
variance, except that no variance is negative: where that one falls below 0, this one is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, minimize_scalar
from scipy.special import chdtri

from rift.reliability import reml
from rift.reliability.icc import averaged
from rift.reliability.intervals import Floats
from rift.reliability.reml import deviance, fit, reml_sums, reml_total, standing, total_variance
from rift.reliability.result import Statistic, undefined

REASONS = {
    reml.NOT_RATED_TWICE: "no target rated by two coders",
    reml.TOO_FEW: "too few ratings to tell targets, coders and the rest apart",
    reml.NO_VARIATION: "no variation: all ratings are alike",
    reml.NO_REST: "the coders differ by constants alone, so that the likelihood has no maximum",
}
"""Why there is no ICC, by what `standing` says."""

# How finely the bounds of an interval are sought.
_FINE = 1e-6


@dataclass(frozen=True, slots=True)
class VarianceComponents:
    """REML estimates of the two-way random model, none negative."""

    target: float
    coder: float
    rest: float

    @property
    def agreement(self) -> float:
        """ICC(A,1)."""
        return self.target / (self.target + self.coder + self.rest)

    @property
    def consistency(self) -> float:
        """ICC(C,1); NaN where neither targets nor the rest vary."""
        known = self.target + self.rest
        return self.target / known if known > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class RemlIcc:
    """ICC(A,1) and ICC(A,k), with ``coders`` the k that the second is of."""

    single: Statistic
    average: Statistic
    coders: float


def icc_of(sums: Floats) -> Floats:
    """Return ICC(A,1) [N] of summed `reml_sums` [N, C + 1, C + 1, C + 1]; NaN where undefined."""
    state = standing(sums)
    result = np.where(state == reml.ALIKE, 1.0, np.nan)
    fitting = state == reml.FITTING
    if fitting.any():
        result[fitting] = fit(sums[fitting])[:, 0]
    return result


def lacking(sums: Floats) -> str | None:
    """Return why one sum of `reml_sums` [C + 1, C + 1, C + 1] has no ICC; ``None`` if it has one."""
    return REASONS.get(int(standing(sums[None])[0]))


def variance_components(ratings: npt.ArrayLike) -> VarianceComponents | None:
    """Return the REML variance components of ratings [T, C], NaN where missing.

    ``None`` where they cannot be estimated, for one of the `REASONS`.
    """
    table = np.asarray(ratings, dtype=np.float64)
    sums = reml_sums(table).sum(axis=0, keepdims=True)
    state = int(standing(sums)[0])
    if state == reml.ALIKE:
        rated = (~np.isnan(table)).any(axis=1)
        return VarianceComponents(float(np.nanmean(table[rated], axis=1).var(ddof=1)), 0.0, 0.0)
    if state != reml.FITTING:
        return None
    point = fit(sums)
    total = float(np.nanvar(table)) * float(total_variance(sums, point)[0])
    target = float(point[0, 0])
    coder = (1 - target) * float(point[0, 1])
    return VarianceComponents(total * target, total * coder, total * (1 - target - coder))


def reml_icc(ratings: npt.ArrayLike, level: float = 0.95, coders: float | None = None) -> RemlIcc:
    """Return ICC(A,1) and ICC(A,k) of ratings with missing cells, with profile-likelihood intervals.

    The interval holds the values that the restricted likelihood, at its best over the other
    variances, does not reject against chi-square with one degree of freedom. It speaks of other
    targets and of other coders, and takes targets as independent.

    Parameters
    ----------
    ratings
        [T, C] of targets by coders, NaN where a coder did not rate the target.
    level
        Two-sided confidence, between 0 and 1.
    coders
        The k of ICC(A,k); by default the harmonic mean number of coders of a target.

    Returns
    -------
    RemlIcc
        ``n`` counts targets that two or more coders rated.
    """
    table = np.asarray(ratings, dtype=np.float64)
    rated = (~np.isnan(table)).sum(axis=1)
    n = int((rated >= 2).sum())
    k = float(1 / np.mean(1 / rated[rated > 0])) if coders is None and rated.any() else float(coders or 1)
    sums = reml_total(table)
    if (reason := lacking(sums)) is not None:
        return RemlIcc(undefined(reason, n), undefined(reason, n), k)
    value = float(icc_of(sums[None])[0])
    if value >= 1:
        single = Statistic(1.0, None, None, n, "no interval: the coders never differ")
    else:
        single = Statistic(value, *_profile_bounds(sums, level), n)
    return RemlIcc(single, averaged(single, k), k)


def _profile_bounds(sums: Floats, level: float) -> tuple[float, float]:
    """Return where the profile deviance of ICC(A,1) crosses the chi-square limit, else 0 and 1."""
    best = fit(sums[None])[0]
    limit = float(deviance(sums[None], best[None, None])[0, 0]) + float(chdtri(1, 1 - level))

    def above(share: float) -> float:
        def at(other: float) -> float:
            return float(deviance(sums[None], np.array([[[share, other]]]))[0, 0])

        inside = minimize_scalar(at, bounds=(0.0, 1 - reml.EDGE), method="bounded", options={"xatol": 1e-6})
        return min(float(inside.fun), at(0.0), at(float(best[1]))) - limit

    value = float(best[0])
    return _crossing(above, value, 0.0), _crossing(above, value, 1 - reml.EDGE)


def _crossing(above: Callable[[float], float], inside: float, edge: float) -> float:
    if inside == edge or above(edge) <= 0:
        return round(edge, 6)
    return float(brentq(above, inside, edge, xtol=_FINE))
