import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.reliability.bootstrap import bootstrap_values, patient_draws, percentile_statistic
from rift.reliability.ranking import average_precision, average_precision_draws
from rift.reliability.result import Statistic, undefined

pytestmark = pytest.mark.filterwarnings("error")

KNOWN = Statistic(0.5, 0.2, 0.8, 12)


def ratio(sums):
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[..., 0] / sums[..., 1]


def test_draws_hold_as_many_patients_and_come_again_with_the_seed():
    draws = patient_draws(9, 400, 3)
    assert draws.shape == (400, 9)
    assert (draws.sum(axis=1) == 9).all()
    assert draws.mean() == pytest.approx(1)
    assert draws.var() == pytest.approx(8 / 9, abs=0.05)
    assert patient_draws(9, 400, 3).tolist() == draws.tolist()
    assert patient_draws(9, 400, 4).tolist() != draws.tolist()


def test_values_of_all_markers_are_those_of_samples_drawn_by_hand():
    sums = np.random.default_rng(1).integers(1, 9, (6, 3, 2)).astype(float)
    weights = patient_draws(6, 300, 1)
    found = bootstrap_values(sums, ratio, weights)
    assert found.shape == (300, 3)
    for draw in (0, 299):
        sample = np.repeat(np.arange(6), weights[draw].astype(int))
        assert found[draw] == pytest.approx(ratio(sums[sample].sum(axis=0)))


def test_interval_is_near_the_normal_one_of_a_mean():
    values = np.random.default_rng(2).normal(0.5, 0.1, 60)
    sums = np.column_stack([values, np.ones(60)])
    found = percentile_statistic(
        Statistic(float(values.mean()), 0, 1, 60),
        bootstrap_values(sums, ratio, patient_draws(60, 2000, 5)),
        0.95,
    )
    error = values.std() / np.sqrt(60)
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=0.2 * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=0.2 * error)
    assert (found.value, found.n, found.reason) == (values.mean(), 60, None)


def test_quantiles_and_reasons():
    values = np.arange(101) / 100
    found = percentile_statistic(KNOWN, values, 0.9)
    assert (found.low, found.high, found.n) == (pytest.approx(0.05), pytest.approx(0.95), 12)
    gone = np.where(np.arange(100) < 5, np.nan, 0.3)
    gone[50:] = 0.4
    assert percentile_statistic(KNOWN, gone, 0.9) == Statistic(0.5, 0.3, 0.4, 12)
    gone[5] = np.nan
    assert percentile_statistic(KNOWN, gone, 0.9).reason == "no interval: undefined in 6% of draws"
    assert percentile_statistic(KNOWN, np.ones(9), 0.9).reason == "no interval: no variation between draws"
    few = Statistic(0.5, None, None, 4, "no interval: 2 patients, 8 needed")
    assert percentile_statistic(few, values, 0.9) is few
    none = undefined("nobody marked it")
    assert percentile_statistic(none, values, 0.9) is none


turns = st.lists(
    st.tuples(st.sampled_from([0, 1 / 3, 1]), st.sampled_from([0.1, 0.4, 0.8]), st.integers(0, 3)),
    max_size=25,
)


@given(turns, st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_average_precision_of_draws_is_that_of_repeated_rows(table, weights):
    soft, scores = np.array([row[0] for row in table]), np.array([row[1] for row in table])
    groups = np.array([row[2] for row in table], dtype=np.int64)
    found = average_precision_draws(soft, scores, groups, np.array(weights, dtype=float))
    for value, counts in zip(found, weights, strict=True):
        rows = np.repeat(np.arange(len(table)), np.array(counts)[groups])
        expected = average_precision(soft[rows], scores[rows]).value
        assert value == pytest.approx(np.nan if expected is None else expected, nan_ok=True)
