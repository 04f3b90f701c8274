"""How far the coders of any table of codings agree, value by value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rift.evaluation.rating_pairs import RatingPair, rating_pairs
from rift.evaluation.rating_statistics import STATISTICS, Ratings, rating_statistics
from rift.evaluation.rows import row_of
from rift.readers.rating_layout import Scale
from rift.readers.rating_table import RatingSheet
from rift.readers.rating_values import UNCODABLE, RatingColumn
from rift.reliability.intervals import IntervalRule
from rift.reliability.kappa import Codes
from rift.reliability.result import Statistic


@dataclass(frozen=True, slots=True)
class RatingRow:
    """The coders' agreement on one value; a statistic that is not of its scale is ``None``.

    Attributes
    ----------
    column, scale
        The value's heading, and the scale that it is taken to be on.
    units, shared
        Units that any coder coded, and that two or more did.
    coders, pairs_possible
        Coders who coded any unit, and pairs of them, whether or not they share units.
    clusters
        Clusters of the shared units; ``None`` without a cluster.
    coded, uncodable
        Judgements; those that say that the unit cannot be coded, which are taken as missing.
    levels
        Each value with how often it was given, the most frequent first.
    mean
        Of all judgements that are numbers on a scale; ``None`` for nominal ones.
    alpha
        Krippendorff's on the scale, with a jackknife-t interval over clusters.
    agreement, difference
        Mean over shared units of the share of the unit's pairs of coders that agree, and of their
        absolute difference.
    kappa, kappa_linear, kappa_quadratic
        Mean over pairs of coders: Cohen's, and on an ordinal scale with weights.
    fleiss, ac1, ac2
        Fleiss' kappa and Gwet's AC1 of nominal values, AC2 with ordinal weights of ordinal ones.
    pabak, prevalence, bias
        Of two-valued columns (0/1, no/yes ...), means over pairs of coders; of the bias index the
        absolute value, because its sign is that of the order of coders.
    positive_agreement, negative_agreement
        Of two-valued columns, over all pairs' units together.
    icc_single, icc_average, averaged
        ICC(A,1) and ICC(A,k) by REML with profile-likelihood intervals that take units as independent;
        k, the harmonic mean number of coders of a unit, ``None`` where there is no ICC.
    pairs
        Pairs of coders that share units.
    """

    column: str
    scale: Scale
    units: int
    shared: int
    coders: int
    pairs_possible: int
    clusters: int | None
    coded: int
    uncodable: int
    levels: tuple[tuple[str, int], ...]
    mean: float | None
    alpha: Statistic
    agreement: Statistic
    difference: Statistic | None
    kappa: Statistic | None
    kappa_linear: Statistic | None
    kappa_quadratic: Statistic | None
    fleiss: Statistic | None
    ac1: Statistic | None
    ac2: Statistic | None
    pabak: Statistic | None
    prevalence: Statistic | None
    bias: Statistic | None
    positive_agreement: Statistic | None
    negative_agreement: Statistic | None
    icc_single: Statistic | None
    icc_average: Statistic | None
    averaged: float | None
    pairs: tuple[RatingPair, ...]


@dataclass(frozen=True)
class RatingTable:
    """The coders' agreement on every value of a table.

    Attributes
    ----------
    coders, cluster, level
        All coders; the heading of the cluster's column, ``None`` without one; the intervals' level.
    rows
        The values.
    told, warnings
        How the table was read, and what in it asks for attention.
    """

    coders: tuple[str, ...]
    cluster: str | None
    level: float
    rows: tuple[RatingRow, ...]
    told: tuple[str, ...]
    warnings: tuple[str, ...]

    def row(self, column: str) -> RatingRow:
        """Return the row of a value; KeyError if there is none."""
        return row_of(self.rows, column)


def rating_agreement(sheet: RatingSheet, rule: IntervalRule) -> RatingTable:
    """Return the coders' agreement on every value of a table of codings.

    Parameters
    ----------
    sheet
        The judgements.
    rule
        Level of the intervals and the clusters that they need.
    """
    rows = tuple(_row(sheet, column, rule) for column in sheet.columns)
    warnings = [warning for column in sheet.columns for warning in column.warnings]
    return RatingTable(
        coders=sheet.coders,
        cluster=sheet.cluster,
        level=rule.level,
        rows=rows,
        told=sheet.told,
        warnings=(*warnings, *_never_differing(rows)),
    )


def _row(sheet: RatingSheet, column: RatingColumn, rule: IntervalRule) -> RatingRow:
    codes = _codes(sheet, column)
    known = codes >= 0
    shared = known.sum(axis=1) >= 2
    active = np.flatnonzero(known.any(axis=0))
    clusters = None if sheet.clusters is None else np.array(sheet.clusters, dtype=np.int64)
    ratings = Ratings(column, codes[:, active], clusters, sheet.cluster)
    numbers, counts = column.numbers, np.bincount(codes[known], minlength=len(column.levels))
    scaled = column.scale != "nominal" and numbers is not None and counts.sum() > 0
    found = rating_statistics(ratings, rule)
    return RatingRow(
        column=column.name,
        scale=column.scale,
        units=int(known.any(axis=1).sum()),
        shared=int(shared.sum()),
        coders=len(active),
        pairs_possible=len(active) * (len(active) - 1) // 2,
        clusters=None if clusters is None else len(np.unique(clusters[shared])),
        coded=int(known.sum()),
        uncodable=int((codes == UNCODABLE).sum()),
        levels=_by_frequency(column, counts),
        mean=float(counts @ np.array(numbers) / counts.sum()) if scaled else None,
        averaged=found.averaged,
        pairs=rating_pairs(column, codes[:, active], [sheet.coders[at] for at in active]),
        alpha=found.statistics["alpha"],
        agreement=found.statistics["agreement"],
        **_optional(found.statistics),
    )


def _optional(found: Mapping[str, Statistic]) -> dict[str, Statistic | None]:
    return {name: found.get(name) for name in STATISTICS if name not in ("alpha", "agreement")}


def _codes(sheet: RatingSheet, column: RatingColumn) -> Codes:
    """Return [T, C] levels, -1 not coded, -2 uncodable."""
    codes = np.full((sheet.units, len(sheet.coders)), -1, dtype=np.int64)
    if column.judgements:
        unit, coder, level = np.array(column.judgements, dtype=np.int64).T
        codes[unit, coder] = level
    return codes


def _by_frequency(column: RatingColumn, counts: Codes) -> tuple[tuple[str, int], ...]:
    found = [(level, int(count)) for level, count in zip(column.levels, counts, strict=True)]
    return tuple(sorted(found, key=lambda one: -one[1]))


def _never_differing(rows: tuple[RatingRow, ...]) -> list[str]:
    """Return a warning of each value on which nobody ever differs though units do."""
    return [
        f"{row.column}: no two coders of a unit ever differ; if it describes the unit and nobody judged it,"
        " leave it out of --values"
        for row in rows
        if row.agreement.value == 1 and sum(count > 0 for _, count in row.levels) > 1
    ]
