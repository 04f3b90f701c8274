"""``rift train``."""

from __future__ import annotations

from typing import Annotated

import typer

from rift.cli import terminal
from rift.cli.options import Configs, Settings, load
from rift.errors import RiftError


def command(
    config: Configs = None,
    settings: Settings = None,
    folds_only: Annotated[
        bool, typer.Option("--folds-only", help="Only the folds: out-of-fold predictions, no final model.")
    ] = False,
    no_folds: Annotated[
        bool,
        typer.Option("--no-folds", help="Only the final model; earlier folds on the same data are used."),
    ] = False,
) -> None:
    """Fine-tune on the prepared corpus: patient-disjoint folds, then one model on everything."""
    if folds_only and no_folds:
        raise RiftError("--folds-only and --no-folds exclude one another")
    configuration = load(config, settings)
    from rift.stages.train import train

    with terminal.progress_bar() as progress:
        training = train(configuration, folds=not no_folds, final=not folds_only, progress=progress)
    if training.evaluation is None:
        terminal.say(["no folds on this data: the model has no thresholds and flags nothing"])
    terminal.wrote([training.folder])
