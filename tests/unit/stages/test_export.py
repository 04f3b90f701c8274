import json

import pandas as pd
import pytest

from rift.errors import RiftError
from rift.readers.registry import read_file
from rift.scoring.sources import Reading
from rift.stages.export import export

NO_TIMES = {"start_s": None, "end_s": None}
ORIGIN = ("source", "source_sha256", "words_sha256", "model", "model_sha256", "rift_version")
SCORE = {
    "format": 1,
    "patient_id": "",
    "session_id": "P01_S01",
    "labels": ["denial", "withdrawal"],
    "answers_known": True,
    "origin": dict.fromkeys(ORIGIN, ""),
    "turns": [
        {"turn": 0, "speaker": "therapist", **NO_TIMES, "p": [None, None], "flag": [None, None]},
        {"turn": 1, "speaker": "patient", **NO_TIMES, "p": [0.9, 0.2], "flag": [True, False]},
    ],
    "episodes": [
        {
            "family": "withdrawal",
            "first_turn": 1,
            "last_turn": 1,
            **NO_TIMES,
            "peak": 0.9,
            "markers": ["denial"],
            "turns": [1],
            "answered_by": [],
        }
    ],
}


@pytest.fixture
def session(tmp_path):
    path = tmp_path / "new" / "P01_S01.txt"
    path.parent.mkdir()
    path.write_text("T: How was it?\nP: Fine.\n")
    return path


@pytest.fixture
def scores(tmp_path):
    folder = tmp_path / "scores" / "sessions"
    folder.mkdir(parents=True)
    (folder / "P01_S01.json").write_text(json.dumps(SCORE))
    return folder.parent


def test_the_models_flags_and_episodes_go_along(session, scores, tmp_path):
    done = export([session], "csv", tmp_path / "out", scores, Reading())
    assert [path.name for path in done.written] == ["turns.csv", "marks.csv"]
    assert (done.warnings, done.failures) == ((), ())
    marks = pd.read_csv(done.written[1])
    assert marks[["coder", "turn", "last_turn", "label"]].values.tolist() == [
        ["RIFT model", 1, 1, "denial"],
        ["RIFT model episodes", 1, 1, "withdrawal episode"],
    ]


def test_a_project_for_coding_programs_reads_back(session, scores, tmp_path):
    done = export([session], "refi", tmp_path / "out", scores, Reading())
    (transcript,) = read_file(done.written[0]).transcripts
    assert [turn.text for turn in transcript.turns] == ["How was it?", "Fine."]
    assert {(mark.coder, mark.label, mark.first_turn) for mark in transcript.marks} == {
        ("RIFT model", "denial", 1), ("RIFT model episodes", "withdrawal episode", 1),
    }  # fmt: skip


def test_what_cannot_be_written_is_told_and_the_rest_goes_on(session, tmp_path):
    timed = session.with_name("P02_S01.vtt")
    timed.write_text("WEBVTT\n\n00:00.000 --> 00:01.000\n<v T>Hi</v>\n")
    done = export([session.parent], "elan", tmp_path / "out", None, Reading())
    assert [path.name for path in done.written] == ["P02_S01.eaf"]
    (failure,) = done.failures
    assert "has no time, which ELAN needs" in failure.problem


def test_scores_of_other_turns_are_not_taken(session, scores, tmp_path):
    session.write_text("T: How was it?\nP: Fine.\nT: Mm.\n")
    done = export([session], "csv", tmp_path / "out", scores, Reading())
    assert pd.read_csv(done.written[1]).empty
    assert "scored with another number of turns" in done.warnings[0]


def test_unknown_formats_are_refused(session, tmp_path):
    with pytest.raises(RiftError, match="unknown format 'nvivo'"):
        export([session], "nvivo", tmp_path / "out", None, Reading())
