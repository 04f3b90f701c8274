"""Rows of strings as a file gives them, before one of them is known to be the header."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, and its number as a spreadsheet counts, from 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """Merged cells: rows as a spreadsheet counts, columns from 0, both inclusive."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Grid:
    """All rows of a file or sheet, the areas merged in it, and what the user should know.

    ``delimited``: the cells come from delimiters in text, so that one too many may be a fault.
    """

    rows: tuple[Row, ...]
    delimited: bool
    merged: tuple[Area, ...] = ()
    warnings: tuple[str, ...] = ()
