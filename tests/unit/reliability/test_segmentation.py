from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.reliability.segmentation import (
    ONE_UNIT,
    boundary_similarity,
    pk,
    segment_masses,
    segmentation_similarity,
    window_diff,
)

pytestmark = pytest.mark.filterwarnings("error")

ALL = (window_diff, pk, boundary_similarity, segmentation_similarity)


@st.composite
def two_segmentations(draw):
    places = draw(st.integers(1, 16))
    return tuple(segment_masses(draw(labels(places + 1))) for _ in range(2))


def labels(units):
    return st.lists(st.integers(0, 1), min_size=units, max_size=units)


def units_of(masses):
    return [segment for segment, mass in enumerate(masses) for _ in range(mass)]


def plain_window_rate(hypothesis, reference, counted):
    """The share of windows that differ, looked at one by one."""
    one, other = units_of(hypothesis), units_of(reference)
    width = max(round(sum(reference) / len(reference) / 2), 2)
    windows = range(len(one) - width)
    if not windows:
        return None
    return sum(
        counted(one[at + width] - one[at]) != counted(other[at + width] - other[at]) for at in windows
    ) / len(windows)


def plain_cost(first, second, near):
    """The cheapest way to pair boundaries of one coding alone, trying all of them; and boundaries in all."""
    cuts = [{sum(masses[:at]) for at in range(1, len(masses))} for masses in (first, second)]
    left, right = sorted(cuts[0] - cuts[1]), sorted(cuts[1] - cuts[0])
    close = [(i, j) for i in left for j in right if abs(i - j) < near]
    best = (len(left) + len(right), 0)
    for size in range(1, min(len(left), len(right)) + 1):
        for pairs in combinations(close, size):
            if len({i for i, _ in pairs}) == len({j for _, j in pairs}) == size:
                cost = len(left) + len(right) - 2 * size + sum(abs(i - j) for i, j in pairs) / near
                best = min(best, (cost, size))
    return best[0], len(cuts[0] & cuts[1]) + len(left) + len(right) - best[1]


def test_masses_are_the_lengths_of_runs():
    assert segment_masses([0, 0, 1, 1, 1, 0]) == (2, 3, 1)
    assert segment_masses([4]) == (1,)
    assert segment_masses([]) == ()


def test_two_codings_without_a_boundary_agree():
    assert [measure([10], [10]).value for measure in ALL] == [0, 0, 1, 1]
    assert boundary_similarity([10], [10]).n == 0


def test_one_boundary_against_none_is_full_disagreement_about_boundaries():
    assert boundary_similarity([10], [4, 6]).value == 0
    assert segmentation_similarity([10], [4, 6]).value == pytest.approx(8 / 9)


def test_a_near_miss_costs_its_distance():
    assert boundary_similarity([4, 6], [5, 5]).value == pytest.approx(0.5)
    assert boundary_similarity([4, 6], [6, 4]).value == 0
    assert boundary_similarity([4, 6], [6, 4], near=3).value == pytest.approx(1 / 3)
    assert boundary_similarity([4, 6], [5, 5], near=1).value == 0


def test_near_misses_are_paired_one_to_one():
    # Boundaries at 4 and 6 against 5: one near miss, one boundary left over.
    assert boundary_similarity([4, 2, 4], [5, 5]).value == pytest.approx(1 - 1.5 / 2)


def test_where_there_is_nothing_to_compare_it_says_so():
    assert boundary_similarity([1], [1]).reason == ONE_UNIT
    assert segmentation_similarity([1], [1]).reason == ONE_UNIT
    assert window_diff([1, 1], [2]).reason == "no longer than the window"
    assert pk([1, 1], [2]).reason == "no longer than the window"


@pytest.mark.parametrize("measure", ALL)
@pytest.mark.parametrize(
    ("first", "second", "message"),
    [([2, 3], [2, 4], "of 5 and of 6 units"), ([2, 0], [2], "1 or more"), ([], [], "1 or more")],
)
def test_what_is_no_pair_of_segmentations_is_refused(measure, first, second, message):
    with pytest.raises(ValueError, match=message):
        measure(first, second)


@given(two_segmentations())
@settings(max_examples=150, deadline=None)
def test_windows_agree_with_looking_at_them_one_by_one(pair):
    hypothesis, reference = pair
    if len(hypothesis) == len(reference) == 1:
        return
    assert window_diff(*pair).value == pytest.approx(plain_window_rate(*pair, counted=int))
    assert pk(*pair).value == pytest.approx(plain_window_rate(*pair, counted=bool))
    known = window_diff(*pair).value
    assert known is None or pk(*pair).value <= known


@given(two_segmentations(), st.integers(1, 3))
@settings(max_examples=100, deadline=None)
def test_similarities_agree_with_trying_all_pairings(pair, near):
    cost, compared = plain_cost(*pair, near)
    places = sum(pair[0]) - 1
    assert segmentation_similarity(*pair, near).value == pytest.approx(1 - cost / places)
    expected = 1 - cost / compared if compared else 1
    assert boundary_similarity(*pair, near).value == pytest.approx(expected)


@given(two_segmentations())
@settings(max_examples=100, deadline=None)
def test_similarities_are_symmetric_and_in_range(pair):
    first, second = pair
    for measure in (boundary_similarity, segmentation_similarity):
        assert measure(first, second) == measure(second, first)
        assert 0 <= measure(first, second).value <= 1
        assert measure(first, first).value == 1
    assert window_diff(first, first).value in (0, None)
