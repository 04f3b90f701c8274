import numpy as np
import pytest

from rift.evaluation.classes import class_table, evaluate_classes, majority_class, predicted_class
from rift.evaluation.units import align
from rift.reliability.intervals import IntervalRule

pytestmark = pytest.mark.filterwarnings("error")

NAMES = ("change", "neutral", "sustain")
TRUTH = [0, 0, 0, 1, 1, 2, 2, -1]
GUESS = [0, 0, 1, 1, 1, 2, 0, 2]


def test_by_hand():
    table = evaluate_classes(TRUTH, GUESS, NAMES)
    assert table.confusion == ((2, 1, 0), (0, 2, 0), (1, 0, 1))
    assert (table.turns, table.left_out) == (7, 1)
    assert [known.value for known in table.f1] == pytest.approx([4 / 6, 4 / 5, 2 / 3])
    assert table.macro_f1.value == pytest.approx((4 / 6 + 4 / 5 + 2 / 3) / 3)
    assert table.accuracy.value == pytest.approx(5 / 7)
    assert table.kappa.value == pytest.approx((5 / 7 - 17 / 49) / (1 - 17 / 49))
    assert (table.macro_f1.low, table.macro_f1.reason) == (None, None)


def test_class_that_never_occurs_is_left_out_of_the_mean():
    table = evaluate_classes([0, 0, 1], [0, 1, 1], NAMES)
    assert table.f1[2].reason == "neither true nor predicted of any turn"
    assert table.macro_f1.value == pytest.approx((2 / 3 + 2 / 3) / 2)
    guessed = evaluate_classes([0, 0, 1], [0, 2, 1], NAMES)
    assert guessed.f1[2].value == 0


def test_one_class_only_and_no_turns():
    same = evaluate_classes([1, 1], [1, 1], NAMES)
    assert (same.macro_f1.value, same.kappa.reason) == (1, "no variation: only one class occurs")
    none = evaluate_classes([-1], [0], NAMES)
    assert (none.turns, none.left_out, none.macro_f1.reason) == (0, 1, "no turn to compare")
    assert none.kappa.reason == "no turn to compare"
    assert evaluate_classes([], [], NAMES).accuracy.reason == "no turn to compare"


def test_intervals_over_patients():
    patients = np.array([0, 1, 2, 0, 1, 2, 0, 1])
    found = evaluate_classes(TRUTH, GUESS, NAMES, patients, IntervalRule(0.95, 3))
    assert found.macro_f1.low < found.macro_f1.value < found.macro_f1.high
    few = evaluate_classes(TRUTH, GUESS, NAMES, patients, IntervalRule(0.95, 8))
    assert few.macro_f1.reason == "no interval: 3 patients, 8 needed"
    # The accuracy of three patients with 3, 2 and 2 turns, one wrong in the first and in the third.
    without = np.array([3 / 4, 3 / 5, 4 / 5])
    order = evaluate_classes(TRUTH, GUESS, NAMES, 2 - patients, IntervalRule(0.95, 3))
    assert order.accuracy.low == pytest.approx(found.accuracy.low)
    error = np.sqrt(2 / 3 * ((without - without.mean()) ** 2).sum())
    assert found.accuracy.value - found.accuracy.low == pytest.approx(4.302653 * error, rel=1e-5)


@pytest.mark.parametrize(("truth", "guess"), [([0], [0, 1]), ([3], [0]), ([0], [3])])
def test_wrong_input_is_refused(truth, guess):
    with pytest.raises(ValueError, match=r"length|names"):
        evaluate_classes(truth, guess, NAMES)


def test_majority_against_the_likeliest_class(make):
    codebook = make.codebook(NAMES, exclusive=True)
    chosen = [[0, 0, 1], [2, 1, 2], [0, 1, 2], [1, -1, -1]]
    states = np.array(
        [[[-1 if c < 0 else int(c == label) for c in row] for label in range(3)] for row in chosen]
    )
    marks = make.marks(codebook.columns, states, ["p1", "p1", "p2", "p2"], coders="abc")
    scores = np.array([[0.6, 0.3, 0.1], [0.1, 0.5, 0.4], [0.3, 0.3, 0.2], [0.2, 0.4, 0.4]])
    data = align(marks, make.predictions(marks, scores, scores > 0.5), codebook)
    assert majority_class(data).tolist() == [0, 2, -1, 1]
    assert predicted_class(data).tolist() == [0, 1, 0, 1]
    table = class_table(data, IntervalRule(0.95, 8))
    assert (table.turns, table.left_out) == (3, 1)
    assert table.confusion == ((1, 0, 0), (0, 1, 0), (0, 1, 0))


def test_turn_without_a_class_has_no_majority(make):
    codebook = make.codebook(["change"], exclusive=True)
    marks = make.marks(["change"], [[[0, 0]], [[1, -1]]], ["p1", "p1"])
    data = align(marks, make.predictions(marks, [[0.2], [0.8]], [[0], [1]]), codebook)
    assert majority_class(data).tolist() == [-1, 0]
