"""A corpus small enough to compute by hand: two patients, two coders, one marker of one family."""

import numpy as np
import pandas as pd
import pytest

from rift.codebook import Codebook
from rift.config import EvaluateSection
from rift.corpus.marks import Marks


def make_codebook(markers, family=None, exclusive=False):
    families = [{"id": family, "name": family.title(), "definition": "d"}] if family else []
    return Codebook.model_validate(
        {
            "id": "small", "name": "Small", "version": "1", "source": "none", "exclusive": exclusive,
            "families": families,
            "labels": [
                {"id": marker, "name": marker.title(), "kind": "class" if exclusive else "marker",
                 "family": family, "speakers": ["patient"], "definition": "d"}
                for marker in markers
            ],
        }
    )  # fmt: skip


def make_marks(columns, states, patients, coders=("a", "b")):
    """Marks of [T, L, C] states; every patient has one session, turns numbered in order."""
    turns = pd.DataFrame({"patient_id": patients, "session_id": "s1", "speaker": "patient"})
    turns["turn"] = turns.groupby("patient_id").cumcount()
    turns = turns[["patient_id", "session_id", "turn", "speaker"]]
    return Marks(turns, tuple(columns), tuple(coders), np.asarray(states, dtype=np.int8))


def make_predictions(marks, scores, flags):
    """A frame of [T, L] scores and flags for the turns of marks."""
    frame = marks.turns.copy()
    frame["fold"] = 0
    for at, column in enumerate(marks.columns):
        frame[f"p_{column}"] = np.asarray(scores, dtype=float)[:, at]
        frame[f"flag_{column}"] = np.asarray(flags, dtype=bool)[:, at]
    return frame


@pytest.fixture
def make():
    class Make:
        codebook = staticmethod(make_codebook)
        marks = staticmethod(make_marks)
        predictions = staticmethod(make_predictions)

        @staticmethod
        def section(**changes):
            known = {
                "out": "reports", "full_support": 2, "full_patients": 2, "exploratory_support": 1,
                "min_patients_interval": 2, "interval": 0.6, "bootstrap": 400,
                "margin": -0.1, "epsilon": 0.2, "segment_minutes": (1, 5), "trainings": (), "seed": 1,
            }  # fmt: skip
            return EvaluateSection.model_validate({**known, **changes})

    return Make


@pytest.fixture
def small(make):
    """Codebook, marks and predictions of eight turns; -1 not coded.

    Soft labels 1, .5, 0, 0 and 1, .5, 0, 0; flags 1, 1, 0, 0 and 1, 0, 1, 0.
    """
    codebook = make.codebook(["shrugs"])
    states = [[1, 1], [1, 0], [0, 0], [0, 0], [1, 1], [0, 1], [0, 0], [0, -1]]
    marks = make.marks(["shrugs"], np.array(states)[:, None], ["p1"] * 4 + ["p2"] * 4)
    scores = np.array([0.9, 0.8, 0.1, 0.2, 0.95, 0.3, 0.7, 0.05])[:, None]
    return codebook, marks, make.predictions(marks, scores, scores > 0.5)
