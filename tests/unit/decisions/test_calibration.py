"""Platt scaling with soft labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, logit

from rift.config import DecisionSection
from rift.decisions.calibration import SMALLEST_SLOPE, calibrated, fit_calibration
from rift.manifest import Calibration


def section(strength=1.0, min_positives=10):
    return DecisionSection(
        target_precision=0.5, confidence=0.9, calibration_strength=strength, min_positives=min_positives
    )


def drawn(n=4000, slope=0.5, intercept=-1.0, seed=0, coders=3):
    rng = np.random.default_rng(seed)
    score = rng.normal(-1.0, 2.0, n)
    truth = expit(slope * score + intercept)
    return expit(score), rng.binomial(coders, truth) / coders


def test_recovers_the_slope_and_intercept_that_made_the_labels():
    fitted = fit_calibration(*drawn(n=20_000), section())
    assert fitted.slope == pytest.approx(0.5, abs=0.03)
    assert fitted.intercept == pytest.approx(-1.0, abs=0.05)


def test_is_the_minimum_that_a_general_optimiser_finds():
    raw, soft = drawn(n=300)
    strength = 7.0

    def loss(theta):
        eta = theta[0] * logit(raw) + theta[1]
        entropy = np.logaddexp(0, eta) - soft * eta
        return entropy.sum() + strength / 2 * ((theta[0] - 1) ** 2 + theta[1] ** 2)

    best = minimize(loss, [1.0, 0.0], method="BFGS", options={"gtol": 1e-8}).x
    fitted = fit_calibration(raw, soft, section(strength))
    assert (fitted.slope, fitted.intercept) == pytest.approx(tuple(best), abs=1e-5)


def test_a_weight_counts_as_that_many_turns():
    raw, soft = drawn(n=200)
    weights = np.random.default_rng(1).integers(1, 4, 200)
    weighted = fit_calibration(raw, soft, section(), coders=weights.astype(float))
    repeated = fit_calibration(np.repeat(raw, weights), np.repeat(soft, weights), section())
    assert weighted.slope == pytest.approx(repeated.slope, abs=1e-7)
    assert weighted.intercept == pytest.approx(repeated.intercept, abs=1e-7)


def test_few_examples_and_a_strong_ridge_stay_near_the_identity():
    raw, soft = drawn(n=60, slope=0.2, intercept=-2.0)
    free = fit_calibration(raw, soft, section(0.01, 1))
    held = fit_calibration(raw, soft, section(1000.0, 1))
    assert abs(held.slope - 1) < 0.05 < abs(free.slope - 1)
    assert abs(held.intercept) < 0.1 < abs(free.intercept)


def test_too_few_soft_positives_give_the_identity():
    raw, soft = np.full(30, 0.4), np.zeros(30)
    soft[:19] = 0.5  # sums to 9.5
    assert fit_calibration(raw, soft, section()) is None
    soft[19] = 0.5
    assert fit_calibration(raw, soft, section()) is not None


def test_slope_is_held_above_zero_at_the_constrained_minimum():
    raw, soft = drawn(n=5000, slope=-1.0, intercept=0.0)
    fitted = fit_calibration(raw, soft, section())
    assert fitted.slope == SMALLEST_SLOPE
    # On the bound the intercept makes the mean right.
    assert calibrated(raw, fitted).mean() == pytest.approx(soft.mean(), abs=1e-3)


def test_turns_without_probability_or_label_do_not_matter():
    raw, soft = drawn(n=300)
    extra_raw = np.concatenate([raw, [np.nan, 0.9]])
    extra_soft = np.concatenate([soft, [1.0, np.nan]])
    assert fit_calibration(extra_raw, extra_soft, section()) == fit_calibration(raw, soft, section())


def test_certain_probabilities_stay_finite():
    raw = np.array([0.0, 1.0] * 20)
    fitted = fit_calibration(raw, raw[::-1].copy(), section())
    assert np.isfinite([fitted.slope, fitted.intercept]).all()
    assert np.isfinite(calibrated(raw, fitted)).all()


def test_calibrated_values_and_nan():
    values = calibrated(np.array([0.5, 0.8, np.nan]), Calibration(slope=2.0, intercept=-1.0))
    assert values[0] == pytest.approx(1 / (1 + np.e))  # sigmoid(-1)
    assert values[1] == pytest.approx(16 / (16 + np.e))  # sigmoid(2 ln 4 - 1)
    assert np.isnan(values[2])


def test_identity_keeps_the_values_in_a_new_array():
    raw = np.array([0.1, np.nan])
    same = calibrated(raw, None)
    np.testing.assert_array_equal(same, raw)
    assert same is not raw


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=40), st.floats(0.01, 100))
def test_never_turns_the_order_round(pairs, strength):
    raw, soft = (np.array(column) for column in zip(*pairs, strict=True))
    fitted = fit_calibration(raw, soft, section(strength, 1))
    if fitted is None:
        assert soft.sum() < 1
    else:
        assert fitted.slope >= SMALLEST_SLOPE
        values = calibrated(np.sort(raw), fitted)
        assert (np.diff(values) >= 0).all()
        assert ((values >= 0) & (values <= 1)).all()
