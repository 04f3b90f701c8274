"""Any table of codings, one coder's judgement per unit: for the agreement of its coders alone.

Long tables have a row per unit and coder, wide ones a column per coder. Encodings, delimiters and
workbooks are those of `rift.readers.table`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rift.errors import RiftError
from rift.readers.grid import Row
from rift.readers.rating_layout import RatingColumns, RatingLayout, find_columns
from rift.readers.rating_values import Judgement, RatingColumn, rating_column
from rift.readers.table import Table, read_table
from rift.readers.wording import counted, shown, some

WIDE_VALUE = "value"
"""The name of a wide table's one value."""

_CODERS = 12
"""Coders that are listed, so that one who is spelt in two ways is seen."""


@dataclass(frozen=True, slots=True)
class RatingSheet:
    """The judgements of a table.

    Attributes
    ----------
    coders
        The C coders, in the order in which they occur.
    clusters
        [T] number of each unit's cluster, from 0; ``None`` without a cluster.
    cluster
        The heading of the cluster's column.
    units
        T.
    columns
        The values.
    told
        How the table was read.
    """

    coders: tuple[str, ...]
    units: int
    clusters: tuple[int, ...] | None
    cluster: str | None
    columns: tuple[RatingColumn, ...]
    told: tuple[str, ...]


def read_ratings(path: Path, layout: RatingLayout) -> RatingSheet:
    """Read a table of codings.

    Parameters
    ----------
    path
        CSV, TSV or XLSX.
    layout
        Which columns are what, as far as the user says.

    Raises
    ------
    RiftError
        The file is no table, columns cannot be told apart, a cell that names unit, coder or cluster is
        blank, a unit lies in two clusters, or a coder gives a unit two values.
    """
    table = read_table(path, layout.encoding)
    if not table.rows:
        raise RiftError("there is no row below the header", where=path)
    columns = find_columns(table, layout, path)
    indexed = _index(table, columns, path)
    if columns.coder is None and len(indexed.coders) < len(columns.values):
        raise RiftError("two columns of coders have one heading", where=path, remedy="rename one of them")
    names = (WIDE_VALUE,) if columns.coder is None else tuple(table.header[at] for at in columns.values)
    written: dict[str, list[Judgement]] = {name: [] for name in names}
    if len(written) < len(names):
        raise RiftError("two columns of values have one heading", where=path, remedy="rename one of them")
    for row, unit in zip(table.rows, indexed.unit_of, strict=True):
        for name, coder, cell in _judged(row, columns, names, indexed.coders):
            written[name].append(Judgement(unit, coder, cell, row.number))
    coders = tuple(indexed.coders)
    found = tuple(rating_column(name, written[name], layout.scale, coders, path) for name in names)
    return RatingSheet(
        coders=coders,
        units=len(indexed.units),
        clusters=tuple(indexed.cluster_of) if columns.cluster is not None else None,
        cluster=None if columns.cluster is None else table.header[columns.cluster],
        columns=found,
        told=(*table.warnings, *columns.told, f"{counted(len(coders), 'coder')}: {some(coders, _CODERS)}"),
    )


@dataclass
class _Index:
    """Units, coders and clusters of a table by their numbers."""

    units: dict[tuple[str, ...], int] = field(default_factory=dict)
    unit_of: list[int] = field(default_factory=list)
    coders: dict[str, int] = field(default_factory=dict)
    clusters: dict[tuple[str, ...], int] = field(default_factory=dict)
    cluster_of: list[int] = field(default_factory=list)
    first_row: list[int] = field(default_factory=list)


def _index(table: Table, columns: RatingColumns, where: object) -> _Index:
    found = _Index()
    if columns.coder is None:
        found.coders = {table.header[at]: place for place, at in enumerate(columns.values)}
    for row in table.rows:
        key = tuple(_named(table, row, at, "unit", where) for at in columns.unit) or (str(row.number),)
        unit = found.units.setdefault(key, len(found.units))
        found.unit_of.append(unit)
        if columns.coder is not None:
            coder = _named(table, row, columns.coder, "coder", where)
            found.coders.setdefault(coder, len(found.coders))
        if unit == len(found.first_row):
            found.first_row.append(row.number)
        if columns.cluster is not None:
            parts = [at for at in (columns.within, columns.cluster) if at is not None]
            name = tuple(_named(table, row, at, "cluster", where) for at in parts)
            _place(found, unit, name, row, where)
    return found


def _named(table: Table, row: Row, at: int, part: str, where: object) -> str:
    text = " ".join(row.cells[at].split())
    if not text:
        raise RiftError(
            f"the cell in {shown(table.header[at])}, taken as {part}, is blank",
            where=f"{where}, row {row.number}",
            remedy=f"fill it in, or name another column with --{part}",
        )
    return text


def _place(found: _Index, unit: int, name: tuple[str, ...], row: Row, where: object) -> None:
    """Note a unit's cluster, which must be one."""
    cluster = found.clusters.setdefault(name, len(found.clusters))
    if unit == len(found.cluster_of):
        found.cluster_of.append(cluster)
    elif found.cluster_of[unit] != cluster:
        raise RiftError(
            "one unit lies in two clusters",
            where=f"{where}, rows {found.first_row[unit]} and {row.number}",
            remedy="add the cluster's column to --unit, or name another with --cluster",
        )


def _judged(
    row: Row, columns: RatingColumns, names: tuple[str, ...], coders: dict[str, int]
) -> Iterator[tuple[str, int, str]]:
    """Yield value, coder and cell of each judgement in a row."""
    if columns.coder is None:
        for place, at in enumerate(columns.values):
            yield WIDE_VALUE, place, row.cells[at]
        return
    coder = coders[" ".join(row.cells[columns.coder].split())]
    for name, at in zip(names, columns.values, strict=True):
        yield name, coder, row.cells[at]
