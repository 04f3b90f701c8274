"""What a table of two coders' marks says beside kappa: PABAK, its prevalence and its bias.

Tables are [..., 2, 2] counts, first coder in rows; category 0 is no mark, 1 is the mark. Agreement
specific to marks and to no marks is `rift.reliability.kappa.specific_agreement`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rift.reliability.intervals import Floats
from rift.reliability.kappa import agreement_of, share_of
from rift.reliability.result import Statistic, undefined


def pabak_of(tables: Floats) -> Floats:
    """Return prevalence-adjusted bias-adjusted kappa [...], -1 to 1; NaN of an empty table."""
    return 2 * agreement_of(tables) - 1


def prevalence_index_of(tables: Floats) -> Floats:
    """Return the prevalence index [...]: share marked by both less share marked by neither; -1 to 1."""
    return share_of(tables[..., 1, 1] - tables[..., 0, 0], tables.sum(axis=(-2, -1)))


def bias_index_of(tables: Floats) -> Floats:
    """Return the bias index [...]: share that only the first marked less only the second; -1 to 1."""
    return share_of(tables[..., 1, 0] - tables[..., 0, 1], tables.sum(axis=(-2, -1)))


def pabak(table: npt.ArrayLike) -> Statistic:
    """Return PABAK (Byrt, Bishop & Carlin 1993) of a [2, 2] table, without interval.

    Twice the agreement less 1: defined wherever two coders coded a unit, and 1 where nobody marked.
    """
    counts = _two_by_two(table)
    return _statistic(counts, pabak_of(counts))


def prevalence_index(table: npt.ArrayLike) -> Statistic:
    """Return the prevalence index (Byrt, Bishop & Carlin 1993) of a [2, 2] table.

    Negative where marks are rarer than no marks, which is where kappa is low for good agreement.
    """
    counts = _two_by_two(table)
    return _statistic(counts, prevalence_index_of(counts))


def bias_index(table: npt.ArrayLike) -> Statistic:
    """Return the bias index (Byrt, Bishop & Carlin 1993) of a [2, 2] table.

    Positive where the first coder marks more than the second.
    """
    counts = _two_by_two(table)
    return _statistic(counts, bias_index_of(counts))


def _two_by_two(table: npt.ArrayLike) -> Floats:
    counts = np.asarray(table, dtype=np.float64)
    if counts.shape != (2, 2):
        raise ValueError(f"expected a [2, 2] table, found {counts.shape}")
    return counts


def _statistic(counts: Floats, value: Floats) -> Statistic:
    if counts.sum() == 0:
        return undefined("no unit coded twice")
    return Statistic(float(value), None, None, round(counts.sum()))
