import numpy as np
import pytest
from scipy.stats import t as student

from rift.evaluation.coders import coder_agreement
from rift.reliability.alpha import nominal_alpha
from rift.reliability.gwet import gwet_ac1
from rift.reliability.kappa import cohen_kappa

pytestmark = pytest.mark.filterwarnings("error")


def test_two_coders_by_hand(small, make):
    _, marks, _ = small
    row = coder_agreement(marks, make.section()).row("shrugs")
    (pair,) = row.pairs
    assert (pair.first, pair.second, pair.overlap, pair.patients) == ("a", "b", 7, 2)
    assert (pair.both, pair.first_only, pair.second_only, pair.neither) == (2, 1, 1, 3)
    assert pair.positive_agreement.value == pytest.approx(4 / 6)
    assert pair.negative_agreement.value == pytest.approx(6 / 8)
    assert pair.prevalence_index.value == pytest.approx((2 - 3) / 7)
    assert pair.bias_index.value == 0
    assert pair.pabak.value == pytest.approx(2 * 5 / 7 - 1)
    chance = 2 * (6 / 14) * (8 / 14)
    assert pair.ac1.value == pytest.approx((5 / 7 - chance) / (1 - chance))
    assert row.negative_agreement.value == pair.negative_agreement.value


def test_intervals_are_jackknives_over_patients(small, make):
    _, marks, _ = small
    (pair,) = coder_agreement(marks, make.section()).row("shrugs").pairs
    codes = marks.states[:, 0]
    for found, function in (
        (pair.kappa, lambda known: cohen_kappa(known[:, 0], known[:, 1]).value),
        (pair.alpha, lambda known: nominal_alpha(known).value),
    ):
        assert found.value == pytest.approx(function(codes))
        width = student.ppf(0.8, 1) * abs(function(codes[4:]) - function(codes[:4])) / 2
        assert found.low == pytest.approx(max(found.value - width, -1))
        assert found.high == pytest.approx(min(found.value + width, 1))


def test_each_pair_stands_on_its_own_turns(make):
    states = np.random.default_rng(5).integers(-2, 2, size=(60, 1, 3))
    states[:12, 0, 2] = -1
    marks = make.marks(["shrugs"], states, np.repeat([f"p{i}" for i in range(10)], 6), coders="abc")
    row = coder_agreement(marks, make.section(interval=0.95)).row("shrugs")
    assert [(pair.first, pair.second) for pair in row.pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    for pair, members in zip(row.pairs, ([0, 1], [0, 2], [1, 2]), strict=True):
        both = (states[:, 0, members] >= 0).all(axis=1)
        codes = states[both, 0][:, members]
        assert pair.patients == len(set(marks.turns["patient_id"][both]))
        assert pair.overlap == len(codes) == pair.alpha.n
        assert pair.alpha.value == pytest.approx(nominal_alpha(codes).value)
        assert pair.ac1.value == pytest.approx(gwet_ac1(codes).value)
        assert pair.alpha.low < pair.alpha.value < pair.alpha.high


def test_nobody_marked_leaves_kappa_and_alpha_undefined(make):
    marks = make.marks(["shrugs"], np.zeros((8, 1, 2)), ["p1"] * 4 + ["p2"] * 4)
    (pair,) = coder_agreement(marks, make.section()).row("shrugs").pairs
    for known in (pair.kappa, pair.alpha, pair.positive_agreement):
        assert (known.value, known.reason) == (None, "nobody marked it")
    assert (pair.prevalence_index.value, pair.bias_index.value, pair.negative_agreement.value) == (-1, 0, 1)


def test_coders_without_a_common_turn_are_undefined_in_everything(make):
    states = np.array([[0, -1], [-1, 1], [1, -2], [-2, 0]])[:, None]
    marks = make.marks(["shrugs"], states, ["p1", "p1", "p2", "p2"])
    (pair,) = coder_agreement(marks, make.section()).row("shrugs").pairs
    assert (pair.overlap, pair.patients) == (0, 0)
    for name in (
        "agreement", "positive_agreement", "negative_agreement", "kappa", "alpha", "prevalence_index",
        "bias_index", "ac1", "pabak",
    ):  # fmt: skip
        known = getattr(pair, name)
        assert (known.value, known.reason) == (None, "no unit coded twice"), name


def test_one_patient_has_no_interval(small, make):
    _, marks, _ = small
    alone = make.marks(marks.columns, marks.states, ["p1"] * 8)
    (pair,) = coder_agreement(alone, make.section()).row("shrugs").pairs
    assert (pair.alpha.low, pair.alpha.reason) == (None, "no interval: 1 patient, 2 needed")
