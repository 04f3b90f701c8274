"""``rift score``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rift.cli import terminal
from rift.cli.options import (
    Columns,
    Configs,
    Encoding,
    Format,
    Settings,
    Speakers,
    load,
    pairs,
    roles,
)  # fmt: skip

EXIT_PARTIAL = 3

STARTER = """\
no --model given: scored with the starter model that comes with RIFT. It learned from synthetic English
sessions, coded by a language model and by no human: take its marks as a first draft for a coder to correct.
How well it does on your sessions nobody knows until you compare it with your own codings (rift evaluate)."""


def command(
    paths: Annotated[list[str], typer.Argument(help="Transcripts: files, folders, patterns.")],
    model: Annotated[
        Path | None, typer.Option(help="Folder that rift train wrote; without it, the bundled starter model.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("scores"),
    speakers: Speakers = None,
    columns: Columns = None,
    encoding: Encoding = None,
    format: Format = None,
    config: Configs = None,
    settings: Settings = None,
) -> None:
    """Score new transcripts: marker probabilities per turn, rupture episodes per session.

    Exit code 3: some files could not be scored; the others were.
    """
    configuration = load(config, settings)
    from rift.manifest import starter_folder
    from rift.reports.sessions import batch_report
    from rift.scoring.sources import Reading
    from rift.stages.score import score

    reading = Reading(
        columns=pairs(columns, "--columns") or None,
        encoding=encoding,
        format=format,
        speakers=roles(speakers),
    )
    with terminal.progress_bar() as progress:
        result, manifest = score(configuration, paths, model or starter_folder(), out, reading, progress)
    terminal.show(batch_report(result, manifest))
    if model is None:
        terminal.say([STARTER])
    terminal.say(result.warnings)
    terminal.say(f"not scored: {failure.error}" for failure in result.failures)
    terminal.wrote([out])
    if result.failures:
        raise typer.Exit(EXIT_PARTIAL)
