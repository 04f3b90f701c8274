"""A model's decisions applied to its raw probabilities, alike in cross-fitting and in scoring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rift.codebook import Codebook
from rift.decisions.calibration import calibrated
from rift.decisions.class_choice import choose
from rift.manifest import Decision

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Decided:
    """Calibrated probabilities and flags of turns.

    Attributes
    ----------
    probabilities
        [T, L], 0-1; NaN where the turn's speaker was never coded for the label.
    flags
        [T, L]: the probability reaches the threshold. False says "not found" only where
        ``judged`` is true.
    judged
        [T, L]: the turn has a probability and the label a threshold.
    """

    probabilities: Floats
    flags: Bools
    judged: Bools


def decide(raw: Floats, speakers: Sequence[str], decisions: Sequence[Decision]) -> Decided:
    """Calibrate raw probabilities [T, L] and flag what reaches each label's threshold.

    Parameters
    ----------
    raw
        [T, L] as the network gives them; NaN passes through.
    speakers
        Role of each turn.
    decisions
        One per column of ``raw``.
    """
    role = np.asarray(speakers, dtype=object)
    probabilities = np.full(raw.shape, np.nan)
    thresholds = np.full(raw.shape[1], np.nan)
    for column, decision in enumerate(decisions):
        eligible = np.isin(role, decision.speakers)
        probabilities[eligible, column] = calibrated(raw[eligible, column], decision.calibration)
        if decision.threshold is not None:
            thresholds[column] = decision.threshold
    judged = ~np.isnan(probabilities) & ~np.isnan(thresholds)[None, :]
    return Decided(probabilities, judged & (probabilities >= thresholds[None, :]), judged)


def classes(probabilities: Floats, decisions: Sequence[Decision], codebook: Codebook) -> list[str | None]:
    """Return the one class of each turn for an exclusive codebook.

    The label with the highest weighted probability (`rift.decisions.class_choice`) among those that
    have one; None where the turn has no probability. Families do not compete.

    Parameters
    ----------
    probabilities
        [T, L] calibrated, in the order of ``codebook.columns``.
    decisions
        One per column; a weight that is missing counts 1.
    codebook
        The labels.
    """
    labels = len(codebook.labels)
    weights = [1.0 if one.class_weight is None else one.class_weight for one in decisions[:labels]]
    chosen = choose(probabilities[:, :labels], weights)
    return [None if at < 0 else codebook.columns[at] for at in chosen]
