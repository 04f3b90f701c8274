"""What a coder wrote into one mark: a label, a cross, a rating, or that there was nothing.

``WD`` is a label. ``x``, ``1`` and ``yes`` say that what the tier or column is named for is there,
``0`` and ``none`` that it is not, ``-`` and ``n/a`` that the coder could not tell; another number is
a rating. RIFT itself writes state and rating behind the label: ``WD (uncodable)``, ``WD (absent, 3)``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rift.schema import State

_STATES: dict[str, State] = {
    **dict.fromkeys(("x", "xx", "xxx", "yes", "true", "present", "✓", "✔", "+"), "present"),
    **dict.fromkeys(("no", "none", "false", "absent", "nothing"), "absent"),
    **dict.fromkeys(("-", "–", "—", "?", "n/a", "na", "nc", "uncodable"), "uncodable"),
    **dict.fromkeys(("not coded", "not_coded", "skipped"), "not_coded"),
}
_RATING = re.compile(r"-?[0-9]{1,6}(?:[.,][0-9]{1,9})?")
_WRITTEN = re.compile(
    r"(?P<label>.*?)\s*\((?P<state>present|absent|uncodable|not coded)(?:, (?P<value>-?[0-9.e+-]{1,30}))?\)",
    re.DOTALL,
)
_MAX_LENGTH = 400


@dataclass(frozen=True, slots=True)
class CodeValue:
    """A mark's label (None: that of the tier or column), its state and rating."""

    label: str | None
    state: State
    rating: float | None = None


def is_label(text: str) -> bool:
    """Return whether a text is a label, not a cross, a rating, or a word for nothing."""
    return parse_code(text).label is not None


def parse_code(text: str) -> CodeValue:
    """Return what a coder's mark says; an empty one is a cross."""
    text = text.strip()
    if not text:
        return CodeValue(None, "present")
    if text.casefold() in _STATES:
        return CodeValue(None, _STATES[text.casefold()])
    if _RATING.fullmatch(text):
        rating = float(text.replace(",", "."))
        return CodeValue(None, "present" if rating else "absent", rating or None)
    return parse_written(text)


def parse_written(text: str) -> CodeValue:
    """Return what a label says in which only RIFT's own notation has a meaning: ``WD (absent, 3)``."""
    text = text.strip()
    written = _WRITTEN.fullmatch(text) if text.endswith(")") and len(text) <= _MAX_LENGTH else None
    if written is None:
        return CodeValue(text or None, "present")
    try:
        value = None if written["value"] is None else float(written["value"])
    except ValueError:
        return CodeValue(text, "present")
    return CodeValue(written["label"].strip() or None, _STATES[written["state"]], value)


def write_code(label: str | None, state: State, rating: float | None) -> str:
    """Return a mark as `parse_code` reads it back."""
    plain = label is not None and state == "present" and rating is None
    if plain and label and parse_code(label) == CodeValue(label, "present"):
        return label
    value = "" if rating is None else f", {rating!r}"
    return f"{label or ''} ({state.replace('_', ' ')}{value})".strip()
