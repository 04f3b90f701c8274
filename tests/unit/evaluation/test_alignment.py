import numpy as np
import pandas as pd
import pytest

from rift.errors import RiftError
from rift.evaluation.units import align

pytestmark = pytest.mark.filterwarnings("error")


def test_rows_follow_the_marks_whatever_the_order_of_predictions(small):
    codebook, marks, predictions = small
    data = align(marks, predictions.iloc[::-1], codebook)
    assert data.probabilities[:, 0].tolist() == [0.9, 0.8, 0.1, 0.2, 0.95, 0.3, 0.7, 0.05]
    assert data.flags[:, 0].tolist() == [1, 1, 0, 0, 1, 0, 1, 0]
    assert data.patients.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert data.patient_count == 2


def test_uncoded_turns_are_left_out_and_need_no_prediction(small, make):
    codebook, marks, predictions = small
    states = marks.states.copy()
    states[2] = -1
    states[3] = -2
    fewer = make.marks(marks.columns, states, marks.turns["patient_id"])
    for frame in (predictions, predictions.drop(index=2)):
        data = align(fewer, frame, codebook)
        assert data.probabilities[:, 0].tolist() == [0.9, 0.8, 0.95, 0.3, 0.7, 0.05]


def test_one_session_id_of_two_patients_is_two_sessions(small):
    codebook, marks, predictions = small
    assert set(align(marks, predictions, codebook).sessions) == {0, 1}


def test_null_probability_needs_no_flag(small):
    codebook, marks, predictions = small
    frame = predictions.assign(flag_shrugs=predictions["flag_shrugs"].astype("boolean"))
    frame.loc[0, ["p_shrugs", "flag_shrugs"]] = [np.nan, pd.NA]
    assert np.isnan(align(marks, frame, codebook).probabilities[0, 0])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda frame: frame.drop(index=[1, 5]), "2 of 8: coded turns have no prediction; the first is "
         "patient p1, session s1, turn 1"),
        (lambda frame: pd.concat([frame, frame.iloc[[2]]]), "1 of 9: turns are predicted more than once"),
        (lambda frame: frame.assign(patient_id=["p9"] * 3 + ["p1"] + ["p2"] * 4), "3 of 8: predicted turns"),
        (lambda frame: frame.drop(columns="flag_shrugs"), "lack 1 of 5 columns, the first 'flag_shrugs'"),
        (lambda frame: frame.drop(columns="turn"), "the first 'turn'"),
        (lambda frame: frame.assign(p_shrugs=[1.5, -1.0] + [0.5] * 6), "outside 0 to 1: 2, the first"),
        (lambda frame: frame.assign(p_shrugs=["high"] * 8), "expected numbers"),
        (lambda frame: frame.assign(flag_shrugs=[None] + [True] * 7), "no flag (true or false): 1"),
        (lambda frame: frame.assign(flag_shrugs=[0.5] * 8), "no flag (true or false): 8"),
    ],
)  # fmt: skip
def test_predictions_that_do_not_fit_are_refused_with_counts(small, spoil, words):
    codebook, marks, predictions = small
    with pytest.raises(RiftError) as caught:
        align(marks, spoil(predictions), codebook)
    assert words in str(caught.value)
    assert caught.value.remedy


def test_another_codebook_and_nothing_coded_are_refused(small, make):
    codebook, marks, predictions = small
    with pytest.raises(RiftError, match="codebook 'small'"):
        align(marks, predictions, make.codebook(["other"]))
    nothing = make.marks(marks.columns, np.full((8, 1, 2), -1), marks.turns["patient_id"])
    with pytest.raises(RiftError, match="no turn is coded"):
        align(nothing, predictions, codebook)
