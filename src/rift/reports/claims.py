"""What may be claimed of a model, as a terminal table and as columns of ``markers.csv``."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group

from rift.evaluation.claims import ALPHAS, BOOTSTRAPPED, Claims
from rift.evaluation.markers import MarkerTable
from rift.evaluation.results import Evaluation
from rift.evaluation.rows import MarkerRow
from rift.reliability.alt_test import PASSING_RATE
from rift.reliability.result import Verdict
from rift.reports.cells import Cell, notes_of, statistic_cells, statistic_header
from rift.reports.grid import grid, texts, with_notes
from rift.reports.numbers import MISSING, Footnotes, setting

_VERDICTS = (
    "non_inferiority", "non_inferiority_lower", "non_inferiority_p", "non_inferiority_p_holm",
    "alt_test", "alt_units", "omega", "rho", "rho_low", "rho_high",
    "omega_silent", "omega_standard", "rho_standard",
)  # fmt: skip
SILENT_PASSES = "says nothing: a model that flags nothing passes too"

_PER_CODER = ("alpha, model for", "alt-test p", "alt-test p adjusted")


def claims_report(evaluation: Evaluation) -> Group:
    """Return a row per label with more than counts: the model as good as a coder, or in a coder's place."""
    notes, table, section = Footnotes(), evaluation.model, evaluation.meta["section"]
    shown = grid(
        f"Claims: {table.name} beside a coder",
        ("Label", 25), (f"delta kappa [{100 * table.level:.4g}%]", 17), ("not\nworse", 5), ("alpha\nHH", 5),
        ("alpha\nMH", 5), ("active\nturns", 6), ("rho", 5), ("omega", 5), ("alt-\ntest", 6), ("rho\nall", 5),
    )  # fmt: skip
    rows = [(row, row.claims) for row in table.rows if row.claims is not None and row.support != "Counts"]
    for row, claims in rows:
        shown.add_row(*texts(_cells(row, claims, notes)))
    legend = [
        f"delta: kappa MH - HH. Not worse: its lower bound is above the margin {setting(section['margin'])},",
        "adjusted after Holm; no: its upper bound is below. alpha MH: with the model in a coder's place,",
        "mean over coders. Active turns: marked or flagged. rho: how often the model is as close to the",
        "other coders there as a coder is. omega: share of coders it beats, with epsilon "
        f"{setting(section['epsilon'])};",
        "alt-test: omega is at least .50. rho all: on all turns, for comparison.",
    ]
    if left_out := len(table.rows) - len(rows):
        legend.append(f"{left_out} of {len(table.rows)} rows have counts only or nothing coded: left out.")
    return with_notes(shown, legend, notes)


def _cells(row: MarkerRow, claims: Claims, notes: Footnotes) -> list[str]:
    test, standard = claims.alt_test, claims.alt_test_standard
    return [
        row.name,
        notes.interval(row.delta),
        _verdict(claims.non_inferiority.verdict, claims.non_inferiority.reason, notes),
        notes.value(claims.alpha_hh),
        notes.value(claims.alpha_mh),
        str(test.units),
        notes.value(test.rho),
        notes.value(test.omega),
        _alt_verdict(claims, notes),
        notes.value(standard.rho),
    ]


def _verdict(verdict: Verdict, reason: str | None, notes: Footnotes) -> str:
    return MISSING + notes.mark(reason or "") if verdict == "cannot tell" else verdict


def _alt_verdict(claims: Claims, notes: Footnotes) -> str:
    verdict = _verdict(claims.alt_test.verdict, claims.alt_test.omega.reason, notes)
    return f"yes {notes.mark(SILENT_PASSES)}" if silent_passes(claims) else verdict


def silent_passes(claims: Claims) -> bool:
    """Return whether the model passes the alt-test, and one that flags nothing does too."""
    silent = claims.silent_omega.value
    return claims.alt_test.verdict == "yes" and silent is not None and silent >= PASSING_RATE


def claim_coders(table: MarkerTable) -> tuple[str, ...]:
    """Return the coders that the table's claims name."""
    return next((tuple(one.coder for one in row.claims.substituted) for row in table.rows if row.claims), ())


def claim_header(coders: Sequence[str]) -> list[str]:
    """Return the columns of a label's claims: alphas, bootstrap bounds, verdicts, then per coder."""
    beside = [f"{name}_boot_{bound}" for name in BOOTSTRAPPED for bound in ("low", "high")]
    per_coder = [f"{what} {coder}" for coder in coders for what in _PER_CODER]
    return [*statistic_header(ALPHAS), *beside, *_VERDICTS, *per_coder, "claim_notes"]


def claim_cells(claims: Claims | None, coders: Sequence[str]) -> list[Cell]:
    """Return the cells under `claim_header`, empty where nothing is claimed."""
    if claims is None:
        return [None] * len(claim_header(coders))
    *alphas, notes = statistic_cells(claims, ALPHAS)
    beside = [getattr(claims, f"{name}_bootstrap") for name in BOOTSTRAPPED]
    bounds: list[Cell] = [bound for known in beside for bound in (known.low, known.high)]
    per_coder: list[Cell] = []
    tests = zip(claims.substituted, claims.alt_test.p_values, claims.alt_test.adjusted, strict=True)
    for one, p_value, adjusted in tests:
        per_coder += [one.alpha.value, p_value, adjusted]
    return [*alphas, *bounds, *_verdict_cells(claims), *per_coder, _claim_notes(claims, str(notes or ""))]


def _verdict_cells(claims: Claims) -> list[Cell]:
    margin, test, standard = claims.non_inferiority, claims.alt_test, claims.alt_test_standard
    return [
        margin.verdict, margin.lower, margin.p_value, margin.adjusted,
        test.verdict, test.units, test.omega.value, test.rho.value, test.rho.low, test.rho.high,
        claims.silent_omega.value, standard.omega.value, standard.rho.value,
    ]  # fmt: skip


def _claim_notes(claims: Claims, alphas: str) -> str:
    reason = claims.non_inferiority.reason
    return "; ".join(
        note
        for note in (
            alphas,
            notes_of(claims, [f"{name}_bootstrap" for name in BOOTSTRAPPED]),
            f"non_inferiority: {reason}" if reason else "",
            notes_of(claims.alt_test, ("omega", "rho")),
            *(f"standard {note}" for note in [notes_of(claims.alt_test_standard, ("omega",))] if note),
        )
        if note
    )
