import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rift.reliability.alpha import nominal_alpha
from rift.reliability.ordinal import ordinal_alpha, ordinal_alpha_without

pytestmark = pytest.mark.filterwarnings("error")

tables = hnp.arrays(
    np.int64, st.tuples(st.integers(1, 10), st.integers(2, 4)), elements=st.integers(-1, 4)
).map(lambda codes: np.where(codes < 0, np.nan, codes))


def plain_alpha(table):
    """From the coincidences of values and the ordinal metric, as Krippendorff writes it."""
    units = [[value for value in row if not np.isnan(value)] for row in table]
    units = [unit for unit in units if len(unit) >= 2]
    values = sorted({value for unit in units for value in unit})
    frequency = {value: sum(unit.count(value) for unit in units) for value in values}
    total = sum(frequency.values())

    def metric(one, other):
        between = sum(frequency[v] for v in values if min(one, other) <= v <= max(one, other))
        return (between - (frequency[one] + frequency[other]) / 2) ** 2

    observed = sum(
        metric(one, other) / (len(unit) - 1)
        for unit in units
        for i, one in enumerate(unit)
        for j, other in enumerate(unit)
        if i != j
    )
    expected = sum(frequency[a] * frequency[b] * metric(a, b) for a in values for b in values)
    return 1 - (total - 1) * observed / expected if expected else None


@given(tables)
@settings(max_examples=200, deadline=None)
def test_agrees_with_the_coincidences(table):
    expected = plain_alpha(table)
    found = ordinal_alpha(table)
    assert found.value == (None if expected is None else pytest.approx(expected))
    assert found.value is None or -1 <= found.value <= 1


@given(tables)
@settings(max_examples=50, deadline=None)
def test_only_the_order_of_values_matters(table):
    assert ordinal_alpha(np.exp(3 * table) + 1).value == pytest.approx(ordinal_alpha(table).value)


@given(tables.map(lambda table: np.where(np.isnan(table), np.nan, np.minimum(table, 1))))
@settings(max_examples=50, deadline=None)
def test_two_values_have_one_order_only(table):
    codes = np.where(np.isnan(table), -1, table).astype(np.int64)
    assert ordinal_alpha(table).value == pytest.approx(nominal_alpha(codes).value)


def test_groups_are_left_out():
    table = np.array([[1, 2], [3, 3], [2, 5], [4, 4.0]])
    found = ordinal_alpha_without(table, np.array([0, 0, 1, 1]), 2)
    assert found == pytest.approx([ordinal_alpha(table[2:]).value, ordinal_alpha(table[:2]).value])
    alone = ordinal_alpha_without(table[:1], np.array([0]), 1)
    assert np.isnan(alone).all()


def test_undefined_says_why():
    assert ordinal_alpha([[1, np.nan]]).reason == "no unit coded twice"
    assert ordinal_alpha([[1, 1], [1, 1]]).reason == "no variation: all values are equal"
