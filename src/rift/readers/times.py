"""Times and missing values as people write them."""

from __future__ import annotations

import math
import re

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)")
_SECONDS = re.compile(r"(\d+(?:[.,]\d*)?|[.,]\d+)\s*s?")
SPOKEN = r"(?:\d{1,3} (?:hours?|hrs?) ?)?(?:\d{1,3} min(?:ute)?s? ?)?(?:\d{1,3} sec(?:ond)?s?)?"
"""A time in words, as Teams writes it: ``59 minutes 58 seconds``; it also matches nothing at all."""

_SPOKEN_PART = re.compile(r"(\d{1,3}) (h|m|s)")
_SPOKEN = re.compile(SPOKEN, re.IGNORECASE)
_MISSING = frozenset({"", "na", "n/a", "#n/a", "nan"})


def is_missing(cell: str) -> bool:
    """Return whether a cell for an id, a time or a speaker holds nothing: blank, ``NA``, ``n/a``.

    Never to be asked of spoken text, where ``NA`` is a word.
    """
    return cell.strip().casefold() in _MISSING


def parse_seconds(text: str) -> float | None:
    """Return a time in seconds, or None where the text is no time.

    Seconds (``12.5``, ``12,5``), ``mm:ss`` and ``hh:mm:ss`` with any fraction, and ``1 hour 0 minutes
    4 seconds`` are known. Minutes without hours may exceed 59 (``75:10``).
    """
    stripped = text.strip()
    if plain := _SECONDS.fullmatch(stripped):
        value = float(plain[1].replace(",", "."))
        return value if math.isfinite(value) else None
    clock = _CLOCK.fullmatch(stripped)
    if clock is None:
        return _spoken_seconds(stripped)
    hours, minutes, seconds = clock[1], int(clock[2]), float(clock[3].replace(",", "."))
    if seconds >= 60 or (hours is not None and minutes >= 60):
        return None
    return round(int(hours or 0) * 3600 + minutes * 60 + seconds, 6)


def _spoken_seconds(text: str) -> float | None:
    if not text or _SPOKEN.fullmatch(text) is None:
        return None
    counts = {unit: int(number) for number, unit in _SPOKEN_PART.findall(text.casefold())}
    return float(counts.get("h", 0) * 3600 + counts.get("m", 0) * 60 + counts.get("s", 0))
