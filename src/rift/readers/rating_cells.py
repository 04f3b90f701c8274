"""What the cells of a column of judgements say: a number, a word, uncodable, or nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Literal

from rift.readers.rupture_layout import DASHES, UNCODABLE

Meaning = Literal["coded", "uncodable", "not coded"]

MOST_WORDS = 30
"""Distinct words of a column that is taken for a judgement without being named."""

_LONGEST_WORD = 40
_SIGNS = frozenset({"-", "--", "?"})
_NOTHING = frozenset({"", "nan", "null", "not coded", "not_coded", "skipped"})
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,15}(?:[.,][0-9]*)?|[.,][0-9]{1,15})(?:e[+-]?[0-9]{1,3})?", re.IGNORECASE
)


def cell_key(cell: str) -> str:
    """Return what a word is compared by: without case, outer blanks and kinds of dashes."""
    return DASHES.sub("-", " ".join(cell.split()).casefold())


def meaning(key: str, signs: bool) -> Meaning:
    """Return whether a cell's key is a judgement.

    Parameters
    ----------
    key
        From `cell_key`.
    signs
        The column holds plus signs, beside which a dash is a judgement.
    """
    if key in _NOTHING:
        return "not coded"
    return "uncodable" if key in UNCODABLE and not (signs and key in _SIGNS) else "coded"


def has_signs(keys: Sequence[str]) -> bool:
    """Return whether a column holds plus signs."""
    return "+" in keys


def number(text: str) -> float | None:
    """Return a finite number, with a decimal point or comma; None for anything else."""
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        return None
    value = float(stripped.replace(",", "."))
    return value if math.isfinite(value) else None


def left_out(cells: Sequence[str]) -> str | None:
    """Return why a column that nobody named is no judgement; None if it may be one."""
    keys = [cell_key(cell) for cell in cells]
    signs = has_signs(keys)
    coded = [key for key in keys if meaning(key, signs) == "coded"]
    distinct = set(coded)
    if not distinct:
        return "nothing coded"
    found = {number(key) for key in distinct}
    if None not in found:
        whole = all(value is not None and value.is_integer() for value in found)
        numbered = whole and len(distinct) == len(coded) > MOST_WORDS
        return "a number for each row" if numbered else None
    if len(distinct) > MOST_WORDS:
        return f"{len(distinct):,} different words"
    return "long texts" if max(map(len, distinct)) > _LONGEST_WORD else None
