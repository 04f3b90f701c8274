"""The restricted likelihood of a two-way random model of ratings, coders missing at will.

A rating is mean + target + coder + rest, the three with variances of their own. The restricted
likelihood depends on the ratings through sums over targets alone (`reml_sums`), so targets or whole
patients are left out by subtraction, and many fits run at once. A point is a pair: the targets'
share of all variance, which is ICC(A,1), and the coders' share of what is left.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rift.reliability.intervals import Floats, Ints

EDGE = 1e-5
"""Shares of variance stay this far from 1, where the likelihood has no value."""

FITTING, ALIKE, NOT_RATED_TWICE, TOO_FEW, NO_VARIATION, NO_REST = range(6)
"""What `standing` says of ratings."""

_STEP = 1e-4
_ROUNDS = 40
_SETTLED = 1e-8
_NONE = 1e-12


def reml_sums(ratings: npt.ArrayLike) -> Floats:
    """Return what the restricted likelihood needs of each target; additive over targets.

    Parameters
    ----------
    ratings
        [T, C] of targets by coders, NaN where a coder did not rate the target.

    Returns
    -------
    [T, C + 1, C + 1, C + 1]
        Products of the columns (who rated, then the rating) over a target's ratings, at 0; of its
        sums of these, at m for a target with m ratings. Ratings are first brought to mean 0 and
        standard deviation 1, which changes no ICC.
    """
    known, values = _standard(ratings)
    targets, coders = known.shape
    sums = np.zeros((targets, coders + 1, coders + 1, coders + 1))
    at = np.arange(coders)
    sums[:, 0, at, at] = known
    sums[:, 0, at, coders] = sums[:, 0, coders, at] = values
    sums[:, 0, coders, coders] = (values**2).sum(axis=1)
    totals = np.column_stack([known, values.sum(axis=1)])
    rated = known.sum(axis=1)
    there = rated > 0
    sums[np.flatnonzero(there), rated[there]] = (totals[:, :, None] * totals[:, None, :])[there]
    return sums


def reml_total(ratings: npt.ArrayLike) -> Floats:
    """Return the sum [C + 1, C + 1, C + 1] of `reml_sums` over all targets, without holding each one's."""
    known, values = _standard(ratings)
    coders = known.shape[1]
    total = np.zeros((coders + 1, coders + 1, coders + 1))
    at = np.arange(coders)
    total[0, at, at] = known.sum(axis=0)
    total[0, at, coders] = total[0, coders, at] = values.sum(axis=0)
    total[0, coders, coders] = (values**2).sum()
    columns, rated = np.column_stack([known, values.sum(axis=1)]), known.sum(axis=1)
    for many in np.unique(rated[rated > 0]):
        own = columns[rated == many]
        total[many] = own.T @ own
    return total


def standing(sums: Floats) -> Ints:
    """Return [N] whether summed ratings can be fitted, else why not.

    ALIKE: coders never differ on a target; NOT_RATED_TWICE: no target has two ratings; TOO_FEW: no
    ratings are left to estimate the rest from; NO_VARIATION: all ratings are equal; NO_REST: coders
    differ by constants alone, and the likelihood grows without end.
    """
    coders = sums.shape[-1] - 1
    rated = np.diagonal(sums[:, 0, :coders, :coders], axis1=1, axis2=2)
    targets = _targets_of(sums)
    freedom = rated.sum(axis=1) - targets.sum(axis=1) - (rated > 0).sum(axis=1) + 1
    total, within = _total_of(sums), _within_of(sums)
    nothing = _NONE * total
    found = np.zeros(len(sums), dtype=np.int64)
    found[_additive_rest_of(sums) <= nothing] = NO_REST
    found[within <= nothing] = ALIKE
    found[total <= _NONE * np.maximum(rated.sum(axis=1), 1)] = NO_VARIATION
    found[freedom < 1] = TOO_FEW
    found[targets[:, 2:].sum(axis=1) < 1] = NOT_RATED_TWICE
    return found


def _standard(ratings: npt.ArrayLike) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Return who rated, and ratings at mean 0 and standard deviation 1, 0 where missing."""
    table = np.asarray(ratings, dtype=np.float64)
    known = ~np.isnan(table)
    values = np.where(known, table, 0.0)
    total = max(int(known.sum()), 1)
    values = np.where(known, values - values.sum() / total, 0.0)
    spread = float(np.sqrt((values**2).sum() / total))
    size = float(np.abs(np.where(known, table, 0.0)).max(initial=0.0))
    values = values / spread if spread > _NONE * size else np.zeros_like(values)
    return known, values


def _targets_of(sums: Floats) -> Floats:
    """Return [..., C + 1] how many targets have 0 (given as 0), 1 ... C ratings."""
    coders = sums.shape[-1] - 1
    each = np.trace(sums[..., :coders, :coders], axis1=-2, axis2=-1)
    # Who rated is 0 or 1, so that the trace of a target's product is its number of ratings.
    counts = each / np.maximum(np.arange(coders + 1), 1)
    counts[..., 0] = 0
    return np.asarray(np.round(counts, 6), dtype=np.float64)


def _total_of(sums: Floats) -> Floats:
    """Return [N] the sum of squares around the mean."""
    coders = sums.shape[-1] - 1
    count = np.trace(sums[:, 0, :coders, :coders], axis1=-2, axis2=-1)
    total = sums[:, 0, :coders, coders].sum(axis=1)
    return np.asarray(sums[:, 0, coders, coders] - total**2 / np.maximum(count, 1), dtype=np.float64)


def _within_of(sums: Floats) -> Floats:
    """Return [N] the sum of squares within targets."""
    coders = sums.shape[-1] - 1
    rated = np.arange(1, coders + 1)
    return np.asarray(
        sums[:, 0, coders, coders] - (sums[:, 1:, coders, coders] / rated).sum(axis=1), dtype=np.float64
    )


def _additive_rest_of(sums: Floats) -> Floats:
    """Return [N] the sum of squares that targets and coders together leave."""
    coders = sums.shape[-1] - 1
    rated = np.arange(1, coders + 1)
    crossed = sums[:, 0] - (sums[:, 1:] / rated[:, None, None]).sum(axis=1)
    design, reading = crossed[:, :coders, :coders], crossed[:, :coders, coders]
    solved = np.einsum("nij,nj->ni", np.linalg.pinv(design, rcond=1e-9, hermitian=True), reading)
    return np.asarray(crossed[:, coders, coders] - (reading * solved).sum(axis=1), dtype=np.float64)


def _parts(sums: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Return [N, P] log-determinants and scaled residual sums of squares at points [N, P, 2].

    A point is (targets' share of all variance, coders' share of what is left). Targets are absorbed
    first (Woodbury), coders next, the mean last.
    """
    coders = sums.shape[-1] - 1
    share, other = points[..., 0], points[..., 1]
    coder = other / (1 - other)
    target = share / (1 - share) * (1 + coder)
    rated = np.arange(1, coders + 1)
    grown = 1 + target[..., None] * rated
    weights = np.concatenate([np.ones_like(target)[..., None], -target[..., None] / grown], axis=-1)
    crossed = np.einsum("npm,nmij->npij", weights, sums)
    design, reading = crossed[..., :coders, :coders], crossed[..., :coders, coders]
    system = np.eye(coders) + coder[..., None, None] * design
    ones = np.ones_like(reading)
    solved = np.linalg.solve(system, np.stack([reading, np.einsum("npij->npi", design)], axis=-1))
    mean_weight = (ones * solved[..., 1]).sum(axis=-1)
    mean_value = (ones * solved[..., 0]).sum(axis=-1)
    residual = crossed[..., coders, coders] - coder * (reading * solved[..., 0]).sum(axis=-1)
    residual = np.maximum(residual - mean_value**2 / mean_weight, np.finfo(np.float64).tiny)
    logs = (_targets_of(sums)[:, None, 1:] * np.log(grown)).sum(axis=-1)
    logs = logs + np.linalg.slogdet(system)[1] + np.log(mean_weight)
    return np.asarray(logs, dtype=np.float64), np.asarray(residual, dtype=np.float64)


def deviance(sums: Floats, points: Floats) -> Floats:
    """Return [N, P] the restricted deviance, residual variance profiled out, up to a constant."""
    logs, residual = _parts(sums, points)
    coders = sums.shape[-1] - 1
    count = np.trace(sums[:, 0, :coders, :coders], axis1=-2, axis2=-1)
    return np.asarray(logs + (count - 1)[:, None] * np.log(residual), dtype=np.float64)


def total_variance(sums: Floats, points: Floats) -> Floats:
    """Return [N] the total variance of the model at one point each [N, 2]."""
    coders = sums.shape[-1] - 1
    count = np.trace(sums[:, 0, :coders, :coders], axis1=-2, axis2=-1)
    residual = _parts(sums, points[:, None])[1][:, 0]
    rest = (1 - points[:, 0]) * (1 - points[:, 1])
    return np.asarray(residual / (count - 1) / rest, dtype=np.float64)


def fit(sums: Floats) -> Floats:
    """Return the points [N, 2] of least deviance: from the best of a grid, Newton within the square."""
    axis = np.array([0.0, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95, 0.99, 1 - EDGE])
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    everywhere = np.broadcast_to(grid, (len(sums), *grid.shape))
    points: Floats = grid[deviance(sums, everywhere).argmin(axis=1)]
    lengths = 0.5 ** np.arange(0, 16, 1.5)
    for _ in range(_ROUNDS):
        move = _newton(sums, points)
        tried = np.clip(points[:, None] + lengths[:, None] * move[:, None], 0.0, 1 - EDGE)
        tried = np.concatenate([points[:, None], tried], axis=1)
        best = deviance(sums, tried).argmin(axis=1)
        moved = tried[np.arange(len(sums)), best]
        change = float(np.abs(moved - points).max())
        points = moved
        if change < _SETTLED:
            break
    return points


def _newton(sums: Floats, points: Floats) -> Floats:
    """Return the Newton steps [N, 2] of the deviance, by differences; none out of the square."""
    # Near 1 the deviance bends ever more sharply, and the differences must shrink with what is left.
    step = np.maximum(_STEP * np.minimum(1 - points, 0.5), EDGE / 100)
    slope, _, _ = _differences(sums, np.maximum(points, step), step)
    stuck = ((points <= 0) & (slope > 0)) | ((points >= 1 - EDGE) & (slope < 0))
    # A coordinate that is held at an edge must be held there while the other one's slope is taken.
    centre = np.where(stuck, points, np.maximum(points, step))
    slope, own, cross = _differences(sums, centre, np.where(stuck, 0.0, step))
    own = np.maximum(np.abs(own), np.abs(slope) * _STEP + np.finfo(np.float64).tiny)
    limit = 0.95 * np.sqrt(own[:, 0] * own[:, 1])
    cross = np.clip(cross, -limit, limit)
    determinant = np.maximum(own[:, 0] * own[:, 1] - cross**2, np.finfo(np.float64).tiny)
    move = -(own[:, ::-1] * slope - cross[:, None] * slope[:, ::-1]) / determinant[:, None]
    alone = -slope / own
    move = np.where(stuck.any(axis=1, keepdims=True), alone, move) * step + centre - points
    return np.asarray(np.where(stuck, 0.0, np.clip(move, -0.5, 0.5)), dtype=np.float64)


def _differences(sums: Floats, centre: Floats, step: Floats) -> tuple[Floats, Floats, Floats]:
    """Return slopes [N, 2], own second [N, 2] and mixed second [N] differences of the deviance."""
    ways = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)], dtype=np.float64)
    f = deviance(sums, centre[:, None] + ways * step[:, None]).reshape(-1, 3, 3)
    slope = np.stack([f[:, 2, 1] - f[:, 0, 1], f[:, 1, 2] - f[:, 1, 0]], axis=1) / 2
    own = np.stack([f[:, 2, 1] + f[:, 0, 1], f[:, 1, 2] + f[:, 1, 0]], axis=1) - 2 * f[:, 1, 1][:, None]
    return slope, own, (f[:, 2, 2] - f[:, 2, 0] - f[:, 0, 2] + f[:, 0, 0]) / 4
