import numpy as np
import pytest

from rift.evaluation.baselines import constant_baselines
from rift.evaluation.markers import marker_table
from rift.evaluation.units import align

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def tables(small, make):
    codebook, marks, predictions = small
    data = align(marks, predictions, codebook)
    model = marker_table(data, make.section())
    return model, *constant_baselines(data, make.section(), model)


def test_always_positive_has_the_prevalence_as_precision(tables):
    _, always, _ = tables
    row = always.row("shrugs")
    assert always.name == "always positive"
    assert (row.flags, row.hits, row.support) == (8, 3, "Full")
    assert row.precision.value == 3 / 8
    assert row.precision.low < 3 / 8 < row.precision.high
    assert (row.recall.value, row.recall.low) == (1, None)
    assert row.f1.value == pytest.approx(2 * 3 / (8 + 3))
    assert row.average_precision.value == pytest.approx(3 / 8)
    assert row.kappa_mh.value == 0
    assert always.averages[0].f1.value == row.f1.value


def test_base_rate_is_the_expectation_of_random_flags(tables, small):
    model, _, base = tables
    row = base.row("shrugs")
    assert base.name == "marker base rate"
    for name in ("precision", "recall", "f1", "average_precision"):
        known = getattr(row, name)
        assert (known.value, known.low) == (pytest.approx(3 / 8), None)
        assert known.reason == "no interval: follows from the rule"
    assert str(row.kappa_mh.value) == "0.0"
    assert row.kappa_hh == model.row("shrugs").kappa_hh
    assert row.ceiling == model.row("shrugs").ceiling
    # Drawn many times, such flags agree with the closed form.
    soft = small[1].soft()[:, 0]
    drawn = np.random.default_rng(5).random((20000, 8)) < 3 / 8
    flagged = drawn.sum(axis=1) > 0
    assert (drawn @ soft)[flagged].sum() / drawn.sum() == pytest.approx(row.precision.value, abs=0.01)
    assert (drawn @ soft).mean() / 3 == pytest.approx(row.recall.value, abs=0.01)


def test_labels_without_coded_turns_stay_undefined(make, small):
    _, marks, predictions = small
    codebook = make.codebook(["shrugs", "yawns"])
    states = np.concatenate([marks.states, np.full((8, 1, 2), -1)], axis=1)
    more = make.marks(codebook.columns, states, marks.turns["patient_id"])
    data = align(more, predictions.assign(p_yawns=0.1, flag_yawns=False), codebook)
    model = marker_table(data, make.section())
    for table in constant_baselines(data, make.section(), model):
        assert table.row("yawns").precision.reason == "not coded"
