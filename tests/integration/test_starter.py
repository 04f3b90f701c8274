"""The model that comes with RIFT: small, sound, and used when no other is named."""

import json

import pandas as pd
import pytest

from rift.manifest import load_manifest, starter_folder

pytestmark = pytest.mark.integration

MAX_BYTES = 25 * 2**20

TRANSCRIPT = """\
T: How have you been since we last met?
P: Not so good, my mother fell on Tuesday and I have been driving over there every night.
T: What was it like for you that I was away last week?
P: I don't think you care at all. You sit there, you look at the clock, and you never listen to a word I say.
T: You're right that I was distracted, and I am sorry. I can see that it hurt you.
P: Whatever. [long pause]
"""


def test_it_is_small_and_holds_what_scoring_needs_and_nothing_else():
    files = {path.name: path.stat().st_size for path in starter_folder().iterdir()}
    assert set(files) == {"model.onnx", "tokenizer.json", "rift.json", "README.md"}
    assert sum(files.values()) <= MAX_BYTES


def test_its_manifest_is_true_of_its_files_and_names_the_3rs():
    manifest = load_manifest(starter_folder())
    assert manifest.codebook.id == "3rs"
    assert len(manifest.codebook.of_kind("marker")) == 14
    assert all(decision.threshold is not None for decision in manifest.decisions)


def test_scoring_without_a_model_uses_it_and_says_what_it_is(rift_command, tmp_path):
    (tmp_path / "P01_S01.txt").write_text(TRANSCRIPT, encoding="utf-8")
    result = rift_command("score", tmp_path / "P01_S01.txt", "--out", tmp_path / "scores")
    assert result.returncode == 0, result.stderr
    assert "scored with the starter model" in result.stderr
    assert "synthetic" in result.stderr
    turns = pd.read_parquet(tmp_path / "scores" / "turns.parquet").set_index("turn")
    assert turns.loc[3, "flag_confrontation"]
    assert not turns.loc[1, "flag_confrontation"]
    assert turns.loc[4, "p_acknowledges_contribution"] == turns["p_acknowledges_contribution"].max()
    record = json.loads((tmp_path / "scores" / "manifest.json").read_text(encoding="utf-8"))
    assert "starter" in json.dumps(record)


def test_with_a_model_nothing_is_said_of_the_starter(rift_command, chain, new_sessions, tmp_path):
    arguments = ("--model", chain.model, "--out", tmp_path / "scores", "--config", chain.config)
    result = rift_command("score", new_sessions[0], *arguments)
    assert "starter" not in result.stderr
