"""Where things stand in a 3RS sheet, and what a cell of its grid says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rift.errors import RiftError
from rift.readers.bins import Bins, find_bins, numbered_bins
from rift.readers.grid import Row
from rift.readers.wording import shown
from rift.schema import State

_HEADER_WITHIN = 40
COUNT = re.compile(r"(\d{1,3})(?:[.,]0+)?")
_STROKES = re.compile(r"[x×✓✔√☑☒✗✘●•|/]{1,40}")
_NONE = frozenset({"", "no", "none", "false", "nein", "☐", "○"})
_PRESENT = frozenset({"yes", "true", "ja"})
UNCODABLE = frozenset({"-", "--", "n/a", "na", "#n/a", "n.a.", "nc", "uncodable", "not codable", "?"})
DASHES = re.compile("[\u2010-\u2015\u2212]")
_MARKER = re.compile(r"\b(?:markers?|codes?|items?|kategorien?|strateg\w*|rupture)\b", re.IGNORECASE)
_SIGNIFICANCE = re.compile(r"\b(?:sign|signifi\w*|impact|bedeut\w*|rating|sig)\b", re.IGNORECASE)
_FREQUENCY = re.compile(
    r"\b(?:freq|frequenc\w*|counts?|total|sum|summe|anzahl|häufigkeit\w*|n)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in a sheet: rows below ``top`` hold markers."""

    top: int
    bins: Bins
    marker: int
    significance: int | None
    frequency: int | None
    others: tuple[int, ...]


def find_layout(rows: Sequence[Row]) -> Layout | None:
    """Return where things stand, or None if no row has headings such as ``0-5``, ``5-10``."""
    for i, row in enumerate(rows[:_HEADER_WITHIN]):
        upper = " ".join(cell for one in rows[max(0, i - 1) : i] for cell in one.cells)[:1000]
        bins = find_bins(row.cells) or numbered_bins(row.cells, upper)
        if bins is None or bins.columns[0] == 0:
            continue
        above = rows[max(0, i - 1) : i + 1]
        heads = {
            column: " ".join(one.cells[column].strip() for one in above if column < len(one.cells)).strip()
            for column in range(max(len(one.cells) for one in above))
            if column not in bins.columns
        }
        body = rows[i + 1 :]
        marker = _marker_column(bins.columns[0], heads, body)
        right = {column: head for column, head in heads.items() if column > bins.columns[0]}
        significance = next((c for c, head in right.items() if _SIGNIFICANCE.search(head)), None)
        frequency = next(
            (c for c, head in right.items() if c != significance and _FREQUENCY.search(head)), None
        )
        known = {*bins.columns, marker, significance, frequency}
        width = max((len(one.cells) for one in rows), default=0)
        others = tuple(column for column in range(bins.columns[0], width) if column not in known)
        return Layout(i + 1, bins, marker, significance, frequency, others)
    return None


def _marker_column(before: int, heads: Mapping[int, str], body: Sequence[Row]) -> int:
    """Return the column left of the bins that names the markers: by its heading, else the fullest."""

    def filled(column: int) -> int:
        return sum(
            column < len(row.cells) and bool(re.search(r"[^\W\d_]", row.cells[column])) for row in body
        )

    named = [column for column in range(before) if _MARKER.search(heads.get(column, ""))]
    return max(named or range(before), key=lambda column: (filled(column), column))


def marks_in(cell: str, where: str) -> tuple[State, int]:
    """Return what a cell of the grid says and how many marks it holds."""
    text = DASHES.sub("-", "".join(cell.casefold().replace("\ufe0f", "").split(" ")))
    if number := COUNT.fullmatch(text):
        count = int(number[1])
        return ("present" if count else "absent"), count
    if text in _NONE:
        return "absent", 0
    if text in UNCODABLE or cell.strip().casefold() in UNCODABLE:
        return "uncodable", 0
    if text in _PRESENT:
        return "present", 1
    strokes = text.replace(",", "").replace("\n", "")
    if _STROKES.fullmatch(strokes):
        return "present", len(strokes)
    raise RiftError(
        f"{shown(cell)} is no known mark",
        where=where,
        remedy="write x, xx, ✓ or a number for marks, 0 or nothing for none, - or n/a for not codable",
    )
