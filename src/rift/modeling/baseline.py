"""The baseline that stands beside every model: TF-IDF and logistic regression, with the same context."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from rift.config import BaselineSection
from rift.corpus.windows import turn_text

Floats = npt.NDArray[np.float64]

_CONTEXT_SHARE = 0.5
"""Weight of the context's features beside the turn's own: the best on AnnoMI of 0.1, 0.3, 0.5 and 1."""


@dataclass(frozen=True)
class BaselineTexts:
    """What the baseline reads: each turn's own words, and those of the turns before it."""

    own: npt.NDArray[np.object_]
    context: npt.NDArray[np.object_]


def baseline_texts(turns: pd.DataFrame, context_turns: int) -> BaselineTexts:
    """Lay out each turn's words and those of up to ``context_turns`` turns before it in its session."""
    own = np.array(
        [turn_text(s, t) for s, t in zip(turns["speaker"], turns["text"], strict=True)], dtype=object
    )
    context = np.empty(len(turns), dtype=object)
    for rows in turns.groupby(["patient_id", "session_id"], sort=False).indices.values():
        for place, row in enumerate(rows):
            context[row] = "\n".join(own[rows[max(0, place - context_turns) : place]])
    return BaselineTexts(own, context)


def baseline_probabilities(
    texts: BaselineTexts,
    targets: Floats,
    train: npt.NDArray[np.bool_],
    section: BaselineSection,
    groups: npt.NDArray[np.bool_] | None = None,
) -> Floats:
    """Fit on the training rows and return the probabilities of all others.

    Parameters
    ----------
    texts
        From `baseline_texts`, T turns.
    targets
        [T, L] soft targets 0-1, NaN where not coded or not eligible.
    train
        [T] rows to fit on.
    groups
        For labels that exclude one another, [L, K]: which of the K classes (the first K columns)
        each column holds. One multinomial model of the classes instead of one per label.

    Returns
    -------
    float64 [T, L]
        NaN on training rows, and where training has no coded turn; a label that has no example of
        both kinds in training gets its share of positives there as a constant.
    """
    features_in, features_out = _features(texts, train, section)
    result = np.full(targets.shape, np.nan)
    if groups is not None:
        shares = targets[train, : groups.shape[1]]
        # Classes that this turn's speaker cannot show are NaN: they have no share in it.
        known = np.isfinite(shares).any(axis=1)
        if known.any():
            shares = np.nan_to_num(shares[known])
            result[~train] = _fit_predict(features_in[known], shares, features_out, section) @ groups.T
        return result
    for label in range(targets.shape[1]):
        known = np.isfinite(targets[train, label])
        if known.any():
            positive = targets[train, label][known]
            both = np.column_stack([1.0 - positive, positive])
            result[~train, label] = _fit_predict(features_in[known], both, features_out, section)[:, 1]
    return result


def _features(
    texts: BaselineTexts, train: npt.NDArray[np.bool_], section: BaselineSection
) -> tuple[csr_matrix, csr_matrix]:
    inside, outside = [], []
    for words, ngrams, share in ((texts.own, section.ngrams, 1.0), (texts.context, 1, _CONTEXT_SHARE)):
        vectorizer = TfidfVectorizer(ngram_range=(1, ngrams), min_df=section.min_turns, sublinear_tf=True)
        try:
            inside.append(share * vectorizer.fit_transform(words[train]))
        except ValueError:  # no word is in enough turns, as where there is no context at all
            continue
        outside.append(share * vectorizer.transform(words[~train]))
    if not inside:
        return csr_matrix((int(train.sum()), 0)), csr_matrix((int((~train).sum()), 0))
    return hstack(inside).tocsr(), hstack(outside).tocsr()


def _fit_predict(
    features: csr_matrix, shares: Floats, unseen: csr_matrix, section: BaselineSection
) -> Floats:
    """Fit on soft targets: each turn counts once per class, weighted by the class's share in it.

    Classes are balanced, as the network's are; [rows, classes] come back in the given order.
    """
    totals = shares.sum(axis=0)
    present = np.flatnonzero(totals > 0)
    result = np.zeros((unseen.shape[0], shares.shape[1]))
    if len(present) < 2 or features.shape[1] == 0:
        result[:, present] = totals[present] / totals[present].sum()
        return result
    rows = [np.flatnonzero(shares[:, c] > 0) for c in present]
    balance = [
        shares[r, c] * totals.sum() / (len(present) * totals[c]) for r, c in zip(rows, present, strict=True)
    ]
    model = LogisticRegression(C=section.regularisation, max_iter=1000)
    model.fit(
        features[np.concatenate(rows)],
        np.concatenate([np.full(len(r), c) for r, c in zip(rows, present, strict=True)]),
        sample_weight=np.concatenate(balance),
    )
    result[:, model.classes_] = model.predict_proba(unseen)
    return result
