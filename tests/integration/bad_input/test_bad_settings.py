"""Configuration, folders and options that cannot be meant."""

import os
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"transcript": "x"}, ["unknown key 'transcript'", "known: name, codebook, transcripts"]),
        (
            {"codings": [{"files": "c/*.csv", "layout": "tall"}]},
            ["codings.0.layout", "'long', 'wide_coders'"],
        ),
        ({"name": None}, ["name: Input should be a valid string"]),
        ({"codebook": "4rs"}, ["no codebook '4rs'", "3rs"]),
        ({"transcripts": {"files": "a.txt", "encoding": "utf-99"}}, ["'utf-99' is no encoding of text"]),
        ({"transcripts": {"files": "a.txt", "format": "vhs"}}, ["unknown format 'vhs'", "known: table, csv"]),
        (
            {"transcripts": {"files": "trans/{patient_id}_{session_id}.txt"}},
            ["no file matches 'trans/{patient_id}_{session_id}.txt'", "correct the pattern"],
        ),
        ({"transcripts": {"files": "codings"}}, ["'codings' is a folder", "write codings/* for"]),
        ({"transcripts": {"files": "t/{patient}.txt"}}, ["field {patient} in 't/{patient}.txt' is unknown"]),
        (
            {"coverage": [{"coders": "all", "labels": "denail", "sessions": "all", "speakers": "all"}]},
            ["coverage[0]", "code 'denail' is not in codebook '3rs'; nearest: denial"],
        ),
    ],
)
def test_a_corpus_file_that_cannot_be_meant(lab, change, words):
    lab.spec.update(change)
    lab.prepare().refuses("corpus.yaml" if "codebook" not in change else "4rs", *words)
    assert not lab.out.exists()


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("name: small\ncodebook: a: b\n", ", line 2, column 12: ", ["mapping values are not allowed here"]),
        ("name: [small\n", ", line 2, column 1: ", ["not readable as YAML", "needs quotes"]),
        ("name: a\nname: b\n", ", line 2, column 1: ", ["key 'name' stands twice"]),
        ("", ": ", ["valid dictionary"]),
    ],
)
def test_a_corpus_file_that_is_not_yaml(lab, text, place, words):
    path = lab.write("corpus.yaml", text)
    lab.prepare_from(path).refuses(f"{path}{place}", *words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prepare: {fold: 3}\n", ["section 'prepare' has no key 'fold'", "known: corpus, out, patients"]),
        ("preparation: {folds: 3}\n", ["unknown section 'preparation'", "known: prepare, windows"]),
        ("train: {dropout: 1.5}\n", ["train.dropout: Input should be less than 1; found '1.5'", "base.yaml"]),
        ("episodes: {offset: 2.0}\n", ["offset must not exceed onset"]),
        ("train:\n  dropout: [\n", [", line 3, column 1", "not readable as YAML"]),
    ],
)
def test_an_overlay_that_cannot_be_meant(lab, text, words):
    path = lab.write("over.yaml", text)
    lab.prepare("--config", path).refuses(path, *words)
    assert not lab.out.exists()


@pytest.mark.parametrize("setting", ["prepare.folds", "prepare.folds=[", "prepare.folds=many", "folds=3"])
def test_a_setting_that_cannot_be_meant(lab, setting):
    lab.prepare("--set", setting).refuses("--set", setting)


def test_an_output_folder_below_a_file(lab):
    below = lab.write("taken", "a file") / "deeper"
    lab.prepare("-s", f"prepare.out={below}").refuses(below, "cannot be written", "prepare.out")
    assert lab.prepare().code == 0
    lab.write_predictions(lab.predictions())
    for verb in ("agreement", "evaluate"):
        lab.stage(verb, "-s", f"evaluate.out={below}").refuses(below, "cannot write the results")
    lab.write_model()
    lab.score(lab.folder / "transcripts", out=below).refuses(below, "cannot be written", "permissions")
    assert (lab.folder / "taken").read_text() == "a file"


def test_an_output_that_is_a_file_or_has_a_folder_in_the_way(lab):
    taken = lab.write("taken", "a file")
    lab.prepare("-s", f"prepare.out={taken}").refuses(taken, "a file, not a folder")
    (lab.out / "codings.parquet").mkdir(parents=True)
    lab.prepare().refuses(lab.out / "codings.parquet", "cannot be written", "prepare.out")
    assert sorted(lab.files("prepared")) == ["turns.parquet"]
    lab.stage("agreement").refuses(lab.out, "not a prepared corpus, or its preparation did not finish")


def test_an_output_folder_without_permission(lab, monkeypatch):
    def refuse(path, *arguments, **options):
        raise PermissionError(13, os.strerror(13), str(path))

    corpus = lab.write_spec()
    monkeypatch.setattr(Path, "mkdir", refuse)
    words = (lab.out, "cannot be written: Permission denied", "check the folder's permissions")
    lab.prepare_from(corpus).refuses(*words)
    assert not lab.out.exists()


def test_a_model_folder_for_a_file(lab):
    lab.write_model()
    lab.prepare_from(lab.model).refuses(lab.model, "this is a folder, not a corpus file")
    lab.prepare("--config", lab.model).refuses(lab.model, "this is a folder, not a configuration file")
    lab.spec["codebook"] = "model"
    lab.prepare().refuses(lab.model, "no codebook 'model'", "3rs")
    lab.score(lab.model).refuses(lab.model, "a folder with a model, not with transcripts", "--model")
    lab.run("score", lab.folder / "transcripts", "--model", lab.folder / "codings/A.csv").refuses(
        lab.folder / "codings/A.csv", "not a RIFT model folder", "give the folder that rift train wrote"
    )


def test_stages_before_their_turn(lab):
    for verb in ("agreement", "evaluate"):
        lab.stage(verb).refuses(lab.out, "not a prepared corpus", "run rift prepare")
    assert lab.prepare().code == 0
    lab.stage("evaluate").refuses(lab.model / "predictions.parquet", "no such file", "run rift train")
    assert not (lab.folder / "reports/evaluation").exists()
