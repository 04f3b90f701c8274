"""Values in the JSON of speech recognisers, whatever type a version of the service gives them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from rift.readers.times import parse_seconds

Fields = Mapping[str, Any]

_ISO = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,8}(?:\.\d{1,9})?)S)?", re.IGNORECASE)
_NANO = 1e-9


def objects(value: Any) -> list[Fields]:
    """Return the objects in a list; none if it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def fields(value: Any) -> Fields:
    """Return an object, empty if it is none."""
    return value if isinstance(value, dict) else {}


def text_of(value: Any) -> str:
    """Return a text without outer blanks, empty if it is none."""
    return value.strip() if isinstance(value, str) else ""


def name_of(value: Any) -> str | None:
    """Return a speaker's name, or the number that stands for one, as text; None if there is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None if isinstance(value, str | int) else None


def seconds_of(value: Any, unit: float = 1.0) -> float | None:
    """Return a time in seconds, or None where the value is none.

    Parameters
    ----------
    value
        A number, a number as text (``"1.5"``, ``"1.5s"``), a clock (``0:01.5``), an ISO 8601 duration
        (``PT1.5S``), or seconds and nanos as Google gives them.
    unit
        Seconds that a plain number counts: 0.001 for milliseconds, 1e-7 for ticks.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _sound(float(value) * unit)
    if isinstance(value, dict):
        whole, nanos = seconds_of(value.get("seconds", 0)), seconds_of(value.get("nanos", 0))
        return None if whole is None or nanos is None else _sound(whole + nanos * _NANO)
    if not isinstance(value, str):
        return None
    iso = _ISO.fullmatch(value.strip())
    if iso is not None and any(iso.groups()):
        hours, minutes, seconds = (float(part or 0) for part in iso.groups())
        return _sound(hours * 3600 + minutes * 60 + seconds)
    found = parse_seconds(value)
    return None if found is None else _sound(found * (unit if ":" not in value else 1.0))


def _sound(seconds: float) -> float | None:
    return round(seconds, 6) if math.isfinite(seconds) and seconds >= 0 else None
