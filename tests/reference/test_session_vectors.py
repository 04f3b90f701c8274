"""Published and computed reference values of intraclass correlations, segmentations and events."""

import json
from pathlib import Path

import numpy as np
import pytest

from rift.reliability.events import MatchRule, event_scores, iou
from rift.reliability.icc import FORMS, icc, icc_forms, mean_squares
from rift.reliability.icc_reml import variance_components
from rift.reliability.ordinal import ordinal_alpha
from rift.reliability.segmentation import boundary_similarity, pk, segmentation_similarity, window_diff

pytestmark = pytest.mark.filterwarnings("error")

VECTORS = {
    vector["id"]: vector
    for vector in json.loads((Path(__file__).parent / "reliability_vectors.json").read_text("utf-8"))[
        "vectors"
    ]
}

# Shrout and Fleiss's names of McGraw and Wong's forms.
OLD_NAMES = dict(
    zip(FORMS, ("ICC(1,1)", "ICC(1,k)", "ICC(3,1)", "ICC(3,k)", "ICC(2,1)", "ICC(2,k)"), strict=True)
)


def near(vector):
    return lambda value: pytest.approx(value, abs=vector["tolerance"])


def matrix(vector):
    return np.array(vector["input"], dtype=float)


@pytest.mark.parametrize("form", FORMS)
def test_six_forms_of_shrout_and_fleiss(form):
    vector = VECTORS["icc_shrout_fleiss_1979"]
    close, expected = near(vector), vector["expected"]
    found = icc(matrix(vector), form)
    assert found.value == close(expected[OLD_NAMES[form]])
    assert [found.low, found.high] == [close(bound) for bound in expected["ci95"][OLD_NAMES[form]]]


def test_mean_squares_of_shrout_and_fleiss():
    vector = VECTORS["icc_shrout_fleiss_1979"]
    close, squares, found = near(vector), vector["expected"]["MS"], mean_squares(matrix(vector))
    assert found.rows == close(squares["MSR"])
    assert found.columns == close(squares["MSC"])
    assert found.within == close(squares["MSW"])
    assert found.error == close(squares["MSE"])
    assert found.rows / found.within == close(vector["expected"]["F"]["one_way"])
    assert found.rows / found.error == close(vector["expected"]["F"]["two_way"])


def test_negative_values_are_given_and_flagged():
    vector = VECTORS["icc_negative"]
    found = icc_forms(matrix(vector))
    for form in ("ICC(1)", "ICC(C,1)", "ICC(A,1)"):
        assert found[form].value == near(vector)(vector["expected"][OLD_NAMES[form]])
        assert found[form].reason == "not interpretable as reliability: negative"
        assert found[form].low <= found[form].value <= found[form].high
    assert vector["expected"]["ICC(2,k)_raw"] > 1
    assert found["ICC(A,k)"].value is None
    assert found["ICC(A,k)"].reason.startswith("not interpretable as reliability")


def test_no_variance_is_undefined():
    vector = VECTORS["icc_zero_variance"]
    assert {known.value for known in icc_forms(matrix(vector)).values()} == {vector["expected"]["all"]}


def test_incomplete_ratings_by_reml():
    vector = VECTORS["icc_incomplete_reml"]
    close, expected, found = near(vector), vector["expected"], variance_components(matrix(vector))
    assert found.target == close(expected["var_target"])
    assert found.coder == close(expected["var_rater"])
    assert found.rest == close(expected["var_resid"])
    assert found.agreement == close(expected["ICC(A,1)"])
    assert found.consistency == close(expected["ICC(C,1)"])


@pytest.mark.parametrize("name", ["segmentation_small", "segmentation_hearst_1_2", "segmentation_hearst_1_3"])
def test_segmentations(name):
    vector = VECTORS[name]
    close, expected = near(vector), vector["expected"]
    pair = vector["input"]["a"], vector["input"]["b"]
    assert window_diff(*pair).value == close(expected["window_diff"])
    assert pk(*pair).value == close(expected["pk"])
    assert boundary_similarity(*pair).value == close(expected["B"])
    assert segmentation_similarity(*pair).value == close(expected["S"])


def test_no_boundary_in_either_coding_is_agreement():
    vector = VECTORS["segmentation_no_boundary"]
    pair = vector["input"]["a"], vector["input"]["b"]
    assert boundary_similarity(*pair).value == vector["expected"]["B"]


def test_events_by_hand():
    vector = VECTORS["event_f1_iou"]
    close, expected = near(vector), vector["expected"]
    reference, predicted = vector["input"]["ref"], vector["input"]["pred"]
    overlap = iou(reference, predicted)
    assert [overlap[at, at] for at in range(3)] == [close(value) for value in expected["iou_pairs"]]
    found = event_scores(reference, predicted, MatchRule(0.5, 2))
    assert len(found.pairs) == expected["tp"]
    assert len(predicted) - len(found.pairs) == expected["fp"]
    assert len(reference) - len(found.pairs) == expected["fn"]
    assert found.precision.value == close(expected["precision"])
    assert found.recall.value == close(expected["recall"])
    assert found.f1.value == close(expected["f1"])


def test_matching_is_optimal_where_greedy_halves_f1():
    vector = VECTORS["event_matching_optimal_vs_greedy"]
    rule = MatchRule(vector["input"]["percentage_of_length"], vector["input"]["t_collar"])
    found = event_scores(vector["input"]["ref"], vector["input"]["pred"], rule)
    assert found.f1.value == near(vector)(vector["expected"]["f1_optimal"])


def test_ordinal_alpha_of_krippendorffs_example():
    vector = VECTORS["alpha_krippendorff_canonical"]
    assert ordinal_alpha(matrix(vector).T).value == near(vector)(vector["expected"]["ordinal"])
