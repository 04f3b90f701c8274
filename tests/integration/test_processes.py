"""Fresh processes: what is imported when, what reaches the network, what is said, and exit codes."""

import json
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.integration

TRAINING = ("torch", "transformers", "datasets", "mlflow", "sklearn", "accelerate")
HEAVY = (*TRAINING, "pandas", "onnxruntime", "scipy", "pyarrow", "tokenizers", "rich.table")

RUN = """
import json, sys
sys.argv[:] = ["rift", *sys.argv[1:]]
from rift.cli import main
try:
    main()
except SystemExit as end:
    code = end.code or 0
else:
    code = 0
print("IMPORTED", json.dumps(sorted(sys.modules)), code)
"""


def imported(result):
    line = next(line for line in result.stdout.splitlines() if line.startswith("IMPORTED "))
    names, _, code = line.removeprefix("IMPORTED ").rpartition(" ")
    return set(json.loads(names)), int(code)


@pytest.mark.parametrize(
    "program",
    ["import rift", "import rift.cli", "import rift.config, rift.codebook, rift.schema, rift.manifest"],
)
def test_importing_rift_imports_nothing_heavy(python, program):
    result = python(f"{program}\nimport sys, json\nprint('IMPORTED', json.dumps(sorted(sys.modules)), 0)")
    assert result.returncode == 0, result.stderr
    modules, _ = imported(result)
    assert "rift" in modules
    assert modules.isdisjoint(HEAVY)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], *([verb, "--help"] for verb in ("prepare", "train", "score"))]
)
def test_help_imports_nothing_heavy(python, arguments):
    result = python(RUN, *arguments)
    modules, code = imported(result)
    assert code == 0, result.stderr
    assert "rift.cli" in modules
    assert modules.isdisjoint(set(HEAVY) - {"rich.table"})


@pytest.fixture(scope="module")
def scored(python, chain, new_sessions, tmp_path_factory):
    out = tmp_path_factory.mktemp("scores")
    arguments = ["score", new_sessions[0], "--model", chain.model, "--out", out, "-c", chain.config]
    return python(RUN, *arguments), out


def test_scoring_imports_no_library_of_the_training(scored):
    result, out = scored
    modules, code = imported(result)
    assert code == 3, result.stderr
    assert "onnxruntime" in modules
    assert modules.isdisjoint(TRAINING)
    assert len(pd.read_parquet(out / "turns.parquet")) == 28


def test_scoring_works_without_any_library_of_the_training(python, chain, new_sessions, tmp_path):
    """As on a clinic's laptop, where none of them is installed."""
    absent = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {set(TRAINING)!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
"""
    source = new_sessions[0] / "N01.txt"
    result = python(absent + RUN, "score", source, "--model", chain.model, "--out", tmp_path)
    assert imported(result)[1] == 0, result.stderr
    assert len(pd.read_parquet(tmp_path / "turns.parquet")) == 14
    for verb in ("prepare", "agreement", "evaluate"):
        result = python(
            absent + RUN, verb, "-c", chain.config, "-s", f"prepare.out={tmp_path / 'processed'}",
            "-s", f"evaluate.out={tmp_path / 'reports'}",
        )  # fmt: skip
        assert imported(result)[1] == 0, result.stderr


WATCHED_TRAINING = """
import os, socket, sys

state = {}

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name in ("transformers", "huggingface_hub", "datasets", "mlflow"):
            names = ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "MLFLOW_DISABLE_TELEMETRY")
            state.setdefault(name, [os.environ.get(one) for one in names])

def refuse(self, address):
    state.setdefault("connections", []).append(repr(address))
    raise OSError("no network here")

def unknown(host, *arguments, **more):
    state.setdefault("connections", []).append(repr(host))
    raise OSError("no network here")

sys.meta_path.insert(0, Watch())
socket.socket.connect = refuse
socket.getaddrinfo = unknown
""" + RUN.replace('print("IMPORTED"', 'print("STATE", json.dumps(state))\nprint("IMPORTED"')


# A test run in the background of a shell begins with interrupts ignored, and hands that down.
INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from rift.cli import main
main()
"""


@dataclass(frozen=True)
class Twice:
    """One training interrupted by Ctrl-C, and the same command again, watched."""

    out: Path
    first_code: int
    first_said: list
    left: bool
    again: subprocess.CompletedProcess

    @property
    def state(self):
        """What the watch noted: switches at the import of each library, and connections tried."""
        line = next(line for line in self.again.stdout.splitlines() if line.startswith("STATE "))
        return json.loads(line.removeprefix("STATE "))


@pytest.fixture(scope="module")
def twice(chain, python, tmp_path_factory):
    out = tmp_path_factory.mktemp("twice")
    command = [
        "train", "-c", chain.config, "-s", f"train.out={out / 'model'}", "-s", "train.windows_per_step=1",
        "-s", "train.epochs=1",
        "-s", f"tracking.uri=sqlite:///{out / 'mlflow.db'}",
    ]  # fmt: skip
    with python.start(INTERRUPTIBLE, *command, "-s", "tracking.enabled=false") as process:
        said = []
        for line in process.stderr:
            said.append(line)
            if line.startswith("fold 2 of 3"):
                process.send_signal(signal.SIGINT)
                break
        said += process.stderr.readlines()
        process.wait(timeout=60)
    left = (out / "model").exists()
    again = python(WATCHED_TRAINING, *command)
    assert imported(again)[1] == 0, again.stderr
    return Twice(out / "model", process.returncode, said, left, again)


def test_ctrl_c_in_the_middle_of_a_training_ends_in_a_message(twice):
    assert twice.first_code == 130, "".join(twice.first_said)
    assert twice.first_said[-2:] == ["\n", "interrupted; the same command goes on from here\n"]
    assert not any("Traceback" in line for line in twice.first_said)
    assert not twice.left, "nothing half-done stands in the model's place"


def test_the_same_command_goes_on_from_there(twice):
    from rift.manifest import load_manifest

    assert "fold 1 of 3" not in twice.again.stderr
    assert "final model: " in twice.again.stderr
    assert load_manifest(twice.out).name == "model"


def test_training_is_offline_before_its_libraries_are_imported(twice):
    for library in ("transformers", "huggingface_hub", "datasets"):
        assert twice.state[library][:2] == ["1", "1"], library
    assert twice.state["mlflow"][2] == "true"


def test_training_tries_no_connection(twice):
    assert "connections" not in twice.state


def test_training_says_how_far_it_is_and_nothing_else(twice):
    said = [line for line in twice.again.stdout.splitlines() if not line.startswith(("STATE", "IMPORTED"))]
    assert said == []
    lines = twice.again.stderr.splitlines()
    known = ("TF-IDF baseline: ", "fold ", "final model: ")
    assert [line for line in lines if not line.startswith(known)] == [f"wrote {twice.out}"]
    assert lines[2] == "TF-IDF baseline: 3 of 3"
    tasks = {line.partition(":")[0] for line in lines[3:-1]}
    assert "final model" in tasks
    assert tasks <= {"fold 2 of 3", "fold 3 of 3", "final model"}


def test_a_folder_that_cannot_be_written_is_a_message(python, chain, tmp_path):
    (tmp_path / "file").write_text("in the way")
    out = tmp_path / "file" / "processed"
    result = python(RUN, "prepare", "-c", chain.config, "-s", f"prepare.out={out}")
    assert imported(result)[1] == 2
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr


def test_nothing_of_mlflow_where_tracking_is_off(python, chain, tmp_path):
    result = python(
        RUN, "train", "-c", chain.config, "--no-folds", "-s", f"train.out={tmp_path / 'model'}",
        "-s", "train.epochs=1", "-s", "tracking.enabled=false",
        "-s", f"tracking.uri=sqlite:///{tmp_path / 'mlflow.db'}",
    )  # fmt: skip
    modules, code = imported(result)
    assert code == 0, result.stderr
    assert "torch" in modules
    assert "mlflow" not in modules
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
