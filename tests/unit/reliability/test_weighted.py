from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rift.reliability.kappa import cohen_kappa, kappa_of, negative_agreement, positive_agreement
from rift.reliability.weighted import (
    agreement_weights,
    checked_weights,
    conger_kappa,
    weighted_kappa,
    weighted_kappa_from_table,
    weighted_kappa_of,
)

pytestmark = pytest.mark.filterwarnings("error")

code_tables = hnp.arrays(
    np.int8, st.tuples(st.integers(0, 20), st.integers(2, 4)), elements=st.integers(-2, 3)
)
weightings = st.sampled_from(["nominal", "linear", "quadratic", "ordinal"])


def conger_by_definition(codes, weights):
    """Agreement over units by pairs of coders; chance by pairs of coders of their own shares."""
    rows = [[code for code in row if code >= 0] for row in codes.tolist()]
    rows = [row for row in rows if len(row) >= 2]
    coders = [[code for code in column if code >= 0] for column in codes.T.tolist()]
    coders = [column for column in coders if column]
    if not rows:
        return None
    agreed = np.mean([np.mean([weights[a][b] for a, b in permutations(row, 2)]) for row in rows])
    chance = np.mean(
        [np.mean([weights[a][b] for a in one for b in other]) for one, other in permutations(coders, 2)]
    )
    return None if chance > 1 - 1e-9 else (agreed - chance) / (1 - chance)


def test_weights_of_four_categories():
    assert agreement_weights(4, "nominal").tolist() == np.eye(4).tolist()
    assert agreement_weights(4, "linear")[0] == pytest.approx([1, 2 / 3, 1 / 3, 0])
    assert agreement_weights(4, "quadratic")[0] == pytest.approx([1, 8 / 9, 5 / 9, 0])
    # Pairs of categories within a span of 2, 3, 4: 1, 3, 6 of 6.
    assert agreement_weights(4, "ordinal")[0] == pytest.approx([1, 5 / 6, 1 / 2, 0])
    assert agreement_weights(4, "ordinal")[2] == pytest.approx([1 / 2, 5 / 6, 1, 5 / 6])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([[1]], "at least 2"),
        ([[1, 0]], "at least 2"),
        ([[1, 0], [0.5, 1]], "symmetric"),
        ([[0.5, 0], [0, 1]], "diagonal"),
        ([[1, 2], [2, 1]], "between 0 and 1"),
        ([[1, np.nan], [np.nan, 1]], "symmetric"),
    ],
)
def test_refuses_what_are_no_weights(weights, message):
    with pytest.raises(ValueError, match=message):
        checked_weights(weights)


def test_refuses_codes_beyond_the_weights_and_one_category():
    with pytest.raises(ValueError, match="code 2 is outside the 2 categories"):
        weighted_kappa([0, 2], [0, 1], np.eye(2))
    with pytest.raises(ValueError, match="code 3 is outside"):
        conger_kappa([[0, 3]], np.eye(3))
    with pytest.raises(ValueError, match="two categories, not 1"):
        agreement_weights(1, "linear")


def test_weighted_kappa_by_hand():
    # Distances 0, 1, 1 of 2 on three units; chance: first 0, 1, 2 and second 0, 2, 1 at random.
    found = weighted_kappa([0, 1, 2, -1], [0, 2, 1, 0], agreement_weights(3, "linear"))
    assert found.value == pytest.approx(1 - (2 / 3) / (8 / 9))
    assert found.n == 3


def test_an_unused_category_changes_no_unnormalised_distance():
    first, second = [0, 1, 1, 2], [0, 1, 2, 2]
    few = weighted_kappa(first, second, agreement_weights(3, "quadratic"))
    many = weighted_kappa(first, second, agreement_weights(5, "quadratic"))
    assert many.value == pytest.approx(few.value)


def test_undefined_says_why():
    weights = agreement_weights(2, "linear")
    assert weighted_kappa([0, 0], [0, 0], weights).reason == "nobody marked it"
    assert weighted_kappa([-1, 0], [0, -1], weights).reason == "no unit coded twice"
    assert weighted_kappa_from_table(np.zeros((2, 2)), weights).reason == "no unit coded twice"
    for codes, reason in (
        ([[0, 0], [0, 0]], "nobody marked it"),
        ([[1, 1]], "everybody marked every unit"),
        ([[0, -1], [-2, 1]], "no unit coded twice"),
        ([[1], [0]], "no unit coded twice"),
        ([[2, 2]], "no variation: each coder used one category only"),
    ):
        found = conger_kappa(codes)
        assert (found.value, found.reason) == (None, reason)


def test_negative_agreement_is_that_of_the_other_category():
    first, second = [0, 0, 0, 1, 1, -1], [0, 0, 1, 0, 1, 0]
    assert negative_agreement(first, second).value == pytest.approx(4 / 6)
    swapped = positive_agreement([1, 1, 1, 0, 0, -1], [1, 1, 0, 1, 0, 1])
    assert negative_agreement(first, second).value == swapped.value
    assert negative_agreement([1], [1]).reason == "everybody marked every unit"
    assert negative_agreement([1], [-1]).reason == "no unit coded twice"


@given(hnp.arrays(np.float64, (3, 4, 4), elements=st.integers(0, 9)), weightings)
@settings(max_examples=100, deadline=None)
def test_weighted_kappa_is_symmetric_and_in_rank_order_either_way(tables, weighting):
    weights = agreement_weights(4, weighting)
    found = weighted_kappa_of(tables, weights)
    assert weighted_kappa_of(tables.swapaxes(1, 2), weights) == pytest.approx(found, nan_ok=True)
    assert weighted_kappa_of(tables[:, ::-1, ::-1], weights) == pytest.approx(found, nan_ok=True)
    assert (found[~np.isnan(found)] <= 1).all()
    if weighting == "nominal":
        assert kappa_of(tables) == pytest.approx(found, nan_ok=True)


@given(code_tables, weightings, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_conger_is_its_definition_in_any_order(codes, weighting, random):
    weights = agreement_weights(4, weighting)
    coders = list(range(codes.shape[1]))
    random.shuffle(coders)
    found, expected = conger_kappa(codes, weights), conger_by_definition(codes, weights)
    assert found.value == (None if expected is None else pytest.approx(expected))
    again = conger_kappa(codes[::-1][:, coders], weights)
    assert again.value == pytest.approx(found.value)
    assert (again.n, again.reason) == (found.n, found.reason)
    if found.value is not None:
        assert found.value <= 1


@given(hnp.arrays(np.int8, st.tuples(st.integers(0, 20), st.just(2)), elements=st.integers(0, 3)))
@settings(max_examples=80, deadline=None)
def test_conger_of_two_coders_is_cohen(codes):
    cohen = cohen_kappa(codes[:, 0], codes[:, 1])
    assert conger_kappa(codes).value == pytest.approx(cohen.value)
    # A coder who coded nothing changes nothing.
    idle = np.column_stack([codes, np.full(len(codes), -1)])
    assert conger_kappa(idle).value == pytest.approx(cohen.value)
