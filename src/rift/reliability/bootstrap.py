"""Percentile intervals from drawing whole patients with replacement, beside the jackknife-t.

All markers share their draws, so one multiplication gives the sums of every marker in every draw.
"""

from __future__ import annotations

import numpy as np

from rift.reliability.intervals import Floats, SumsFunction
from rift.reliability.result import Statistic

_AT_ONCE = 250
"""Draws whose sums are held in memory together."""

_MOST_UNDEFINED = 0.05

_SAME = 1e-9


def patient_draws(patients: int, draws: int, seed: int) -> Floats:
    """Return how often each of ``draws`` samples of the patients' number holds each patient.

    Returns
    -------
    [B, G]
        Whole numbers; every row sums to G.
    """
    shares = np.full(patients, 1 / max(patients, 1))
    return np.random.default_rng(seed).multinomial(patients, shares, size=draws).astype(np.float64)


def bootstrap_values(sums: Floats, function: SumsFunction, weights: Floats) -> Floats:
    """Return a statistic's values in every draw.

    Parameters
    ----------
    sums
        [G, ...] per patient; whatever the statistic needs must be additive over patients.
    function
        From sums [N, ...] to values [N, ...], NaN where undefined.
    weights
        [B, G] from `patient_draws`.

    Returns
    -------
    [B, ...]
    """
    flat = sums.reshape(len(sums), -1)
    parts = [
        function((weights[at : at + _AT_ONCE] @ flat).reshape(-1, *sums.shape[1:]))
        for at in range(0, len(weights), _AT_ONCE)
    ]
    return np.concatenate(parts)


def percentile_statistic(known: Statistic, values: Floats, level: float) -> Statistic:
    """Return a statistic with the percentile interval of its drawn values (Efron & Tibshirani 1993, ch. 13).

    Parameters
    ----------
    known
        The statistic as the jackknife reports it. One without an interval is returned as it is:
        too few patients for the one are too few for the other.
    values
        [B] drawn; draws in which the statistic is undefined (NaN) are passed over, unless they
        are more than 5 %: then there is no interval.
    level
        Two-sided, between 0 and 1.
    """
    if known.value is None or known.low is None:
        return known
    gone = np.isnan(values)
    missing, defined = float(gone.mean()), values[~gone]
    if missing > _MOST_UNDEFINED:
        return Statistic(
            known.value, None, None, known.n, f"no interval: undefined in {missing:.0%} of draws"
        )
    low, high = (float(bound) for bound in np.quantile(defined, [(1 - level) / 2, (1 + level) / 2]))
    if high - low < _SAME:
        return Statistic(known.value, None, None, known.n, "no interval: no variation between draws")
    return Statistic(known.value, low, high, known.n)
