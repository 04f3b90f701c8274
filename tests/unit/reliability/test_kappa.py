import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rift.reliability.kappa import (
    coder_pairs,
    cohen_kappa,
    mean_model_kappa,
    mean_pairwise_kappa,
    pair_tables,
    percent_agreement,
    positive_agreement,
)

pytestmark = pytest.mark.filterwarnings("error")

code_tables = hnp.arrays(
    np.int8, st.tuples(st.integers(0, 25), st.integers(1, 4)), elements=st.integers(-2, 2)
)

# Seven turns by three coders: -1 not coded, -2 uncodable.
CODES = np.array([[1, 1, 1], [1, 0, 0], [0, 0, -2], [0, 0, 0], [1, 1, -1], [0, 1, 0], [0, 0, 1], [-1, 1, -1]])


def test_binary_kappa_by_hand():
    # both 2, first only 1, second only 1, neither 3: (35/49 - 25/49) / (24/49)
    found = cohen_kappa(CODES[:7, 0], CODES[:7, 1])
    assert found.value == pytest.approx(10 / 24)
    assert found.n == 7


def test_missing_codes_do_not_count():
    assert cohen_kappa(CODES[:, 0], CODES[:, 1]) == cohen_kappa(CODES[:7, 0], CODES[:7, 1])
    assert percent_agreement(CODES[:, 0], CODES[:, 1]).value == pytest.approx(5 / 7)
    assert positive_agreement(CODES[:, 0], CODES[:, 1]).value == pytest.approx(4 / 6)


def test_mean_pairwise_is_the_mean_of_the_pairs():
    pairs = [cohen_kappa(CODES[:, one], CODES[:, other]).value for one, other in ((0, 1), (0, 2), (1, 2))]
    found = mean_pairwise_kappa(CODES)
    assert found.value == pytest.approx(np.mean(pairs))
    assert found.n == 7


def test_pairs_without_a_kappa_are_left_out_of_the_mean():
    idle = np.column_stack([CODES[:, :2], np.full(8, -1)])
    assert mean_pairwise_kappa(idle).value == pytest.approx(10 / 24)


def test_mean_model_kappa_by_hand():
    model = np.array([1, 1, 0, 0, 1, 0, 1])
    coders = np.array([[1, 1], [1, 0], [0, 0], [0, 0], [1, 1], [0, 1], [0, 0]])
    # Against the first .72, against the second .16.
    assert mean_model_kappa(model, coders).value == pytest.approx(0.44)
    assert mean_model_kappa(model, coders[:, :1]).value == pytest.approx(0.72)


def test_total_disagreement_and_perfect_agreement():
    assert cohen_kappa([0, 1, 0, 1], [1, 0, 1, 0]).value == -1
    assert cohen_kappa([0, 1, 2, 0], [0, 1, 2, 0]).value == 1


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ([0, 0], [0, 0], "nobody marked it"),
        ([1, 1], [1, 1], "everybody marked every unit"),
        ([2, 2], [2, 2], "no variation: each coder used one category only"),
        ([1, -1], [-1, 0], "no unit coded twice"),
        ([], [], "no unit coded twice"),
    ],
)
def test_undefined_kappa_says_why(first, second, reason):
    found = cohen_kappa(np.array(first, dtype=int), np.array(second, dtype=int))
    assert (found.value, found.reason) == (None, reason)


def test_means_over_coders_say_why_they_are_undefined():
    nobody = np.zeros((4, 3), dtype=int)
    assert mean_pairwise_kappa(nobody).reason == "nobody marked it"
    assert mean_pairwise_kappa(nobody[:, :1]).reason == "fewer than two coders"
    assert mean_pairwise_kappa(np.full((4, 2), -1)).reason == "no unit coded twice"
    assert mean_pairwise_kappa(np.array([[0, 0, -1, -1], [-1, -1, 1, 1]])).reason == (
        "no variation: each coder used one category only"
    )
    assert mean_model_kappa(np.zeros(4, dtype=int), nobody).reason == "nobody marked it"
    assert positive_agreement([0, 0], [0, 0]).reason == "nobody marked it"
    assert positive_agreement([-1], [1]).reason == "no unit coded twice"
    assert percent_agreement([-1], [1]).reason == "no unit coded twice"


def test_pair_tables_are_summed_per_patient():
    first, second = coder_pairs(3)
    groups = np.array([0, 0, 0, 1, 1, 1, 1, 2])
    tables = pair_tables(CODES[:, first], CODES[:, second], 2, groups, 4)
    assert tables.shape == (4, 3, 2, 2)
    assert tables[0, 0].tolist() == [[1, 0], [1, 1]]
    assert tables[1, 0].tolist() == [[2, 1], [0, 1]]
    assert not tables[2:].any()


@given(code_tables, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_order_of_units_and_coders_does_not_matter(codes, random):
    units, coders = list(range(codes.shape[0])), list(range(codes.shape[1]))
    random.shuffle(units)
    random.shuffle(coders)
    found, again = mean_pairwise_kappa(codes), mean_pairwise_kappa(codes[units][:, coders])
    assert (again.n, again.reason) == (found.n, found.reason)
    assert again.value == pytest.approx(found.value)
    if found.value is not None:
        assert -1 <= found.value <= 1


@given(code_tables)
@settings(max_examples=60, deadline=None)
def test_two_equal_coders_agree_fully_or_kappa_is_undefined(codes):
    same = cohen_kappa(codes[:, 0], codes[:, 0])
    varied = len({int(code) for code in codes[:, 0] if code >= 0}) > 1
    assert same.value == (pytest.approx(1) if varied else None)
