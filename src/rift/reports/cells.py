"""Statistics as cells of a CSV file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rift.reliability.result import Statistic

Cell = str | int | float | None


def statistic_header(names: Sequence[str]) -> list[str]:
    """Return the columns of statistics: value and bounds."""
    return [column for name in names for column in (name, f"{name}_low", f"{name}_high")]


def statistic_cells(row: object, names: Sequence[str]) -> list[Cell]:
    """Return value and bounds of each statistic, empty where there is none, and last the reasons."""
    cells: list[Cell] = []
    for name in names:
        known: Statistic | None = getattr(row, name)
        cells += [None] * 3 if known is None else [known.value, known.low, known.high]
    return [*cells, notes_of(row, names)]


def notes_of(row: object, names: Iterable[str]) -> str:
    """Return why statistics are undefined or have no interval, by name."""
    known: Mapping[str, Statistic | None] = {name: getattr(row, name) for name in names}
    return "; ".join(f"{name}: {given.reason}" for name, given in known.items() if given and given.reason)
