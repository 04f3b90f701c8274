"""onnxruntime, kept from reporting to its maker.

From 1.32 on it notes each process, the machine and its errors' messages in a database in the
user's cache folder, and sends them away, from the moment it is imported.
"""

from __future__ import annotations

import os
from typing import Any

SWITCH = "ORT_DISABLE_TELEMETRY"


def load_onnxruntime() -> Any:
    """Return the module onnxruntime with its telemetry off."""
    os.environ[SWITCH] = "1"  # read once, at the import
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # where somebody else imported it before
    return onnxruntime
