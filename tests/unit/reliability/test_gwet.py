from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rift.reliability.alpha import category_counts
from rift.reliability.gwet import (
    agreement_sums,
    brennan_prediger,
    brennan_prediger_of,
    gwet_ac1,
    gwet_ac2,
    gwet_from_table,
    gwet_of,
    table_agreement_sums,
)
from rift.reliability.kappa import pair_tables
from rift.reliability.weighted import agreement_weights

pytestmark = pytest.mark.filterwarnings("error")

code_tables = hnp.arrays(
    np.int8, st.tuples(st.integers(0, 20), st.integers(1, 4)), elements=st.integers(-2, 3)
)
weightings = st.sampled_from(["nominal", "linear", "quadratic", "ordinal"])


def by_definition(codes, weights):
    """AC2 and Brennan-Prediger, unit by unit and pair by pair of codes."""
    units = [[code for code in row if code >= 0] for row in codes.tolist()]
    units = [unit for unit in units if unit]
    pairs = [[weights[a][b] for a, b in permutations(unit, 2)] for unit in units if len(unit) >= 2]
    if not pairs:
        return None, None
    agreed, size = np.mean([np.mean(unit) for unit in pairs]), len(weights)
    shares = [np.mean([unit.count(k) / len(unit) for unit in units]) for k in range(size)]
    spread = sum(share * (1 - share) for share in shares)
    gwet, free = weights.sum() * spread / (size * (size - 1)), weights.sum() / size**2
    return (agreed - gwet) / (1 - gwet), (agreed - free) / (1 - free)


def test_sums_of_units_by_hand():
    codes = np.array([[0, 1, 1], [1, -1, -1], [-1, -2, -1]])
    sums = agreement_sums(category_counts(codes), np.eye(2))
    assert sums == pytest.approx(np.array([[1, 1 / 3, 1 / 3, 2 / 3], [0, 0, 0, 1], [0, 0, 0, 0]]))


def test_a_unit_coded_once_enters_the_shares_alone():
    # Agreement 1 over two units; shares 2/3 and 1/3 with the unit coded once.
    found = gwet_ac1([[0, 0], [0, 0], [1, -1]])
    chance = 2 * (2 / 3) * (1 / 3)
    assert found.value == pytest.approx((1 - chance) / (1 - chance))
    half = gwet_ac1([[0, 0], [0, 1], [1, -1]])
    shares = (1 + 0.5) / 3
    chance = 2 * shares * (1 - shares)
    assert half.value == pytest.approx((0.5 - chance) / (1 - chance))
    assert half.n == 2


def test_categories_that_nobody_used_change_chance():
    codes = [[0, 0], [0, 1]]
    # Chance .375 with two categories, half of that with three.
    assert gwet_ac1(codes).value == pytest.approx((0.5 - 0.375) / 0.625)
    assert gwet_ac1(codes, categories=3).value == pytest.approx((0.5 - 0.1875) / 0.8125)
    assert brennan_prediger(codes).value == 0
    assert brennan_prediger(codes, np.eye(5)).value == pytest.approx((0.5 - 0.2) / 0.8)


def test_nobody_marked_is_agreement_and_nothing_coded_is_not():
    assert gwet_ac1([[0, 0], [0, 0]]).value == 1
    assert brennan_prediger([[0, 0], [0, 0]]).value == 1
    for codes in ([[0, -1], [-2, 1]], [[0], [1]], np.zeros((0, 2), dtype=int)):
        for found in (gwet_ac1(codes), brennan_prediger(codes)):
            assert (found.value, found.reason, found.n) == (None, "no unit coded twice", 0)


def test_refuses_codes_beyond_the_categories():
    with pytest.raises(ValueError, match="code 2 is outside the 2 categories"):
        gwet_ac1([[0, 2]], categories=2)
    with pytest.raises(ValueError, match="at least 2"):
        gwet_ac1([[0, 0]], categories=1)


@given(code_tables, weightings, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_coefficients_are_their_definitions_in_any_order(codes, weighting, random):
    weights = agreement_weights(4, weighting)
    coders = list(range(codes.shape[1]))
    random.shuffle(coders)
    shuffled = codes[::-1][:, coders]
    pairs = zip(
        (gwet_ac2(codes, weights), brennan_prediger(codes, weights)),
        (gwet_ac2(shuffled, weights), brennan_prediger(shuffled, weights)),
        by_definition(codes, weights),
        strict=True,
    )
    for found, again, expected in pairs:
        assert found.value == (None if expected is None else pytest.approx(expected))
        assert again.value == pytest.approx(found.value)
        # Chance is at most the mean weight: without near misses -1 / (K - 1) is the least.
        mean = weights.mean()
        assert found.value is None or -mean / (1 - mean) - 1e-9 <= found.value <= 1 + 1e-9


@given(code_tables, st.permutations(range(4)))
@settings(max_examples=80, deadline=None)
def test_nominal_coefficients_do_not_depend_on_the_names_of_categories(codes, order):
    renamed = np.where(codes >= 0, np.array(order)[np.maximum(codes, 0)], codes)
    assert gwet_ac1(renamed, 4).value == pytest.approx(gwet_ac1(codes, 4).value)


@given(
    hnp.arrays(np.int8, st.tuples(st.integers(1, 20), st.just(2)), elements=st.integers(-1, 2)), weightings
)
@settings(max_examples=80, deadline=None)
def test_a_table_of_two_coders_gives_what_their_codes_give(codes, weighting):
    weights = agreement_weights(3, weighting)
    both = codes[(codes >= 0).all(axis=1)]
    table = pair_tables(codes[:, 0], codes[:, 1], 3, np.zeros(len(codes), dtype=int), 1)[0]
    sums = table_agreement_sums(table, weights)
    assert gwet_from_table(table, weights).value == pytest.approx(gwet_ac2(both, weights).value)
    for function, statistic in ((gwet_of, gwet_ac2), (brennan_prediger_of, brennan_prediger)):
        expected = statistic(both, weights).value
        found = float(function(sums, weights))
        assert found == pytest.approx(np.nan if expected is None else expected, nan_ok=True)
