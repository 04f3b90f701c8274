import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from rift.reliability.icc import icc
from rift.reliability.icc_reml import REASONS, icc_of, lacking, reml_icc, variance_components
from rift.reliability.reml import NO_REST, NO_VARIATION, NOT_RATED_TWICE, TOO_FEW, reml_sums, reml_total

pytestmark = pytest.mark.filterwarnings("error")


def drawn(seed, targets, coders, missing=0.25):
    """Ratings of a two-way random model, some of them missing."""
    random = np.random.default_rng(seed)
    table = random.normal(size=(targets, 1)) * random.uniform(0, 2)
    table = table + random.normal(size=(1, coders)) * random.uniform(0, 1.5)
    table = table + random.normal(size=(targets, coders)) * random.uniform(0.1, 1.5)
    table[random.random(table.shape) < missing] = np.nan
    return table


def plain_deviance(table, target, coder):
    """The restricted deviance from the whole covariance matrix of the ratings."""
    seen = np.argwhere(~np.isnan(table))
    values = table[~np.isnan(table)]
    of_target, of_coder = seen[:, :1] == seen[:, 0], seen[:, 1:] == seen[:, 1]
    covariance = np.eye(len(values)) + target * of_target + coder * of_coder
    inverse = np.linalg.inv(covariance)
    weight = inverse.sum()
    left = values - (inverse @ values).sum() / weight
    quadratic = left @ inverse @ left
    return np.linalg.slogdet(covariance)[1] + np.log(weight) + (len(values) - 1) * np.log(quadratic)


def plain_agreement(table):
    """ICC(A,1) by Nelder and Mead on the plain deviance, from several starts."""
    fits = [
        minimize(
            lambda logs: plain_deviance(table, *np.exp(logs)), start, method="Nelder-Mead",
            options={"xatol": 1e-8, "fatol": 1e-11, "maxiter": 3000},
        )
        for start in ([0, 0], [2, -4], [-4, 2])
    ]  # fmt: skip
    target, coder = np.exp(min(fits, key=lambda fit: fit.fun).x)
    return target / (1 + target + coder)


def value_of(table):
    return float(icc_of(reml_sums(table).sum(axis=0, keepdims=True))[0])


@pytest.mark.parametrize("seed", range(8))
def test_agrees_with_the_whole_likelihood_of_incomplete_ratings(seed):
    table = drawn(seed, 6 + seed, 2 + seed % 3)
    assert lacking(reml_sums(table).sum(axis=0)) is None
    assert value_of(table) == pytest.approx(plain_agreement(table), abs=1e-5)


@given(st.integers(0, 10**6), st.integers(4, 20), st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_complete_ratings_give_the_analysis_of_variance(seed, targets, coders):
    table = drawn(seed, targets, coders, missing=0)
    anova, consistency = icc(table, "ICC(A,1)"), icc(table, "ICC(C,1)")
    found = reml_icc(table)
    # Where a mean square says that a variance is negative, REML has 0 and the others move.
    components = variance_components(table)
    if min(components.target, components.coder, components.rest) > 1e-6:
        assert found.single.value == pytest.approx(anova.value, abs=1e-5)
        assert found.average.value == pytest.approx(icc(table, "ICC(A,k)").value, abs=1e-5)
        assert components.consistency == pytest.approx(consistency.value, abs=1e-5)
    assert found.coders == pytest.approx(coders)
    assert 0 <= found.single.low <= found.single.value <= found.single.high <= 1


@given(st.integers(0, 10**6), st.randoms(use_true_random=False), st.floats(0.01, 50), st.floats(-99, 99))
@settings(max_examples=40, deadline=None)
def test_order_and_scale_change_nothing(seed, random, scale, shift):
    table = drawn(seed, 12, 4)
    rows, columns = list(range(12)), list(range(4))
    random.shuffle(rows)
    random.shuffle(columns)
    assert value_of(scale * table[rows][:, columns] + shift) == pytest.approx(value_of(table), abs=1e-5)


def test_targets_are_left_out_by_subtraction():
    table = drawn(3, 15, 3)
    sums = reml_sums(table)
    without = icc_of(sums.sum(axis=0) - sums)
    assert without == pytest.approx([value_of(np.delete(table, at, axis=0)) for at in range(15)], abs=1e-5)


def test_components_have_the_scale_of_the_ratings():
    table = drawn(5, 30, 3)
    small, large = variance_components(table), variance_components(10 * table + 3)
    assert large.target == pytest.approx(100 * small.target, rel=1e-4)
    assert large.rest == pytest.approx(100 * small.rest, rel=1e-4)
    assert small.agreement == pytest.approx(value_of(table), abs=1e-9)


def test_bounds_are_where_the_profile_crosses_the_chi_square_limit():
    table = drawn(4, 14, 3)
    found = reml_icc(table, level=0.9).single
    best = plain_deviance(table, *plain_point(table))

    def profile(share):
        coders = np.linspace(0, 0.999, 2000)
        return min(
            plain_deviance(table, share / (1 - share) * (1 + o / (1 - o)), o / (1 - o)) for o in coders
        )

    for bound in (found.low, found.high):
        assert profile(bound) - best == pytest.approx(2.7055, abs=5e-3)


def plain_point(table):
    components = variance_components(table)
    return components.target / components.rest, components.coder / components.rest


def test_intervals_widen_with_their_level_and_narrow_with_targets():
    table = drawn(4, 14, 3)
    wide, narrow = reml_icc(table, 0.95).single, reml_icc(table, 0.8).single
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high
    longer = reml_icc(np.tile(table, (5, 1)), 0.95).single
    assert longer.high - longer.low < wide.high - wide.low


def test_average_is_of_the_harmonic_mean_of_coders_or_of_those_asked_for():
    table = np.array([[1.0, 2.0, np.nan], [2.0, 4.0, 3.0], [5.0, np.nan, np.nan], [4.0, 5.0, 6.0]])
    found = reml_icc(table)
    assert found.coders == pytest.approx(4 / (1 / 2 + 1 / 3 + 1 + 1 / 3))
    assert found.single.n == 3
    two, single = reml_icc(table, coders=2), found.single.value
    assert two.average.value == pytest.approx(2 * single / (1 + single))


def test_coders_who_never_differ_agree_fully():
    table = np.repeat(np.array([[1.0], [4.0], [2.0], [2.0]]), 3, axis=1)
    table[0, 1] = np.nan
    found = reml_icc(table)
    assert (found.single.value, found.single.reason) == (1.0, "no interval: the coders never differ")
    known = variance_components(table)
    assert (known.target, known.coder, known.rest) == (pytest.approx(1.583333, abs=1e-6), 0, 0)


@pytest.mark.parametrize(
    ("table", "state"),
    [
        ([[1, np.nan], [np.nan, 2], [3, np.nan]], NOT_RATED_TWICE),
        ([[np.nan, np.nan], [np.nan, np.nan]], NOT_RATED_TWICE),
        ([[1, 2], [np.nan, 2], [3, np.nan]], TOO_FEW),
        ([[0, 0], [0, 0], [0, np.nan]], NO_VARIATION),
        ([[0.1, 0.1], [0.1, 0.1], [0.1, np.nan]], NO_VARIATION),
        ([[1, 2], [3, 4], [2, 3], [7, 8]], NO_REST),
    ],
)
def test_what_cannot_be_fitted_is_undefined_for_a_stated_reason(table, state):
    table = np.array(table, dtype=float)
    found = reml_icc(table)
    for known in (found.single, found.average):
        assert (known.value, known.reason) == (None, REASONS[state])
    assert variance_components(table) is None
    assert np.isnan(value_of(table))


@given(seed=st.integers(0, 2**32 - 1), targets=st.integers(1, 30), coders=st.integers(1, 5))
def test_the_total_is_the_sum_over_targets(seed, targets, coders):
    table = drawn(seed, targets, coders)
    assert reml_total(table) == pytest.approx(reml_sums(table).sum(axis=0), abs=1e-9)
