import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rift.reliability.alpha import nominal_alpha
from rift.reliability.sets import set_alpha, set_codes, set_distances

pytestmark = pytest.mark.filterwarnings("error")

state_tables = hnp.arrays(
    np.int8,
    st.tuples(st.integers(0, 12), st.integers(1, 3), st.integers(1, 3)),
    elements=st.sampled_from([-2, -1, 0, 0, 0, 1, 1]),
)


def distance_of(one, other, kind):
    if one == other:
        return 0
    share = len(one & other) / len(one | other)
    if kind == "masi":
        share *= 2 / 3 if one <= other or other <= one else 1 / 3
    return 1 - share


def by_definition(states, kind):
    """Observed over expected disagreement, pair by pair of sets."""
    units = [
        [frozenset(np.flatnonzero(states[t, :, c] == 1)) for c in range(states.shape[2])
         if (states[t, :, c] >= 0).all()]
        for t in range(len(states))
    ]  # fmt: skip
    units = [unit for unit in units if len(unit) >= 2]
    values = [value for unit in units for value in unit]
    observed = sum(
        sum(distance_of(a, b, kind) for a in unit for b in unit) / (len(unit) - 1) for unit in units
    )
    expected = sum(distance_of(a, b, kind) for a in values for b in values)
    return None if expected == 0 else 1 - (len(values) - 1) * observed / expected


def test_sets_are_numbered_and_unknown_where_a_label_is():
    states = np.array([[[1, 0, -1], [0, 0, 1]], [[0, -2, 0], [0, 1, 0]]])
    codes, members = set_codes(states)
    assert members.tolist() == [[False, False], [True, False]]
    assert codes.tolist() == [[1, 0, -1], [0, -1, 0]]


def test_distances_of_nested_and_overlapping_sets():
    members = [[1, 1, 0], [1, 1, 1], [0, 1, 1], [0, 0, 0]]
    assert set_distances(members, "jaccard")[0] == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert set_distances(members, "masi")[0] == pytest.approx([0, 1 - 4 / 9, 1 - 1 / 9, 1])
    assert set_distances(members, "masi")[3].tolist() == [1, 1, 1, 0]


@pytest.mark.parametrize("kind", ["masi", "jaccard"])
def test_undefined_says_why(kind):
    for states, reason, n in (
        (np.zeros((3, 2, 2)), "no variation: nobody marked anything", 3),
        (np.ones((3, 2, 2)), "no variation: every unit coded twice has the same set", 3),
        (np.full((3, 2, 2), -1), "no unit coded twice", 0),
        (np.zeros((3, 2, 1)), "no unit coded twice", 0),
        (np.array([[[0, 0], [0, -2]]]), "no unit coded twice", 0),
        (np.zeros((3, 0, 2)), "no unit coded twice", 0),
    ):
        found = set_alpha(states, kind)
        assert (found.value, found.reason, found.n) == (None, reason, n)


@given(state_tables, st.sampled_from(["masi", "jaccard"]), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_alpha_is_its_definition_in_any_order(states, kind, random):
    labels, coders = list(range(states.shape[1])), list(range(states.shape[2]))
    random.shuffle(labels)
    random.shuffle(coders)
    found, expected = set_alpha(states, kind), by_definition(states, kind)
    assert found.value == (None if expected is None else pytest.approx(expected))
    again = set_alpha(states[::-1][:, labels][:, :, coders], kind)
    assert again.value == pytest.approx(found.value)
    assert (again.n, again.reason) == (found.n, found.reason)


@given(state_tables.filter(lambda states: states.shape[1] == 1))
@settings(max_examples=50, deadline=None)
def test_with_one_label_it_is_nominal_alpha(states):
    for kind in ("masi", "jaccard"):
        assert set_alpha(states, kind).value == pytest.approx(nominal_alpha(states[:, 0]).value)
