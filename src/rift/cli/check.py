"""``rift check``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from rift.cli import terminal
from rift.cli.options import Columns, Encoding, Format, Speakers, pairs, roles
from rift.cli.score import EXIT_PARTIAL


def command(
    paths: Annotated[list[str], typer.Argument(help="Transcripts or codings: files, folders, patterns.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every turn.")] = False,
    speakers: Speakers = None,
    columns: Columns = None,
    encoding: Encoding = None,
    format: Format = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook.")] = None,
) -> None:
    """Show what would be read from files: format, speakers, turns, times, codings, warnings.

    Exit code 3: some files could not be read; the others were. 2: none could.
    """
    from rift.reports.check import file_json, file_report
    from rift.scoring.sources import Reading
    from rift.stages.check import check

    given = roles(speakers)
    reading = Reading(pairs(columns, "--columns") or None, encoding, format, sheet, given)
    with terminal.progress_bar() as progress:
        checked = check(paths, reading, progress)
    if as_json:
        found = [file_json(file) for file in checked.files]
        typer.echo(json.dumps(found[0] if len(found) == 1 else found, ensure_ascii=False, indent=1))
    else:
        terminal.show(*(file_report(file, given) for file in checked.files))
    terminal.say(checked.warnings)
    errors = [file.error for file in checked.files if file.error is not None]
    terminal.say(f"not read: {error}" for error in errors)
    if errors:
        raise typer.Exit(2 if len(errors) == len(checked.files) else EXIT_PARTIAL)
