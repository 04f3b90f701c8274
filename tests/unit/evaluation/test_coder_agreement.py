import numpy as np
import pytest
from scipy.stats import t as student

from rift.evaluation.coders import coder_agreement
from rift.reliability.alpha import nominal_alpha
from rift.reliability.kappa import cohen_kappa

pytestmark = pytest.mark.filterwarnings("error")


def test_two_coders_by_hand(small, make):
    codebook, marks, _ = small
    table = coder_agreement(marks, make.section(), codebook)
    row = table.row("shrugs")
    assert (row.name, row.kind, row.turns, row.overlap, row.patients) == ("Shrugs", "marker", 8, 7, 2)
    assert [(c.coder, c.coded, c.marked, c.uncodable) for c in row.counts] == [("a", 8, 3, 0), ("b", 7, 3, 0)]
    assert row.kappa.value == pytest.approx(10 / 24)
    assert row.alpha.value == nominal_alpha(marks.states[:, 0]).value
    assert row.agreement.value == pytest.approx(5 / 7)
    assert row.positive_agreement.value == pytest.approx(4 / 6)
    (pair,) = row.pairs
    assert (pair.both, pair.first_only, pair.second_only, pair.neither, pair.overlap) == (2, 1, 1, 3, 7)
    assert pair.negative_agreement.value == pytest.approx(6 / 8)
    assert table.classes is None


def test_alpha_interval_is_the_jackknife_of_alpha(small, make):
    _, marks, _ = small
    alpha = coder_agreement(marks, make.section()).row("shrugs").alpha
    codes = marks.states[:, 0]
    without = [nominal_alpha(codes[4:]).value, nominal_alpha(codes[:4]).value]
    width = student.ppf(0.8, 1) * abs(without[0] - without[1]) / 2
    assert alpha.low == pytest.approx(max(alpha.value - width, -1))
    assert alpha.high == pytest.approx(min(alpha.value + width, 1))


def test_three_coders_average_their_pairs(make):
    random = np.random.default_rng(2)
    states = random.integers(-2, 2, size=(60, 1, 3))
    marks = make.marks(["shrugs"], states, np.repeat([f"p{i}" for i in range(10)], 6), coders="abc")
    row = coder_agreement(marks, make.section(interval=0.95)).row("shrugs")
    kappas = [cohen_kappa(states[:, 0, i], states[:, 0, j]).value for i, j in ((0, 1), (0, 2), (1, 2))]
    assert [pair.kappa.value for pair in row.pairs] == pytest.approx(kappas)
    assert row.kappa.value == pytest.approx(np.mean(kappas))
    assert row.alpha.value == pytest.approx(nominal_alpha(states[:, 0]).value)
    assert row.kappa.low < row.kappa.value < row.kappa.high
    both, given = (
        sum(p.both for p in row.pairs),
        sum(2 * p.both + p.first_only + p.second_only for p in row.pairs),
    )
    assert row.positive_agreement.value == pytest.approx(2 * both / given)
    assert sum(count.uncodable for count in row.counts) == (states == -2).sum()


@pytest.mark.parametrize(
    ("states", "coders", "reason"),
    [
        (np.full((8, 1, 2), -1), "ab", "not coded"),
        (np.full((8, 1, 2), -2), "ab", "not coded"),
        (np.ones((8, 1, 1)), "a", "fewer than two coders"),
        (np.tile([[[0, -1]], [[-1, 0]]], (4, 1, 1)), "ab", "no turn coded by two coders"),
        (np.zeros((8, 1, 2)), "ab", "nobody marked it"),
    ],
)
def test_undefined_says_why(make, states, coders, reason):
    marks = make.marks(["shrugs"], states, ["p1"] * 4 + ["p2"] * 4, coders=coders)
    row = coder_agreement(marks, make.section()).row("shrugs")
    for known in (row.kappa, row.alpha, row.positive_agreement):
        assert (known.value, known.reason) == (None, reason)


def test_everybody_marked_every_turn(make):
    marks = make.marks(["shrugs"], np.ones((4, 1, 2)), ["p1", "p1", "p2", "p2"])
    row = coder_agreement(marks, make.section()).row("shrugs")
    assert row.kappa.reason == "everybody marked every unit"
    assert (row.agreement.value, row.positive_agreement.value) == (1, 1)


def test_one_patient_has_no_interval(small, make):
    _, marks, _ = small
    alone = make.marks(marks.columns, marks.states, ["p1"] * 8)
    row = coder_agreement(alone, make.section()).row("shrugs")
    assert row.kappa.value == pytest.approx(10 / 24)
    assert row.kappa.reason == "no interval: 1 patient, 2 needed"


def test_exclusive_codebook_compares_classes(make):
    codebook = make.codebook(["change", "neutral", "sustain"], exclusive=True)
    chosen = np.array([[0, 0], [1, 0], [1, 1], [2, 2], [2, -1], [0, 0]])
    states = np.stack([np.where(chosen < 0, -1, chosen == label) for label in range(3)], axis=1)
    states[5, :, 1] = 1  # the second coder gave the last turn every class: no class
    marks = make.marks(codebook.columns, states, ["p1"] * 3 + ["p2"] * 3)
    classes = coder_agreement(marks, make.section(), codebook).classes
    assert (classes.turns, classes.overlap, classes.unclear, classes.patients) == (6, 4, 1, 2)
    assert classes.kappa.value == pytest.approx(cohen_kappa([0, 1, 1, 2], [0, 0, 1, 2]).value)
    assert classes.alpha.value == pytest.approx(
        nominal_alpha(np.array([[0, 0], [1, 0], [1, 1], [2, 2]])).value
    )
    assert classes.fleiss.defined
