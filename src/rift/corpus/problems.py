"""Many faults, one error: a user who has ten files to mend should hear of ten."""

from __future__ import annotations

from collections.abc import Sequence

from rift.errors import RiftError
from rift.readers.wording import listed


def raise_together(errors: Sequence[RiftError], headline: str) -> None:
    """Raise the only error as it is, several as one that lists them all; do nothing if none."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise RiftError(headline + listed([_one_line(error) for error in errors], first=len(errors)))


def _one_line(error: RiftError) -> str:
    return str(error).replace("\n  -> ", "; ").replace("\n", "\n    ")
