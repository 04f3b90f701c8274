"""``rift prepare``."""

from __future__ import annotations

from rift.cli import terminal
from rift.cli.options import Configs, Settings, load


def command(config: Configs = None, settings: Settings = None) -> None:
    """Read transcripts and codings, check them, and split the patients into folds."""
    configuration = load(config, settings)
    from rift.corpus.report import describe
    from rift.stages.prepare import prepare

    report, files = prepare(configuration)
    terminal.show(*describe(report))
    terminal.wrote(files)
