import os
import subprocess
import sys
from pathlib import Path

import onnxruntime

from rift.onnx_runtime import load_onnxruntime

SOURCE = Path(__file__).parents[2] / "src"
PROGRAM = """
from rift.onnx_runtime import load_onnxruntime
try:
    load_onnxruntime().InferenceSession(b"junk")
except Exception as error:
    print(type(error).__name__)
"""


def test_nothing_is_noted_of_a_process_that_fails(tmp_path):
    """Even where the user's own environment switches the reports on."""
    places = {name: str(tmp_path / name) for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    quiet = {**os.environ, **places, "PYTHONPATH": str(SOURCE), "ORT_DISABLE_TELEMETRY": "0"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=quiet, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "InvalidProtobuf\n"
    assert list(tmp_path.rglob("*")) == []


def test_it_is_the_library_itself():
    assert load_onnxruntime() is onnxruntime
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
