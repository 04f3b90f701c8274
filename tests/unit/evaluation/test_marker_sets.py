import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from rift.codebook import Codebook
from rift.corpus.marks import Marks
from rift.evaluation.coders import coder_agreement
from rift.reliability.sets import set_alpha

pytestmark = pytest.mark.filterwarnings("error")

# Eight turns, two markers, two coders: each coder's pair of states.
TURNS = [
    [[1, 0], [1, 0]], [[1, 1], [1, 0]], [[0, 0], [0, 0]], [[0, 1], [0, 0]],
    [[1, 1], [1, 1]], [[0, 0], [0, 1]], [[0, 0], [0, 0]], [[1, 0], [0, -2]],
]  # fmt: skip
STATES = np.array(TURNS).swapaxes(1, 2)
PATIENTS = ["p1"] * 4 + ["p2"] * 4


def test_alpha_of_sets_with_its_jackknife(make):
    codebook = make.codebook(["shrugs", "sighs"])
    marks = make.marks(codebook.columns, STATES, PATIENTS)
    found = coder_agreement(marks, make.section(), codebook).sets
    assert (found.turns, found.overlap, found.patients) == (8, 7, 2)
    for distance in ("masi", "jaccard"):
        alpha = getattr(found, distance)
        assert alpha.value == pytest.approx(set_alpha(STATES, distance).value)
        without = [set_alpha(part, distance).value for part in (STATES[4:], STATES[:4])]
        width = student.ppf(0.8, 1) * abs(without[0] - without[1]) / 2
        assert alpha.low == pytest.approx(max(alpha.value - width, -1))
        assert alpha.high == pytest.approx(min(alpha.value + width, 1))
        assert alpha.n == 7
    assert found.masi.value != pytest.approx(found.jaccard.value)


def test_families_and_strategies_are_no_part_of_a_set(make):
    codebook = make.codebook(["shrugs", "sighs"], family="away")
    states = np.concatenate([STATES, np.full((8, 1, 2), -1)], axis=1)
    marks = make.marks(codebook.columns, states, PATIENTS)
    found = coder_agreement(marks, make.section(), codebook).sets
    assert found.masi.value == pytest.approx(set_alpha(STATES, "masi").value)


def test_a_marker_that_the_speaker_may_not_show_need_not_be_coded(make):
    codebook = Codebook.model_validate(
        {
            "id": "small", "name": "Small", "version": "1", "source": "none",
            "labels": [
                {"id": name, "name": name, "kind": "marker", "speakers": who, "definition": "d"}
                for name, who in (("shrugs", ["patient"]), ("sighs", ["patient", "therapist"]))
            ],
        }
    )  # fmt: skip
    turns = pd.DataFrame({"patient_id": "p1", "session_id": "s1", "turn": range(4)})
    turns["speaker"] = ["patient", "patient", "therapist", "other"]
    states = np.array([[[1, 1], [0, 0]], [[0, -1], [1, 1]], [[-1, -1], [1, 0]], [[-1, -1], [-1, -1]]])
    marks = Marks(turns, codebook.columns, ("a", "b"), states)
    found = coder_agreement(marks, make.section(), codebook).sets
    assert (found.turns, found.overlap) == (3, 2)
    expected = set_alpha(np.array([[[1, 1], [0, 0]], [[0, 0], [1, 0]]]), "masi")
    assert found.masi.value == pytest.approx(expected.value)


@pytest.mark.parametrize(
    ("states", "coders", "reason"),
    [
        (np.zeros((8, 2, 2)), "ab", "no variation: nobody marked anything"),
        (np.ones((8, 2, 2)), "ab", "no variation: every unit coded twice has the same set"),
        (np.ones((8, 2, 1)), "a", "fewer than two coders"),
        (np.full((8, 2, 2), -2), "ab", "no turn coded for every marker by two coders"),
        (np.tile([[1, -1], [0, 0]], (8, 1, 1)), "ab", "no turn coded for every marker by two coders"),
    ],
)
def test_undefined_says_why(make, states, coders, reason):
    codebook = make.codebook(["shrugs", "sighs"])
    marks = make.marks(codebook.columns, states, PATIENTS, coders=coders)
    found = coder_agreement(marks, make.section(), codebook).sets
    for known in (found.masi, found.jaccard):
        assert (known.value, known.reason) == (None, reason)


def test_there_are_no_sets_of_one_marker_or_of_classes_or_without_a_codebook(make):
    marks = make.marks(["shrugs", "sighs"], STATES, PATIENTS)
    assert coder_agreement(marks, make.section()).sets is None
    alone = make.marks(["shrugs"], STATES[:, :1], PATIENTS)
    assert coder_agreement(alone, make.section(), make.codebook(["shrugs"])).sets is None
    classes = make.codebook(["shrugs", "sighs"], exclusive=True)
    assert coder_agreement(marks, make.section(), classes).sets is None
