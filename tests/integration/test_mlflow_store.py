"""What a training leaves in MLflow: numbers, the evaluation and a model that serves; no words of anyone."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.integration

START_LIMIT_S = 90


@pytest.fixture(scope="module")
def client(chain):
    from mlflow import MlflowClient

    return MlflowClient(chain.uri, registry_uri=chain.uri)


@pytest.fixture(scope="module")
def run(client):
    """The one run of the chain's training."""
    experiment = client.get_experiment_by_name("small")
    (found,) = client.search_runs([experiment.experiment_id], "attributes.status = 'FINISHED'")
    return found


@pytest.fixture(scope="module")
def artifacts(run):
    return Path(run.info.artifact_uri.removeprefix("file://"))


@pytest.fixture(scope="module")
def registered(client):
    (version,) = client.search_model_versions("name='small'")
    return version


@pytest.fixture(scope="module")
def frame(new_sessions):
    """The turns of the two new sessions, as a notebook or a program would send them."""
    _, lines = new_sessions
    return pd.DataFrame(
        {
            "patient_id": name if name == "N02" else "",
            "session_id": "S01" if name == "N02" else name,
            "turn": turn,
            "speaker": "patient" if line.speaker == "P" else "therapist",
            "text": line.text,
        }
        for name, said in lines.items()
        for turn, line in enumerate(said)
    )


@pytest.fixture(scope="module")
def scored(chain, new_sessions, rift_command, tmp_path_factory):
    """The same sessions by rift score."""
    out = tmp_path_factory.mktemp("scores")
    rift_command("score", new_sessions[0], "--model", chain.model, "--out", out, "-c", chain.config)
    return pd.read_parquet(out / "turns.parquet"), pd.read_parquet(out / "episodes.parquet")


def test_the_run_holds_every_value_of_the_configuration(run):
    from rift.config import load_config

    parameters = run.data.params
    assert parameters["train.epochs"] == "2"
    assert parameters["windows.max_tokens"] == "96"
    assert parameters["episodes.speakers"] == '["patient"]'
    sections = load_config().model_dump(mode="json")
    assert set(parameters) == {f"{name}.{key}" for name, section in sections.items() for key in section}


def test_the_run_holds_the_metrics_of_the_evaluation(run, chain):
    metrics = json.loads((chain.reports / "evaluation" / "metrics.json").read_text())
    found = run.data.metrics
    assert found["model.against.recall"] == pytest.approx(metrics["model"]["against"]["recall"])
    assert found["model.micro_marker.f1"] == pytest.approx(metrics["model"]["micro_marker"]["f1"])
    overall = {name: value for name, value in found.items() if not name.startswith("fold.")}
    assert overall == pytest.approx(dict(defined(metrics)))
    assert all(np.isfinite(value) for value in overall.values())


def defined(values, prefix=""):
    for name, value in values.items():
        if isinstance(value, dict):
            yield from defined(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", value


def test_each_folds_metrics_have_its_number_as_their_step(run, client):
    names = [name for name in run.data.metrics if name.startswith("fold.")]
    assert "fold.micro_marker.f1" in names
    steps = [metric.step for metric in client.get_metric_history(run.info.run_id, "fold.micro_marker.f1")]
    assert steps == [0, 1, 2]


def test_the_run_is_tagged_with_what_it_was_made_from(run, chain):
    manifest = json.loads((chain.model / "rift.json").read_text())
    record = json.loads((chain.model / "training.json").read_text())
    assert run.data.tags["data_sha256"] == manifest["data_sha256"]
    assert run.data.tags["config_sha256"] == manifest["config_sha256"]
    assert run.data.tags["fingerprint"] == record["fingerprint"]
    assert run.data.tags["rift_version"] == manifest["rift_version"]


def test_the_evaluation_and_the_labels_are_artifacts(artifacts, chain):
    labels = json.loads((artifacts / "label_map.json").read_text())
    assert labels == {
        "0": "falls_silent", "1": "shifts_topic", "2": "objects", "3": "asks_openly", "4": "away",
        "5": "against",
    }  # fmt: skip
    stored = json.loads((artifacts / "evaluation.json").read_text())
    written = json.loads((chain.reports / "evaluation" / "evaluation.json").read_text())
    assert stored["model"]["rows"] == written["model"]["rows"]


def test_the_registered_model_holds_what_scoring_needs_and_no_pickle(registered, run, chain):
    assert registered.run_id == run.info.run_id
    assert registered.status == "READY"
    files = [path for path in chain.store.rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix in {".pkl", ".pickle", ".joblib", ".pt", ".bin"}]
    (rift_json,) = (path for path in files if path.name == "rift.json")
    inside = rift_json.parent
    assert sorted(path.name for path in inside.iterdir()) == ["model.onnx", "rift.json", "tokenizer.json"]
    for path in inside.iterdir():
        assert path.read_bytes() == (chain.model / path.name).read_bytes()


def test_no_words_of_a_transcript_are_in_any_file_of_the_store(chain, small_corpus, client, run):
    sequences = {
        " ".join(words[start : start + 5]).encode()
        for words in (text.split() for text in small_corpus.texts)
        for start in range(len(words) - 4)
    }
    assert any(b"qzx81nonce" in sequence.lower() for sequence in sequences)
    files = [path for path in chain.store.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"mlflow.db", "evaluation.json", "MLmodel"}
    for path in files:
        content = path.read_bytes().lower()
        assert b"qzx81" not in content, path
        assert not [sequence for sequence in sequences if sequence.lower() in content], path
    # The same search finds what is there.
    assert b"falls_silent" in (chain.store / "mlflow.db").read_bytes()


def test_the_logged_model_predicts_as_rift_score_does(chain, registered, frame, scored, monkeypatch):
    import mlflow

    mlflow.set_tracking_uri(chain.uri)
    model = mlflow.pyfunc.load_model(f"models:/small/{registered.version}")
    turns, episodes = scored
    check_same(model.predict(frame), turns, episodes)


def check_same(found, turns, episodes):
    """Compare what a served model returns with the tables of rift score."""
    columns = [name for name in turns.columns if name.startswith("p_")]
    served = pd.DataFrame(found["turns"])
    key = ["patient_id", "session_id", "turn", "speaker"]
    assert served[key].astype(str).equals(turns[key].astype(str))
    assert np.allclose(served[columns].astype(float), turns[columns], atol=1e-6, equal_nan=True)
    for name in (name for name in turns.columns if name.startswith("flag_")):
        expected = [None if pd.isna(flag) else bool(flag) for flag in turns[name]]
        assert [row[name] for row in found["turns"]] == expected
    key = ["patient_id", "session_id", "family", "first_turn", "last_turn"]
    assert [[row[name] for name in key] for row in found["episodes"]] == episodes[key].to_numpy().tolist()
    assert [row["markers"] for row in found["episodes"]] == [list(m) for m in episodes["markers"]]
    assert len(found["episodes"]) > 0


def test_a_frame_without_a_needed_column_is_refused(chain, registered, frame):
    import mlflow

    mlflow.set_tracking_uri(chain.uri)
    model = mlflow.pyfunc.load_model(f"models:/small/{registered.version}")
    with pytest.raises(mlflow.exceptions.MlflowException, match="speaker"):
        model.predict(frame.drop(columns="speaker"))


@pytest.fixture(scope="module")
def served(chain, registered, tmp_path_factory):
    """`mlflow models serve` on a free port of this machine; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log"
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
        "MLFLOW_TRACKING_URI": chain.uri,
        "MLFLOW_REGISTRY_URI": chain.uri,
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    model = f"models:/small/{registered.version}"
    command = [
        sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", model,
        "--env-manager", "local", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
    ]  # fmt: skip
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        wait_until_ready(server, f"http://127.0.0.1:{port}/ping", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(server)


def stop(server):
    """End the server and its workers: they are a process group of their own."""
    for sign, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=patience)


def wait_until_ready(server, address, log):
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")


def post(address, frame):
    body = json.dumps({"dataframe_split": frame.to_dict(orient="split", index=False)}).encode()
    request = urllib.request.Request(
        f"{address}/invocations", data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
        return json.loads(answer.read())


def test_the_served_model_answers_a_post_with_turns_and_episodes(served, frame, scored):
    answer = post(served, frame)
    turns, episodes = scored
    check_same(answer.get("predictions", answer), turns, episodes)


def test_a_served_model_refuses_a_faulty_request_and_goes_on(served, frame):
    faulty = frame.assign(turn=0)
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(served, faulty)
    assert 400 <= refused.value.code < 600
    answer = post(served, frame)
    assert len(answer.get("predictions", answer)["turns"]) == len(frame)


def failing(configure, chain, tmp_path, *settings):
    return configure(
        "tracking.enabled=true", f"tracking.uri={chain.uri}", "tracking.experiment=failing",
        f"train.out={tmp_path / 'model'}", *settings,
    )  # fmt: skip


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_training_that_breaks_off_is_closed_as_failed(
    chain, client, configure, tmp_path, monkeypatch, error
):
    import mlflow

    from rift.modeling import cross_validation
    from rift.stages.train import train

    def broken(*arguments):
        raise error("in the middle")

    monkeypatch.setattr(cross_validation, "train_final", broken)
    with pytest.raises(error):
        train(failing(configure, chain, tmp_path), folds=False)
    experiment = client.get_experiment_by_name("failing")
    last = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time DESC"])[0]
    assert last.info.status == "FAILED"
    assert last.data.params["train.epochs"] == "2"
    assert mlflow.active_run() is None


def test_a_store_elsewhere_is_refused(configure):
    from rift.errors import RiftError
    from rift.tracking import open_run

    config = configure("tracking.enabled=true", "tracking.uri=https://mlflow.example.org")
    with pytest.raises(RiftError, match="give a local SQLite store"), open_run(config):
        pass


def test_a_store_that_is_no_database_is_a_message(configure, tmp_path):
    from rift.errors import RiftError
    from rift.tracking import open_run

    (tmp_path / "mlflow.db").write_text("this is no database, however long one looks at it" * 10)
    config = configure("tracking.enabled=true", f"tracking.uri=sqlite:///{tmp_path / 'mlflow.db'}")
    with pytest.raises(RiftError, match=r"mlflow\.db") as refused, open_run(config):
        pass
    assert "tracking.uri" in refused.value.remedy
