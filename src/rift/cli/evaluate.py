"""``rift evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rift.cli import terminal
from rift.cli.options import Configs, Settings, load


def command(
    config: Configs = None,
    settings: Settings = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="CSV or parquet: patient_id, session_id, turn, p_LABEL of another system."),
    ] = None,
    no_text: Annotated[
        bool, typer.Option("--no-text", help="No words of the transcripts in report.html: for passing it on.")
    ] = False,
) -> None:
    """Compare the out-of-fold predictions with the coders and the baselines, marker by marker.

    Writes tables, a page for people (report.html), and a model card (model-card.md).
    """
    configuration = load(config, settings)
    from rift.reports.terminal import evaluation_report
    from rift.stages.evaluate import evaluate

    evaluation, files = evaluate(configuration, text=not no_text, predictions=predictions)
    terminal.show(evaluation_report(evaluation))
    terminal.wrote(files)
