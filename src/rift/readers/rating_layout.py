"""Which columns of a table of codings are unit, coder, value and cluster.

Named by the user, or known by their headings; what is ambiguous is an error. What was taken is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rift.errors import RiftError
from rift.readers.known_columns import heading_key
from rift.readers.rating_cells import left_out
from rift.readers.table import Table, header_key
from rift.readers.wording import shown, some

Scale = Literal["nominal", "ordinal", "interval", "ratio"]

_UNITS = (
    "patient_id", "patient", "session_id", "session", "transcript_id", "transcript", "turn", "turn_id",
    "utterance_id", "utterance_no", "segment", "segment_id", "unit", "unit_id", "item", "item_id",
    "start", "start_s",
)  # fmt: skip
_PATIENTS = ("patient_id", "patient")
_CLUSTERS = (*_PATIENTS, "session_id", "session", "transcript_id", "transcript")
_CODERS = tuple(f"{who}{end}" for who in ("coder", "rater", "annotator") for end in ("", "_id", "_name"))
_CODER_COLUMN = re.compile(r"(?:coder|rater|annotator)[ _.-]?(?:[a-z]|\d{1,3})", re.IGNORECASE)

_NAMES = 12
"""Headings that a message lists."""


@dataclass(frozen=True, slots=True)
class RatingLayout:
    """What a user says of a table of codings; headings are compared without case and outer blanks.

    Attributes
    ----------
    unit
        Columns that together name what is coded; by default those that are known.
    coder, values
        Long tables: who coded, and the columns of judgements; by default the known heading, and all
        other columns that are not free text.
    coders
        Wide tables: the columns of the coders, all of one value.
    scale
        Of every value; by default nominal for words and for 0 and 1, ordinal for at most 11 whole
        numbers, interval for other numbers.
    cluster
        The column whose values are independent of each other; by default the patient, else the
        session or transcript.
    encoding
        Of a CSV file; by default it is told by the content.
    """

    unit: tuple[str, ...] = ()
    coder: str | None = None
    values: tuple[str, ...] = ()
    coders: tuple[str, ...] = ()
    scale: Scale | None = None
    cluster: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class RatingColumns:
    """Positions of the columns, and what is to be told of the choice.

    Attributes
    ----------
    unit
        Empty: each row is a unit (wide tables only).
    coder
        ``None``: the table is wide.
    values
        The judgements: of a long table one column per value, of a wide one one column per coder.
    cluster
        ``None``: none is known.
    within
        The patients, where sessions are the clusters: sessions of one name are one only within a patient.
        Else, or where no column is known, ``None``.
    told
        Sentences on what was taken for what, and what was left out.
    """

    unit: tuple[int, ...]
    coder: int | None
    values: tuple[int, ...]
    cluster: int | None
    within: int | None
    told: tuple[str, ...]


def find_columns(table: Table, layout: RatingLayout, where: object) -> RatingColumns:
    """Return which columns of a table are what.

    Parameters
    ----------
    table, layout, where
        The table, what the user says of it, and the file, for messages.

    Raises
    ------
    RiftError
        A named column is not there or there twice, a column is given two parts, or coder, unit or
        values cannot be told.
    """
    finder = _Finder(table, where)
    coder, across, how = _shape(finder, layout)
    unit = finder.all(layout.unit, "--unit") or finder.known(_UNITS)
    if not unit and coder is not None:
        raise finder.error("no column says which unit a row codes", "name the columns with --unit")
    cluster = finder.one(layout.cluster, "--cluster") if layout.cluster else None
    if cluster is None:
        cluster = next(iter(finder.known(_CLUSTERS)), None)
    # Sessions are often numbered anew for each patient, so that a number alone is no session.
    patient = next(iter(finder.known(_PATIENTS)), None)
    within = patient if cluster != patient and cluster in set(finder.known(_CLUSTERS)) else None
    told = [how, f"unit: {finder.names(unit) or 'each row'}"]
    if coder is None:
        _check_apart(finder, unit, across, cluster)
        return RatingColumns(
            unit, None, across, cluster, within, (*told, _cluster_told(finder, cluster, within))
        )
    named = finder.all(layout.values, "--values")
    values, dropped = (named, "") if named else _default_values(finder, {*unit, coder, cluster})
    _check_apart(finder, unit, (coder, *values), cluster)
    told += [f"values: {finder.names(values)}", _cluster_told(finder, cluster, within)]
    return RatingColumns(unit, coder, values, cluster, within, (*told, *filter(None, [dropped])))


@dataclass(frozen=True)
class _Finder:
    """Columns of one table by their headings."""

    table: Table
    where: object

    def error(self, problem: str, remedy: str) -> RiftError:
        """Return an error that lists the table's columns."""
        header = [shown(name) for name in self.table.header if name]
        return RiftError(f"{problem}; the table has {some(header, _NAMES)}", where=self.where, remedy=remedy)

    def one(self, name: str, option: str) -> int:
        """Return the position of a column that the user names."""
        found = [at for at, head in enumerate(self.table.header) if header_key(head) == header_key(name)]
        if len(found) != 1 or not name.strip():
            many = f"{len(found)} columns are" if found else "no column is"
            raise self.error(f"{many} called {shown(name)}, which {option} names", f"correct {option}")
        return found[0]

    def all(self, names: Sequence[str], option: str) -> tuple[int, ...]:
        """Return the positions of columns that the user names, each once."""
        found = tuple(self.one(name, option) for name in names)
        if len(set(found)) < len(found):
            raise RiftError(f"{option} names a column twice", where=self.where, remedy=f"correct {option}")
        return found

    def known(self, names: Sequence[str]) -> tuple[int, ...]:
        """Return the positions of the columns that have one of these headings, in this order of headings."""
        keys = [heading_key(head) for head in self.table.header]
        return tuple(at for name in names for at, key in enumerate(keys) if key == heading_key(name))

    def names(self, columns: Sequence[int]) -> str:
        """Return the headings of columns."""
        return ", ".join(self.table.header[at] for at in columns)


def _shape(finder: _Finder, layout: RatingLayout) -> tuple[int | None, tuple[int, ...], str]:
    """Return the coder's column of a long table, or the coders' columns of a wide one, and what to tell."""
    if layout.coders and (layout.coder or layout.values):
        other = "--coder" if layout.coder else "--values"
        raise RiftError(
            f"--coders and {other} exclude each other",
            where=finder.where,
            remedy="--coders is for a column per coder, --coder and --values for a row per unit and coder",
        )
    if layout.coders:
        return None, *_wide(finder, finder.all(layout.coders, "--coders"))
    if layout.coder:
        return _long(finder, finder.one(layout.coder, "--coder"))
    found = finder.known(_CODERS)
    across = tuple(
        at for at, head in enumerate(finder.table.header)
        if at not in found and _CODER_COLUMN.fullmatch(head.strip())
    )  # fmt: skip
    if len(found) > 1 or (found and len(across) > 1):
        raise finder.error(
            f"columns that may be the coder: {finder.names((*found, *across))}",
            "name the one that says who coded with --coder, or one column per coder with --coders",
        )
    if found:
        return _long(finder, found[0])
    if len(across) > 1 and not layout.values:
        return None, *_wide(finder, across)
    raise finder.error(
        "no column says who coded",
        'name it with --coder; where each coder has a column, name these with --coders "A,B"',
    )


def _long(finder: _Finder, coder: int) -> tuple[int, tuple[int, ...], str]:
    return coder, (), f"a row per unit and coder; coder: {finder.names((coder,))}"


def _wide(finder: _Finder, across: tuple[int, ...]) -> tuple[tuple[int, ...], str]:
    if len(across) < 2:
        raise RiftError(
            "--coders names one column", where=finder.where, remedy="name the columns of two or more coders"
        )
    return across, f"a column per coder: {finder.names(across)}"


def _default_values(finder: _Finder, taken: set[int | None]) -> tuple[tuple[int, ...], str]:
    """Return the columns that look like judgements, and a sentence on the others."""
    taken |= set(finder.known((*_UNITS, *_CODERS)))
    values, others = [], []
    for at, head in enumerate(finder.table.header):
        if at in taken or not head:
            continue
        reason = left_out([row.cells[at] for row in finder.table.rows])
        if reason is None:
            values.append(at)
        else:
            others.append(f"{head} ({reason})")
    if not values:
        raise finder.error("no column looks like a judgement", "name the columns with --values")
    return tuple(values), f"left out: {', '.join(others)}" if others else ""


def _check_apart(finder: _Finder, unit: Sequence[int], judged: Sequence[int], cluster: int | None) -> None:
    """Refuse a column that is given as unit or cluster and as coder or value."""
    for at in judged:
        if at in unit or at == cluster:
            part = "unit" if at in unit else "cluster"
            raise RiftError(
                f"the column {shown(finder.table.header[at])} is taken as {part} and as coder or value",
                where=finder.where,
                remedy="name other columns with --unit, --coder, --values, --coders or --cluster",
            )


def _cluster_told(finder: _Finder, cluster: int | None, within: int | None) -> str:
    if cluster is None:
        return "no cluster: no column of patients, sessions or transcripts; --cluster names one"
    inside = "" if within is None else f" within {finder.names((within,))}"
    return f"cluster: {finder.names((cluster,))}{inside}"
