"""The page's table of what may be claimed of RIFT, and what its verdicts mean."""

from __future__ import annotations

from rift.evaluation.claims import Claims
from rift.evaluation.results import Evaluation
from rift.evaluation.rows import MarkerRow
from rift.readers.wording import counted
from rift.reliability.result import Statistic, Verdict
from rift.reports.claims import SILENT_PASSES, silent_passes
from rift.reports.page.grid import Cell, Cells, Column, Grid, Group, Row
from rift.reports.page.headline import PLURAL
from rift.reports.page.tables import LABEL
from rift.reports.page.wording import figure, level, setting

_ORDER = {"no": 0, "cannot tell": 1, "yes": 2}


def claim_grid(evaluation: Evaluation) -> Grid | None:
    """Return a row for each label with more than counts; None where there is none."""
    table, cells = evaluation.model, Cells()
    known = [row for row in table.rows if row.claims is not None and row.support != "Counts"]
    kinds = dict.fromkeys(row.kind for row in known)
    groups = [
        Group(
            PLURAL[kind].capitalize(),
            tuple(_row(row, row.claims, cells) for row in known if row.kind == kind and row.claims),
        )
        for kind in kinds
    ]
    if not groups:
        return None
    section = evaluation.meta["section"]
    return Grid(
        "claim-table",
        f"RIFT beside a coder; margin {setting(section['margin'])}, epsilon {setting(section['epsilon'])};"
        f" intervals {level(table.level)}, over patients",
        LABEL,
        _columns(setting(section["margin"]), setting(section["epsilon"])),
        tuple(groups),
        cells.footnotes(),
        sortable=True,
    )


def claim_sentences(evaluation: Evaluation) -> tuple[str, ...]:
    """Return what the verdicts mean, what they do not, and what was left out."""
    section, rows = evaluation.meta["section"], evaluation.model.rows
    left_out = sum(row.claims is None or row.support == "Counts" for row in rows)
    if left_out == len(rows):
        return (
            "Every label has counts only or nothing coded. So nothing may be claimed: neither that RIFT is as"
            " good as a coder nor that it is not.",
        )
    margin, epsilon = setting(-section["margin"]), figure(section["epsilon"])
    rest = f" Left out, with counts only or nothing coded: {left_out} of {counted(len(rows), 'label')}."
    return (
        f"“Not worse” says yes where RIFT's mean kappa with a coder is shown to lie less than {margin} below"
        " that of two coders, a margin that counts only if it was set beforehand; this does not say that RIFT"
        " equals the coders, nor that its flags are right. “Alt-test” says yes where RIFT is shown to be as"
        " close to the other coders as the one it replaces, for at least half of them and but for an epsilon"
        f" of {epsilon}; this says nothing where a model that flags nothing passes too.",
        f"“Cannot tell” is not “no”: these data leave both open.{rest if left_out else ''}",
    )


def _row(row: MarkerRow, claims: Claims, cells: Cells) -> Row:
    units = claims.alt_test.units
    return Row(row.name, (*_kappas(row, claims, cells), Cell(f"{units:,}", units), *_alt_test(claims, cells)))


def _kappas(row: MarkerRow, claims: Claims, cells: Cells) -> tuple[Cell, ...]:
    """Return the five cells of kappa and alpha."""
    margin = claims.non_inferiority
    if reason := _one_reason(row.delta, claims.alpha_hh, claims.alpha_mh, claims.alpha_delta):
        return (Cell(f"cannot tell: {reason}", span=5),)
    return (
        _difference(row.delta, claims.delta_bootstrap, cells),
        _verdict(margin.verdict, margin.reason, cells, _p(margin.adjusted)),
        cells.value(claims.alpha_hh),
        cells.value(claims.alpha_mh),
        cells.interval(claims.alpha_delta),
    )


def _alt_test(claims: Claims, cells: Cells) -> tuple[Cell, ...]:
    """Return the four cells of the alternative annotator test."""
    test, standard = claims.alt_test, claims.alt_test_standard
    if reason := _one_reason(test.rho, test.omega, standard.rho):
        return (Cell(f"cannot tell: {reason}", span=4),)
    rho, omega = cells.interval(test.rho), cells.value(test.omega)
    return rho, omega, _alt_verdict(claims, cells), cells.value(standard.rho)


def _one_reason(*statistics: Statistic) -> str | None:
    """Return why all of these are undefined, if it is for one reason."""
    reasons = {statistic.reason for statistic in statistics}
    if len(reasons) > 1 or any(statistic.defined for statistic in statistics):
        return None
    return reasons.pop()


def _difference(delta: Statistic, bootstrap: Statistic, cells: Cells) -> Cell:
    shown = cells.interval(delta)
    if bootstrap.low is None or bootstrap.high is None:
        return shown
    drawn = f"bootstrap [{figure(bootstrap.low)}, {figure(bootstrap.high)}]"
    return Cell(shown.text, shown.key, shown.note, below=drawn)


def _verdict(verdict: Verdict, reason: str | None, cells: Cells, below: str = "") -> Cell:
    note = cells.notes.mark(reason) if reason and verdict == "cannot tell" else None
    return Cell(verdict, _ORDER[verdict], note, below=below)


def _alt_verdict(claims: Claims, cells: Cells) -> Cell:
    if silent_passes(claims):
        return Cell("yes", _ORDER["yes"], cells.notes.mark(SILENT_PASSES))
    return _verdict(claims.alt_test.verdict, claims.alt_test.omega.reason, cells)


def _p(value: float | None) -> str:
    if value is None:
        return ""
    if value < 0.001:
        return "p < .001"
    return "p > .999" if value > 0.999 else f"p = {value:.3f}".replace("0.", ".", 1)


def _columns(margin: str, epsilon: str) -> tuple[Column, ...]:
    return (
        Column("Kappa difference", "Mean kappa of RIFT and a coder less that of two coders. In brackets the"
               " delete-one-patient jackknife interval; below, for comparison, that of a bootstrap"
               " of patients: where the two differ much, take both with care."),
        Column("Not worse", f"Non-inferiority. Yes: the difference is shown to be above {margin}. No: it is"
               f" shown to be below. Cannot tell: neither; a footnote says why. p: of a difference of"
               f" {margin} or less, adjusted after Holm over the labels of one kind that have full support."),
        Column("Alpha, coders", "Krippendorff's alpha (nominal) among the coders, on turns coded by two or"
               " more and with a probability."),
        Column("Alpha with RIFT", "The same with RIFT in the place of one coder: mean over coders."),
        Column("Alpha difference", "Alpha with RIFT less alpha of the coders."),
        Column("Active turns", "Turns coded by two or more that a coder marked or RIFT flagged; on the many"
               " others all agree, and a test on those tells nothing of a rare label."),
        Column("Rho, active turns", "Average advantage: share of active turns on which RIFT is at least as"
               " close to the other coders as a coder is; mean over coders."),
        Column("Omega", "Winning rate: share of coders of whom it is shown that they are closer to the others"
               f" than RIFT by less than {epsilon} (epsilon) of the active turns, if at all. Patients are"
               " the units of the test, p-values adjusted after Benjamini and Yekutieli over labels of"
               " one kind and coders."),
        Column("Alt-test", "Alternative annotator test (Calderon, Reichart & Dror 2025) on active turns. Yes:"
               " omega is .50 or more. No: this is not shown, which does not make RIFT worse. It needs three"
               " coders and full support."),
        Column("Rho, all turns", "The test as published takes all turns. On a rare label nearly any model"
               " passes it, so this is for comparison only."),
    )  # fmt: skip
