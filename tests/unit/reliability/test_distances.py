import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rift.reliability.alpha import nominal_alpha
from rift.reliability.distances import (
    coincidences,
    distance_alpha_of,
    distance_sums,
    level_alpha,
    level_alpha_function,
    level_distances,
    rating_codes,
)
from rift.reliability.intervals import jackknife_replicates

pytestmark = pytest.mark.filterwarnings("error")

LEVELS = ["nominal", "ordinal", "interval", "ratio"]
rating_tables = hnp.arrays(
    np.float64,
    st.tuples(st.integers(0, 15), st.integers(1, 4)),
    elements=st.sampled_from([np.nan, 0.0, 1.0, 2.0, 3.5, 5.0]),
)


def by_definition(ratings, level):
    """Observed over expected disagreement, pair by pair of values."""
    units = [[value for value in row if not np.isnan(value)] for row in ratings.tolist()]
    units = [unit for unit in units if len(unit) >= 2]
    values = [value for unit in units for value in unit]

    def distance(a, b):
        if level == "ordinal":
            low, high = min(a, b), max(a, b)
            between = sum(low <= value <= high for value in values)
            return (between - (values.count(a) + values.count(b)) / 2) ** 2
        if level == "ratio":
            return ((a - b) / (a + b)) ** 2 if a + b else 0
        return (a - b) ** 2 if level == "interval" else a != b

    observed = sum(sum(distance(a, b) for a in unit for b in unit) / (len(unit) - 1) for unit in units)
    expected = sum(distance(a, b) for a in values for b in values)
    return None if expected == 0 else 1 - (len(values) - 1) * observed / expected


def test_coincidences_by_hand():
    codes = np.array([[0, 1, 1], [1, 1, -1], [0, -1, -1], [2, 2, -2]])
    found = coincidences(codes, 3, np.array([0, 0, 0, 2]), 3)
    # Three codes: each ordered pair counts a half.
    assert found[0].tolist() == [[0, 1, 0], [1, 3, 0], [0, 0, 0]]
    assert not found[1].any()
    assert found[2].tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 2]]


def test_distances_of_three_values():
    values, given_often = np.array([1.0, 2.0, 4.0]), np.array([2.0, 4.0, 6.0])
    assert level_distances(values, given_often, "nominal")[0].tolist() == [0, 1, 1]
    assert level_distances(values, given_often, "interval")[0].tolist() == [0, 1, 9]
    assert level_distances(values, given_often, "ratio")[0] == pytest.approx([0, 1 / 9, 9 / 25])
    # Half of the first rank and half of the second; with all of the second between.
    assert level_distances(values, given_often, "ordinal")[0].tolist() == [0, 9, 64]


def test_two_zeros_are_equal_on_a_ratio_scale():
    assert level_distances(np.array([0.0, 1.0]), np.ones(2), "ratio").tolist() == [[0, 1], [1, 0]]


def test_ratings_become_numbers_of_their_values():
    codes, values = rating_codes([[2.5, np.nan], [-1, 2.5]], "interval")
    assert codes.tolist() == [[1, -1], [0, 1]]
    assert values.tolist() == [-1, 2.5]


@pytest.mark.parametrize(
    ("ratings", "reason", "n"),
    [
        ([[3, 3], [3, 3]], "no variation: every rating is the same", 2),
        ([[1, np.nan], [np.nan, 2]], "no unit coded twice", 0),
        ([[1], [2]], "no unit coded twice", 0),
        ([[np.nan, np.nan]], "no unit coded twice", 0),
        ([[0, 0]], "no variation: every rating is the same", 1),
    ],
)
@pytest.mark.parametrize("level", LEVELS)
def test_undefined_says_why(ratings, reason, n, level):
    found = level_alpha(ratings, level)
    assert (found.value, found.reason, found.n) == (None, reason, n)


def test_refuses_ratings_that_the_scale_has_not():
    with pytest.raises(ValueError, match="must not be negative"):
        level_alpha([[1, -1]], "ratio")
    with pytest.raises(ValueError, match="must be finite"):
        level_alpha([[1, np.inf]], "interval")
    assert level_alpha([[1, -1], [-1, 1]], "interval").value == pytest.approx(-0.5)


@pytest.mark.parametrize("level", LEVELS)
def test_leaving_a_group_out_is_alpha_without_its_units(level):
    ratings = np.random.default_rng(3).integers(1, 6, size=(30, 3)).astype(float)
    ratings[::4, 1] = np.nan
    groups = np.repeat([0, 1, 2], 10)
    codes, values = rating_codes(ratings, level)
    pairs = coincidences(codes, len(values), groups, 3)
    value, without = jackknife_replicates(pairs, level_alpha_function(values, level))
    assert value == pytest.approx(level_alpha(ratings, level).value)
    expected = [level_alpha(ratings[groups != group], level).value for group in range(3)]
    assert without == pytest.approx(expected)


def test_what_is_left_of_a_difference_is_not_variation():
    distances = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert np.isnan(distance_alpha_of(np.array([1e-17]), np.array([[2.0, 1e-17]]), distances)[0])


def test_sums_of_known_distances_by_hand():
    codes = np.array([[0, 1, 1], [1, 1, -1], [0, -1, -1], [2, 0, -2]])
    distances = np.array([[0.0, 3.0, 5.0], [3.0, 0.0, 1.0], [5.0, 1.0, 0.0]])
    found = distance_sums(codes, distances, np.array([0, 0, 0, 2]), 3)
    # Three codes: 4 ordered pairs of distance 3, each counted a half.
    assert found.tolist() == [[6, 1, 4, 0], [0, 0, 0, 0], [10, 1, 0, 1]]


@given(rating_tables)
@settings(max_examples=60, deadline=None)
def test_sums_of_known_distances_give_what_coincidences_give(ratings):
    codes, values = rating_codes(ratings, "interval")
    groups = np.arange(len(codes)) % 2
    pairs = coincidences(codes, len(values), groups, 2)
    distances = level_distances(values, pairs.sum(axis=-1), "interval")
    sums = distance_sums(codes, distances, groups, 2)
    assert sums[:, 1:] == pytest.approx(pairs.sum(axis=-1))
    assert sums[:, 0] == pytest.approx((pairs * distances).sum(axis=(1, 2)))


@given(rating_tables, st.sampled_from(LEVELS), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_alpha_is_its_definition_in_any_order(ratings, level, random):
    coders = list(range(ratings.shape[1]))
    random.shuffle(coders)
    found, expected = level_alpha(ratings, level), by_definition(ratings, level)
    assert found.value == (None if expected is None else pytest.approx(expected))
    again = level_alpha(ratings[::-1][:, coders], level)
    assert again.value == pytest.approx(found.value)
    assert (again.n, again.reason) == (found.n, found.reason)
    assert found.value is None or found.value <= 1 + 1e-9


@given(rating_tables)
@settings(max_examples=100, deadline=None)
def test_each_scale_allows_its_changes_of_unit(ratings):
    close = lambda level: pytest.approx(level_alpha(ratings, level).value)  # noqa: E731
    assert level_alpha(3 * ratings + 2, "interval").value == close("interval")
    assert level_alpha(3 * ratings, "ratio").value == close("ratio")
    assert level_alpha(ratings**3, "ordinal").value == close("ordinal")
    codes, _ = rating_codes(ratings, "nominal")
    assert nominal_alpha(codes).value == close("nominal")
