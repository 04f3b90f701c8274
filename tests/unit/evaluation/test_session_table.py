import numpy as np
import pandas as pd
import pytest

from rift.corpus.marks import Marks
from rift.evaluation.sessions import MEASURE, frequencies, session_table
from rift.evaluation.units import align
from rift.reliability.icc_reml import reml_icc
from rift.reliability.ordinal import ordinal_alpha

pytestmark = pytest.mark.filterwarnings("error")

TURNS, PATIENTS = 20, 12


@pytest.fixture
def corpus(make):
    """Three coders of twelve patients with two sessions each; the third coded one session of each only."""
    random = np.random.default_rng(5)
    sessions = 2 * PATIENTS
    often = random.uniform(0.05, 0.7, size=sessions).repeat(TURNS)
    states = (random.random((sessions * TURNS, 1, 3)) < often[:, None, None]).astype(np.int8)
    turns = pd.DataFrame({"speaker": ["patient"] * len(states)})
    turns["patient_id"] = [f"p{row // (2 * TURNS):02d}" for row in range(sessions * TURNS)]
    turns["session_id"] = [f"s{row // TURNS % 2 + 1}" for row in range(sessions * TURNS)]
    turns["turn"] = np.arange(sessions * TURNS) % TURNS
    states[(turns["session_id"] == "s2").to_numpy(), 0, 2] = -1
    marks = Marks(
        turns[["patient_id", "session_id", "turn", "speaker"]], ("shrugs",), ("a", "b", "c"), states
    )
    flags = random.random((len(turns), 1)) < often[:, None]
    return align(marks, make.predictions(marks, often[:, None], flags), make.codebook(["shrugs"]))


def with_model(table):
    return [np.where(np.arange(3) == at, table.model, table.coders) for at in range(3)]


def test_frequencies_by_hand(small, make):
    codebook, marks, predictions = small
    table = frequencies(align(marks, predictions, codebook), 0)
    # The second coder left the last of the second patient's turns out: of three, two are marked.
    assert table.coders.tolist() == [[50, 25], [25, pytest.approx(200 / 3)]]
    assert table.model.tolist() == [[50, 50], [50, pytest.approx(200 / 3)]]
    row = session_table(align(marks, predictions, codebook), make.section()).row("shrugs")
    assert (row.measure, row.sessions, row.coders, row.averaged) == (MEASURE, 2, 2, 2)
    assert row.error.value == pytest.approx((0 + 25 + 25 + 0) / 4)
    assert row.error.n == 4
    assert row.alpha.value == pytest.approx(ordinal_alpha(table.coders).value)


def test_human_and_model_are_the_icc_of_the_frequencies(corpus, make):
    table = frequencies(corpus, 0)
    row = session_table(corpus, make.section(interval=0.9, min_patients_interval=8)).row("shrugs")
    human = reml_icc(table.coders, 0.9)
    assert (row.sessions, row.coders) == (24, 3)
    assert row.averaged == pytest.approx(24 / (12 / 3 + 12 / 2))
    assert row.human == human.single
    assert row.human_average == human.average
    replaced = np.mean([reml_icc(one).single.value for one in with_model(table)])
    assert row.model.value == pytest.approx(replaced, abs=1e-6)
    assert row.difference.value == pytest.approx(replaced - human.single.value, abs=1e-6)


def test_difference_has_the_jackknife_interval_over_patients(corpus, make):
    table = frequencies(corpus, 0)
    known = session_table(corpus, make.section(interval=0.9)).row("shrugs").difference
    without = []
    for patient in range(PATIENTS):
        kept = table.patients != patient
        model = np.mean([reml_icc(one[kept]).single.value for one in with_model(table)])
        without.append(model - reml_icc(table.coders[kept]).single.value)
    spread = np.sum((np.array(without) - np.mean(without)) ** 2)
    error = np.sqrt((PATIENTS - 1) / PATIENTS * spread)
    # Student's t with 11 degrees of freedom, 95 % one-sided.
    assert known.high - known.value == pytest.approx(1.795885 * error, rel=1e-3)


def test_a_model_that_is_a_coder_changes_little_and_errs_by_nothing_on_its_own(corpus, make):
    copy = corpus.marks.states[:, :, :1] == 1
    own = align(
        corpus.marks, make.predictions(corpus.marks, copy[..., 0] * 0.8, copy[..., 0]), corpus.codebook
    )
    table = frequencies(own, 0)
    assert np.array_equal(table.model[:, 0], table.coders[:, 0])
    row = session_table(own, make.section()).row("shrugs")
    assert row.model.value > row.human.value


def test_few_patients_have_no_interval(corpus, make):
    row = session_table(corpus, make.section(min_patients_interval=13)).row("shrugs")
    for known in (row.human, row.human_average, row.model, row.difference, row.alpha, row.error):
        assert known.value is not None
        assert (known.low, known.reason) == (None, "no interval: 12 patients, 13 needed")


@pytest.mark.parametrize(
    ("states", "reason"),
    [
        (np.full((8, 1, 2), -1), "not coded"),
        (np.full((8, 1, 2), -2), "not coded"),
        (np.ones((8, 1, 1)), "fewer than two coders"),
        (np.repeat([[[1, -1]], [[-1, 0]]], 4, axis=0), "no session coded by two coders"),
        (np.zeros((8, 1, 2)), "nobody marked it"),
    ],
)
def test_undefined_says_why(make, states, reason):
    marks = make.marks(["nods", "shrugs"], np.concatenate([np.ones_like(states), states], axis=1),
                       ["p1"] * 4 + ["p2"] * 4, coders="ab"[: states.shape[2]])  # fmt: skip
    scores = np.full((8, 2), 0.5)
    data = align(marks, make.predictions(marks, scores, scores > 0.4), make.codebook(["nods", "shrugs"]))
    row = session_table(data, make.section()).row("shrugs")
    for known in (row.human, row.human_average, row.model, row.difference, row.alpha):
        assert (known.value, known.reason) == (None, reason)
    assert (row.error.value is None) == (reason == "not coded")
