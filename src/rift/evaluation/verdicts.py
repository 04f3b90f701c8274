"""The verdicts on every label: non-inferiority, the alternative annotator test, and their bootstrap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from rift.config import EvaluateSection
from rift.evaluation.claims import ALPHAS, BOOTSTRAPPED, Claims, SubstitutedAlpha
from rift.evaluation.rows import MarkerRow, interval_rule, lacking_coders
from rift.evaluation.substitution import ALPHA_FUNCTIONS, alphas, model_codes, substituted, substitution_sums
from rift.evaluation.sums import MarkerSums, delta_of, f1_of
from rift.evaluation.units import ScoredMarks
from rift.reliability.alt_test import AltTest, active_alt_tests, standard_alt_test
from rift.reliability.bootstrap import bootstrap_values, patient_draws, percentile_statistic
from rift.reliability.intervals import Floats
from rift.reliability.kappa import Codes
from rift.reliability.noninferiority import Difference, NonInferiority, difference_of, non_inferiority
from rift.reliability.ranking import average_precision_draws
from rift.reliability.result import Statistic, undefined

EXPLORATORY = "exploratory support, no verdict"


def with_claims(
    rows: Sequence[MarkerRow], sums: Mapping[str, MarkerSums], data: ScoredMarks, section: EvaluateSection
) -> tuple[MarkerRow, ...]:
    """Return the rows with their claims.

    Parameters
    ----------
    rows, sums
        Of every column of the codebook, in its order; a row without statistics (Counts, not coded)
        gets claims that are all undefined for its reason, an exploratory one estimates and no verdict.
    data
        What they were made from; every flag 0 or 1.
    section
        Margin, epsilon, draws and their seed, and how intervals are made.

    Raises
    ------
    ValueError
        Flags that are drawn at random: they are no annotator.
    """
    known = data.flags[~np.isnan(data.probabilities)]
    if not bool(((known == 0) | (known == 1)).all()):
        raise ValueError("claims need flags of 0 or 1")
    joint = _Joint(rows, sums, data, section)
    drawn, margins = joint.bootstrap(), joint.non_inferiority()
    tests, silent = joint.alt_tests(joint.model), joint.alt_tests(np.minimum(joint.model, 0))
    return tuple(
        replace(row, claims=joint.claims(at, drawn[at], margins[at], tests[at], silent[at]))
        for at, row in enumerate(rows)
    )


class _Joint:
    """All labels together, since verdicts are adjusted over them and draws shared."""

    def __init__(
        self,
        rows: Sequence[MarkerRow],
        sums: Mapping[str, MarkerSums],
        data: ScoredMarks,
        section: EvaluateSection,
    ) -> None:
        self.rows, self.data, self.section = rows, data, section
        self.rule = interval_rule(section)
        self.sums = [sums[row.column] for row in rows]
        self.alpha_sums = [substitution_sums(data, at) for at in range(len(rows))]
        self.soft = data.marks.soft()
        self.model = model_codes(data, range(len(rows)))
        self.alphas = [self._alphas(at) for at in range(len(rows))]

    def claims(
        self, at: int, drawn: Mapping[str, Floats], margin: NonInferiority, test: AltTest, silent: AltTest
    ) -> Claims:
        row = self.rows[at]
        beside = {
            f"{name}_bootstrap": percentile_statistic(self._known(at, name), drawn[name], self.rule.level)
            for name in BOOTSTRAPPED
        }
        return Claims(
            **self.alphas[at],
            substituted=self._substituted(at),
            **beside,
            non_inferiority=margin,
            alt_test=_refused(test, row),
            silent_omega=_refused(silent, row).omega,
            alt_test_standard=_refused(
                standard_alt_test(self.model[:, at], self.data.marks.states[:, at], self.section.epsilon), row
            ),
        )

    def bootstrap(self) -> list[dict[str, Floats]]:
        """Return per label the values of each statistic in every draw."""
        weights = patient_draws(self.data.patient_count, self.section.bootstrap, self.section.seed)
        coders = len(self.data.marks.coders)
        tables = np.stack([sums.tables for sums in self.sums], axis=1)
        alpha = np.stack(self.alpha_sums, axis=1)
        values = {
            "f1": bootstrap_values(np.stack([sums.counts for sums in self.sums], axis=1), f1_of, weights),
            "delta": bootstrap_values(tables, lambda drawn: delta_of(drawn, coders), weights),
            **{
                name: bootstrap_values(alpha, function, weights) for name, function in ALPHA_FUNCTIONS.items()
            },
        }
        return [
            {**{name: drawn[:, at] for name, drawn in values.items()},
             "average_precision": self._ranking_draws(at, weights)}
            for at in range(len(self.rows))
        ]  # fmt: skip

    def non_inferiority(self) -> dict[int, NonInferiority]:
        """Return the verdicts by place, adjusted over the labels of each kind."""
        found: dict[int, NonInferiority] = {}
        for places in self._kinds():
            verdicts = non_inferiority([self._difference(at) for at in places], self.section.margin)
            found |= zip(places, verdicts, strict=True)
        return found

    def alt_tests(self, model: Codes) -> dict[int, AltTest]:
        """Return a model's tests on active units by place, adjusted over the labels of each kind."""
        found: dict[int, AltTest] = {}
        for places in self._kinds():
            tests = active_alt_tests(
                model[:, places],
                self.data.marks.states[:, places],
                self.data.patients,
                self.rule,
                self.section.epsilon,
                [why_untested(self.rows[at]) for at in places],
            )
            found |= zip(places, tests, strict=True)
        return found

    def _kinds(self) -> list[list[int]]:
        kinds = dict.fromkeys(row.kind for row in self.rows)
        return [[at for at, row in enumerate(self.rows) if row.kind == kind] for kind in kinds]

    def _difference(self, at: int) -> Difference | str:
        row, sums = self.rows[at], self.sums[at]
        if reason := why_untested(row):
            return reason
        if row.delta.value is None or row.delta.low is None:
            return row.delta.reason or "no interval"
        return difference_of(sums.tables, lambda tables: delta_of(tables, sums.coders), self.rule)

    def _known(self, at: int, name: str) -> Statistic:
        if name in ALPHAS:
            return self.alphas[at][name]
        known: Statistic = getattr(self.rows[at], name)
        return known

    def _no_alpha(self, at: int) -> Statistic | None:
        """Return the undefined alpha of a label that has none, if so."""
        if reason := _why_nothing(self.rows[at]):
            return undefined(reason, self.rows[at].turns)
        lacking = lacking_coders(self.sums[at])
        return undefined(lacking) if lacking else None

    def _alphas(self, at: int) -> dict[str, Statistic]:
        if none := self._no_alpha(at):
            return dict.fromkeys(ALPHAS, none)
        return alphas(self.alpha_sums[at], self.rule, self.sums[at].paired)

    def _substituted(self, at: int) -> tuple[SubstitutedAlpha, ...]:
        coders = self.data.marks.coders
        if none := self._no_alpha(at):
            return tuple(SubstitutedAlpha(coder, none) for coder in coders)
        return substituted(self.alpha_sums[at], self.rule, self.sums[at].paired, coders)

    def _ranking_draws(self, at: int, weights: Floats) -> Floats:
        if self.rows[at].average_precision.low is None:
            return np.full(len(weights), np.nan)
        soft, scores = self.soft[:, at], self.data.probabilities[:, at]
        rows = ~np.isnan(soft) & ~np.isnan(scores)
        return average_precision_draws(soft[rows], scores[rows], self.data.patients[rows], weights)


def _why_nothing(row: MarkerRow) -> str | None:
    """Return why a row has no statistics at all, if so."""
    return row.precision.reason if row.support == "Counts" or not row.turns else None


def why_untested(row: MarkerRow) -> str | None:
    """Return why no verdict may be given on a row, if so."""
    return _why_nothing(row) or (None if row.support == "Full" else EXPLORATORY)


def _refused(test: AltTest, row: MarkerRow) -> AltTest:
    """Return a test as far as the row's support lets it be reported."""
    if reason := _why_nothing(row):
        nothing = undefined(reason, row.turns)
        none = (None,) * len(test.p_values)
        return AltTest(test.units, none, none, nothing, nothing, "cannot tell")
    if reason := why_untested(row):
        none = (None,) * len(test.p_values)
        return replace(test, p_values=none, adjusted=none, omega=undefined(reason), verdict="cannot tell")
    return test
