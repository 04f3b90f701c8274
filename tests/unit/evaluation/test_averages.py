import numpy as np
import pytest

from rift.evaluation.markers import evaluate_markers

PATIENTS = ["p1"] * 4 + ["p2"] * 4 + ["p3"] * 4
SHRUGS = [1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0]
SIGHS = [0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0]


def two_markers(make):
    """Both coders say the same; of the first patient nobody sighs."""
    codebook = make.codebook(["shrugs", "sighs"])
    states = np.repeat(np.array([SHRUGS, SIGHS]).T[:, :, None], 2, axis=2)
    marks = make.marks(["shrugs", "sighs"], states, PATIENTS)
    scores = np.array([SHRUGS, SIGHS]).T * 0.5 + 0.25
    return codebook, marks, make.predictions(marks, scores, scores > 0.5)


def ranking(marks, predictions, codebook, section, **more):
    table = evaluate_markers(marks, predictions, codebook, section, **more)
    return next(
        one for one in table.averages if (one.method, one.kind) == ("macro", "marker")
    ).average_precision


def test_a_label_without_positives_in_a_part_is_left_out_of_the_mean_and_told(make):
    codebook, marks, predictions = two_markers(make)
    section = make.section()
    whole = evaluate_markers(marks, predictions, codebook, section)
    assert ranking(marks, predictions, codebook, section).value == pytest.approx(1.0)
    part = np.array(PATIENTS) == "p1"
    found = ranking(marks.where(part), predictions[part], codebook, section, like=whole)
    assert found.value == pytest.approx(1.0)
    assert found.reason.startswith("of 1 of 2 labels; the others have no positives")


def test_without_any_positive_the_mean_is_undefined(make):
    codebook, marks, predictions = two_markers(make)
    section = make.section()
    whole = evaluate_markers(marks, predictions, codebook, section)
    part = np.array([False] * 6 + [True] * 2 + [False] * 4)
    found = ranking(marks.where(part), predictions[part], codebook, section, like=whole)
    assert (found.value, found.reason) == (None, "no label has a positive")
