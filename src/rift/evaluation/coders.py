"""How far the coders agree with one another, label by label: what ``rift agreement`` reports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rift.codebook import Codebook
from rift.config import EvaluateSection
from rift.corpus.marks import ABSENT, PRESENT, UNCODABLE, Marks
from rift.evaluation.marker_sets import SetAgreement, set_agreement
from rift.evaluation.pairs import PairRow, pair_rows
from rift.evaluation.rows import interval_rule, kind_of, row_of
from rift.evaluation.units import number_groups
from rift.reliability.alpha import alpha_of, alpha_sums, category_counts, fleiss_from_counts
from rift.reliability.intervals import (
    Floats,
    IntervalRule,
    Ints,
    SumsFunction,
    group_sums,
    jackknife_statistic,
)
from rift.reliability.kappa import (
    Codes,
    agreement_of,
    coder_pairs,
    kappa_of,
    mean_defined,
    no_variation,
    pair_tables,
    specific_agreement_of,
)
from rift.reliability.result import Statistic, undefined


@dataclass(frozen=True, slots=True)
class CoderCount:
    """Turns that one coder coded for a label, marked, and could not code."""

    coder: str
    coded: int
    marked: int
    uncodable: int


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """The coders' agreement on one label or family.

    Attributes
    ----------
    column, name, kind
        Id, printed name (the id without a codebook), and marker, strategy, class or family.
    turns, overlap, patients
        Turns that any coder coded; that two or more coded; and the patients of these.
    counts
        Per coder, also those who coded nothing of it.
    kappa
        Mean over coder pairs.
    alpha
        Krippendorff's, nominal.
    agreement, positive_agreement, negative_agreement
        Share of turns agreed on, and agreement on marks and on no marks, over all pairs' turns
        together.
    pairs
        Per pair of coders.
    """

    column: str
    name: str
    kind: str
    turns: int
    overlap: int
    patients: int
    counts: tuple[CoderCount, ...]
    kappa: Statistic
    alpha: Statistic
    agreement: Statistic
    positive_agreement: Statistic
    negative_agreement: Statistic
    pairs: tuple[PairRow, ...]


@dataclass(frozen=True, slots=True)
class ClassAgreement:
    """The coders' agreement on which class a turn has, for an exclusive codebook.

    ``unclear`` counts codes of a turn to several classes or to none; they are taken as missing.
    """

    turns: int
    overlap: int
    patients: int
    unclear: int
    kappa: Statistic
    alpha: Statistic
    fleiss: Statistic


@dataclass(frozen=True)
class AgreementTable:
    """The coders' agreement on every label; ``classes`` for an exclusive codebook, ``sets`` for others."""

    coders: tuple[str, ...]
    level: float
    rows: tuple[AgreementRow, ...]
    classes: ClassAgreement | None = None
    sets: SetAgreement | None = None

    def row(self, column: str) -> AgreementRow:
        """Return the row of a label or family; KeyError if there is none."""
        return row_of(self.rows, column)


def coder_agreement(
    marks: Marks, section: EvaluateSection, codebook: Codebook | None = None
) -> AgreementTable:
    """Return the coders' agreement on every label, with jackknife-t intervals over patients.

    Parameters
    ----------
    marks
        Every coder's marks.
    section
        Level of the intervals and the patients that they need.
    codebook
        Names and kinds, and agreement on the class if it is exclusive, else on sets of markers.
    """
    patients, _ = number_groups(marks.turns, ["patient_id"])
    rule = interval_rule(section)
    return AgreementTable(
        coders=marks.coders,
        level=section.interval,
        rows=tuple(_row(marks, at, patients, rule, codebook) for at in range(len(marks.columns))),
        classes=_classes(marks, codebook, patients, rule) if codebook and codebook.exclusive else None,
        sets=set_agreement(marks, codebook, patients, rule) if codebook else None,
    )


def _row(
    marks: Marks, at: int, patients: Ints, rule: IntervalRule, codebook: Codebook | None
) -> AgreementRow:
    column, codes = marks.columns[at], marks.states[:, at]
    overlapping = (codes >= 0).sum(axis=1) >= 2
    tables = _pair_tables(codes, 2, patients)
    joint = _Joint(codes, tables, patients, rule)
    return AgreementRow(
        column=column,
        name=codebook.display_name(column) if codebook else column,
        kind=kind_of(column, codebook) if codebook else "label",
        turns=int((codes >= 0).any(axis=1).sum()),
        overlap=int(overlapping.sum()),
        patients=len(np.unique(patients[overlapping])),
        counts=tuple(_count(coder, codes[:, place]) for place, coder in enumerate(marks.coders)),
        kappa=joint.kappa(),
        alpha=joint.alpha(2),
        agreement=joint.pooled(agreement_of, "no turn coded by two coders"),
        positive_agreement=joint.pooled(
            lambda pooled: specific_agreement_of(pooled)[..., PRESENT], "nobody marked it"
        ),
        negative_agreement=joint.pooled(
            lambda pooled: specific_agreement_of(pooled)[..., ABSENT], "everybody marked every unit"
        ),
        pairs=pair_rows(marks.coders, tables, rule),
    )


def _count(coder: str, codes: Codes) -> CoderCount:
    return CoderCount(
        coder=coder,
        coded=int((codes >= 0).sum()),
        marked=int((codes == PRESENT).sum()),
        uncodable=int((codes == UNCODABLE).sum()),
    )


def _classes(marks: Marks, codebook: Codebook, patients: Ints, rule: IntervalRule) -> ClassAgreement:
    states = marks.states[:, : len(codebook.labels)]
    marked = (states == PRESENT).sum(axis=1)
    looked = (states >= 0).any(axis=1)
    codes = np.where(marked == 1, (states == PRESENT).argmax(axis=1), -1)
    tables = _pair_tables(codes, len(codebook.labels), patients)
    joint = _Joint(codes, tables, patients, rule)
    overlapping = (codes >= 0).sum(axis=1) >= 2
    lacking = joint.lacking()
    return ClassAgreement(
        turns=int((codes >= 0).any(axis=1).sum()),
        overlap=int(overlapping.sum()),
        patients=len(np.unique(patients[overlapping])),
        unclear=int((looked & (marked != 1)).sum()),
        kappa=joint.kappa(),
        alpha=joint.alpha(len(codebook.labels)),
        fleiss=undefined(lacking)
        if lacking
        else fleiss_from_counts(category_counts(codes, len(codebook.labels))),
    )


def _pair_tables(codes: Codes, categories: int, patients: Ints) -> Floats:
    first, second = coder_pairs(codes.shape[1])
    count = int(patients.max(initial=-1)) + 1
    return pair_tables(codes[:, first], codes[:, second], categories, patients, count)


@dataclass(frozen=True)
class _Joint:
    """Codes [T, C] of all coders with their pair tables [G, P, K, K]."""

    codes: Codes
    tables: Floats
    patients: Ints
    rule: IntervalRule

    def lacking(self) -> str | None:
        """Return why coders cannot be compared, if so."""
        if not (self.codes >= 0).any():
            return "not coded"
        if self.codes.shape[1] < 2:
            return "fewer than two coders"
        return None if self.tables.any() else "no turn coded by two coders"

    def kappa(self) -> Statistic:
        """Return the mean over coder pairs."""
        empty = no_variation(np.diag(self.tables.sum(axis=(0, 1))))
        return self._statistic(self.tables, lambda tables: mean_defined(kappa_of(tables)), empty, -1.0)

    def alpha(self, categories: int) -> Statistic:
        """Return Krippendorff's nominal alpha."""
        sums = group_sums(
            alpha_sums(category_counts(self.codes, categories)), self.patients, len(self.tables)
        )
        return self._statistic(sums, alpha_of, no_variation(sums[:, 1:].sum(axis=0)), -1.0)

    def pooled(self, function: SumsFunction, empty: str) -> Statistic:
        """Return a statistic of the sum of all pairs' tables."""
        return self._statistic(self.tables.sum(axis=1), function, empty, 0.0)

    def _statistic(self, sums: Floats, function: SumsFunction, empty: str, least: float) -> Statistic:
        if lacking := self.lacking():
            return undefined(lacking)
        n = int(((self.codes >= 0).sum(axis=1) >= 2).sum())
        return jackknife_statistic(sums, function, self.rule, bounds=(least, 1.0), empty=empty, n=n)
