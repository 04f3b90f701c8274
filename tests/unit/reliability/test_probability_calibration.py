import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from rift.reliability.calibration import brier_of, calibration_errors, calibration_sums, skill_of
from rift.reliability.intervals import jackknife_replicates
from rift.reliability.logistic import log_odds

pytestmark = pytest.mark.filterwarnings("error")


def drawn(turns=600, patients=12, seed=2):
    random = np.random.default_rng(seed)
    logits = random.normal(-1, 1.5, turns)
    marks = (random.uniform(size=turns) < expit(0.6 * logits + 0.4)).astype(float)
    return marks, expit(logits), random.integers(0, patients, turns), patients


def test_slope_is_that_of_a_plain_logistic_regression():
    marks, p, patients, count = drawn()
    known = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(log_odds(p)[:, None], marks)
    fitted = calibration_sums(marks, p, patients, count)
    assert fitted.slope == pytest.approx(known.coef_[0, 0], abs=1e-4)
    assert fitted.slope_of(fitted.sums.sum(axis=0)) == pytest.approx(fitted.slope)


def test_intercept_makes_the_mean_probability_right():
    marks, p, patients, count = drawn()
    fitted = calibration_sums(marks, p, patients, count)
    assert expit(log_odds(p) + fitted.intercept).mean() == pytest.approx(marks.mean())


def test_one_step_replicates_are_near_full_refits():
    marks, p, patients, count = drawn()
    fitted = calibration_sums(marks, p, patients, count)
    for function, name in ((fitted.slope_of, "slope"), (fitted.intercept_of, "intercept")):
        without = jackknife_replicates(fitted.sums, function)[1]
        refitted = [
            getattr(
                calibration_sums(marks[patients != at], p[patients != at], patients[patients != at], count),
                name,
            )
            for at in range(count)
        ]
        assert without == pytest.approx(refitted, abs=0.02)
        assert np.std(without) == pytest.approx(np.std(refitted), rel=0.1)


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1)), min_size=1, max_size=30),
    st.integers(1, 4),
)
def test_brier_is_never_below_what_coders_disagree(turns, count):
    soft, p = np.array(turns).T
    patients = np.arange(len(soft)) % count
    sums = calibration_sums(soft, p, patients, count).sums.sum(axis=0)
    plain = np.mean([s * (1 - q) ** 2 + (1 - s) * q**2 for s, q in turns])
    assert brier_of(sums) == pytest.approx(plain)
    assert brier_of(sums) >= np.mean(soft * (1 - soft)) - 1e-12
    assert np.isnan(skill_of(sums)) or skill_of(sums) <= 1


def test_errors_without_turns_and_at_the_ends():
    assert calibration_errors([], []) is None
    ends = calibration_errors([0, 1, 1], [0.0, 1.0, 0.5], bins=2)
    assert (ends.mean, ends.greatest) == (pytest.approx((0.5 / 2 * 2) / 3), pytest.approx(0.25))
