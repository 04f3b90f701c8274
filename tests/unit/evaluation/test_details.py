import numpy as np
import pytest

from rift.evaluation.details import evaluation_details
from rift.evaluation.results import evaluate

pytestmark = pytest.mark.filterwarnings("error")


def details_of(marks, predictions, codebook, section):
    result = evaluate(marks, predictions, codebook, section)
    return evaluation_details(marks, predictions, codebook, result.model)


@pytest.fixture
def two(make):
    """Two markers of eight turns; coder a and b agree but for one mark of the second."""
    codebook = make.codebook(["shrugs", "sighs"])
    shrugs = np.array([[1, 1], [1, 1], [0, 0], [0, 0], [1, 1], [0, 0], [0, 0], [0, -1]])
    sighs = np.array([[0, 0], [0, 0], [1, 0], [0, 0], [1, 1], [0, 0], [0, 0], [0, -1]])
    marks = make.marks(["shrugs", "sighs"], np.stack([shrugs, sighs], axis=1), ["p1"] * 4 + ["p2"] * 4)
    scores = np.array(
        [[0.9, 0.1], [0.2, 0.8], [0.1, 0.2], [0.2, 0.1], [0.9, 0.9], [0.7, 0.1], [0.1, 0.1], [0.8, 0.1]]
    )
    return codebook, marks, make.predictions(marks, scores, scores > 0.5)


def test_confusion_by_hand(two, make):
    codebook, marks, predictions = two
    (found,) = details_of(marks, predictions, codebook, make.section()).confusions
    assert (found.kind, found.columns, found.marked) == ("marker", ("shrugs", "sighs"), (3, 1.5))
    assert found.together == ((2, 2), (1, 1))
    assert found.unflagged == (0, 0.5)
    assert found.unmarked == (2, 0)


def test_label_that_nobody_coded_is_left_out_of_the_confusion(two, make):
    codebook, marks, predictions = two
    marks.states[:, 1] = -1
    (found,) = details_of(marks, predictions, codebook, make.section()).confusions
    assert found.columns == ("shrugs",)


def test_disagreements_by_hand(two, make):
    codebook, marks, predictions = two
    found = details_of(marks, predictions, codebook, make.section())
    # The last is likelier than the one before, but only one coder looked at it.
    assert [(d.patient_id, d.turn, d.column, d.coders) for d in found.flagged_alone] == [
        ("p1", 1, "sighs", 2), ("p2", 1, "shrugs", 2), ("p2", 3, "shrugs", 1),
    ]  # fmt: skip
    (missed,) = found.missed
    assert (missed.patient_id, missed.turn, missed.column) == ("p1", 1, "shrugs")
    assert (missed.probability, missed.flagged, missed.marks, missed.coders) == (0.2, False, 2, 2)


def test_turns_that_only_some_coders_marked_are_no_disagreement(two, make):
    codebook, marks, predictions = two
    found = details_of(marks, predictions, codebook, make.section())
    assert ("p1", 2) not in {(d.patient_id, d.turn) for d in found.missed}


def test_no_label_fills_the_list(make):
    codebook = make.codebook(["shrugs", "sighs"])
    marks = make.marks(["shrugs", "sighs"], np.zeros((40, 2, 2)), [f"p{i // 4}" for i in range(40)])
    scores = np.linspace(0.6, 0.9, 80).reshape(40, 2)
    found = details_of(marks, make.predictions(marks, scores, scores > 0.5), codebook, make.section())
    assert [d.column for d in found.flagged_alone] == ["sighs", "sighs", "shrugs", "shrugs"]
    assert len({(d.patient_id, d.turn) for d in found.flagged_alone}) == 4


def test_only_labels_with_full_support_and_families_have_curves(two, make):
    codebook, marks, predictions = two
    found = details_of(marks, predictions, codebook, make.section())
    assert list(found.curves) == ["shrugs"]
    assert found.curves == {"shrugs": evaluate(marks, predictions, codebook, make.section()).curves["shrugs"]}


def test_exclusive_codebooks_have_no_confusion_of_flags(make, small):
    _, marks, predictions = small
    exclusive = make.codebook(["shrugs"], exclusive=True)
    assert details_of(marks, predictions, exclusive, make.section()).confusions == ()


def test_silent_model_has_no_details(make, small):
    codebook, marks, predictions = small
    silent = predictions.assign(p_shrugs=float("nan"), flag_shrugs=False)
    found = details_of(marks, silent, codebook, make.section())
    assert (found.confusions, found.flagged_alone, found.missed) == ((), (), ())
    assert found.curves == {}
