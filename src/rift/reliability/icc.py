"""Intraclass correlations of complete ratings, by analysis of variance (McGraw & Wong 1996).

Names are McGraw and Wong's, Shrout and Fleiss's (1979) in brackets: ICC(1) [1,1] and ICC(k) [1,k] of
the one-way model; ICC(C,1) [3,1] and ICC(C,k) [3,k] for consistency, ICC(A,1) [2,1] and ICC(A,k)
[2,k] for absolute agreement in the two-way models. Random and mixed two-way models share formulas
and differ only in what may be concluded. Incomplete ratings: `rift.reliability.icc_reml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import fdtri

from rift.reliability.intervals import Floats
from rift.reliability.result import Statistic, undefined

Form = Literal["ICC(1)", "ICC(k)", "ICC(C,1)", "ICC(C,k)", "ICC(A,1)", "ICC(A,k)"]
FORMS: tuple[Form, ...] = get_args(Form)

NEGATIVE = "not interpretable as reliability: negative"
NO_VARIATION = "no variation: no target differs from another"

_BEYOND = "not interpretable as reliability: targets differ far less than chance would have them"
_NO_BOUND = "no interval: the ratings leave no variance to base it on"

# Mean squares this much smaller than the largest one are rounding, as are ratings' own last digits.
_ROUNDING = 1e-12

Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """The two-way table of ``targets`` x ``coders`` ratings taken apart.

    Attributes
    ----------
    targets, coders
        Sizes n and k of the table.
    rows, columns, within, error
        McGraw and Wong's MSR (between targets), MSC (between coders), MSW (within targets) and MSE
        (what is left of both).
    """

    targets: int
    coders: int
    rows: float
    columns: float
    within: float
    error: float


def mean_squares(ratings: npt.ArrayLike) -> MeanSquares:
    """Return the mean squares of complete ratings.

    Parameters
    ----------
    ratings
        [T, C] one row per target (session), one column per coder; at least 2 x 2, nothing missing.

    Raises
    ------
    ValueError
        The table is smaller, or a rating is missing.
    """
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2:
        raise ValueError(f"ratings of 2 or more targets by 2 or more coders are needed, not {table.shape}")
    if not np.isfinite(table).all():
        raise ValueError("ratings are incomplete: fit them by REML (rift.reliability.icc_reml)")
    n, k = table.shape
    # Centred first: large ratings that differ little would lose their differences in the squares.
    size = float(np.abs(table).max())
    table = table - table.mean()
    of_rows, of_columns = table.mean(axis=1), table.mean(axis=0)
    rows, columns = k * _square_sum(of_rows), n * _square_sum(of_columns)
    within = _square_sum(table - of_rows[:, None])
    error = _square_sum(table - of_rows[:, None] - of_columns)
    squares = np.array([rows / (n - 1), columns / (k - 1), within / (n * (k - 1))])
    squares = np.append(squares, error / ((n - 1) * (k - 1)))
    squares[squares <= max(_ROUNDING * squares.max(), (_ROUNDING * size) ** 2)] = 0.0
    return MeanSquares(n, k, *(float(square) for square in squares))


def icc(ratings: npt.ArrayLike, form: Form, level: float = 0.95) -> Statistic:
    """Return one form of the intraclass correlation with its F-based interval.

    Parameters
    ----------
    ratings
        [T, C], complete, at least 2 x 2.
    form
        One of `FORMS`.
    level
        Two-sided confidence, between 0 and 1.

    Returns
    -------
    Statistic
        ``n`` counts targets. A negative value is given as it is, with a reason that flags it. Undefined
        where no target differs from another, and where a form lies so far below zero that its
        formula turns round (a k-form above 1).

    Raises
    ------
    ValueError
        As `mean_squares`, or the form is unknown.
    """
    if form not in FORMS:
        raise ValueError(f"{form!r} is not one of {', '.join(FORMS)}")
    squares = mean_squares(ratings)
    single = _single(squares, form)
    if np.isnan(single):
        return undefined(NO_VARIATION if _alike(squares) else _BEYOND, squares.targets)
    bounds = _bounds(squares, form, single, (1 - level) / 2)
    if form.endswith("k)"):
        return averaged(_statistic(single, bounds, squares.targets), squares.coders)
    return _statistic(single, bounds, squares.targets)


def icc_forms(ratings: npt.ArrayLike, level: float = 0.95) -> dict[Form, Statistic]:
    """Return all six forms; see `icc`."""
    return {form: icc(ratings, form, level) for form in FORMS}


def averaged(single: Statistic, coders: float) -> Statistic:
    """Return the reliability of the mean of several coders from that of one (Spearman-Brown).

    McGraw and Wong's k-forms and their intervals are exactly this of the single forms.

    Parameters
    ----------
    single
        ICC(1), ICC(C,1) or ICC(A,1).
    coders
        How many are averaged; need not be whole.
    """
    if single.value is None:
        return single
    if 1 + (coders - 1) * single.value <= _ROUNDING:
        return undefined(_BEYOND, single.n)
    value = stepped_up(single.value, coders)
    if single.low is None or single.high is None or 1 + (coders - 1) * single.low <= _ROUNDING:
        return Statistic(value, None, None, single.n, single.reason or _NO_BOUND)
    return Statistic(
        value, stepped_up(single.low, coders), stepped_up(single.high, coders), single.n, single.reason
    )


def stepped_up(single: float, coders: float) -> float:
    """Return k r / (1 + (k - 1) r), Spearman and Brown's formula."""
    return coders * single / (1 + (coders - 1) * single)


def _alike(squares: MeanSquares) -> bool:
    return squares.rows == 0 and squares.error == 0


def _square_sum(values: Floats) -> float:
    return float((values**2).sum())


def _single(squares: MeanSquares, form: Form) -> float:
    n, k = squares.targets, squares.coders
    if form in ("ICC(1)", "ICC(k)"):
        return _share(squares.rows - squares.within, squares.rows + (k - 1) * squares.within)
    between = squares.rows + (k - 1) * squares.error
    if form.startswith("ICC(C"):
        return _share(squares.rows - squares.error, between)
    return _share(squares.rows - squares.error, between + k / n * (squares.columns - squares.error))


def _share(part: float, whole: float) -> float:
    # The whole of ICC(A,1) can itself be 0 or less, where targets differ less than by chance.
    return part / whole if whole > 0 else float("nan")


def _bounds(squares: MeanSquares, form: Form, value: float, tail: float) -> Bounds | None:
    n, k = squares.targets, squares.coders
    if form.startswith("ICC(A"):
        return _agreement_bounds(squares, value, tail)
    one_way = form in ("ICC(1)", "ICC(k)")
    noise, freedom = (squares.within, n * (k - 1)) if one_way else (squares.error, (n - 1) * (k - 1))
    if noise == 0:
        return None
    ratio = squares.rows / noise
    low = ratio / float(fdtri(n - 1, freedom, 1 - tail))
    high = ratio * float(fdtri(freedom, n - 1, 1 - tail))
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def _agreement_bounds(squares: MeanSquares, value: float, tail: float) -> Bounds | None:
    """Return the bounds of ICC(A,1): McGraw and Wong's table 7, with Satterthwaite's degrees of freedom."""
    n, k = squares.targets, squares.coders
    if value >= 1:
        return None
    odds = k * value / (n * (1 - value))
    columns, error = odds * squares.columns, (1 + odds * (n - 1)) * squares.error
    spread = columns**2 / (k - 1) + error**2 / ((n - 1) * (k - 1))
    if spread <= 0:
        return None
    freedom = (columns + error) ** 2 / spread
    noise = k * squares.columns + (k * n - k - n) * squares.error
    above, below = float(fdtri(n - 1, freedom, 1 - tail)), float(fdtri(freedom, n - 1, 1 - tail))
    low = n * (squares.rows - above * squares.error) / (above * noise + n * squares.rows)
    high = n * (below * squares.rows - squares.error) / (noise + n * below * squares.rows)
    return low, high


def _statistic(value: float, bounds: Bounds | None, n: int) -> Statistic:
    flag = NEGATIVE if value < 0 else None
    if bounds is None or not bounds[0] <= value <= bounds[1] <= 1:
        return Statistic(value, None, None, n, flag or _NO_BOUND)
    return Statistic(value, *bounds, n, flag)
