"""``rift agreement``."""

from __future__ import annotations

from rift.cli import terminal
from rift.cli.options import Configs, Settings, load


def command(config: Configs = None, settings: Settings = None) -> None:
    """Compare the coders with one another, before any model is trained."""
    configuration = load(config, settings)
    from rift.reports.terminal import agreement_report
    from rift.stages.agreement import agreement

    table, files = agreement(configuration)
    terminal.show(agreement_report(table))
    terminal.wrote(files)
