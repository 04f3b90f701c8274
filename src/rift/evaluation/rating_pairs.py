"""Coders of one value, two by two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rift.readers.rating_values import RatingColumn
from rift.reliability.intervals import Floats
from rift.reliability.kappa import Codes, kappa_from_table
from rift.reliability.result import Statistic, undefined
from rift.reliability.weighted import agreement_weights, weighted_kappa_from_table


@dataclass(frozen=True, slots=True)
class RatingPair:
    """Two coders on the units that both coded.

    Attributes
    ----------
    first, second, overlap
        The coders, and how many units both coded; at least one.
    kappa
        Cohen's, on an ordinal scale with quadratic weights; ``None`` on an interval or ratio scale.
    agreement
        Share of units with the same value.
    difference
        Mean absolute difference of the two; ``None`` on a nominal scale.
    """

    first: str
    second: str
    overlap: int
    kappa: Statistic | None
    agreement: Statistic
    difference: Statistic | None


@dataclass(frozen=True, slots=True)
class SharedUnits:
    """The levels [N] that two coders, by their places, gave the N units that both coded."""

    first: int
    second: int
    units: Codes
    one: Codes
    other: Codes

    def table(self, levels: int) -> Floats:
        """Return the [K, K] table of their levels, the first coder's in rows."""
        cells = np.bincount(self.one * levels + self.other, minlength=levels * levels)
        return cells.reshape(levels, levels).astype(np.float64)


def shared_units(codes: Codes) -> Iterator[SharedUnits]:
    """Yield each pair of coders that share units.

    Parameters
    ----------
    codes
        [T, C] levels, negative where missing.
    """
    known = codes >= 0
    for first in range(codes.shape[1]):
        together = known[known[:, first]].sum(axis=0)
        for second in np.flatnonzero(together):
            if second > first:
                units = np.flatnonzero(known[:, first] & known[:, second])
                yield SharedUnits(first, int(second), units, codes[units, first], codes[units, second])


def rating_pairs(column: RatingColumn, codes: Codes, coders: Sequence[str]) -> tuple[RatingPair, ...]:
    """Return a row for each pair of coders that share units.

    Parameters
    ----------
    column
        The value.
    codes
        [T, C] its levels, negative where missing.
    coders
        The C coders.
    """
    return tuple(_pair(column, shared, coders) for shared in shared_units(codes))


def _pair(column: RatingColumn, shared: SharedUnits, coders: Sequence[str]) -> RatingPair:
    numbers = None if column.numbers is None else np.array(column.numbers)
    n = len(shared.units)
    difference = None
    if numbers is not None and column.scale != "nominal":
        apart = np.abs(numbers[shared.one] - numbers[shared.other])
        difference = Statistic(float(apart.mean()), None, None, n)
    kappa = None
    levels = max(len(column.levels), 2)
    if column.scale == "nominal":
        kappa = kappa_from_table(shared.table(levels))
    elif column.scale == "ordinal":
        kappa = weighted_kappa_from_table(shared.table(levels), agreement_weights(levels, "quadratic"))
    return RatingPair(
        first=coders[shared.first],
        second=coders[shared.second],
        overlap=n,
        kappa=None if kappa is None else worded(kappa, column.marked),
        agreement=Statistic(float((shared.one == shared.other).mean()), None, None, n),
        difference=difference,
    )


def worded(statistic: Statistic, marked: bool) -> Statistic:
    """Return a statistic whose reason does not speak of marks where a value has none."""
    if not marked and statistic.reason in ("nobody marked it", "everybody marked every unit"):
        return undefined("no variation: one value only", statistic.n)
    return statistic
