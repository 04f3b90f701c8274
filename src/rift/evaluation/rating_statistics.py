"""The statistics of one value of a table of codings, by the scale that it is on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rift.evaluation.rating_pairs import SharedUnits, shared_units, worded
from rift.readers.rating_values import RatingColumn
from rift.reliability.alpha import alpha_of, alpha_sums, category_counts, fleiss_from_counts
from rift.reliability.distances import (
    coincidences,
    distance_alpha_of,
    distance_sums,
    level_alpha_function,
    level_distances,
)
from rift.reliability.gwet import gwet_ac1, gwet_ac2
from rift.reliability.icc_reml import reml_icc
from rift.reliability.intervals import (
    Floats,
    IntervalRule,
    Ints,
    group_sums,
    jackknife_interval,
    jackknife_replicates,
)
from rift.reliability.kappa import Codes, kappa_of, mean_defined, no_variation, specific_agreement
from rift.reliability.ordinal import ordinal_alpha, ordinal_alpha_without
from rift.reliability.result import Statistic, undefined
from rift.reliability.two_by_two import bias_index_of, pabak_of, prevalence_index_of
from rift.reliability.weighted import agreement_weights, unit_agreement, weighted_kappa_of

STATISTICS = (
    "alpha", "agreement", "difference", "kappa", "kappa_linear", "kappa_quadratic", "fleiss", "ac1", "ac2",
    "pabak", "prevalence", "bias", "positive_agreement", "negative_agreement", "icc_single", "icc_average",
)  # fmt: skip
"""The statistics of a row, in the order in which they are reported."""

MOST_VALUES = 3000
"""Distinct values for which alpha's table of distances is made."""

_FEW_LEVELS = 25
"""Levels for which a table of coincidences per cluster is small."""

_OF_SCALE = {
    "nominal": ("alpha", "agreement", "kappa", "fleiss", "ac1"),
    "ordinal": (
        "alpha", "agreement", "difference", "kappa_linear", "kappa_quadratic", "ac2", "icc_single",
        "icc_average",
    ),
    "interval": ("alpha", "agreement", "difference", "icc_single", "icc_average"),
    "ratio": ("alpha", "agreement", "difference", "icc_single", "icc_average"),
}  # fmt: skip
_OF_MARKS = ("pabak", "prevalence", "bias", "positive_agreement", "negative_agreement")


@dataclass(frozen=True)
class Ratings:
    """One value's levels [T, C] by its active coders, with the units' clusters."""

    column: RatingColumn
    codes: Codes
    clusters: Ints | None
    cluster: str | None

    @cached_property
    def shared(self) -> Ints:
        """The units that two or more coders coded."""
        return np.flatnonzero((self.codes >= 0).sum(axis=1) >= 2)

    @cached_property
    def levels(self) -> int:
        """K, at least 2."""
        return max(len(self.column.levels), 2)

    @cached_property
    def numbers(self) -> Floats:
        """[K] the levels' numbers; their places where they are words."""
        known = self.column.numbers
        return np.arange(self.levels, dtype=np.float64) if known is None else np.array(known)

    @cached_property
    def pairs(self) -> list[SharedUnits]:
        """The pairs of coders that share units."""
        return list(shared_units(self.codes))

    @cached_property
    def together(self) -> Floats:
        """[K, K] the pairs' tables, summed; theirs alone could be too many to hold."""
        total = np.zeros((self.levels, self.levels))
        for pair in self.pairs:
            total += pair.table(self.levels)
        return total

    def lacking(self) -> str | None:
        """Return why the coders cannot be compared, if so."""
        if not (self.codes >= 0).any():
            return "nothing coded"
        if self.codes.shape[1] < 2:
            return "one coder only"
        return None if len(self.shared) else "no unit coded by two coders"


@dataclass(frozen=True)
class Found:
    """A value's statistics by name, those of its scale alone, and the k of ICC(A,k)."""

    statistics: dict[str, Statistic]
    averaged: float | None


def rating_statistics(ratings: Ratings, rule: IntervalRule) -> Found:
    """Return the statistics of a value.

    Parameters
    ----------
    ratings
        Its levels.
    rule
        Level of the intervals and the clusters that they need.
    """
    column = ratings.column
    if lacking := ratings.lacking():
        names = (*_OF_SCALE[column.scale], *(_OF_MARKS if column.marked else ()))
        return Found(dict.fromkeys(names, undefined(lacking)), None)
    found = {"alpha": _alpha(ratings, rule), "agreement": _agreement(ratings)}
    averaged = None
    if column.scale == "nominal":
        found |= _nominal(ratings)
    else:
        found["difference"] = _difference(ratings)
        table = np.where(ratings.codes >= 0, ratings.numbers[ratings.codes], np.nan)
        icc = reml_icc(table, rule.level)
        found |= {"icc_single": icc.single, "icc_average": icc.average}
        averaged = icc.coders if icc.single.defined else None
    if column.scale == "ordinal":
        found |= _ordinal(ratings)
    if column.marked:
        found |= _marks(ratings)
    return Found({name: worded(known, column.marked) for name, known in found.items()}, averaged)


def _nominal(ratings: Ratings) -> dict[str, Statistic]:
    return {
        "kappa": _over_pairs(ratings, kappa_of),
        "fleiss": fleiss_from_counts(category_counts(ratings.codes, ratings.levels)),
        "ac1": gwet_ac1(ratings.codes, ratings.levels),
    }


def _ordinal(ratings: Ratings) -> dict[str, Statistic]:
    linear = agreement_weights(ratings.levels, "linear")
    quadratic = agreement_weights(ratings.levels, "quadratic")
    return {
        "kappa_linear": _over_pairs(ratings, lambda tables: weighted_kappa_of(tables, linear)),
        "kappa_quadratic": _over_pairs(ratings, lambda tables: weighted_kappa_of(tables, quadratic)),
        "ac2": gwet_ac2(ratings.codes, agreement_weights(ratings.levels, "ordinal")),
    }


def _marks(ratings: Ratings) -> dict[str, Statistic]:
    return {
        "pabak": _over_pairs(ratings, pabak_of),
        "prevalence": _over_pairs(ratings, prevalence_index_of),
        "bias": _over_pairs(ratings, lambda tables: np.abs(bias_index_of(tables))),
        "positive_agreement": specific_agreement(ratings.together, 1),
        "negative_agreement": specific_agreement(ratings.together, 0),
    }


def _over_pairs(ratings: Ratings, function: Callable[[Floats], Floats]) -> Statistic:
    """Return the mean over pairs of coders for which a statistic of their table is defined."""
    values = np.array([function(pair.table(ratings.levels)) for pair in ratings.pairs])
    value, n = float(mean_defined(values)), len(ratings.shared)
    if np.isnan(value):
        return undefined(no_variation(np.diag(ratings.together)), n)
    lost = int(np.isnan(values).sum())
    told = f"the mean over {len(values) - lost} of {len(values)} pairs of coders, undefined for the others"
    return Statistic(value, None, None, n, told if lost else None)


def _agreement(ratings: Ratings) -> Statistic:
    if ratings.column.scale in ("nominal", "ordinal"):
        counts = category_counts(ratings.codes[ratings.shared], ratings.levels)
        agreed, _ = unit_agreement(counts, np.eye(ratings.levels))
        return Statistic(float(agreed.mean()), None, None, len(agreed))
    return _unit_mean(ratings, lambda pair: pair.one == pair.other)


def _difference(ratings: Ratings) -> Statistic:
    numbers = ratings.numbers
    return _unit_mean(ratings, lambda pair: np.abs(numbers[pair.one] - numbers[pair.other]))


def _unit_mean(ratings: Ratings, function: Callable[[SharedUnits], Floats | Codes]) -> Statistic:
    """Return the mean over shared units of the mean over a unit's pairs of coders."""
    sums, pairs = np.zeros(len(ratings.codes)), np.zeros(len(ratings.codes))
    for pair in ratings.pairs:
        sums[pair.units] += function(pair)
        pairs[pair.units] += 1
    means = sums[ratings.shared] / pairs[ratings.shared]
    return Statistic(float(means.mean()), None, None, len(means))


def _alpha(ratings: Ratings, rule: IntervalRule) -> Statistic:
    """Return alpha on the value's scale with its jackknife-t interval over clusters."""
    codes, scale, n = ratings.codes[ratings.shared], ratings.column.scale, len(ratings.shared)
    if scale in ("interval", "ratio") and ratings.levels > MOST_VALUES:
        return undefined(f"more than {MOST_VALUES:,} different values, too many for alpha's distances", n)
    if ratings.clusters is None:
        groups, count = np.zeros(n, dtype=np.int64), 1
    else:
        present, groups = np.unique(ratings.clusters[ratings.shared], return_inverse=True)
        count = len(present)
    value, replicates = _alpha_replicates(ratings, codes, groups, count)
    if np.isnan(value):
        return undefined(no_variation(category_counts(codes, ratings.levels).sum(axis=0)), n)
    if ratings.clusters is None:
        return Statistic(value, None, None, n, "no interval: no column of clusters is known")
    known = jackknife_interval(value, replicates, rule, (-1.0, 1.0), n)
    if known.reason and "patient" not in (ratings.cluster or "").casefold():
        # The intervals' reasons speak of patients, which are not what these clusters need be.
        return replace(known, reason=known.reason.replace("patient", "cluster"))
    return known


def _alpha_replicates(ratings: Ratings, codes: Codes, groups: Ints, count: int) -> tuple[float, Floats]:
    """Return alpha, and its values [G] with each cluster left out; NaN where undefined."""
    scale = ratings.column.scale
    if scale == "ordinal" and ratings.levels <= _FEW_LEVELS:
        pairs = coincidences(codes, ratings.levels, groups, count)
        value, replicates = jackknife_replicates(pairs, level_alpha_function(ratings.numbers, scale))
        return float(value), replicates
    if scale == "ordinal":
        places = np.where(codes >= 0, codes.astype(np.float64), np.nan)
        whole = ordinal_alpha(places).value
        return np.nan if whole is None else whole, ordinal_alpha_without(places, groups, count)
    if scale == "nominal":
        sums = group_sums(alpha_sums(category_counts(codes, ratings.levels)), groups, count)
        value, replicates = jackknife_replicates(sums, alpha_of)
        return float(value), replicates
    numbers = ratings.numbers
    distances = level_distances(numbers, np.zeros(len(numbers)), scale)
    sums = distance_sums(codes, distances, groups, count)
    value, replicates = jackknife_replicates(
        sums, lambda known: distance_alpha_of(known[..., 0], known[..., 1:], distances)
    )
    return float(value), replicates
