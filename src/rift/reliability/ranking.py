"""How well probabilities order turns, with soft labels.

A turn with soft label s counts as s of a positive and 1 - s of a negative with the same score;
ties are taken together, so the order of rows never matters. With labels of 0 and 1 the values are
those of scikit-learn.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rift.reliability.intervals import Floats, Ints
from rift.reliability.result import Statistic, undefined

_DRAWS_AT_ONCE = 250
"""Draws whose values at every score are held in memory together."""


def average_precision(soft: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return average precision, the sum over scores of gained recall times precision.

    Parameters
    ----------
    soft
        [T] labels, 0-1.
    scores
        [T], higher is likelier.

    Returns
    -------
    Statistic
        Without interval; undefined without positives, where libraries give 0.
    """
    labels, order, last = _ranked(soft, scores)
    if labels.sum() == 0:
        return undefined("no positives", len(labels))
    hits = np.cumsum(labels[order])[last]
    gained = np.diff(hits, prepend=0.0)
    return Statistic(float((gained * hits / (last + 1)).sum() / hits[-1]), None, None, len(labels))


def average_precision_without(soft: npt.ArrayLike, scores: npt.ArrayLike, groups: Ints, count: int) -> Floats:
    """Return average precision [G] with each group (patient) left out; NaN where undefined.

    Parameters
    ----------
    soft, scores
        [T] as for `average_precision`.
    groups
        [T] group of each row, 0 to ``count - 1``.
    count
        Number of groups G.
    """
    return average_precision_draws(soft, scores, groups, 1.0 - np.eye(count))


def average_precision_draws(
    soft: npt.ArrayLike, scores: npt.ArrayLike, groups: Ints, weights: Floats
) -> Floats:
    """Return average precision [B] with every row counted as often as its group is drawn; NaN if undefined.

    Parameters
    ----------
    soft, scores
        [T] as for `average_precision`.
    groups
        [T] group (patient) of each row, 0 to G - 1.
    weights
        [B, G] how often each draw holds each group.
    """
    labels, order, last = _ranked(soft, scores)
    labels, of = labels[order], np.asarray(groups)[order]
    ranks = np.searchsorted(last, np.arange(len(labels)))
    # Recall grows only at the scores of positives; other rows count towards the next of these.
    gaining = np.unique(ranks[labels > 0])
    steps = np.searchsorted(gaining, ranks)
    kept = steps < len(gaining)
    hits = np.zeros((len(gaining), weights.shape[1]))
    flagged = np.zeros_like(hits)
    np.add.at(hits, (steps[kept], of[kept]), labels[kept])
    np.add.at(flagged, (steps[kept], of[kept]), 1.0)
    flagged = np.cumsum(flagged, axis=0)
    result = np.full(len(weights), np.nan)
    for at in range(0, len(weights) if len(gaining) else 0, _DRAWS_AT_ONCE):
        drawn = weights[at : at + _DRAWS_AT_ONCE].T
        gained = hits @ drawn
        found, shown = np.cumsum(gained, axis=0), flagged @ drawn
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = np.where(shown > 0, found / shown, 0.0)
            result[at : at + _DRAWS_AT_ONCE] = (gained * precision).sum(axis=0) / found[-1]
    return result


def auroc(soft: npt.ArrayLike, scores: npt.ArrayLike) -> Statistic:
    """Return the area under the ROC curve: how often a positive scores above a negative.

    A tie counts half. Undefined without positives or without negatives; no interval.
    """
    labels, order, last = _ranked(soft, scores)
    positives, negatives = float(labels.sum()), float((1 - labels).sum())
    if positives == 0 or negatives == 0:
        return undefined("no positives" if positives == 0 else "no negatives", len(labels))
    gained = np.diff(np.cumsum(labels[order])[last], prepend=0.0)
    above = np.cumsum(1 - labels[order])[last]
    tied = np.diff(above, prepend=0.0)
    below = negatives - above + tied / 2
    return Statistic(float((gained * below).sum() / (positives * negatives)), None, None, len(labels))


def precision_recall_points(soft: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return thresholds, falling, with precision and recall of flagging every score at or above each.

    Returns
    -------
    (thresholds, precision, recall)
        One point per distinct score; empty without positives.
    """
    labels, order, last = _ranked(soft, scores)
    if labels.sum() == 0:
        nothing = np.empty(0)
        return nothing, nothing, nothing
    hits = np.cumsum(labels[order])[last]
    return np.asarray(scores, dtype=np.float64)[order][last], hits / (last + 1), hits / hits[-1]


def _ranked(soft: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[Floats, Ints, Ints]:
    """Return the labels, the order of falling scores, and in it the last place of each distinct score."""
    labels, values = np.asarray(soft, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if labels.shape != values.shape or labels.ndim != 1:
        raise ValueError(f"labels {labels.shape} and scores {values.shape} must be of one length")
    if not np.isfinite(values).all() or not bool(((labels >= 0) & (labels <= 1)).all()):
        raise ValueError("scores must be finite and labels lie between 0 and 1")
    order = np.argsort(-values, kind="stable")
    last = np.flatnonzero(np.diff(values[order], append=-np.inf) != 0)
    return labels, order, last
