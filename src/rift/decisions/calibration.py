"""Platt scaling: the network's probabilities made to mean what coders would say.

Fitted to soft labels by penalised maximum likelihood; the penalty draws towards the identity, so
that a label with few examples keeps about the probabilities that the network gave.

Platt, J. (1999). Probabilistic outputs for support vector machines.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from rift.config import DecisionSection
from rift.manifest import Calibration

Floats = npt.NDArray[np.float64]

SMALLEST_SLOPE = 0.01
"""Slopes stay above zero: calibration never turns the order of turns round."""

SMALLEST_PROBABILITY = 1e-7
"""Raw probabilities are kept this far from 0 and 1, where the logit is infinite."""

_MAX_STEPS = 100


def fit_calibration(
    raw: Floats, soft: Floats, section: DecisionSection, coders: Floats | None = None
) -> Calibration | None:
    """Fit slope and intercept on the logit of the raw probabilities.

    Minimises the cross-entropy against the soft labels plus ``calibration_strength`` / 2 times
    (slope - 1)^2 + intercept^2, by Newton's method. The problem is convex; where its minimum has
    a slope below `SMALLEST_SLOPE`, the minimum on that bound is taken.

    Parameters
    ----------
    raw
        [T] probabilities of the network, 0-1; turns with NaN are left out.
    soft
        [T] share of coders who marked the turn, 0-1; turns with NaN are left out.
    section
        ``calibration_strength`` and ``min_positives``.
    coders
        [T] how many coders stand behind each soft label, as weights; by default every turn
        weighs the same, as it does in the evaluation's precision.

    Returns
    -------
    Calibration or None
        None, that is the identity, where the soft labels sum to less than ``min_positives``.
    """
    usable = np.isfinite(raw) & np.isfinite(soft)
    if soft[usable].sum() < section.min_positives:
        return None
    score, target = _logit(raw[usable]), soft[usable]
    weights = np.ones_like(target) if coders is None else np.asarray(coders, dtype=np.float64)[usable]
    ones = np.ones_like(score)
    strength = section.calibration_strength

    both = np.stack([score, ones], axis=1)
    slope, intercept = _minimum(both, np.zeros_like(score), target, weights, (np.array([1.0, 0.0]), strength))
    if slope < SMALLEST_SLOPE:
        slope = SMALLEST_SLOPE
        (intercept,) = _minimum(ones[:, None], slope * score, target, weights, (np.zeros(1), strength))
    return Calibration(slope=float(slope), intercept=float(intercept))


def calibrated(raw: Floats, calibration: Calibration | None) -> Floats:
    """Return sigmoid(slope * logit(raw) + intercept); NaN stays NaN, None is the identity."""
    if calibration is None:
        return np.array(raw, dtype=np.float64)
    return np.asarray(expit(calibration.slope * _logit(raw) + calibration.intercept), dtype=np.float64)


def _logit(raw: Floats) -> Floats:
    kept = np.clip(np.asarray(raw, dtype=np.float64), SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return np.asarray(logit(kept), dtype=np.float64)


def _minimum(
    design: Floats, offset: Floats, target: Floats, weights: Floats, prior: tuple[Floats, float]
) -> Floats:
    """Return the penalised maximum-likelihood coefficients of a logistic regression.

    Parameters
    ----------
    design, offset
        [n, k] and [n]: the linear predictor is design @ coefficients + offset.
    target, weights
        [n] soft labels and their weights.
    prior
        Where the ridge draws to, [k], and its strength.
    """
    centre, strength = prior

    def loss(coefficients: Floats) -> float:
        eta = design @ coefficients + offset
        entropy = np.logaddexp(0.0, eta) - target * eta
        return float(weights @ entropy + strength / 2 * np.sum((coefficients - centre) ** 2))

    at, value = centre.copy(), loss(centre)
    for _ in range(_MAX_STEPS):
        fitted = expit(design @ at + offset)
        gradient = design.T @ (weights * (fitted - target)) + strength * (at - centre)
        curvature = (design * (weights * fitted * (1 - fitted))[:, None]).T @ design
        step = np.linalg.solve(curvature + strength * np.eye(len(at)), gradient)
        decrease = float(gradient @ step)
        if decrease < 1e-14 * (1 + abs(value)):
            break
        share = 1.0
        while loss(at - share * step) > value - share * decrease / 4 and share > 1e-8:
            share /= 2
        at = at - share * step
        value = loss(at)
    return at
