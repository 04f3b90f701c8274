"""``rift check``: what would be read from files, before anything is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rift.scoring.sources import CheckedFile, Reading, check_file, find_sources
from rift.stages.progress import Progress, silent


@dataclass(frozen=True)
class Checked:
    """All files that were meant, in the order given; the warnings say what was passed over."""

    files: tuple[CheckedFile, ...]
    warnings: tuple[str, ...]


def check(paths: Sequence[str | Path], reading: Reading, progress: Progress = silent) -> Checked:
    """Read files as `rift prepare` and `rift score` would; one bad file does not stop the others.

    Raises
    ------
    RiftError
        Something named does not exist, or an unknown format or encoding is asked for.
    """
    reading.check()
    sources = find_sources(paths)
    files = []
    for number, found in enumerate(sources.files, 1):
        files.append(check_file(found.path, reading))
        progress("files", number, len(sources.files))
    return Checked(tuple(files), sources.warnings)
