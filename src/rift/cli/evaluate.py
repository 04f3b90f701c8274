"""``rift evaluate``."""

from __future__ import annotations

from rift.cli import terminal
from rift.cli.options import Configs, Settings, load


def command(config: Configs = None, settings: Settings = None) -> None:
    """Compare the out-of-fold predictions with the coders and the baselines, marker by marker."""
    configuration = load(config, settings)
    from rift.reports.terminal import evaluation_report
    from rift.stages.evaluate import evaluate

    evaluation, files = evaluate(configuration)
    terminal.show(evaluation_report(evaluation))
    terminal.wrote(files)
