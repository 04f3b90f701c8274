"""A label's row of the marker table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import numpy as np

from rift.codebook import Codebook
from rift.config import EvaluateSection
from rift.evaluation.claims import Claims
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
)
from rift.manifest import Decision
from rift.reliability.intervals import (
    Floats,
    IntervalRule,
    SumsFunction,
    jackknife_interval,
    jackknife_statistic,
    ratio_statistic,
)
from rift.reliability.kappa import no_variation
from rift.reliability.result import Statistic, undefined

Support = Literal["Full", "Exploratory", "Counts"]

NOTHING_TO_FIND = "nothing flagged, no positives"


@dataclass(frozen=True, slots=True)
class MarkerRow:
    """One label or family: how much there is of it, what was flagged, how well they agree.

    Attributes
    ----------
    column, name, kind
        Id, printed name, and marker, strategy, class or family.
    support
        Full: enough for a verdict; Exploratory: estimates, outside the macro average; Counts:
        ``hits``, ``false_alarms`` and ``misses`` only.
    turns, sessions, patients
        Coded and with a probability. ``unscored``: coded turns without one, left out.
    positives
        Sum of the soft labels; ``positive_patients``: patients with a turn any coder marked.
    prevalence
        ``positives`` over ``turns``; ``None`` without turns.
    threshold, status
        Of the decision as it is released with the model; ``None`` where none was passed in.
    precision_bound
        One-sided lower bound of precision at that threshold, on all folds together; it is what the
        threshold was released for, not an unbiased bound for new patients.
    flags, hits, false_alarms, misses
        Flagged turns; soft counts of flagged and marked, flagged not marked, marked not flagged.
    precision
        Agreement of a flag with a randomly drawn coder, sum(flag * s) / sum(flag).
    ceiling, model_ceiling
        Mean over coders of a coder's precision against the soft label of the others; and the
        model's against the same labels on the same turns.
    recall, f1, average_precision
        Against the soft label; the baseline of average precision is the prevalence.
    kappa_mh, kappa_hh, delta
        Mean kappa of model and coder, of coder and coder, and the difference, on turns that two
        or more coders coded (``kappa_mh`` on all where there are none).
    claims
        Verdicts, and the alphas and bootstrap beside them; ``None`` for a constant baseline and for
        a part of the corpus, of which nothing is claimed.
    """

    column: str
    name: str
    kind: str
    support: Support
    turns: int
    sessions: int
    patients: int
    unscored: int
    positives: float
    positive_patients: int
    prevalence: float | None
    threshold: float | None
    status: str | None
    precision_bound: float | None
    flags: float
    hits: float
    false_alarms: float
    misses: float
    precision: Statistic
    ceiling: Statistic
    model_ceiling: Statistic
    recall: Statistic
    f1: Statistic
    average_precision: Statistic
    kappa_mh: Statistic
    kappa_hh: Statistic
    delta: Statistic
    claims: Claims | None = None


STATISTICS = (
    "precision", "ceiling", "model_ceiling", "recall", "f1", "average_precision",
    "kappa_mh", "kappa_hh", "delta",
)  # fmt: skip
"""The statistics of a row and of a macro average, in the order in which they are reported."""


class _OfColumn(Protocol):
    """A row of a label or family."""

    @property
    def column(self) -> str: ...


_Row = TypeVar("_Row", bound=_OfColumn)


def row_of(rows: Iterable[_Row], column: str) -> _Row:
    """Return the row of a label or family; KeyError if there is none."""
    for row in rows:
        if row.column == column:
            return row
    raise KeyError(column)


def support_class(sums: MarkerSums, section: EvaluateSection) -> Support:
    """Return what a marker's flags, positives (soft) and patients with positives allow to say."""
    fewer, more = sorted((sums.flags, sums.positives))
    if fewer >= section.full_support and sums.positive_patients >= section.full_patients:
        return "Full"
    return "Exploratory" if more >= section.exploratory_support else "Counts"


def interval_rule(section: EvaluateSection) -> IntervalRule:
    """Return the rule for intervals that a configuration sets."""
    return IntervalRule(section.interval, section.min_patients_interval)


def marker_row(
    column: str, sums: MarkerSums, support: Support, codebook: Codebook, section: EvaluateSection,
    decision: Decision | None,
) -> MarkerRow:  # fmt: skip
    """Return a label's row.

    Parameters
    ----------
    column, sums
        The label and its sums over patients.
    support
        Its support class; Counts leaves every statistic undefined.
    codebook, section
        Names and kinds; the level of intervals and the patients that they need.
    decision
        Threshold and release status to print, if known.
    """
    return MarkerRow(
        column=column,
        name=codebook.display_name(column),
        kind=kind_of(column, codebook),
        support=support,
        turns=sums.turns,
        sessions=sums.sessions,
        patients=int(sums.patients.sum()),
        unscored=sums.unscored,
        positives=sums.positives,
        positive_patients=sums.positive_patients,
        prevalence=sums.positives / sums.turns if sums.turns else None,
        threshold=None if decision is None else decision.threshold,
        status=None if decision is None else decision.status,
        precision_bound=None if decision is None else decision.precision_bound,
        flags=sums.flags,
        hits=sums.hits,
        false_alarms=round(sums.flags - sums.hits, 9),
        misses=round(sums.positives - sums.hits, 9),
        claims=None,
        **_statistics(sums, support, section),
    )


def kind_of(column: str, codebook: Codebook) -> str:
    """Return marker, strategy or class for a label, family for a family."""
    return "family" if column not in {label.id for label in codebook.labels} else codebook.label(column).kind


def _statistics(sums: MarkerSums, support: Support, section: EvaluateSection) -> dict[str, Statistic]:
    if sums.turns == 0:
        reason = "no probability for the coded turns" if sums.unscored else "not coded"
        return dict.fromkeys(STATISTICS, undefined(reason))
    if support == "Counts":
        reason = f"fewer than {section.exploratory_support} flags and positives"
        return dict.fromkeys(STATISTICS, undefined(reason, sums.turns))
    rule = interval_rule(section)
    return {
        **accuracy(sums.counts[sums.patients], rule, sums.turns),
        "average_precision": _ranking(sums, rule),
        **_ceilings(sums, rule),
        **kappas(sums, sums.tables, rule),
    }


def accuracy(counts: Floats, rule: IntervalRule, turns: int) -> dict[str, Statistic]:
    """Return precision, recall and F1 of the counts [G, 3] of patients with coded turns."""
    _, flags, positives = (round(total) for total in counts.sum(axis=0))
    return {
        "precision": ratio_statistic(counts[:, HITS], counts[:, FLAGS], rule, "nothing flagged", flags),
        "recall": ratio_statistic(counts[:, HITS], counts[:, POSITIVES], rule, "no positives", positives),
        "f1": jackknife_statistic(counts, f1_of, rule, bounds=(0.0, 1.0), empty=NOTHING_TO_FIND, n=turns),
    }


def _ranking(sums: MarkerSums, rule: IntervalRule) -> Statistic:
    ranking = sums.ranking
    if ranking.value is None:
        return ranking
    without = sums.ranking_without[sums.patients]
    return jackknife_interval(ranking.value, without, rule, (0.0, 1.0), ranking.n)


def _ceilings(sums: MarkerSums, rule: IntervalRule) -> dict[str, Statistic]:
    if lacking := lacking_coders(sums):
        return {"ceiling": undefined(lacking), "model_ceiling": undefined(lacking)}

    def share(who: int, empty: str) -> Statistic:
        return jackknife_statistic(
            sums.others[:, who], mean_share_of, rule, bounds=(0.0, 1.0), empty=empty, n=sums.paired
        )

    return {"ceiling": share(1, "nobody marked it"), "model_ceiling": share(0, "nothing flagged")}


def kappas(sums: MarkerSums, tables: Floats, rule: IntervalRule) -> dict[str, Statistic]:
    """Return kappa_MH, kappa_HH and their difference of a label's tables [G, C + P, 2, 2]."""

    def kappa(function: SumsFunction, empty: str, bound: float = 1.0) -> Statistic:
        return jackknife_statistic(
            tables, function, rule, bounds=(-bound, bound), empty=empty, n=sums.compared
        )

    coders, lacking = sums.coders, lacking_coders(sums)
    model_empty, coders_empty = (
        no_variation(np.diag(part.sum(axis=(0, 1)))) for part in (tables[:, :coders], tables[:, coders:])
    )
    model = kappa(lambda given: kappa_mh_of(given, coders), model_empty)
    if lacking:
        return {"kappa_mh": model, "kappa_hh": undefined(lacking), "delta": undefined(lacking)}

    def delta(given: Floats) -> Floats:
        return delta_of(given, coders)

    return {
        "kappa_mh": model,
        "kappa_hh": kappa(lambda given: kappa_hh_of(given, coders), coders_empty),
        "delta": kappa(delta, coders_empty if model.defined else model_empty, 2.0),
    }


def lacking_coders(sums: MarkerSums) -> str | None:
    """Return why coders cannot be compared with one another, if so."""
    if sums.coders < 2:
        return "fewer than two coders"
    return None if sums.paired else "no turn coded by two coders"
