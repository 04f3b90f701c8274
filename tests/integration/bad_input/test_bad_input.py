"""What a user may get wrong in transcripts and codings: which file, what, and what to do.

Every fault ends in exit code 2 and one message, never in a traceback or a half-written file.
"""

import json

import pandas as pd
import pytest

from rift.config import load_config
from rift.corpus.marks import build_marks
from rift.corpus.prepare import load_prepared
from rift.decisions.cross_fit import cross_fit
from rift.evaluation.results import evaluate


def test_the_small_corpus_itself_is_sound(lab):
    answer = lab.prepare()
    assert answer.code == 0
    assert "10 turns (5 patient, 5 therapist) in 4 sessions of 3 patients, 2 coders: A, B" in answer.out
    assert sorted(lab.files("prepared")) == [
        "codebook.json", "codings.parquet", "coverage.parquet", "folds.json", "report.json", "turns.parquet",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["the file is empty"]),
        (b" \n\n\t\n", ["the file is empty"]),
        (bytes(range(256)) * 4, ["not a text file", "--encoding, or encoding in corpus.yaml"]),
        (b"%PDF-1.7 ...", ["a PDF file", "save the transcript as plain text"]),
        (
            b"Hello there.\n\nI am well, thank you.\n",
            ["no turn has a speaker", "begin each turn with a label"],
        ),
        (
            b"T: Hello.\nP: I am well.\nMother: He is not.\nP: Yes I am.\nMother: No.\n",
            ["unknown speaker: 'Mother' (2 turns)", "speakers: {Mother: other}", "--speakers 'Mother'=other"],
        ),
        (
            b"Anna: Hello.\nBert: I am well.\nAnna: Good.\nBert: Yes.\n",
            ["unknown speakers: 'Anna' (2 turns), 'Bert' (2 turns)", "speakers: {Anna: patient}"],
        ),
    ],
)
def test_a_transcript_that_cannot_be_read(lab, content, words):
    path = lab.write("transcripts/P4_S1.txt", content)
    lab.prepare().refuses(path, *words)
    assert not lab.out.exists()


def test_every_bad_transcript_is_named_at_once(lab):
    empty = lab.write("transcripts/P4_S1.txt", "")
    mute = lab.write("transcripts/P5_S1.txt", "Hello there.\n\nWell.\n")
    answer = lab.prepare()
    assert answer.code == 2
    assert "2 faults in the files of the corpus" in answer.err
    assert str(empty) in answer.err
    assert str(mute) in answer.err


def test_a_third_speaker_with_a_role_is_read(lab):
    lab.transcript("P4_S1", lab.family_talk)
    lab.spec["transcripts"]["speakers"]["Mother"] = "other"
    answer = lab.prepare()
    assert answer.code == 0
    assert "16 turns (7 patient, 7 therapist, 2 other)" in answer.out
    turns = pd.read_parquet(lab.out / "turns.parquet").query("patient_id == 'P4'")
    assert turns["speaker"].tolist() == ["therapist", "patient", "other", "patient", "other", "therapist"]


def test_a_turn_longer_than_the_window_is_prepared_whole(lab):
    lab.transcript("P4_S1", ["T: Hello.", "P: " + "word " * 5000 + "end.", "T: Mm."])
    assert lab.prepare().code == 0
    turns = pd.read_parquet(lab.out / "turns.parquet").query("patient_id == 'P4'")
    assert turns["text"].str.split().str.len().tolist() == [1, 5001, 1]


def test_an_earlier_preparation_survives_bad_input(lab):
    assert lab.prepare().code == 0
    before = lab.files("prepared")
    lab.write("transcripts/P4_S1.txt", "")
    lab.prepare().refuses("the file is empty")
    assert lab.files("prepared") == before


def test_codings_of_turns_and_sessions_that_do_not_exist(lab):
    path = lab.codings("A", ["P1,S1,9,denial,", "P7,S1,0,denial,", "P1,S1,1,denial,"])
    lab.prepare().refuses(
        "2 codings of sessions or turns that no transcript has",
        f"{path}, row 2, column label: P1/S1 turn 9; the session has turns 0-3",
        f"{path}, row 3, column label: session P7/S1",
        "turns count from 0",
    )
    assert not lab.out.exists()


def test_two_codings_of_one_turn_by_one_coder_that_differ(lab):
    path = lab.codings("A", ["P1,S1,1,denial,2", "P2,S1,1,,", "P1,S1,1,Denial,4"])
    lab.prepare().refuses(
        "1 coding contradicts an earlier one of the same coder",
        "A on P1/S1 turn 1, denial",
        f"present (2) at {path}, row 2",
        f"present (4) at {path}, row 4",
        "leave one of the two codings",
    )


def test_an_unknown_code(lab):
    path = lab.codings("A", ["P1,S1,1,denail,", "P1,S2,1,denail,", "P2,S1,0,qqqq,"])
    lab.prepare().refuses(
        "2 unknown codes",
        "code 'denail' is not in codebook '3rs'; nearest: denial",
        f"2 times, {path}, row 2, column label, {path}, row 3, column label",
        f"code 'qqqq' is not in codebook '3rs': 1 time, {path}, row 4",
        "add them to the codebook as aliases",
    )


def test_a_cell_that_cannot_be_understood(lab):
    path = lab.codings("A", ["P1,S1,first,denial,"])
    lab.prepare().refuses(f"{path}, row 2, column turn", "'first' is not a whole number", "first_turn_number")


def test_a_patient_in_two_caseloads(lab):
    lab.spec["therapists"]["P1"] = ["T1", "T2"]
    answer = lab.prepare(folds=2)
    assert answer.code == 0
    said = " ".join(answer.out.split())
    assert "warning: 1 patient in two or more caseloads, which are therefore in one fold: P1" in said
    folds = json.loads((lab.out / "folds.json").read_text())
    assert folds["P1"] == folds["P2"] != folds["P3"]
    lab.prepare(folds=3).refuses("3 folds, 2 groups of patients who share therapists (3 patients)")


def test_fewer_patients_than_folds(lab):
    lab.prepare(folds=9).refuses("prepare.folds: 9 folds, 3 patients", "set prepare.folds to 3 or less")
    assert not lab.out.exists()


def test_a_marker_that_nobody_used(lab):
    answer = lab.prepare()
    assert "warning: nobody gave: abstract_communication, " in " ".join(answer.out.split())
    corpus = load_prepared(lab.out)
    marks = build_marks(corpus.turns, corpus.codings, corpus.coverage, corpus.codebook)
    config = load_config()
    fitted = cross_fit(lab.predictions(), marks, config.decisions, corpus.codebook)
    decision = next(one for one in fitted.decisions if one.label == "abstract_communication")
    assert (decision.status, decision.threshold) == ("no examples", None)
    assert decision.rule == "none: no coded turn carries it"
    assert not fitted.predictions["flag_abstract_communication"].dropna().any()
    assert fitted.predictions["p_abstract_communication"].notna().all()

    section = config.evaluate.model_copy(update={"exploratory_support": 1})
    row = evaluate(marks, fitted.predictions, corpus.codebook, section).model.row("abstract_communication")
    assert (row.positives, row.flags, row.support) == (0.0, 0.0, "Counts")
    assert row.precision.value is None
    assert row.precision.reason == "fewer than 1 flags and positives"

    lab.write_predictions(lab.predictions())
    assert lab.stage("evaluate").code == 0
    written = json.loads((lab.folder / "reports/evaluation/evaluation.json").read_text())
    precision = written["model"]["rows"]["abstract_communication"]["precision"]
    assert precision["value"] is None
    assert precision["reason"] == "fewer than 10 flags and positives"
