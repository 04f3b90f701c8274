"""The whole chain by the command line, as a lab would run it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from rift.manifest import sha256_of

pytestmark = pytest.mark.integration

MARKERS = ("falls_silent", "shifts_topic", "objects")
COLUMNS = (*MARKERS, "asks_openly", "away", "against")
OF_PATIENTS = (*MARKERS, "away", "against")


@pytest.fixture(scope="module")
def predictions(chain):
    return pd.read_parquet(chain.model / "predictions.parquet")


@pytest.fixture(scope="module")
def turns(chain):
    return pd.read_parquet(chain.processed / "turns.parquet")


@pytest.fixture(scope="module")
def scored(chain, new_sessions, rift_command, tmp_path_factory):
    folder, _ = new_sessions
    out = tmp_path_factory.mktemp("scores")
    result = rift_command(
        "score", folder, "--model", chain.model, "--out", out, "--config", chain.config,
        "--speakers", "T=therapist", "--speakers", "P=patient",
    )  # fmt: skip
    return result, out


def test_every_verb_ends_well(chain):
    assert {verb: result.returncode for verb, result in chain.results.items()} == {
        "prepare": 0,
        "agreement": 0,
        "train": 0,
        "evaluate": 0,
    }


def test_prepare_keeps_every_turn_and_every_word(chain, turns, small_corpus):
    expected = [
        (*key, number, "patient" if line.speaker == "P" else "therapist", line.text)
        for key, lines in small_corpus.sessions.items()
        for number, line in enumerate(lines)
    ]
    columns = ["patient_id", "session_id", "turn", "speaker", "text"]
    assert list(turns[columns].itertuples(index=False, name=None)) == expected


def test_prepare_keeps_the_marks_of_both_coders(chain, small_corpus):
    codings = pd.read_parquet(chain.processed / "codings.parquet")
    by_a = codings[codings["coder"] == "coder_a"]
    expected = {
        (*key, number, mark)
        for key, lines in small_corpus.sessions.items()
        for number, line in enumerate(lines)
        for mark in line.marks
    }
    found = by_a[["patient_id", "session_id", "first_turn", "label"]].itertuples(index=False, name=None)
    assert set(found) == expected
    sessions_of_b = codings.loc[codings["coder"] == "coder_b", ["patient_id", "session_id"]].drop_duplicates()
    assert ("P03", "S02") not in set(sessions_of_b.itertuples(index=False, name=None))
    assert len(sessions_of_b) == 6


def test_agreement_is_that_of_the_two_files(chain, small_corpus):
    content = json.loads((chain.reports / "agreement" / "agreement.json").read_text())
    assert content["coders"] == ["coder_a", "coder_b"]
    both = [key for key in small_corpus.sessions if key not in (("P03", "S02"), ("P06", "S01"))]
    objects = content["rows"]["objects"]
    # Only patients may object: seven of fourteen turns in each of the six sessions coded twice.
    assert objects["overlap"] == 7 * len(both)
    marked = sum("objects" in line.marks for key in both for line in small_corpus.sessions[key])
    (pair,) = objects["pairs"]
    assert pair["both"] + pair["first_only"] == marked
    assert pair["second_only"] == 0


def test_every_turn_is_predicted_once_and_in_its_patients_fold(chain, predictions, turns):
    key = ["patient_id", "session_id", "turn"]
    assert predictions[key].equals(turns[key])
    folds = json.loads((chain.processed / "folds.json").read_text())
    assert sorted(set(folds.values())) == [0, 1, 2]
    assert (predictions["fold"] == predictions["patient_id"].map(folds)).all()
    assert list(predictions.columns) == [*key, "speaker", "fold", *(f"p_{label}" for label in COLUMNS)]


def test_probabilities_stand_where_the_speaker_may_show_the_label(predictions):
    patient = (predictions["speaker"] == "patient").to_numpy()
    for label in COLUMNS:
        known = predictions[f"p_{label}"].notna().to_numpy()
        assert (known == (patient if label in OF_PATIENTS else ~patient)).all(), label
    values = predictions[[f"p_{label}" for label in COLUMNS]].to_numpy()
    assert np.nanmin(values) > 0
    assert np.nanmax(values) < 1


def test_the_baseline_is_predicted_over_the_same_turns(chain, predictions):
    baseline = pd.read_parquet(chain.model / "baseline.parquet")
    assert list(baseline.columns) == list(predictions.columns)
    assert baseline.iloc[:, :5].equals(predictions.iloc[:, :5])
    assert (baseline.isna() == predictions.isna()).all(axis=None)


def test_the_model_folder_holds_what_scoring_needs_and_no_pickle(chain):
    assert sorted(path.name for path in chain.model.iterdir()) == [
        "baseline.parquet",
        "config.json",
        "model.onnx",
        "model.safetensors",
        "predictions.parquet",
        "rift.json",
        "tokenizer.json",
        "training.json",
    ]
    assert not list(chain.model.parent.glob(".*")), "the unfinished training is cleared away"


def test_rift_json_holds_all_that_scoring_must_know(chain):
    content = json.loads((chain.model / "rift.json").read_text())
    overlay = yaml.safe_load(chain.config.read_text())
    assert content["format"] == 1
    assert content["name"] == "small"
    assert [label["id"] for label in content["codebook"]["labels"]] == [*MARKERS, "asks_openly"]
    assert [family["id"] for family in content["codebook"]["families"]] == ["away", "against"]
    assert content["windows"] == {"max_tokens": 96, "left_context_tokens": 32}
    assert content["config"]["train"]["epochs"] == 2
    assert content["config"]["train"]["warmup_share"] == 0.1, "base.yaml's values are there as well"
    assert content["encoder"] == overlay["train"]["encoder"]
    assert content["encoder_sha256"] == sha256_of(Path(content["encoder"]) / "model.safetensors")
    assert {name: sha256_of(chain.model / name) for name in content["files"]} == content["files"]
    assert set(content["files"]) == {"model.onnx", "tokenizer.json", "model.safetensors"}
    assert len(content["data_sha256"]) == len(content["config_sha256"]) == 64
    assert content["episodes"]["speakers"] == ["patient"]
    assert set(content["versions"]) >= {"torch", "transformers", "tokenizers", "onnxruntime"}


def test_rift_json_holds_a_threshold_with_its_rule_and_status_for_every_label(chain):
    content = json.loads((chain.model / "rift.json").read_text())
    decisions = content["decisions"]
    assert [decision["label"] for decision in decisions] == list(COLUMNS)
    for decision in decisions:
        expected = ["patient"] if decision["label"] in OF_PATIENTS else ["therapist"]
        assert decision["speakers"] == expected
        assert decision["status"] in {"released", "not released"}
        assert 0 < decision["threshold"] < 1
        assert decision["rule"]
        assert (decision["precision_bound"] is not None) == (decision["status"] == "released")


def test_evaluation_agrees_with_the_metrics_in_the_model(chain):
    metrics = json.loads((chain.reports / "evaluation" / "metrics.json").read_text())
    assert metrics == json.loads((chain.model / "rift.json").read_text())["metrics"]
    assert set(metrics["model"]) >= {"away", "against", "micro_marker", "macro_marker"}


def test_evaluation_counts_every_coded_turn_and_patient(chain, small_corpus, predictions):
    content = json.loads((chain.reports / "evaluation" / "evaluation.json").read_text())
    row = content["model"]["rows"]["falls_silent"]
    assert row["turns"] == 7 * len(small_corpus.sessions)
    assert row["sessions"] == 8
    assert row["patients"] == 6
    assert row["unscored"] == 0
    codings = pd.read_parquet(chain.processed / "codings.parquet")
    by_coder = codings[codings["label"] == "falls_silent"].groupby(["patient_id", "session_id", "first_turn"])
    coders = {key: 1 if key[:2] in (("P03", "S02"), ("P06", "S01")) else 2 for key in by_coder.groups}
    soft = sum(len(rows) / coders[key] for key, rows in by_coder)
    assert row["positives"] == pytest.approx(soft)
    assert {"TF-IDF + logistic regression"} <= set(content["baselines"])


def test_scoring_tells_of_the_bad_file_and_scores_the_others(scored, new_sessions):
    result, out = scored
    assert result.returncode == 3
    assert "not scored" in result.stderr
    assert "broken.xlsx" in result.stderr
    manifest = json.loads((out / "manifest.json").read_text())
    assert [Path(file["source"]).name for file in manifest["files"]] == ["N01.txt", "N02.csv"]
    assert [Path(failure["source"]).name for failure in manifest["failures"]] == ["broken.xlsx"]
    assert sorted(path.suffix for path in (out / "sessions").iterdir()) == [".json", ".json"]


def test_scored_turns_have_the_promised_columns(scored, new_sessions):
    _, out = scored
    table = pd.read_parquet(out / "turns.parquet")
    assert list(table.columns) == [
        "patient_id", "session_id", "turn", "speaker", "start_s", "end_s",
        *(f"p_{label}" for label in COLUMNS), *(f"flag_{label}" for label in COLUMNS),
    ]  # fmt: skip
    assert table["session_id"].tolist() == ["N01"] * 14 + ["S01"] * 14
    assert table["patient_id"].tolist() == [""] * 14 + ["N02"] * 14
    assert table["turn"].tolist() == [*range(14), *range(14)]
    assert table["speaker"].tolist() == ["therapist", "patient"] * 14
    timed = table[table["patient_id"] == "N02"]
    assert timed["start_s"].tolist() == [10.0 * turn for turn in range(14)]
    assert timed["end_s"].tolist() == [10.0 * turn + 8 for turn in range(14)]
    assert table.loc[table["patient_id"] == "", ["start_s", "end_s"]].isna().all(axis=None)


def test_scored_flags_follow_the_thresholds_of_the_model(scored, chain):
    _, out = scored
    table = pd.read_parquet(out / "turns.parquet")
    for decision in json.loads((chain.model / "rift.json").read_text())["decisions"]:
        label = decision["label"]
        p, flag = table[f"p_{label}"], table[f"flag_{label}"]
        eligible = table["speaker"].isin(decision["speakers"])
        assert (p.notna() == eligible).all()
        assert flag.isna().equals(~eligible)
        assert (flag[eligible].astype(bool) == (p[eligible] >= decision["threshold"])).all()


def test_scored_episodes_have_the_promised_columns(scored):
    _, out = scored
    episodes = pd.read_parquet(out / "episodes.parquet")
    assert list(episodes.columns) == [
        "patient_id", "session_id", "family", "first_turn", "last_turn", "start_s", "end_s", "peak",
        "markers", "answered_by",
    ]  # fmt: skip
    turns = pd.read_parquet(out / "turns.parquet").set_index(["patient_id", "session_id", "turn"])
    assert len(episodes) > 0
    for episode in episodes.itertuples():
        assert episode.family in {"away", "against", "mixed"}
        inside = turns.loc[
            [(episode.patient_id, episode.session_id, t)
             for t in range(episode.first_turn, episode.last_turn + 1)]
        ]  # fmt: skip
        families = ["away", "against"] if episode.family == "mixed" else [episode.family]
        assert episode.peak == inside[[f"p_{family}" for family in families]].max(axis=None)
        assert set(episode.markers) <= {m for m in MARKERS if inside[f"flag_{m}"].fillna(False).any()}
        assert set(episode.answered_by) <= {"asks_openly"}


def test_a_second_call_scores_nothing_twice(scored, chain, new_sessions, rift_command):
    _, out = scored
    before = {path: path.stat().st_mtime_ns for path in (out / "sessions").iterdir()}
    table = (out / "turns.parquet").read_bytes()
    again = rift_command(
        "score", new_sessions[0], "--model", chain.model, "--out", out, "--config", chain.config,
        "--speakers", "T=therapist", "--speakers", "P=patient",
    )  # fmt: skip
    assert again.returncode == 3
    assert {path: path.stat().st_mtime_ns for path in (out / "sessions").iterdir()} == before
    assert (out / "turns.parquet").read_bytes() == table


def test_nothing_that_is_written_holds_words_of_a_transcript(chain, scored, small_corpus, new_sessions):
    _, out = scored
    said = [line.text for lines in new_sessions[1].values() for line in lines]
    sequences = word_sequences([*small_corpus.texts, *said])
    for folder in (chain.model, chain.reports, out):
        for path in (path for path in folder.rglob("*") if path.is_file()):
            # The page quotes turns to reread; --no-text leaves them out, as the page's own tests show.
            if path.name != "report.html":
                assert not leaks(readable(path), sequences), path


def word_sequences(texts, length=5):
    return {
        " ".join(words[start : start + length])
        for words in (text.split() for text in texts)
        for start in range(len(words) - length + 1)
    }


def leaks(text, sequences):
    return [sequence for sequence in sequences if sequence in text] + (["nonce"] if "QZX81" in text else [])


def readable(path):
    """Return a file as text; the columns of parquet uncompressed."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    return path.read_bytes().decode("utf-8", "replace")


def test_a_leak_would_be_found(small_corpus):
    sequences = word_sequences(small_corpus.texts)
    assert leaks(f"x {small_corpus.texts[0]} y", sequences)
    assert leaks("said QZX81NONCE", sequences) == ["nonce"]
    assert not leaks("nothing of the kind", sequences)


def test_results_go_to_stdout_and_messages_to_stderr(chain):
    train = chain.results["train"]
    assert train.stdout == ""
    assert train.stderr.splitlines()[-1] == f"wrote {chain.model}"
    for verb in ("prepare", "agreement", "evaluate"):
        assert "wrote" not in chain.results[verb].stdout
        assert "wrote" in chain.results[verb].stderr
    assert "Falls silent" in chain.results["agreement"].stdout
    assert "Falls silent" in chain.results["evaluate"].stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--folds-only", "--no-folds"], "exclude one another"),
        (["prepare", "-c", "no-such.yaml"], "no such configuration file"),
        (["score", "no-such.txt", "--model", "no-such-model"], "not a RIFT model folder"),
        (["score", "x", "--model", "m", "--speakers", "T=nobody"], "'nobody' is no role"),
        (["train", "--set", "train.epochs=0"], "greater than or equal to 1"),
        (["train", "--set", "prepare.out=nowhere"], "run rift prepare"),
        (["evaluate", "--set", "prepare.out=nowhere"], "run rift prepare"),
    ],
)
def test_a_users_mistake_is_a_message_and_exit_code_2(
    rift_command, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    result = rift_command(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []
