"""Exclusive codebooks: which one class a turn gets, where classes are far from equally frequent.

The likeliest class is nearly always the commonest. Weighing each class's probability, with weights
chosen for macro-F1, gives rare classes their due; the probabilities themselves stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_STEPS = np.exp2(np.linspace(-2.5, 2.5, 21))
_SWEEPS = 3


def fit_class_weights(probabilities: Floats, soft: Floats) -> tuple[float, ...]:
    """Find weights of the classes under which the heaviest class has the best macro-F1.

    Coordinate ascent over a grid of powers of two from 1/5.7 to 5.7; ties keep the weight nearest
    to 1, and without examples of two classes all weights are 1.

    Parameters
    ----------
    probabilities
        [T, K] calibrated.
    soft
        [T, K] shares of coders; a turn without a clear majority, or not coded, is passed over.
    """
    classes = probabilities.shape[1]
    top = soft.max(axis=1, keepdims=True)
    known = np.isfinite(soft).all(axis=1) & np.isfinite(probabilities).all(axis=1)
    known &= (soft == top).sum(axis=1) == 1
    values, truth = probabilities[known], soft[known].argmax(axis=1)
    weights = np.ones(classes)
    if len(np.unique(truth)) < 2:
        return tuple(weights.tolist())
    steps = sorted(_STEPS, key=lambda step: abs(np.log(step)))
    best = _macro_f1(values * weights, truth)
    for _ in range(_SWEEPS):
        for at in range(classes):
            for step in steps:
                trial = weights.copy()
                trial[at] = step
                found = _macro_f1(values * trial, truth)
                if found > best:
                    best, weights = found, trial
    return tuple((weights / weights.max()).tolist())


def choose(probabilities: Floats, weights: Sequence[float]) -> Ints:
    """Return [T] the class with the highest weighted probability, the first of equal ones; -1 without any."""
    weighted = probabilities * np.asarray(weights)
    absent = np.isnan(weighted).all(axis=1)
    return np.where(absent, -1, np.where(np.isnan(weighted), -np.inf, weighted).argmax(axis=1)).astype(
        np.int64
    )


def _macro_f1(weighted: Floats, truth: Ints) -> float:
    """Return the mean F1 of the classes that occur, of the heaviest class against the truth."""
    classes = weighted.shape[1]
    predicted = weighted.argmax(axis=1)
    true = np.bincount(truth, minlength=classes)
    both = np.bincount(truth[predicted == truth], minlength=classes)
    given = np.bincount(predicted, minlength=classes)
    return float((2 * both / np.maximum(true + given, 1))[true > 0].mean())
