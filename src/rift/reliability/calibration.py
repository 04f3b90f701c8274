"""Do probabilities mean what they say? Brier score, its skill, slope and intercept, calibration error.

A turn's label is the share of its coders who marked it, so that every score is what one expects of
a coder drawn at random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from rift.reliability.intervals import Floats, group_sums
from rift.reliability.kappa import share_of
from rift.reliability.logistic import log_odds, logistic_fit

(
    _TURNS, _MARKED, _SQUARES,
    _LEVEL_SCORE, _LEVEL_CURVE, _LINE_SCORE_0, _LINE_SCORE_1, _CURVE_00, _CURVE_01, _CURVE_11,
) = range(10)  # fmt: skip


@dataclass(frozen=True)
class CalibrationSums:
    """Sums per patient, and the fits around which they were taken.

    Attributes
    ----------
    sums
        [G, 10] additive over patients: turns, marked (soft), expected squared error, then score and
        curvature of the two fits.
    intercept
        Calibration in the large: the shift of the log odds that makes the mean probability right;
        NaN where there is none.
    slope
        Of the log odds of the marks on those of the probabilities; NaN where there is none.
    """

    sums: Floats
    intercept: float
    slope: float

    def intercept_of(self, sums: Floats) -> Floats:
        """Return the intercept of sums [..., 10], by one Newton step from that of all patients."""
        return self.intercept + share_of(sums[..., _LEVEL_SCORE], sums[..., _LEVEL_CURVE])

    def slope_of(self, sums: Floats) -> Floats:
        """Return the slope of sums [..., 10], by one Newton step from that of all patients.

        With one patient left out this is the one-step delete-one estimate (Pregibon 1981).
        """
        own, cross, other = (sums[..., at] for at in (_CURVE_00, _CURVE_01, _CURVE_11))
        determinant = own * other - cross**2
        step = own * sums[..., _LINE_SCORE_1] - cross * sums[..., _LINE_SCORE_0]
        return self.slope + share_of(step, determinant)


def calibration_sums(
    soft: npt.ArrayLike, probabilities: npt.ArrayLike, patients: npt.ArrayLike, count: int
) -> CalibrationSums:
    """Fit intercept and slope, and sum what they and the Brier score need over the turns of each patient.

    Parameters
    ----------
    soft, probabilities
        [T] 0-1, without NaN.
    patients, count
        [T] patient of each turn, 0 to ``count - 1``.

    Notes
    -----
    The intercept is fitted with the slope at 1, the slope with an intercept of its own, both by
    maximum likelihood (Van Calster et al. 2019, Calibration: the Achilles heel of predictive analytics).
    """
    target, p = np.asarray(soft, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    score, ones = log_odds(p), np.ones(len(target))
    level, line = np.full(1, np.nan), np.full(2, np.nan)
    if 0 < target.sum() < len(target):
        level = logistic_fit(ones[:, None], score, target, ones, (np.zeros(1), 0.0))
        if not _told_apart(score, target):
            both = np.stack([ones, score], axis=1)
            line = logistic_fit(both, np.zeros_like(score), target, ones, (np.array([0.0, 1.0]), 0.0))
    fitted_level, fitted_line = expit(score + level[0]), expit(line[0] + line[1] * score)
    curve_level, curve_line = fitted_level * (1 - fitted_level), fitted_line * (1 - fitted_line)
    rest = target - fitted_line
    columns = [
        ones, target, target * (1 - p) ** 2 + (1 - target) * p**2,
        target - fitted_level, curve_level,
        rest, rest * score, curve_line, curve_line * score, curve_line * score**2,
    ]  # fmt: skip
    return CalibrationSums(
        group_sums(np.column_stack(columns), patients, count), float(level[0]), float(line[1])
    )


def _told_apart(score: Floats, target: Floats) -> bool:
    """Return whether one cut tells all marked turns from all others, or all turns score alike."""
    marked, unmarked = score[target > 0], score[target < 1]
    return bool(marked.min() >= unmarked.max() or marked.max() <= unmarked.min())


def brier_of(sums: Floats) -> Floats:
    """Return the mean squared error of sums [..., 10] against a coder drawn at random (Brier 1950)."""
    return share_of(sums[..., _SQUARES], sums[..., _TURNS])


def skill_of(sums: Floats) -> Floats:
    """Return what of the base rate's Brier score is saved: 1 at best, 0 for the base rate, below if worse."""
    rate = share_of(sums[..., _MARKED], sums[..., _TURNS])
    return 1 - share_of(brier_of(sums), rate * (1 - rate))


@dataclass(frozen=True, slots=True)
class CalibrationErrors:
    """Distance of probability and share of marks in bins of equal width: mean, root mean square, greatest."""

    mean: float
    root_mean_square: float
    greatest: float


def calibration_errors(
    soft: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = 15
) -> CalibrationErrors | None:
    """Return the expected calibration error and its kin; None without turns.

    They say little of a rare marker: a constant .01 at a prevalence of 1 % has an error of 0.

    Parameters
    ----------
    soft, probabilities
        [T] 0-1, without NaN.
    bins
        Of equal width over 0-1 (Naeini, Cooper & Hauskrecht 2015), each open below.
    """
    target, p = np.asarray(soft, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    if not len(target):
        return None
    at = np.clip(np.ceil(p * bins) - 1, 0, bins - 1).astype(np.int64)
    turns, gap = np.moveaxis(group_sums(np.column_stack([np.ones_like(p), p - target]), at, bins), 1, 0)
    used = turns > 0
    apart, weight = np.abs(gap[used] / turns[used]), turns[used] / turns.sum()
    return CalibrationErrors(float(weight @ apart), float(np.sqrt(weight @ apart**2)), float(apart.max()))
