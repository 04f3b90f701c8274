"""The command line: one file per verb, each a thin command over a plain function.

Nothing heavy is imported here: ``rift --help`` answers at once.
"""

from __future__ import annotations

import os
import sys

import typer

from rift import __version__
from rift.cli import agreement, check, evaluate, export, prepare, score, train
from rift.errors import RiftError
from rift.onnx_runtime import SWITCH as ONNXRUNTIME_SWITCH

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="rift",
    help="Find alliance ruptures in psychotherapy transcripts, and compare the model with your coders.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rift {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Show it."),
) -> None: ...


app.command("check")(check.command)
app.command("prepare")(prepare.command)
app.command("agreement")(agreement.command)
app.command("train")(train.command)
app.command("evaluate")(evaluate.command)
app.command("score")(score.command)
app.command("export")(export.command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; a user's mistake ends in a message and exit code 2, never a traceback.

    Parameters
    ----------
    arguments
        Verb and options; those the process was started with by default.
    """
    # Nothing of a transcript may leave the machine, and nothing may look for news on the network.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ[ONNXRUNTIME_SWITCH] = "1"
    try:
        app(arguments)
    except RiftError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(EXIT_ERROR)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        typer.echo(f"error: {place}cannot be read or written: {error.strerror or error}", err=True)
        sys.exit(EXIT_ERROR)
    except SystemExit as end:
        # Typer turns an interrupt into this exit code, without a word.
        if end.code == EXIT_INTERRUPTED:
            typer.echo("\ninterrupted; the same command goes on from here", err=True)
        raise
