import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from rift.reliability.intervals import IntervalRule, jackknife_statistic
from rift.reliability.noninferiority import Difference, difference_of, non_inferiority

pytestmark = pytest.mark.filterwarnings("error")

RULE = IntervalRule(0.95, 3)


def mean_of(sums):
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[..., 0] / sums[..., 1]


def test_difference_and_lower_bound_by_hand():
    # The mean of -.02, .01, .04: error .03 / sqrt(3), two degrees of freedom.
    sums = np.array([[-0.02, 1], [0.01, 1], [0.04, 1]])
    one = difference_of(sums, mean_of, RULE)
    assert (one.value, one.error, one.freedom) == (pytest.approx(0.01), pytest.approx(0.03 / 3**0.5), 2)
    (found,) = non_inferiority([one], -0.1)
    known = jackknife_statistic(sums, mean_of, RULE, bounds=(-2, 2), empty="", n=3)
    assert found.lower == pytest.approx(known.low)
    assert found.p_value == pytest.approx(student.sf(0.11 / one.error, 2))
    assert (found.adjusted, found.verdict, found.reason) == (found.p_value, "yes", None)


def test_three_verdicts_and_what_is_not_tested():
    found = non_inferiority(
        [
            Difference(0.0, 0.02, 20),
            Difference(-0.4, 0.05, 20),
            Difference(-0.12, 0.05, 20),
            "exploratory support",
        ],
        -0.1,
    )
    assert [one.verdict for one in found] == ["yes", "no", "cannot tell", "cannot tell"]
    assert [one.reason for one in found] == [
        None,
        None,
        "the margin lies within the interval",
        "exploratory support",
    ]
    assert found[3].lower is found[3].p_value is found[3].adjusted is None
    # Three tests, not four.
    assert found[0].adjusted == pytest.approx(3 * found[0].p_value)


def test_holm_can_take_a_verdict_away():
    border = Difference(0.0, 0.1 / student.ppf(0.98, 30), 30)
    assert non_inferiority([border], -0.1)[0].verdict == "yes"
    found = non_inferiority([border, Difference(-0.1, 0.05, 30)], -0.1)[0]
    assert (found.verdict, found.reason) == (
        "cannot tell",
        "above the margin, but not after Holm's adjustment",
    )
    assert found.lower > -0.1
    assert (found.p_value, found.adjusted) == (pytest.approx(0.02), pytest.approx(0.04))
    below = Difference(-0.2, border.error, 30)
    found = non_inferiority([below, Difference(-0.1, 0.05, 30)], -0.1)[0]
    assert (found.verdict, found.reason) == (
        "cannot tell",
        "below the margin, but not after Holm's adjustment",
    )


def test_why_a_difference_cannot_be_tested():
    assert difference_of(np.zeros((4, 2)), mean_of, RULE) == "undefined"
    assert difference_of(np.ones((2, 2)), mean_of, RULE) == "no interval: 2 patients, 3 needed"
    assert difference_of(np.ones((4, 2)), mean_of, RULE) == "no interval: no variation between patients"
    with pytest.raises(ValueError, match="below 0"):
        non_inferiority([], 0.1)


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(0.01, 0.5), st.integers(2, 60)), min_size=1, max_size=6),
    st.floats(-0.5, -0.01),
)
def test_a_verdict_agrees_with_the_interval(given_differences, margin):
    differences = [Difference(*one) for one in given_differences]
    for one, found in zip(differences, non_inferiority(differences, margin), strict=True):
        upper = 2 * one.value - found.lower
        assert found.lower < one.value
        assert found.adjusted >= found.p_value
        if found.verdict == "yes":
            assert found.lower >= margin - 1e-9
        elif found.verdict == "no":
            assert upper <= margin + 1e-9
        elif found.reason == "the margin lies within the interval":
            assert found.lower <= margin + 1e-9 <= upper + 2e-9
