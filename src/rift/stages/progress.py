"""What long work tells whoever watches it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called as work goes on: what is being done, how much of it is done, and how much there is."""

    def __call__(self, task: str, done: int, total: int, /) -> None:
        """Take note."""


def silent(task: str, done: int, total: int, /) -> None:
    """Tell nobody."""
