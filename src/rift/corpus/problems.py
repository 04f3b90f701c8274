"""Many faults, one error: a user who has ten files to mend should hear of ten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rift.errors import RiftError

FIRST = 5
"""How many places a message lists before it counts the rest."""


def listed(items: Sequence[str], first: int = FIRST) -> str:
    """Return the first items on a line each, then how many more there are."""
    lines = [f"\n  - {item}" for item in items[:first]]
    if len(items) > first:
        lines.append(f"\n  - and {len(items) - first} more")
    return "".join(lines)


def raise_together(errors: Sequence[RiftError], headline: str) -> None:
    """Raise the only error as it is, several as one that lists them all; do nothing if none."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise RiftError(headline + listed([_one_line(error) for error in errors], first=len(errors)))


def _one_line(error: RiftError) -> str:
    return str(error).replace("\n  -> ", "; ").replace("\n", "\n    ")


def unique(items: Iterable[str]) -> list[str]:
    """Return the items without repetition, in their first order."""
    return list(dict.fromkeys(items))
