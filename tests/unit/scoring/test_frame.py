"""Turns in a data frame."""

import numpy as np
import pandas as pd
import pytest

from rift.errors import RiftError
from rift.schema import Turn
from rift.scoring.frame import score_frame
from rift.scoring.session import SpokenSession, score_session


def frame():
    return pd.DataFrame(
        {
            "patient_id": ["P1", "P1", "P2", "P1", "P2"],
            "session_id": ["S1", "S1", "S1", "S1", "S1"],
            "turn": [3, 1, 0, 2, 1],
            "speaker": ["patient", "therapist", "patient", "patient", "therapist"],
            "text": ["silent silent", "so", "angry angry", "rain", "feel feel"],
            "start_s": [30.0, 10.0, np.nan, 20.0, 5.0],
        }
    )


def test_scores_are_those_of_the_sessions(tiny):
    turns, episodes = score_frame(tiny.scorer, frame())
    assert turns[["patient_id", "session_id", "turn"]].values.tolist() == [
        ["P1", "S1", 1], ["P1", "S1", 2], ["P1", "S1", 3], ["P2", "S1", 0], ["P2", "S1", 1],
    ]  # fmt: skip
    words = [("therapist", "so"), ("patient", "rain"), ("patient", "silent silent")]
    alone = score_session(
        tiny.scorer,
        SpokenSession("P1", "S1", tuple(Turn(*w) for w in words), tuple(w[0] for w in words), (1, 2, 3)),
    )
    columns = [f"p_{name}" for name in tiny.columns]
    np.testing.assert_allclose(turns[columns].to_numpy()[:3], alone.probabilities, atol=1e-5)
    assert turns["flag_withdrawal"].tolist() == [pd.NA, False, True, False, pd.NA]
    assert episodes[["patient_id", "family", "first_turn", "last_turn"]].values.tolist() == [
        ["P1", "withdrawal", 3, 3], ["P2", "confrontation", 0, 0],
    ]  # fmt: skip
    assert episodes["markers"].tolist() == [["quiet"], ["complains"]]
    assert episodes["answered_by"].tolist() == [[], ["explores"]]
    assert episodes["start_s"].fillna(-1).tolist() == [30.0, -1]
    assert "text" not in turns.columns


def test_unknown_patients_and_well_known_labels(tiny):
    table = frame().query("patient_id == 'P2'").drop(columns=["patient_id", "start_s"])
    turns, _ = score_frame(tiny.scorer, table.assign(speaker=["P", "T"]))
    assert turns["patient_id"].tolist() == ["", ""]
    assert turns["speaker"].tolist() == ["patient", "therapist"]
    turns, _ = score_frame(tiny.scorer, table.assign(speaker=["Mia", "T"]), {"Mia": "patient"})
    assert turns["speaker"].tolist() == ["patient", "therapist"]


def test_no_rows(tiny):
    turns, episodes = score_frame(tiny.scorer, frame().iloc[:0])
    assert (len(turns), len(episodes)) == (0, 0)
    assert "flag_withdrawal" in turns.columns


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="text"), "column 'text' is missing; found: patient_id, session_id"),
        (lambda t: t.drop(columns="session_id"), "column 'session_id' is missing"),
        (lambda t: t.assign(text=["a", None, "b", "c", "d"]), "text is missing in row 1"),
        (lambda t: t.assign(turn=[3, 1, 0, 1, 1]), "session P1/S1: turn 1 stands twice"),
        (lambda t: t.assign(turn=["3", "one", "0", "2", "1"]), "turn is 'one' in row 1"),
        (lambda t: t.assign(turn=[3, 1.5, 0, 2, 1]), "turn is '1.5' in row 1"),
        (lambda t: t.assign(start_s=["1", "2", "00:03", "4", "5"]), "start_s is '00:03' in row 2"),
        (lambda t: t.assign(speaker=["patient", "Bob", "patient", "patient", "T"]), "'Bob'"),
    ],
)
def test_faults_are_named(tiny, change, message):
    with pytest.raises(RiftError, match=message):
        score_frame(tiny.scorer, change(frame()))
