"""Decisions applied to raw probabilities."""

import numpy as np
import pytest

from rift.codebook import Codebook, Family, Label
from rift.decisions.apply import classes, decide
from rift.manifest import Calibration, Decision

NAN = np.nan


def decision(label, speakers, threshold, calibration=None):
    return Decision(
        label=label,
        speakers=speakers,
        status="released",
        rule="",
        threshold=threshold,
        calibration=calibration,
    )


def test_calibrates_flags_and_leaves_out_speakers_that_were_never_coded():
    raw = np.array([[0.5, 0.9, 0.9], [0.8, 0.2, 0.9], [0.8, NAN, 0.9]])
    decided = decide(
        raw,
        ["patient", "therapist", "patient"],
        [
            decision("a", ("patient",), 0.5, Calibration(slope=2.0, intercept=-1.0)),
            decision("b", ("patient", "therapist"), 0.2),
            decision("c", ("patient",), None),
        ],
    )
    np.testing.assert_allclose(
        decided.probabilities, [[1 / (1 + np.e), 0.9, 0.9], [NAN, 0.2, NAN], [16 / (16 + np.e), NAN, 0.9]]
    )
    np.testing.assert_array_equal(
        decided.flags, [[False, True, False], [False, True, False], [True, False, False]]
    )
    np.testing.assert_array_equal(
        decided.judged, [[True, True, False], [False, True, False], [True, False, False]]
    )


def test_one_class_per_turn():
    def label(name):
        return Label(id=name, name=name, kind="class", speakers=("patient",), definition="")

    book = Codebook(
        id="x",
        name="x",
        version="1",
        source="",
        exclusive=True,
        families=(Family(id="f", name="f", definition=""),),
        labels=(label("one"), label("two")),
    )
    rows = [[0.2, 0.3, 0.9], [0.3, 0.3, 0.0], [NAN, 0.1, 0.2], [NAN, NAN, 0.5]]
    plain = [decision(name, ("patient",), 0.5) for name in book.columns]
    assert classes(np.array(rows), plain, book) == ["two", "one", "two", None]
    weights = (1.0, 0.5, 1.0)
    weighted = [one.model_copy(update={"class_weight": w}) for one, w in zip(plain, weights, strict=True)]
    assert classes(np.array(rows), weighted, book) == ["one", "one", "two", None]


@pytest.mark.parametrize("turns", [0, 1])
def test_empty_and_single(turns):
    decided = decide(np.full((turns, 1), 0.7), ["patient"] * turns, [decision("a", ("patient",), 0.7)])
    assert decided.flags.tolist() == [[True]] * turns
