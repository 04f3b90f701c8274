"""What would have come out of other settings: label rule, margin, epsilon, clusters, training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rift.config import EvaluateSection
from rift.corpus.marks import PRESENT
from rift.evaluation.markers import MarkerTable
from rift.evaluation.rows import MarkerRow, accuracy, interval_rule, kappas
from rift.evaluation.sensitivity_rows import (
    CASELOADS,
    EPSILONS,
    LABEL_RULES,
    MARGINS,
    PATIENTS,
    SensitivityRow,
    varied,
)
from rift.evaluation.substitution import model_codes
from rift.evaluation.sums import MarkerSums, delta_of
from rift.evaluation.units import ScoredMarks
from rift.evaluation.verdicts import why_untested
from rift.reliability.alt_test import active_alt_tests
from rift.reliability.intervals import Floats, Ints, group_sums
from rift.reliability.noninferiority import Difference, NonInferiority, difference_of, non_inferiority
from rift.reliability.result import Statistic


@dataclass(frozen=True)
class SensitivityTable:
    """The rows of every label with more than counts.

    ``untried`` says what could not be varied, and why; ``level`` is that of the two-sided intervals.
    """

    level: float
    rows: tuple[SensitivityRow, ...]
    untried: tuple[str, ...]

    def of(self, column: str, aspect: str) -> dict[str, SensitivityRow]:
        """Return a label's rows of one aspect by their settings."""
        return {row.setting: row for row in self.rows if (row.column, row.aspect) == (column, aspect)}

    def by_label(self) -> dict[str, Any]:
        """Return the table as nested mappings: label, aspect, setting."""
        found: dict[str, dict[str, dict[str, SensitivityRow]]] = {}
        for row in self.rows:
            found.setdefault(row.column, {}).setdefault(row.aspect, {})[row.setting] = row
        return {"level": self.level, "untried": self.untried, "labels": found}

    def settings(self, aspect: str) -> tuple[str, ...]:
        """Return the settings of one aspect, in their order."""
        return tuple(dict.fromkeys(row.setting for row in self.rows if row.aspect == aspect))


@dataclass(frozen=True)
class Variations:
    """What an evaluation is given to vary.

    Attributes
    ----------
    caseloads
        Of each patient the number of the group that shares therapists with them, from 0; empty
        where no therapist is known.
    trainings
        The same evaluation of other trainings, by name.
    """

    caseloads: Mapping[str, int]
    trainings: Mapping[str, MarkerTable]


def sensitivity_table(
    data: ScoredMarks,
    rows: Sequence[MarkerRow],
    sums: Mapping[str, MarkerSums],
    section: EvaluateSection,
    given: Variations,
) -> SensitivityTable:
    """Return what other settings would have made of an evaluation.

    Parameters
    ----------
    data
        Coded turns with the model's flags.
    rows, sums
        Its marker table, and what that was made from.
    section
        The evaluation's own settings.
    given
        Therapists and other trainings, where there are any.
    """
    varied = _Varied(data, tuple(rows), sums, section, given)
    found = [
        *varied.label_rules(), *varied.margins(), *varied.epsilons(), *varied.clusters(), *varied.trainings()
    ]  # fmt: skip
    order = {row.column: at for at, row in enumerate(rows)}
    return SensitivityTable(
        section.interval, tuple(sorted(found, key=lambda row: order[row.column])), tuple(varied.untried())
    )


@dataclass(frozen=True)
class _Varied:
    """An evaluation under other settings; only labels with more than counts get a row."""

    data: ScoredMarks
    rows: tuple[MarkerRow, ...]
    sums: Mapping[str, MarkerSums]
    section: EvaluateSection
    given: Variations

    def _told(self) -> Iterator[tuple[int, MarkerRow]]:
        return ((at, row) for at, row in enumerate(self.rows) if row.turns and row.support != "Counts")

    def label_rules(self) -> Iterator[SensitivityRow]:
        """Yield precision, recall and F1 under each rule."""
        for at, row in self._told():
            for rule in LABEL_RULES:
                labels, turns = self._labels(at, rule), row.turns
                known = ~np.isnan(labels)
                yield varied(
                    row,
                    "label rule",
                    rule,
                    rule == LABEL_RULES[0],
                    turns=int(known.sum()),
                    left_out=turns - int(known.sum()),
                    **accuracy(self._counts(at, labels), interval_rule(self.section), int(known.sum())),
                )

    def _labels(self, at: int, rule: str) -> Floats:
        """Return a label's [T] truth by a rule; NaN where it has none or the turn does not count."""
        states, scores = self.data.marks.states[:, at], self.data.probabilities[:, at]
        coded, marked = (states >= 0).sum(axis=1), (states == PRESENT).sum(axis=1)
        tied = np.where(2 * marked == coded, np.nan, (2 * marked > coded).astype(np.float64))
        labels = {
            "random coder": marked / np.maximum(coded, 1),
            "majority": tied,
            "any coder": (marked > 0).astype(np.float64),
            "every coder": (marked == coded).astype(np.float64),
        }[rule]
        return np.where((coded > 0) & ~np.isnan(scores), labels, np.nan)

    def _counts(self, at: int, labels: Floats) -> Floats:
        known = ~np.isnan(labels)
        flags, marked = self.data.flags[known, at], labels[known]
        patients = self.data.patients[known]
        counts = np.column_stack([flags * marked, flags, marked])
        return group_sums(counts, patients, self.data.patient_count)[np.unique(patients)]

    def margins(self) -> Iterator[SensitivityRow]:
        """Yield non-inferiority at other margins."""
        told = {row.column for _, row in self._told()}
        differences = {row.column: self._difference(row) for row in self.rows}
        for margin in sorted({*MARGINS, self.section.margin}, reverse=True):
            for row, verdict in self._verdicts(differences, margin):
                if row.column not in told:
                    continue
                yield varied(
                    row,
                    "margin",
                    f"{margin:g}",
                    margin == self.section.margin,
                    delta=row.delta,
                    verdict=verdict.verdict,
                )

    def _verdicts(
        self, differences: Mapping[str, Difference | str], margin: float
    ) -> Iterator[tuple[MarkerRow, NonInferiority]]:
        for kind in dict.fromkeys(row.kind for row in self.rows):
            # Holm's adjustment is over all labels of a kind, also those that get no row here.
            own = [row for row in self.rows if row.kind == kind]
            yield from zip(
                own, non_inferiority([differences[row.column] for row in own], margin), strict=True
            )

    def _difference(self, row: MarkerRow) -> Difference | str:
        if reason := why_untested(row):
            return reason
        coders = self.sums[row.column].coders
        return difference_of(
            self.sums[row.column].tables, lambda tables: delta_of(tables, coders), interval_rule(self.section)
        )

    def epsilons(self) -> Iterator[SensitivityRow]:
        """Yield the alternative annotator test with other costs of a coder."""
        told = dict(self._told())
        for kind in dict.fromkeys(row.kind for row in told.values()):
            places = [at for at, row in enumerate(self.rows) if row.kind == kind]
            refused = [why_untested(self.rows[at]) for at in places]
            for epsilon in sorted({*EPSILONS, self.section.epsilon}, reverse=True):
                tests = active_alt_tests(
                    model_codes(self.data, places),
                    self.data.marks.states[:, places],
                    self.data.patients,
                    interval_rule(self.section),
                    epsilon,
                    refused,
                )
                for at, test in zip(places, tests, strict=True):
                    if at in told:
                        yield varied(
                            told[at],
                            "epsilon",
                            f"{epsilon:g}",
                            epsilon == self.section.epsilon,
                            omega=test.omega,
                            verdict=test.verdict,
                        )

    def clusters(self) -> Iterator[SensitivityRow]:
        """Yield intervals that take patients of one caseload together."""
        if self._sharing() is not None:
            return
        groups = self._groups()
        count = int(groups.max(initial=-1)) + 1
        rule = interval_rule(self.section)
        for _, row in self._told():
            yield varied(
                row,
                "clusters",
                PATIENTS,
                True,
                precision=row.precision,
                recall=row.recall,
                f1=row.f1,
                delta=row.delta,
            )
            own = self.sums[row.column]
            there = np.bincount(groups, weights=own.patients, minlength=count) > 0
            counts = group_sums(own.counts, groups, count)[there]
            found = accuracy(counts, rule, own.turns)
            found["delta"] = kappas(own, group_sums(own.tables, groups, count), rule)["delta"]
            yield varied(
                row,
                "clusters",
                CASELOADS,
                False,
                **{name: _of_caseloads(known) for name, known in found.items()},
            )

    def _groups(self) -> Ints:
        """Return the caseload [G] of each patient of the data."""
        patients = self.data.marks.turns["patient_id"].drop_duplicates()
        names = [self.given.caseloads[str(patient)] for patient in patients]
        return np.unique(names, return_inverse=True)[1].astype(np.int64)

    def _sharing(self) -> str | None:
        """Return why patients cannot be taken together by therapist, if so."""
        if not self.given.caseloads:
            return "clusters: no therapist is known"
        groups = self._groups()
        return None if len(np.unique(groups)) < len(groups) else "clusters: no two patients share a therapist"

    def trainings(self) -> Iterator[SensitivityRow]:
        """Yield the same labels as other trainings found them."""
        if not self.given.trainings:
            return
        for at, row in self._told():
            tables = {name: table.rows[at] for name, table in self.given.trainings.items()}
            for name, own in {"this one": row, **tables}.items():
                yield varied(
                    row,
                    "training",
                    name,
                    own is row,
                    precision=own.precision,
                    recall=own.recall,
                    f1=own.f1,
                    delta=own.delta,
                )

    def untried(self) -> Iterator[str]:
        """Yield what could not be varied."""
        if sharing := self._sharing():
            yield sharing
        if not self.given.trainings:
            yield "training: no other was given (evaluate.trainings), so what another seed changes is unknown"


def _of_caseloads(known: Statistic) -> Statistic:
    """Return a statistic whose reason counts caseloads, where that of patients counts these."""
    return replace(known, reason=known.reason and known.reason.replace("patient", "caseload"))
