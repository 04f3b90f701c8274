"""Times and missing values as people write them."""

from __future__ import annotations

import math
import re

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)")
_SECONDS = re.compile(r"(\d+(?:[.,]\d*)?|[.,]\d+)\s*s?")
_MISSING = frozenset({"", "na", "n/a", "#n/a", "nan"})


def is_missing(cell: str) -> bool:
    """Return whether a cell for an id, a time or a speaker holds nothing: blank, ``NA``, ``n/a``.

    Never to be asked of spoken text, where ``NA`` is a word.
    """
    return cell.strip().casefold() in _MISSING


def parse_seconds(text: str) -> float | None:
    """Return a time in seconds, or None where the text is no time.

    Seconds (``12.5``, ``12,5``), ``mm:ss`` and ``hh:mm:ss`` with any fraction are known. Minutes
    without hours may exceed 59 (``75:10``).
    """
    stripped = text.strip()
    if plain := _SECONDS.fullmatch(stripped):
        value = float(plain[1].replace(",", "."))
        return value if math.isfinite(value) else None
    clock = _CLOCK.fullmatch(stripped)
    if clock is None:
        return None
    hours, minutes, seconds = clock[1], int(clock[2]), float(clock[3].replace(",", "."))
    if seconds >= 60 or (hours is not None and minutes >= 60):
        return None
    return round(int(hours or 0) * 3600 + minutes * 60 + seconds, 6)
