import numpy as np
import pytest

from rift.evaluation.calibration import calibration_table
from rift.evaluation.markers import marker_table
from rift.evaluation.units import align

pytestmark = pytest.mark.filterwarnings("error")


def table_of(marks, predictions, codebook, section):
    data = align(marks, predictions, codebook)
    return calibration_table(data, marker_table(data, section).rows, section)


def honest(make, turns=200, shift=0.0, patients=20):
    """Two coders of one mind on turns of which the share of marks is the score, shifted in log odds."""
    random = np.random.default_rng(1)
    scores = random.permutation(np.linspace(0.01, 0.99, turns))
    odds = scores / (1 - scores) * np.exp(shift)
    states = (random.uniform(size=turns) < odds / (1 + odds)).astype(int)
    owners = [f"p{at * patients // turns}" for at in range(turns)]
    marks = make.marks(["shrugs"], np.stack([states, states], 1)[:, None], owners)
    return scores, states, marks, make.predictions(marks, scores[:, None], scores[:, None] > 0.5)


def test_values_by_hand(make):
    codebook = make.codebook(["shrugs"])
    states = np.array([[[1, 1]], [[1, 0]], [[0, 0]], [[0, -1]]])
    marks = make.marks(["shrugs"], states, ["p1", "p1", "p2", "p2"])
    scores = np.array([[0.8], [0.6], [0.6], [0.2]])
    row = table_of(marks, make.predictions(marks, scores, scores > 0.5), codebook, make.section()).row(
        "shrugs"
    )
    # Against a coder drawn at random: .2^2, half of .4^2 and half of .6^2, .6^2, .2^2.
    brier = (0.04 + (0.16 + 0.36) / 2 + 0.36 + 0.04) / 4
    assert row.brier.value == pytest.approx(brier)
    assert row.skill.value == pytest.approx(1 - brier / (0.375 * 0.625))
    assert (row.turns, row.prevalence, row.predicted) == (4, 0.375, pytest.approx(0.55))
    assert row.brier.n == 4


def test_honest_probabilities_have_slope_one_and_intercept_nought(make):
    _, _, marks, predictions = honest(make, turns=4000)
    row = table_of(marks, predictions, make.codebook(["shrugs"]), make.section(interval=0.95)).row("shrugs")
    assert row.slope.low < 1 < row.slope.high
    assert row.intercept.low < 0 < row.intercept.high
    assert row.slope.high - row.slope.low < 0.4
    # The squared error of an honest p is p (1 - p), of uniform ones 1/6 against a base rate's 1/4.
    assert row.skill.value == pytest.approx(1 / 3, abs=0.04)


def test_shifted_probabilities_show_in_the_intercept_alone(make):
    _, _, marks, predictions = honest(make, turns=4000, shift=-1.5)
    row = table_of(marks, predictions, make.codebook(["shrugs"]), make.section(interval=0.95)).row("shrugs")
    assert row.intercept.high < -1
    assert row.intercept.low < -1.5 < row.intercept.high
    assert row.slope.low < 1 < row.slope.high


def test_reasons_of_what_is_undefined(make):
    codebook = make.codebook(["shrugs"])
    owners = ["p1"] * 4 + ["p2"] * 4
    scores = np.array([[0.9], [0.1]] * 4)

    def row_of(states, scores=scores):
        marks = make.marks(["shrugs"], np.array(states)[:, None, None].repeat(2, 2), owners)
        predictions = make.predictions(marks, scores, scores > 0.5)
        return table_of(marks, predictions, codebook, make.section()).row("shrugs")

    unmarked = row_of([0] * 8)
    assert unmarked.brier.defined
    assert {unmarked.skill.reason, unmarked.slope.reason, unmarked.intercept.reason} == {"no turn is marked"}
    assert row_of([1] * 8).slope.reason == "every turn is marked"
    parted = row_of([1, 0] * 4)
    assert parted.slope.reason.startswith("one cut tells marked turns from others")
    assert parted.intercept.value == pytest.approx(0)
    alike = row_of([1, 0, 0, 1] * 2, np.full((8, 1), 0.5))
    assert (alike.slope.value, alike.brier.value, alike.skill.value) == (None, 0.25, 0.0)


def test_a_label_with_counts_only_has_points_and_no_statistics(make, small):
    codebook, marks, predictions = small
    section = make.section(full_support=90, exploratory_support=80)
    row = table_of(marks, predictions, codebook, section).row("shrugs")
    assert row.brier.reason == row.slope.reason == "fewer than 80 flags and positives"
    assert row.expected_error is None
    assert sum(point.observed.n for point in row.points) == row.turns == 8


def test_bins_hold_equally_many_turns(make):
    scores, states, marks, predictions = honest(make)
    points = (
        table_of(marks, predictions, make.codebook(["shrugs"]), make.section(interval=0.95)).rows[0].points
    )
    assert [point.observed.n for point in points] == [20] * 10
    assert [point.predicted for point in points] == sorted(point.predicted for point in points)
    inside = np.sort(scores)[:20]
    assert points[0].predicted == pytest.approx(inside.mean())
    assert points[0].observed.value == pytest.approx(states[scores <= inside.max()].mean())
    assert points[5].observed.low < points[5].observed.value < points[5].observed.high


def test_equal_probabilities_stay_in_one_bin(make, small):
    codebook, marks, predictions = small
    (point,) = table_of(marks, predictions.assign(p_shrugs=0.25), codebook, make.section()).rows[0].points
    assert (point.predicted, point.observed.n) == (0.25, 8)
