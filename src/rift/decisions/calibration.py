"""Platt scaling: the network's probabilities made to mean what coders would say.

Fitted to soft labels by penalised maximum likelihood; the penalty draws towards the identity, so
that a label with few examples keeps about the probabilities that the network gave.

Platt, J. (1999). Probabilistic outputs for support vector machines.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from rift.config import DecisionSection
from rift.manifest import Calibration
from rift.reliability.logistic import log_odds, logistic_fit

Floats = npt.NDArray[np.float64]

SMALLEST_SLOPE = 0.01
"""Slopes stay above zero: calibration never turns the order of turns round."""


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
    score, target = log_odds(raw[usable]), soft[usable]
    weights = np.ones_like(target) if coders is None else np.asarray(coders, dtype=np.float64)[usable]
    ones = np.ones_like(score)
    strength = section.calibration_strength

    both = np.stack([score, ones], axis=1)
    slope, intercept = logistic_fit(
        both, np.zeros_like(score), target, weights, (np.array([1.0, 0.0]), strength)
    )
    if slope < SMALLEST_SLOPE:
        slope = SMALLEST_SLOPE
        (intercept,) = logistic_fit(ones[:, None], slope * score, target, weights, (np.zeros(1), strength))
    return Calibration(slope=float(slope), intercept=float(intercept))


def calibrated(raw: Floats, calibration: Calibration | None) -> Floats:
    """Return sigmoid(slope * logit(raw) + intercept); NaN stays NaN, None is the identity."""
    if calibration is None:
        return np.array(raw, dtype=np.float64)
    return np.asarray(expit(calibration.slope * log_odds(raw) + calibration.intercept), dtype=np.float64)
