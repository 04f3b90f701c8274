"""Models, predictions and transcripts to score that cannot be used."""

import json

import pandas as pd
import pytest

from rift.manifest import sha256_of


def test_predictions_of_another_codebook(lab):
    assert lab.prepare().code == 0
    lab.write_predictions(lab.predictions("annomi"))
    path = lab.model / "predictions.parquet"
    here = "the corpus is coded by codebook '3rs' (26 labels)"
    lab.stage("evaluate").refuses(path, "predictions of 3 labels, change, neutral, sustain", here)
    lab.write_model("annomi")
    lab.stage("evaluate").refuses(path, "predictions of codebook 'annomi' (3 labels)", here, "train.out")
    assert not (lab.folder / "reports").exists()


def test_predictions_that_do_not_fit_the_corpus(lab):
    assert lab.prepare().code == 0
    table = lab.predictions()
    path = lab.model / "predictions.parquet"
    for spoiled, words in (
        (table.assign(turn=table["turn"] + 3), [path, "9 turns of 10 not in the prepared corpus", "P1/S1/4"]),
        (table.drop(columns="fold"), [path, "column 'fold' is missing"]),
        (table.assign(fold=0), ["1 fold; decisions are fitted on the other folds"]),
        (table.assign(fold="x"), ["column fold: expected numbers"]),
        (table.assign(p_denial=3.0), ["p_denial of turn P1/S1/0 is 3, not 0-1"]),
        (table.assign(p_denial="x"), ["column p_denial: expected numbers"]),
    ):
        lab.write_predictions(spoiled)
        lab.stage("evaluate").refuses(*words)
    lab.write("model/predictions.parquet", b"junk")
    lab.stage("evaluate").refuses(path, "not a readable parquet file")
    assert not (lab.folder / "reports").exists()


def reseal(folder, **changes):
    """Change values of ``rift.json``, and let its hashes be those of the files as they are now."""
    content = json.loads((folder / "rift.json").read_text())
    content["files"] = {name: sha256_of(folder / name) for name in content["files"]}
    (folder / "rift.json").write_text(json.dumps({**content, **changes}))


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def junk_network(folder):
    (folder / "model.onnx").write_bytes(b"junk")
    reseal(folder)


@pytest.mark.parametrize(
    ("spoil", "place", "words"),
    [
        (lambda folder: (folder / "rift.json").unlink(), "", ["no rift.json here", "rift train wrote"]),
        (lambda folder: cut(folder / "rift.json"), "rift.json", ["damaged: file: Invalid JSON"]),
        (lambda folder: reseal(folder, windows=None), "rift.json", ["damaged: windows"]),
        (lambda folder: reseal(folder, decisions=[]), "rift.json", ["decisions do not match the codebook"]),
        (
            lambda folder: reseal(folder, format=2, more="from the future"),
            "rift.json",
            ["written in format 2; this RIFT reads format 1", "the version of RIFT that trained the model"],
        ),
        (
            lambda folder: (folder / "model.onnx").unlink(),
            "",
            ["model.onnx is missing", "whole model folder"],
        ),
        (lambda folder: cut(folder / "model.onnx"), "model.onnx", ["model.onnx is damaged: its sha256"]),
        (junk_network, "model.onnx", ["onnxruntime cannot load it", "copy the whole model folder anew"]),
        (lambda folder: cut(folder / "tokenizer.json"), "tokenizer.json", ["tokenizer.json is damaged"]),
    ],
)
def test_a_model_folder_corrupted_in_each_way(lab, spoil, place, words):
    lab.write_model()
    spoil(lab.model)
    lab.score(lab.folder / "transcripts").refuses(lab.model / place, *words)
    assert not (lab.folder / "scores").exists()


def test_bad_transcripts_among_those_to_score(lab):
    """The good ones are scored, the bad ones told of one by one: exit code 3."""
    lab.write_model()
    bad = {
        lab.write("transcripts/empty.txt", ""): "the file is empty",
        lab.write("transcripts/binary.txt", bytes(range(256)) * 4): "this is not a text file",
        lab.write("transcripts/mute.txt", "Hello there.\n\nWell.\n"): "no turn has a speaker",
        lab.transcript("family", lab.family_talk): "unknown speaker: 'Mother' (2 turns)",
    }
    notes = lab.write("transcripts/notes.md", "T: Hello.\nP: Well.\n")
    answer = lab.score(lab.folder / "transcripts")
    assert answer.code == 3
    assert "Traceback" not in answer.err
    for path, problem in bad.items():
        assert f"not scored: {path}: {problem}" in answer.err
    assert answer.err.count("not scored: ") == 4
    assert f"{notes.parent}: 1 file of other kinds (1 .md) passed over" in answer.err
    good = {"P1_S1": 4, "P1_S2": 2, "P2_S1": 2, "P3_S1": 2}
    written = sorted(lab.files("scores"))
    assert [name for name in written if name.startswith("sessions/")] == [f"sessions/{s}.json" for s in good]
    assert not [name for name in written if "/." in f"/{name}"]
    turns = pd.read_parquet(lab.folder / "scores/turns.parquet")
    assert turns.groupby("session_id").size().to_dict() == good

    again = lab.score(lab.folder / "transcripts/family.txt", options=("--speakers", "Mother=other"))
    assert again.code == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--format", "vhs"), ["unknown format 'vhs'", "known: table, csv"]),
        (("--encoding", "utf-99"), ["'utf-99' is no encoding of text", "utf-8"]),
        (
            ("--speakers", "T=counsellor"),
            ["--speakers", "'counsellor' is no role", "one of patient, therapist"],
        ),
        (("--speakers", "T"), ["--speakers", "'T' is not NAME=VALUE"]),
    ],
)
def test_options_that_cannot_be_meant(lab, options, words):
    lab.write_model()
    lab.score(lab.folder / "transcripts", options=options).refuses(*words)
    assert not (lab.folder / "scores").exists()


def test_transcripts_that_are_not_there(lab):
    lab.write_model()
    missing = lab.folder / "nowhere"
    lab.score(missing).refuses(missing, "no such file or folder")
    lab.score(f"{missing}/*.txt").refuses(f"no file matches '{missing}/*.txt'", "put them in quotes")
    assert not (lab.folder / "scores").exists()
