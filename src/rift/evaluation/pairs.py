"""Pairs of coders beside one another: counts, agreement, and what prevalence and bias make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rift.corpus.marks import ABSENT, PRESENT
from rift.reliability.alpha import alpha_of, table_alpha_sums
from rift.reliability.gwet import gwet_from_table
from rift.reliability.intervals import Floats, IntervalRule, SumsFunction, jackknife_statistic
from rift.reliability.kappa import (
    agreement_from_table,
    coder_pairs,
    kappa_of,
    no_variation,
    specific_agreement,
)
from rift.reliability.result import Statistic
from rift.reliability.two_by_two import bias_index, pabak, prevalence_index


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two coders on the turns that both coded: the 2 x 2 table and what it says.

    Attributes
    ----------
    first, second
        The coders.
    overlap, patients
        Turns that both coded, and the patients of these.
    both, first_only, second_only, neither
        Turns by who marked them.
    agreement, positive_agreement, negative_agreement
        Share of turns agreed on; agreement specific to marks (PA+) and to no marks (PA-).
    kappa, alpha
        Cohen's kappa and Krippendorff's nominal alpha, with jackknife-t intervals over patients.
    prevalence_index, bias_index
        Share marked by both less share marked by neither; share that only the first marked less
        share that only the second did. Both -1 to 1 (Byrt, Bishop & Carlin 1993).
    ac1, pabak
        Gwet's AC1, and prevalence-adjusted bias-adjusted kappa. Both are near 1 where a rare mark is
        missed altogether: for sensitivity only.
    """

    first: str
    second: str
    overlap: int
    patients: int
    both: int
    first_only: int
    second_only: int
    neither: int
    agreement: Statistic
    positive_agreement: Statistic
    negative_agreement: Statistic
    kappa: Statistic
    alpha: Statistic
    prevalence_index: Statistic
    bias_index: Statistic
    ac1: Statistic
    pabak: Statistic


def pair_rows(coders: Sequence[str], tables: Floats, rule: IntervalRule) -> tuple[PairRow, ...]:
    """Return a row for each pair of coders.

    Parameters
    ----------
    coders
        The C coders.
    tables
        [G, P, 2, 2] per patient and pair of coders, from `rift.reliability.kappa.pair_tables`.
    rule
        Level of the intervals and the patients that they need.
    """
    first, second = coder_pairs(len(coders))
    return tuple(
        _row((coders[one], coders[other]), tables[:, at], rule)
        for at, (one, other) in enumerate(zip(first, second, strict=True))
    )


def _row(coders: tuple[str, str], tables: Floats, rule: IntervalRule) -> PairRow:
    table = tables.sum(axis=0)
    (neither, second_only), (first_only, both) = ((round(cell) for cell in row) for row in table)
    return PairRow(
        first=coders[0],
        second=coders[1],
        overlap=round(table.sum()),
        patients=int(tables.any(axis=(1, 2)).sum()),
        both=both,
        first_only=first_only,
        second_only=second_only,
        neither=neither,
        agreement=agreement_from_table(table),
        positive_agreement=specific_agreement(table, PRESENT),
        negative_agreement=specific_agreement(table, ABSENT),
        kappa=_with_interval(tables, kappa_of, rule),
        alpha=_with_interval(tables, lambda known: alpha_of(table_alpha_sums(known)), rule),
        prevalence_index=prevalence_index(table),
        bias_index=bias_index(table),
        ac1=gwet_from_table(table),
        pabak=pabak(table),
    )


def _with_interval(tables: Floats, function: SumsFunction, rule: IntervalRule) -> Statistic:
    table = tables.sum(axis=0)
    return jackknife_statistic(
        tables, function, rule, bounds=(-1.0, 1.0), empty=no_variation(np.diag(table)), n=round(table.sum())
    )
