"""Averages over the labels of one kind: macro over those with full support, micro over all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rift.evaluation.rows import NOTHING_TO_FIND, STATISTICS, MarkerRow
from rift.evaluation.sums import (
    FLAGS,
    HITS,
    POSITIVES,
    MarkerSums,
    delta_of,
    f1_of,
    kappa_hh_of,
    kappa_mh_of,
    mean_share_of,
    precision_of,
    recall_of,
)
from rift.reliability.intervals import (
    Floats,
    IntervalRule,
    SumsFunction,
    jackknife_interval,
    jackknife_statistic,
    ratio_statistic,
)
from rift.reliability.kappa import mean_defined
from rift.reliability.result import Statistic, undefined

KappaFunction = Callable[[Floats, int], Floats]


@dataclass(frozen=True, slots=True)
class Average:
    """An average over labels of one kind, with intervals over patients.

    Attributes
    ----------
    kind
        marker, strategy or class; families are rows of their own and never averaged.
    method
        macro: mean over the labels with full support; micro: all coded labels' counts pooled.
    columns, total
        The labels in it (k), and how many of the kind the codebook has (n).
    precision, recall, f1
        Always.
    average_precision, ceiling, model_ceiling, kappa_mh, kappa_hh, delta
        Macro only; ``None`` in a micro average, which has no ranking or coders of its own. A label
        that lacks one of them is left out of that mean: the statistic's ``n`` counts labels.
    """

    kind: str
    method: str
    columns: tuple[str, ...]
    total: int
    precision: Statistic
    recall: Statistic
    f1: Statistic
    average_precision: Statistic | None = None
    ceiling: Statistic | None = None
    model_ceiling: Statistic | None = None
    kappa_mh: Statistic | None = None
    kappa_hh: Statistic | None = None
    delta: Statistic | None = None


def averages(
    rows: Sequence[MarkerRow], sums: Mapping[str, MarkerSums], rule: IntervalRule
) -> tuple[Average, ...]:
    """Return the macro and the micro average of each kind of label, in the order of the rows."""
    kinds = dict.fromkeys(row.kind for row in rows if row.kind != "family")
    result: list[Average] = []
    for kind in kinds:
        own = [row for row in rows if row.kind == kind]
        full = {row.column: sums[row.column] for row in own if row.support == "Full"}
        coded = {row.column: sums[row.column] for row in own if row.turns}
        result.append(_macro(kind, full, len(own), rule))
        result.append(_micro(kind, coded, len(own), rule))
    return tuple(result)


def _macro(kind: str, full: Mapping[str, MarkerSums], total: int, rule: IntervalRule) -> Average:
    if not full:
        none = dict.fromkeys(STATISTICS, undefined(f"no {kind} has full support"))
        return Average(kind, "macro", (), total, **none)
    known = list(full.values())
    coders = known[0].coders
    counts = np.stack([sums.counts for sums in known], axis=1)
    tables = np.stack([sums.tables for sums in known], axis=1)
    others = np.stack([sums.others for sums in known], axis=2)
    empty = f"undefined for every {kind}"

    def share(function: SumsFunction, sums: Floats = counts) -> Statistic:
        n = _defined(function, sums)
        return jackknife_statistic(sums, _mean(function), rule, bounds=(0.0, 1.0), empty=empty, n=n)

    def kappa(function: KappaFunction, bound: float = 1.0) -> Statistic:
        def of_tables(rest: Floats) -> Floats:
            return function(rest, coders)

        n = _defined(of_tables, tables)
        return jackknife_statistic(tables, _mean(of_tables), rule, bounds=(-bound, bound), empty=empty, n=n)

    return Average(
        kind=kind,
        method="macro",
        columns=tuple(full),
        total=total,
        precision=share(precision_of),
        recall=share(recall_of),
        f1=share(f1_of),
        average_precision=_macro_ranking(known, rule),
        ceiling=share(mean_share_of, others[:, 1]),
        model_ceiling=share(mean_share_of, others[:, 0]),
        kappa_mh=kappa(kappa_mh_of),
        kappa_hh=kappa(kappa_hh_of),
        delta=kappa(delta_of, 2.0),
    )


def _mean(function: SumsFunction) -> SumsFunction:
    """Return the mean over labels, the last axis of its values, of a statistic of their sums."""
    return lambda sums: mean_defined(function(sums))


def _defined(function: SumsFunction, sums: Floats) -> int:
    """Return for how many labels a statistic of [G, M, ...] sums is defined."""
    return int((~np.isnan(function(sums.sum(axis=0)))).sum())


def _macro_ranking(known: Sequence[MarkerSums], rule: IntervalRule) -> Statistic:
    """Return the mean average precision; a patient not coded for a label changes nothing of that label.

    A label without positives, as it happens in a single fold, has none: it is left out and told.
    """
    ranked = [sums for sums in known if sums.ranking.value is not None]
    if not ranked:
        return undefined("no label has a positive")
    values = np.array([sums.ranking.value for sums in ranked], dtype=np.float64)
    coded = np.any([sums.patients for sums in ranked], axis=0)
    without = np.mean([sums.ranking_without for sums in ranked], axis=0)
    mean = jackknife_interval(float(values.mean()), without[coded], rule, (0.0, 1.0), len(ranked))
    if len(ranked) == len(known):
        return mean
    told = f"of {len(ranked)} of {len(known)} labels; the others have no positives"
    return replace(mean, reason=f"{told}; {mean.reason}" if mean.reason else told)


def _micro(kind: str, coded: Mapping[str, MarkerSums], total: int, rule: IntervalRule) -> Average:
    if not coded:
        return Average(kind, "micro", (), total, *[undefined("not coded")] * 3)
    known = list(coded.values())
    patients = np.any([sums.patients for sums in known], axis=0)
    counts = np.sum([sums.counts for sums in known], axis=0)[patients]
    hits, flags, positives = counts[:, HITS], counts[:, FLAGS], counts[:, POSITIVES]
    return Average(
        kind=kind,
        method="micro",
        columns=tuple(coded),
        total=total,
        precision=ratio_statistic(hits, flags, rule, "nothing flagged", round(flags.sum())),
        recall=ratio_statistic(hits, positives, rule, "no positives", round(positives.sum())),
        f1=jackknife_statistic(
            counts, f1_of, rule, bounds=(0.0, 1.0), empty=NOTHING_TO_FIND,
            n=sum(sums.turns for sums in known),
        ),
    )  # fmt: skip
