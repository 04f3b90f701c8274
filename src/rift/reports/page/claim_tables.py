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
from rift.reports.page.wording import figure, level

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
        f"RIFT beside a coder; margin {figure(section['margin'])}, epsilon {figure(section['epsilon'])};"
        f" intervals {level(table.level)}, over patients",
        LABEL,
        _columns(figure(section["margin"]), figure(section["epsilon"])),
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
    said = (
        f"“Not worse: yes” says that RIFT's mean kappa with a coder is shown to lie less than"
        f" {figure(-section['margin'])} below the kappa of two coders. That margin stands in the settings and"
        " counts only if it was chosen beforehand; the verdict does not say that RIFT equals the coders, nor"
        " that its flags are right.",
        "“Alt-test: yes” says that, for at least half of the coders, RIFT is shown to be as close to the"
        f" other coders as that coder is, but for an epsilon of {figure(section['epsilon'])}; it says nothing"
        " where a model that flags nothing would pass too. “Cannot tell” is not “no”: these data leave both open.",
    )
    if not left_out:
        return said
    return (
        *said,
        f"Left out, with counts only or nothing coded: {left_out} of {counted(len(rows), 'label')}.",
    )


def _row(row: MarkerRow, claims: Claims, cells: Cells) -> Row:
    margin, test = claims.non_inferiority, claims.alt_test
    return Row(
        row.name,
        (
            _difference(row.delta, claims.delta_bootstrap, cells),
            _verdict(margin.verdict, margin.reason, cells, _p(margin.adjusted)),
            cells.value(claims.alpha_hh),
            cells.value(claims.alpha_mh),
            cells.interval(claims.alpha_delta),
            Cell(f"{test.units:,}", test.units),
            cells.interval(test.rho),
            cells.value(test.omega),
            _alt_verdict(claims, cells),
            cells.value(claims.alt_test_standard.rho),
        ),
    )


def _difference(delta: Statistic, bootstrap: Statistic, cells: Cells) -> Cell:
    shown = cells.interval(delta)
    if bootstrap.low is None or bootstrap.high is None:
        return shown
    drawn = f"drawn [{figure(bootstrap.low)}, {figure(bootstrap.high)}]"
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
               " delete-one-patient jackknife interval; below, that of patients drawn with replacement"
               " (bootstrap), for comparison: where the two differ much, take both with care."),
        Column("Not worse", f"Non-inferiority. Yes: the difference is shown to be above {margin}. No: it is"
               f" shown to be below. Cannot tell: neither; a footnote says why. p: of a difference of {margin}"
               " or less, adjusted after Holm over the labels of one kind that have full support."),
        Column("Alpha, coders", "Krippendorff's alpha (nominal) among the coders, on turns coded by two or"
               " more and with a probability."),
        Column("Alpha with RIFT", "The same with RIFT in the place of one coder: mean over coders."),
        Column("Alpha difference", "Alpha with RIFT less alpha of the coders."),
        Column("Active turns", "Turns that a coder marked or RIFT flagged; on the many others all agree, and"
               " a test on those tells nothing of a rare label."),
        Column("Rho, active turns", "Average advantage: share of active turns on which RIFT is at least as"
               " close to the other coders as a coder is; mean over coders."),
        Column("Omega", "Winning rate: share of coders of whom it is shown that they are closer to the others"
               f" than RIFT by less than {epsilon} (epsilon) of the active turns, if at all. Patients are"
               " the units of the test, p-values adjusted after Benjamini and Yekutieli over labels of one kind and coders."),
        Column("Alt-test", "Alternative annotator test (Calderon, Reichart & Dror 2025) on active turns. Yes:"
               " omega is .50 or more; it needs three coders and full support."),
        Column("Rho, all turns", "The test as published takes all turns. On a rare label nearly any model"
               " passes it, so this is for comparison only."),
    )  # fmt: skip
