import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from rift.reliability.intervals import (
    IntervalRule,
    freedom_of,
    group_sums,
    jackknife_interval,
    jackknife_replicates,
    jackknife_statistic,
    ratio_interval,
    ratio_lower_bound,
    ratio_lower_bounds,
    ratio_statistic,
)

pytestmark = pytest.mark.filterwarnings("error")

RULE = IntervalRule(0.95, 2)
BOUNDS = (-1.0, 1.0)

patients = st.lists(
    st.integers(0, 6).flatmap(lambda flags: st.tuples(st.integers(0, flags), st.just(flags))), max_size=15
)


def mean_of(sums):
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[..., 0] / sums[..., 1]


def test_group_sums_keeps_groups_without_rows():
    sums = group_sums([[1, 10], [2, 20], [4, 40]], [2, 0, 2], 4)
    assert sums.tolist() == [[2, 20], [0, 0], [5, 50], [0, 0]]
    assert group_sums(np.empty((0, 2)), [], 3).tolist() == [[0, 0]] * 3


def test_ratio_by_hand():
    # Patients 1/2 and 2/2: ratio 3/4; residuals -1/2 and 1/2, so the variance is 2 * (1/2) / 16.
    value, low, high = ratio_interval([1, 2], [2, 2], 0.6)
    error = np.sqrt(2 * 0.5 / 16) / (0.75 * 0.25)
    width = student.ppf(0.8, 1) * error
    assert value == 0.75
    assert low == pytest.approx(1 / (1 + np.exp(-(np.log(3) - width))))
    assert high == pytest.approx(1 / (1 + np.exp(-(np.log(3) + width))))


def test_lower_bound_is_the_two_sided_one_with_the_same_tail():
    hits, flags = [3, 0, 5, 2, 1, 4, 0, 2], [4, 1, 5, 5, 1, 6, 0, 3]
    assert ratio_lower_bound(hits, flags, 0.9) == pytest.approx(ratio_interval(hits, flags, 0.8)[1])
    assert ratio_lower_bound(hits, flags, 0.9) > ratio_lower_bound(hits, flags, 0.95)


def test_all_right_counts_each_patient_once():
    # Ten patients without a false alarm: Clopper-Pearson with ten trials, .1 ** (1 / 10).
    assert ratio_lower_bound([5] * 10, [5] * 10, 0.9) == pytest.approx(0.1**0.1)
    assert ratio_interval([5] * 10, [5] * 10, 0.95) == (1.0, pytest.approx(0.025**0.1), 1.0)
    assert ratio_interval([0] * 10, [5] * 10, 0.95) == (0.0, 0.0, pytest.approx(1 - 0.025**0.1))
    # All patients alike in the middle: nothing is known of how they vary.
    assert ratio_interval([1] * 8, [2] * 8, 0.95) == (
        0.5,
        pytest.approx(0.157013, abs=1e-6),
        pytest.approx(0.842987, abs=1e-6),
    )


def test_nothing_to_divide_by_and_one_patient():
    assert ratio_interval([], [], 0.95) == (None, None, None)
    assert ratio_interval([0, 0], [0, 0], 0.95) == (None, None, None)
    assert ratio_interval([1], [2], 0.95) == (0.5, None, None)
    assert ratio_interval([1, 0], [2, 0], 0.95) == (0.5, None, None)
    assert ratio_lower_bound([2], [2], 0.9) is None
    assert ratio_lower_bound([], [], 0.9) is None


def test_reasons_of_a_ratio():
    assert ratio_statistic([0], [0], RULE, "nothing flagged", 0).reason == "nothing flagged"
    one = ratio_statistic([1], [2], RULE, "nothing flagged", 2)
    assert (one.value, one.reason) == (0.5, "no interval: 1 patient, 2 needed")
    assert ratio_statistic([1, 2], [2, 2], RULE, "nothing flagged", 4).reason is None


@pytest.mark.parametrize(("above", "below"), [([3], [2]), ([-1], [2]), ([1], [0]), ([1, 1], [1])])
def test_impossible_ratios_are_refused(above, below):
    with pytest.raises(ValueError, match="numerator"):
        ratio_interval(above, below, 0.95)


def test_many_lower_bounds_at_once():
    hits = np.array([[3, 0, 2], [0, 0, 2], [5, 0, 2]])
    flags = np.array([[4, 0, 2], [1, 0, 2], [5, 1, 2]])
    found = ratio_lower_bounds(hits, flags, 0.9)
    single = [ratio_lower_bound(hits[:, k], flags[:, k], 0.9) for k in range(3)]
    assert single[1] is None
    assert np.isnan(found[1])
    assert found[[0, 2]].tolist() == [single[0], single[2]]


@given(patients, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_ratio_interval_contains_the_value_in_any_order_of_patients(table, random):
    value, low, high = ratio_interval([hit for hit, _ in table], [flag for _, flag in table], 0.95)
    random.shuffle(table)
    again = ratio_interval([hit for hit, _ in table], [flag for _, flag in table], 0.95)
    assert again == pytest.approx((value, low, high), abs=1e-9)
    if low is not None:
        assert 0 <= low <= value <= high <= 1
        assert ratio_interval([h for h, _ in table], [f for _, f in table], 0.5)[1] >= low - 1e-12


def test_lower_bound_covers_under_patient_effects():
    # 20 patients with effects of SD .7 on the logit around precision .5, 1 to 8 flags each.
    random = np.random.default_rng(7)
    shares = 1 / (1 + np.exp(-random.normal(0, 0.7, size=(20, 4000))))
    flags = random.integers(1, 9, size=(20, 4000))
    bounds = ratio_lower_bounds(random.binomial(flags, shares), flags, 0.9)
    assert 0.87 < (bounds <= 0.5).mean() < 0.93


def test_replicates_of_a_mean_and_patients_that_tell_nothing():
    sums = np.array([[2.0, 2.0], [0.0, 0.0], [1.0, 4.0], [0.0, 2.0]])
    value, replicates = jackknife_replicates(sums, mean_of)
    assert value == 3 / 8
    assert replicates.tolist() == [1 / 6, 2 / 4, 3 / 6]


def test_jackknife_by_hand():
    # The mean's jackknife error is the usual standard error: values 1, 2, 6 give sqrt(7 / 3).
    found = jackknife_statistic(
        np.array([[1.0, 1], [2, 1], [6, 1]]), mean_of, RULE, bounds=(-50, 50), empty="x", n=3
    )
    width = student.ppf(0.975, 2) * np.sqrt(7 / 3)
    assert found.value == 3
    assert (found.low, found.high) == (pytest.approx(3 - width), pytest.approx(3 + width))


def test_jackknife_is_cut_to_the_range():
    found = jackknife_interval(0.9, np.array([0.7, 0.9, 1.0]), RULE, (-1.0, 1.0), 10)
    assert found.high == 1.0
    assert found.low > -1


@pytest.mark.parametrize(
    ("sums", "value", "reason"),
    [
        ([[0, 0], [0, 0]], None, "nobody marked it"),
        ([[1, 2]], 0.5, "no interval: 1 patient, 2 needed"),
        ([[1, 2], [0, 0]], 0.5, "no interval: 1 patient, 2 needed"),
        ([[1, 2], [2, 4], [1, 2]], 0.5, "no interval: no variation between patients"),
        ([[2, 2], [1, 1]], 1.0, "no interval: no variation between patients"),
    ],
)
def test_reasons_of_a_jackknife(sums, value, reason):
    found = jackknife_statistic(
        np.array(sums, dtype=float), mean_of, RULE, bounds=BOUNDS, empty="nobody marked it", n=9
    )
    assert (found.value, found.low, found.reason, found.n) == (value, None, reason, 9)


def test_statistic_that_hangs_on_one_patient_has_no_interval():
    found = jackknife_interval(0.4, np.array([0.4, np.nan, 0.4]), RULE, BOUNDS, 5)
    assert (found.value, found.reason) == (0.4, "no interval: rests on a single patient")


@given(patients, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_jackknife_contains_the_value_in_any_order_of_patients(table, random):
    def found():
        return jackknife_statistic(
            np.array(table, dtype=float).reshape(-1, 2), mean_of, RULE, bounds=(0, 1), empty="none", n=1
        )

    first = found()
    random.shuffle(table)
    assert found().value == pytest.approx(first.value)
    assert found().reason == first.reason
    if first.low is not None:
        assert first.low <= first.value <= first.high
        assert (found().low, found().high) == pytest.approx((first.low, first.high))


def test_freedom_by_hand():
    # One of ten patients gives all: squares 81 and nine times 1, kurtosis 10 * 6570 / 90^2.
    lone = np.array([10.0] + [0.0] * 9)
    assert freedom_of(lone) == pytest.approx(20 / (10 * 6570 / 8100 - 1))
    assert freedom_of(np.array([1.0, -1.0] * 5)) == 9
    assert freedom_of(np.array([0.1, 0.7])) == 1
    assert freedom_of(np.zeros(4)) == 3
    assert freedom_of(np.stack([lone, lone * 0], axis=1)).tolist() == [float(freedom_of(lone)), 9.0]


def test_a_patient_who_makes_most_of_the_variance_widens_the_interval():
    flags = np.full(10, 10.0)
    hits = np.array([0.0] + [8.0, 7.0, 9.0] * 3)
    plain = ratio_interval(hits, flags, 0.95)
    known = ratio_statistic(hits, flags, IntervalRule(0.95, 8), "nothing flagged", 100)
    assert known.value == plain[0]
    assert known.low < plain[1] < plain[2] < known.high
