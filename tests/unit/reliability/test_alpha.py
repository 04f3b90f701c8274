import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rift.reliability.alpha import (
    alpha_of,
    alpha_sums,
    category_counts,
    fleiss_from_counts,
    fleiss_kappa,
    nominal_alpha,
    table_alpha_sums,
)
from rift.reliability.kappa import pair_tables

pytestmark = pytest.mark.filterwarnings("error")

code_tables = hnp.arrays(
    np.int8, st.tuples(st.integers(0, 25), st.integers(1, 4)), elements=st.integers(-2, 2)
)


def alpha_by_definition(codes):
    """Observed over expected disagreement, pair by pair of values."""
    units = [[code for code in row if code >= 0] for row in codes.tolist()]
    units = [unit for unit in units if len(unit) >= 2]
    values = [code for unit in units for code in unit]
    observed = sum(sum(a != b for a in unit for b in unit) / (len(unit) - 1) for unit in units)
    expected = sum(a != b for a in values for b in values)
    return None if expected == 0 else 1 - (len(values) - 1) * observed / expected


def test_counts_of_categories():
    codes = np.array([[0, 1, 1], [2, -1, -2], [-1, -1, -1]])
    assert category_counts(codes).tolist() == [[1, 2, 0], [0, 0, 1], [0, 0, 0]]
    assert category_counts(np.array([[0, 0]])).tolist() == [[2, 0]]


def test_sums_of_a_unit_coded_once_are_nothing():
    sums = alpha_sums(category_counts(np.array([[0, 1, 1], [1, -1, -1]]), 2))
    # Three coders, one against two: 4 ordered pairs over 3 - 1.
    assert sums.tolist() == [[2, 1, 2], [0, 0, 0]]


def test_alpha_of_groups_sums_to_alpha_of_all():
    codes = np.array([[0, 1], [1, 1], [0, 0], [1, 0], [0, 0], [1, 1]])
    sums = alpha_sums(category_counts(codes))
    parts = np.stack([sums[:3].sum(axis=0), sums[3:].sum(axis=0)])
    assert float(alpha_of(parts.sum(axis=0))) == nominal_alpha(codes).value
    assert alpha_of(parts) == pytest.approx([nominal_alpha(codes[:3]).value, nominal_alpha(codes[3:]).value])


def test_perfect_agreement_is_one():
    assert nominal_alpha(np.array([[0, 0], [1, 1], [0, 0]])).value == 1
    assert fleiss_kappa(np.array([[0, 0], [1, 1], [0, 0]])).value == pytest.approx(1)


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        ([[0, 0], [0, 0]], "nobody marked it"),
        ([[1, 1], [1, 1]], "everybody marked every unit"),
        ([[0], [1]], "no unit coded twice"),
        ([[0, -1], [-1, 1]], "no unit coded twice"),
        ([[-1, -2]], "no unit coded twice"),
        ([[2, 2], [2, 2]], "no variation: each coder used one category only"),
    ],
)
def test_undefined_says_why(codes, reason):
    for statistic in (nominal_alpha(np.array(codes)), fleiss_kappa(np.array(codes))):
        assert (statistic.value, statistic.reason) == (None, reason)


def test_fleiss_uses_shares_of_units_coded_once():
    # Agreement over units 1 and 2: (1 + 1/3) / 2; shares (1 + 2/3 + 0) / 3 and 4/9.
    found = fleiss_from_counts([[3, 0], [2, 1], [0, 1]])
    chance = (5 / 9) ** 2 + (4 / 9) ** 2
    assert found.value == pytest.approx((2 / 3 - chance) / (1 - chance))
    assert found.n == 2


@given(code_tables, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_alpha_is_its_definition_in_any_order(codes, random):
    units, coders = list(range(codes.shape[0])), list(range(codes.shape[1]))
    random.shuffle(units)
    random.shuffle(coders)
    found, again = nominal_alpha(codes), nominal_alpha(codes[units][:, coders])
    expected = alpha_by_definition(codes)
    assert found.value == (None if expected is None else pytest.approx(expected))
    assert again.value == pytest.approx(found.value)
    assert (again.n, again.reason) == (found.n, found.reason)


@given(hnp.arrays(np.int8, st.tuples(st.integers(0, 25), st.just(2)), elements=st.integers(-2, 2)))
@settings(max_examples=60, deadline=None)
def test_a_table_of_two_coders_has_the_sums_of_their_units(codes):
    table = pair_tables(codes[:, 0], codes[:, 1], 3, np.zeros(len(codes), dtype=int), 1)[0]
    expected = alpha_sums(category_counts(codes, 3)).sum(axis=0)
    assert table_alpha_sums(table) == pytest.approx(expected)
