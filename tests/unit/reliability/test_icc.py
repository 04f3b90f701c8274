import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import f as fisher

from rift.reliability.icc import FORMS, NO_VARIATION, averaged, icc, icc_forms, mean_squares
from rift.reliability.result import Statistic

pytestmark = pytest.mark.filterwarnings("error")

tables = hnp.arrays(
    np.int64, st.tuples(st.integers(2, 12), st.integers(2, 5)), elements=st.integers(0, 9)
).map(lambda table: table.astype(float))

# Two sessions more alike than chance, three coders: sums of squares by hand 6, 2 and 4.
SMALL = np.array([[1.0, 2.0, 3.0], [3.0, 4.0, 2.0]])


def plain_mean_squares(table):
    """Sums over cells, one at a time."""
    n, k = table.shape
    grand = sum(table[i, j] for i in range(n) for j in range(k)) / (n * k)
    rows = [sum(table[i]) / k for i in range(n)]
    columns = [sum(table[:, j]) / n for j in range(k)]
    within = sum((table[i, j] - rows[i]) ** 2 for i in range(n) for j in range(k))
    error = sum((table[i, j] - rows[i] - columns[j] + grand) ** 2 for i in range(n) for j in range(k))
    return (
        k * sum((row - grand) ** 2 for row in rows) / (n - 1),
        n * sum((column - grand) ** 2 for column in columns) / (k - 1),
        within / (n * (k - 1)),
        error / ((n - 1) * (k - 1)),
    )


def test_mean_squares_by_hand():
    # Means of rows 2 and 3, of columns 2, 3 and 2.5.
    found = mean_squares(SMALL)
    assert (found.targets, found.coders) == (2, 3)
    assert (found.rows, found.columns, found.within, found.error) == pytest.approx((1.5, 0.5, 1.0, 1.5))


def test_one_way_interval_is_that_of_the_f_test():
    found = icc(SMALL, "ICC(1)", 0.9)
    low, high = 1.5 / fisher.ppf(0.95, 1, 4), 1.5 * fisher.ppf(0.95, 4, 1)
    assert found.value == pytest.approx((1.5 - 1.0) / (1.5 + 2 * 1.0))
    assert (found.low, found.high) == pytest.approx(((low - 1) / (low + 2), (high - 1) / (high + 2)))
    assert found.n == 2


def test_a_shift_between_coders_counts_for_agreement_only():
    shifted = np.arange(8.0)[:, None] + np.array([0.0, 1.0, 3.0])
    assert icc(shifted, "ICC(C,1)").value == 1
    # Variances of targets 6 and of coders 7/3.
    assert icc(shifted, "ICC(A,1)").value == pytest.approx(6 / (6 + 7 / 3))
    assert icc(shifted, "ICC(C,1)").reason == "no interval: the ratings leave no variance to base it on"


def test_equal_coders_agree_fully():
    same = np.repeat(np.arange(5.0)[:, None], 3, axis=1)
    assert [known.value for known in icc_forms(same).values()] == [1.0] * 6


def test_without_variation_every_form_is_undefined():
    for known in icc_forms(np.full((6, 3), 3.3)).values():
        assert (known.value, known.reason, known.n) == (None, NO_VARIATION, 6)
    alike = np.tile([1.0, 2.0], (6, 1))
    assert icc(alike, "ICC(C,1)").reason == NO_VARIATION
    assert icc(alike, "ICC(1)").value == -1


def test_large_numbers_lose_nothing():
    small = icc(SMALL, "ICC(A,1)").value
    assert icc(SMALL + 1e9, "ICC(A,1)").value == pytest.approx(small, rel=1e-6)


@pytest.mark.parametrize(
    ("ratings", "message"),
    [([[1.0, np.nan], [2.0, 3.0]], "incomplete"), ([[1.0, 2.0]], "2 or more"), ([1.0, 2.0], "2 or more")],
)
def test_what_the_analysis_of_variance_cannot_take_is_refused(ratings, message):
    with pytest.raises(ValueError, match=message):
        mean_squares(ratings)


def test_unknown_forms_are_refused():
    with pytest.raises(ValueError, match=r"'ICC\(2,1\)' is not one of ICC\(1\)"):
        icc(SMALL, "ICC(2,1)")


def test_averaging_follows_spearman_and_brown():
    found = averaged(Statistic(0.5, 0.2, 0.8, 9), 3)
    assert (found.value, found.low, found.high) == pytest.approx((0.75, 3 / 7, 12 / 13))
    assert averaged(Statistic(-0.5, None, None, 9, "negative"), 3).reason.startswith("not interpretable")
    assert averaged(Statistic(-0.4, -0.6, 0.1, 9, "negative"), 3).low is None


@given(tables)
@settings(max_examples=150, deadline=None)
def test_mean_squares_agree_with_the_plain_sums(table):
    found = mean_squares(table)
    assert (found.rows, found.columns, found.within, found.error) == pytest.approx(
        plain_mean_squares(table), abs=1e-9
    )


@given(tables, st.randoms(use_true_random=False), st.floats(0.5, 4), st.floats(-9, 9))
@settings(max_examples=150, deadline=None)
def test_forms_do_not_change_with_order_or_scale(table, random, scale, shift):
    rows, columns = list(range(table.shape[0])), list(range(table.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    again = icc_forms(scale * table[rows][:, columns] + shift)
    for form, known in icc_forms(table).items():
        # A k-form is unbounded below, and rounding weighs more the lower it lies.
        if known.value is not None and known.value > -20:
            assert again[form].value == pytest.approx(known.value, rel=1e-6, abs=1e-9), form


@given(tables)
@settings(max_examples=150, deadline=None)
def test_forms_stay_in_range_and_in_order(table):
    found = icc_forms(table)
    assume(all(known.defined for known in found.values()))
    k = table.shape[1]
    for form in FORMS:
        known = found[form]
        assert known.value <= 1 + 1e-12
        assert (known.reason or "").startswith("not interpretable") or known.value >= 0
        if known.low is not None:
            assert known.low <= known.value <= known.high <= 1
    assert found["ICC(1)"].value >= -1 / (k - 1) - 1e-9
    assert found["ICC(C,1)"].value >= -1 / (k - 1) - 1e-9
    squares = mean_squares(table)
    if found["ICC(C,1)"].value >= 0 and squares.columns >= squares.error:
        assert found["ICC(A,1)"].value <= found["ICC(C,1)"].value + 1e-12
    if found["ICC(A,1)"].value >= 0:
        assert found["ICC(A,k)"].value >= found["ICC(A,1)"].value - 1e-12
