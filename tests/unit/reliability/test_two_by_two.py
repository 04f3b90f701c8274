import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rift.reliability.kappa import kappa_of
from rift.reliability.two_by_two import (
    bias_index,
    bias_index_of,
    pabak,
    pabak_of,
    prevalence_index,
    prevalence_index_of,
)

pytestmark = pytest.mark.filterwarnings("error")

# Neither 5, second only 2, first only 1, both 2.
TABLE = [[5, 2], [1, 2]]


def test_by_hand():
    assert pabak(TABLE).value == pytest.approx(0.4)
    assert prevalence_index(TABLE).value == pytest.approx((2 - 5) / 10)
    assert bias_index(TABLE).value == pytest.approx((1 - 2) / 10)
    assert pabak(TABLE).n == 10


def test_empty_tables_are_undefined_and_others_refused():
    for function in (pabak, prevalence_index, bias_index):
        found = function(np.zeros((2, 2)))
        assert (found.value, found.reason) == (None, "no unit coded twice")
        with pytest.raises(ValueError, match=r"\[2, 2\] table"):
            function(np.ones((3, 3)))


def test_nobody_marked():
    table = [[8, 0], [0, 0]]
    assert (pabak(table).value, prevalence_index(table).value, bias_index(table).value) == (1, -1, 0)


@given(hnp.arrays(np.float64, (4, 2, 2), elements=st.integers(0, 30)))
@settings(max_examples=100, deadline=None)
def test_swapping_coders_or_marks_turns_the_indices(tables):
    coders, marks = tables.swapaxes(1, 2), tables[:, ::-1, ::-1]
    close = lambda known: pytest.approx(known, nan_ok=True)  # noqa: E731
    assert pabak_of(coders) == close(pabak_of(tables))
    assert pabak_of(marks) == close(pabak_of(tables))
    assert prevalence_index_of(coders) == close(prevalence_index_of(tables))
    assert prevalence_index_of(marks) == close(-prevalence_index_of(tables))
    assert bias_index_of(coders) == close(-bias_index_of(tables))
    assert bias_index_of(marks) == close(-bias_index_of(tables))


@given(hnp.arrays(np.float64, (4, 2, 2), elements=st.integers(0, 30)))
@settings(max_examples=100, deadline=None)
def test_kappa_is_pabak_adjusted_by_prevalence_and_bias(tables):
    # Byrt, Bishop & Carlin 1993: kappa = (PABAK - PI^2 + BI^2) / (1 - PI^2 + BI^2).
    kappas = kappa_of(tables)
    known = ~np.isnan(kappas)
    prevalence, bias = prevalence_index_of(tables)[known] ** 2, bias_index_of(tables)[known] ** 2
    expected = (pabak_of(tables)[known] - prevalence + bias) / (1 - prevalence + bias)
    assert kappas[known] == pytest.approx(expected)
