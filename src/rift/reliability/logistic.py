"""Logistic regression of shares, by Newton's method: what calibration is fitted and judged with."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from rift.reliability.intervals import Floats

SMALLEST_PROBABILITY = 1e-7
"""Probabilities are kept this far from 0 and 1, where the logit is infinite."""

_MAX_STEPS = 100


def log_odds(probabilities: npt.ArrayLike) -> Floats:
    """Return the logit of probabilities kept off 0 and 1; NaN stays NaN."""
    kept = np.clip(
        np.asarray(probabilities, dtype=np.float64), SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY
    )
    return np.asarray(logit(kept), dtype=np.float64)


def logistic_fit(
    design: Floats, offset: Floats, target: Floats, weights: Floats, prior: tuple[Floats, float]
) -> Floats:
    """Return the penalised maximum-likelihood coefficients of a logistic regression.

    Parameters
    ----------
    design, offset
        [n, k] and [n]: the linear predictor is design @ coefficients + offset.
    target, weights
        [n] shares, 0-1, and their weights.
    prior
        Where the ridge draws to, [k], and its strength; 0 for plain maximum likelihood.

    Returns
    -------
    [k]; NaN where the likelihood has no maximum (every turn told apart, no turn marked).
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
        try:
            step = np.linalg.solve(curvature + strength * np.eye(len(at)), gradient)
        except np.linalg.LinAlgError:
            return np.full(len(at), np.nan)
        decrease = float(gradient @ step)
        if decrease < 1e-14 * (1 + abs(value)):
            return at
        share = 1.0
        while loss(at - share * step) > value - share * decrease / 4 and share > 1e-8:
            share /= 2
        at = at - share * step
        value = loss(at)
    return at if strength else np.full(len(at), np.nan)
