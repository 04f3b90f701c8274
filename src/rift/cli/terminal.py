"""Results to stdout, messages and progress to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rift.stages.progress import Progress

_PIPE_WIDTH = 100
_QUARTERS = 4


def show(*results: Any) -> None:
    """Print rich renderables to stdout; in a pipe without colour, 100 columns wide."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False)
    for result in results:
        console.print(result)


def say(messages: Iterable[str]) -> None:
    """Print messages to stderr."""
    for message in messages:
        typer.echo(message, err=True)


def wrote(paths: Iterable[Path]) -> None:
    """Say on stderr which files were written."""
    say(f"wrote {path}" for path in paths)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Yield a function that shows progress: a bar with an estimate, or quarters in a pipe."""
    if not sys.stderr.isatty():
        yield _quarters()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Bar(*columns, console=Console(stderr=True)) as bar:
        known: dict[str, Any] = {}

        def update(task: str, done: int, total: int, /) -> None:
            if task not in known:
                known[task] = bar.add_task(task, total=total)
            bar.update(known[task], completed=done, total=total)

        yield update


def _quarters() -> Progress:
    reached: dict[str, int] = {}

    def update(task: str, done: int, total: int, /) -> None:
        quarter = _QUARTERS * done // max(total, 1)
        if quarter > reached.get(task, 0):
            reached[task] = quarter
            typer.echo(f"{task}: {done} of {total}", err=True)

    return update
