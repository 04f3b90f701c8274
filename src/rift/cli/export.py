"""``rift export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rift.cli import terminal
from rift.cli.options import Encoding, Format
from rift.cli.score import EXIT_PARTIAL


def command(
    paths: Annotated[list[str], typer.Argument(help="Transcripts, with or without codings in them.")],
    to: Annotated[str, typer.Option(help="csv, xlsx, elan, refi (REFI-QDA) or vtt (marks as cues).")],
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("exports"),
    scores: Annotated[
        Path | None, typer.Option(help="What rift score wrote of these sessions: the model's marks go along.")
    ] = None,
    encoding: Encoding = None,
    format: Format = None,
) -> None:
    """Write sessions with the marks of coders and of the model for R, ELAN, NVivo, MAXQDA or a video player.

    Exit code 3: some sessions could not be written; the others were.
    """
    from rift.scoring.sources import Reading
    from rift.stages.export import export

    done = export(paths, to, out, scores, Reading(encoding=encoding, format=format))
    terminal.say(done.warnings)
    terminal.wrote(done.written)
    terminal.say(f"not written: {error}" for error in done.failures)
    if done.failures:
        raise typer.Exit(EXIT_PARTIAL)
