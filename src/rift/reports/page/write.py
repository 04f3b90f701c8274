"""An evaluation as ``report.html``: one file, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from rift.codebook import Codebook
from rift.config import Config
from rift.evaluation.details import Details, Disagreement
from rift.evaluation.results import MODEL, Evaluation
from rift.evaluation.rows import MarkerRow
from rift.manifest import write_text
from rift.reports.page.calibration_tables import calibration_grid
from rift.reports.page.claim_tables import claim_grid, claim_sentences
from rift.reports.page.coder_tables import (
    class_confusion_grid,
    class_grid,
    coder_grid,
    confusion_grid,
    pair_grid,
)
from rift.reports.page.episode_tables import episode_grid
from rift.reports.page.grid import Grid
from rift.reports.page.headline import PLURAL, headline, kappa_finding, working_coders
from rift.reports.page.methods import methods
from rift.reports.page.plots import Pair, PairPlot, calibration_plot, curve_plot, pair_plot
from rift.reports.page.segment_tables import segment_grid, segment_sentences
from rift.reports.page.sensitivity_tables import sensitivity_grid
from rift.reports.page.session_tables import session_grid
from rift.reports.page.tables import baseline_grid, marker_grid
from rift.reports.page.wording import fine, level, number_or_reason
from rift.schema import SESSION_KEY

PAGE_NAME = "report.html"

_CONTEXT = 2
"""Turns shown before and after a turn to reread."""


@dataclass(frozen=True)
class Study:
    """What an evaluation is of.

    Attributes
    ----------
    corpus
        Its name.
    codebook, config
        Labels; settings.
    folds
        Into how many the patients were split.
    turns
        SESSION_KEY, ``turn``, ``speaker`` and ``text`` of the corpus; None: a page without words.
    other
        Whether another system, and no model of RIFT, gave the probabilities.
    """

    corpus: str
    codebook: Codebook
    config: Config
    folds: int
    turns: pd.DataFrame | None = None
    other: bool = False


def write_page(evaluation: Evaluation, details: Details, study: Study, folder: Path) -> Path:
    """Write ``report.html`` into a folder, whole or not at all; return its path."""
    path = folder / PAGE_NAME
    write_text(path, render_page(evaluation, details, study))
    return path


def render_page(evaluation: Evaluation, details: Details, study: Study) -> str:
    """Return an evaluation as one HTML document.

    Parameters
    ----------
    evaluation, details
        What was found.
    study
        What it is of. Without its turns, the turns to reread are left out.
    """
    codebook = study.codebook
    shown = [row for row in evaluation.model.rows if row.column in details.curves]
    shown.sort(key=lambda row: row.kind != "family")
    return _template().render(
        study=study,
        coder_count=len(working_coders(evaluation.agreement)),
        level=level(evaluation.model.level),
        evaluation=evaluation,
        headline=headline(evaluation, study.config.evaluate),
        markers=marker_grid(evaluation),
        plots={
            name: {"wide": pair_plot(plot, wide=True), "narrow": pair_plot(plot, wide=False)}
            for name, plot in _pair_plots(evaluation).items()
        },
        kappas=kappa_finding(evaluation),
        claims=claim_grid(evaluation),
        claim_sentences=claim_sentences(evaluation),
        curves=[_curve(row, details) for row in shown],
        calibration=[_calibration(row, evaluation) for row in shown],
        calibration_table=calibration_grid(evaluation.calibration),
        baselines=baseline_grid(evaluation),
        classes=class_grid(evaluation.classes, codebook) if evaluation.classes else None,
        confusions=_confusions(evaluation, details, codebook),
        sessions=session_grid(evaluation.sessions),
        episodes=episode_grid(evaluation.episodes),
        coders=coder_grid(evaluation.agreement),
        pairs=pair_grid(evaluation.agreement),
        segments=segment_grid(evaluation.segments) if evaluation.segments else None,
        segments_told=segment_sentences(evaluation.segments) if evaluation.segments else (),
        sensitivity=sensitivity_grid(evaluation.sensitivity),
        rereading=_rereading(details, study),
        methods=methods(evaluation, codebook, study.config, study.folds, study.other),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("rift.reports", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


def _pair_plots(evaluation: Evaluation) -> dict[str, PairPlot]:
    rows = evaluation.model.rows
    interval = f"{level(evaluation.model.level)} interval over patients"
    lowest = min((known for row in rows for known in _kappas(row)), default=0.0)
    ticks = (0, 0.25, 0.5, 0.75, 1)
    return {
        "precision": PairPlot(
            "precision-plot", "Precision of RIFT beside the human ceiling", f"RIFT, {interval}",
            "a coder against the other coders", ticks,
            _groups(rows, lambda row: Pair(row.name, row.precision, row.ceiling, row.prevalence)),
        ),
        "kappa": PairPlot(
            "kappa-plot", "Kappa of RIFT and coders beside kappa of coder and coder",
            f"RIFT and a coder, {interval}", "coder and coder",
            (-0.25, *ticks) if -0.25 <= lowest < 0 else (-1, -0.5, 0, 0.5, 1) if lowest < 0 else ticks,
            _groups(rows, lambda row: Pair(row.name, row.kappa_mh, row.kappa_hh)),
        ),
    }  # fmt: skip


def _kappas(row: MarkerRow) -> list[float]:
    known = (row.kappa_mh, row.kappa_hh)
    return [bound for s in known for bound in (s.value, s.low) if bound is not None]


def _groups(
    rows: Sequence[MarkerRow], pair: Callable[[MarkerRow], Pair]
) -> tuple[tuple[str, tuple[Pair, ...]], ...]:
    kinds = dict.fromkeys(row.kind for row in rows)
    return tuple(
        (PLURAL[kind].capitalize(), tuple(pair(row) for row in rows if row.kind == kind)) for kind in kinds
    )


def _curve(row: MarkerRow, details: Details) -> dict[str, Any]:
    curve = details.curves[row.column]
    return {
        "name": row.name,
        "told": f"average precision {number_or_reason(row.average_precision)}; base rate"
        f" {'undefined' if row.prevalence is None else fine(row.prevalence)}",
        "svg": curve_plot(f"curve-{row.column}", row, curve) if row.average_precision.defined else None,
    }


def _calibration(row: MarkerRow, evaluation: Evaluation) -> dict[str, Any]:
    lacking = row.average_precision.reason if not row.average_precision.defined else None
    points = evaluation.calibration.row(row.column).points
    return {
        "name": row.name,
        "told": f"undefined: {lacking}" if lacking else "",
        "svg": None if lacking else calibration_plot(f"calibration-{row.column}", row, points),
    }


def _confusions(evaluation: Evaluation, details: Details, codebook: Codebook) -> list[Grid]:
    found = [confusion_grid(confusion, codebook) for confusion in details.confusions]
    if MODEL in evaluation.classes:
        found.append(class_confusion_grid(evaluation.classes[MODEL], codebook))
    return found


def _rereading(details: Details, study: Study) -> list[dict[str, Any]] | None:
    if study.turns is None:
        return None
    sessions = dict(iter(study.turns.groupby(SESSION_KEY, sort=False)))
    return [
        {
            "heading": heading,
            "turns": [_turn(known, sessions[known.patient_id, known.session_id], study) for known in found],
        }
        for heading, found in (
            ("Flagged by RIFT, marked by no coder", details.flagged_alone),
            ("Marked by every coder, not flagged", details.missed),
        )
    ]


def _turn(found: Disagreement, session: pd.DataFrame, study: Study) -> dict[str, Any]:
    near = session[(session["turn"] - found.turn).abs() <= _CONTEXT].sort_values("turn")
    return {
        "found": found,
        "probability": "under .001" if found.probability < 0.001 else fine(found.probability),
        "label": study.codebook.display_name(found.column),
        "lines": near[["turn", "speaker", "text"]].to_dict("records"),
    }
