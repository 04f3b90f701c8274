"""Exclusive codebooks: one class per turn, model against the coders' majority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rift.corpus.marks import PRESENT
from rift.evaluation.units import ScoredMarks
from rift.reliability.intervals import IntervalRule, Ints, SumsFunction, jackknife_statistic
from rift.reliability.kappa import agreement_of, kappa_of, mean_defined, pair_tables, specific_agreement_of
from rift.reliability.result import Statistic, undefined

NO_CLASS = -1

_NOTHING = "no turn to compare"


@dataclass(frozen=True)
class ClassTable:
    """Agreement of predicted with true classes.

    Attributes
    ----------
    names
        The K classes.
    turns, left_out
        Turns compared; turns without a true class (tied, not coded) or a predicted one.
    confusion
        [K][K] turns by true (rows) and predicted class.
    f1
        Of each class; undefined if it is neither true nor predicted of any turn.
    macro_f1
        Mean over the classes whose F1 is defined.
    accuracy, kappa
        Share of turns with the true class; Cohen's kappa.
    """

    names: tuple[str, ...]
    turns: int
    left_out: int
    confusion: tuple[tuple[int, ...], ...]
    f1: tuple[Statistic, ...]
    macro_f1: Statistic
    accuracy: Statistic
    kappa: Statistic


def evaluate_classes(
    truth: npt.ArrayLike,
    predicted: npt.ArrayLike,
    names: Sequence[str],
    patients: npt.ArrayLike | None = None,
    rule: IntervalRule | None = None,
) -> ClassTable:
    """Return macro-F1, F1 per class, accuracy and kappa.

    Parameters
    ----------
    truth, predicted
        [T] classes 0 to K - 1, negative where there is none: such turns are left out and counted.
    names
        The K classes.
    patients, rule
        [T] the turn's patient, counted from 0, and how to make intervals; no intervals without both.

    Raises
    ------
    ValueError
        Lengths differ, or a class is not among the names.
    """
    true, guess = np.asarray(truth, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    if true.shape != guess.shape or true.ndim != 1:
        raise ValueError(f"truth {true.shape} and predicted {guess.shape} must be of one length")
    if max(true.max(initial=-1), guess.max(initial=-1)) >= len(names):
        raise ValueError(f"a class is not among the {len(names)} names")
    of = np.zeros(len(true), dtype=np.int64) if patients is None else np.asarray(patients, dtype=np.int64)
    tables = pair_tables(true, guess, len(names), of, int(of.max(initial=0)) + 1)
    table = tables.sum(axis=0)
    turns = round(table.sum())

    def statistic(function: SumsFunction, empty: str, least: float = 0.0) -> Statistic:
        reason = empty if turns else _NOTHING
        if patients is not None and rule is not None:
            return jackknife_statistic(tables, function, rule, bounds=(least, 1.0), empty=reason, n=turns)
        value = float(function(table))
        return undefined(reason, turns) if np.isnan(value) else Statistic(value, None, None, turns)

    def one_f1(at: int) -> Statistic:
        return statistic(
            lambda counts: specific_agreement_of(counts)[..., at], "neither true nor predicted of any turn"
        )

    return ClassTable(
        names=tuple(names),
        turns=turns,
        left_out=len(true) - turns,
        confusion=tuple(tuple(round(cell) for cell in row) for row in table),
        f1=tuple(one_f1(at) for at in range(len(names))),
        macro_f1=statistic(lambda counts: mean_defined(specific_agreement_of(counts)), _NOTHING),
        accuracy=statistic(agreement_of, _NOTHING),
        kappa=statistic(kappa_of, "no variation: only one class occurs", least=-1.0),
    )


def class_table(data: ScoredMarks, rule: IntervalRule) -> ClassTable:
    """Return the table of an exclusive codebook: chosen class against the coders' majority."""
    names = tuple(label.id for label in data.codebook.labels)
    return evaluate_classes(majority_class(data), predicted_class(data), names, data.patients, rule)


def majority_class(data: ScoredMarks) -> Ints:
    """Return [T] the class that most coders gave a turn; negative where tied or not coded."""
    marked = (data.marks.states[:, : len(data.codebook.labels)] == PRESENT).sum(axis=2)
    most = marked.max(axis=1, keepdims=True, initial=0)
    clear = ((marked == most).sum(axis=1) == 1) & (most[:, 0] > 0)
    return np.where(clear, marked.argmax(axis=1), NO_CLASS).astype(np.int64)


def predicted_class(data: ScoredMarks) -> Ints:
    """Return [T] the class chosen, else the likeliest, of equal ones the first; negative without any."""
    if data.classes is not None:
        return data.classes
    values = data.probabilities[:, : len(data.codebook.labels)]
    known = np.where(np.isnan(values), -np.inf, values)
    return np.where(np.isnan(values).all(axis=1), NO_CLASS, known.argmax(axis=1)).astype(np.int64)
