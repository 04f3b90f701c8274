"""A codebook of classes that exclude one another, for both speakers and with a family, the whole way."""

import csv
import random

import numpy as np
import pandas as pd
import pytest
import yaml

pytestmark = pytest.mark.integration

CLIENT, THERAPIST = ("towards", "away_from", "level"), ("asks", "tells")
SAYS = {
    "towards": "i bought bread and walked home",
    "away_from": "this is pointless",
    "level": "the bus was late",
    "asks": "how was the week",
    "tells": "let us look at the list",
}
COLUMNS = [*CLIENT, *THERAPIST, "change_talk"]


def codebook():
    def label(name, speaker):
        return {
            "id": name, "name": name, "kind": "class", "group": None, "definition": "made for a test",
            "family": "change_talk" if name in ("towards", "away_from") else None, "speakers": [speaker],
        }  # fmt: skip

    return {
        "id": "talk",
        "name": "Talk",
        "version": "1",
        "source": "made for a test",
        "exclusive": True,
        "families": [{"id": "change_talk", "name": "Change talk", "definition": "made for a test"}],
        "labels": [
            *(label(name, "patient") for name in CLIENT),
            *(label(name, "therapist") for name in THERAPIST),
        ],
    }


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("talk")
    (folder / "codebook.yaml").write_text(yaml.safe_dump(codebook(), sort_keys=False))
    chance, rows = random.Random(5), []
    for patient in ("P1", "P2", "P3", "P4"):
        lines = []
        for turn in range(12):
            label = chance.choice(THERAPIST if turn % 2 == 0 else CLIENT)
            lines.append(f"{'T' if turn % 2 == 0 else 'P'}: {SAYS[label]}\n")
            if turn > 1:  # nobody coded the first two turns
                rows.append([patient, "S1", turn, label])
        (folder / f"{patient}_S1.txt").write_text("".join(lines))
    with (folder / "a.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["patient_id", "session_id", "turn", "label"], *rows])
    content = {
        "name": "talk",
        "codebook": "codebook.yaml",
        "transcripts": {
            "files": "{patient_id}_{session_id}.txt", "speakers": {"T": "therapist", "P": "patient"},
        },
        "codings": [{"files": "{coder}.csv", "layout": "long", "unit": "turn"}],
        "coverage": [{"coders": "all", "labels": "all", "sessions": "all", "speakers": "all"}],
    }  # fmt: skip
    (folder / "corpus.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    return folder / "corpus.yaml"


@pytest.fixture(scope="module")
def trained(corpus, rift_command, small_config, tmp_path_factory):
    out = tmp_path_factory.mktemp("talk-work")
    settings = [
        "-c", small_config, "-s", f"prepare.corpus={corpus}", "-s", f"prepare.out={out / 'processed'}",
        "-s", f"train.out={out / 'model'}", "-s", f"evaluate.out={out / 'reports'}", "-s", "prepare.folds=2",
        "-s", "tracking.enabled=false", "-s", "train.epochs=12", "-s", "train.windows_per_step=1",
    ]  # fmt: skip
    for verb in ("prepare", "train", "evaluate"):
        result = rift_command(verb, *settings)
        assert result.returncode == 0, result.stderr
    return out


@pytest.mark.parametrize("name", ["predictions.parquet", "baseline.parquet"])
def test_probabilities_are_those_of_one_choice_among_classes(trained, name):
    table = pd.read_parquet(trained / "model" / name)
    assert [column for column in table.columns if column.startswith("p_")] == [f"p_{c}" for c in COLUMNS]
    patient = table["speaker"] == "patient"
    own = table.loc[patient, [f"p_{label}" for label in CLIENT]]
    assert own.notna().all(axis=None)
    assert table.loc[patient, [f"p_{label}" for label in THERAPIST]].isna().all(axis=None)
    assert table.loc[~patient, [f"p_{label}" for label in CLIENT]].isna().all(axis=None)
    # What is left is what the therapist's classes got, which the speaker's name rules out.
    assert (own.sum(axis=1) <= 1 + 1e-6).all()
    assert own.sum(axis=1).mean() > 0.8
    family = own["p_towards"] + own["p_away_from"]
    assert np.allclose(table.loc[patient, "p_change_talk"], family, atol=1e-5)


def test_the_words_decide_on_the_class_of_unseen_patients(trained):
    table = pd.read_parquet(trained / "model" / "baseline.parquet")
    turns = pd.read_parquet(trained / "processed" / "turns.parquet")
    patient = (turns["speaker"] == "patient").to_numpy()
    label_of = {text: label for label, text in SAYS.items()}
    truth = [label_of[text] for text in turns.loc[patient, "text"]]
    found = table.loc[patient, [f"p_{label}" for label in CLIENT]].to_numpy().argmax(axis=1)
    assert [CLIENT[at] for at in found] == truth


def test_scoring_gives_each_turn_one_class_of_its_speaker(trained, corpus, rift_command):
    out = trained / "scores"
    result = rift_command("score", corpus.parent / "P1_S1.txt", "--model", trained / "model", "--out", out)
    assert result.returncode == 0, result.stderr
    table = pd.read_parquet(out / "turns.parquet")
    assert table.columns[-1] == "class"
    for speaker, kind in zip(table["speaker"], table["class"], strict=True):
        assert kind in (CLIENT if speaker == "patient" else THERAPIST)
