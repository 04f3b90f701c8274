"""Codes with the path of their parents, as programs for qualitative analysis write them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from rift.readers.wording import some

_STEP = re.compile(r"\s>\s|\s?\\\s?|\s?→\s?|//")


def labels_of(paths: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Return the label of each path, its last part, and what is said of it.

    Where two parents have a code of one name, its label keeps the parent, so that the two stay apart.
    """
    parts = {path: [part.strip() for part in _STEP.split(path) if part.strip()] or [path] for path in paths}
    parents: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for steps in parts.values():
        parents[steps[-1].casefold()].add(tuple(steps[:-1]))
    labels: dict[str, str] = {}
    doubled: dict[str, None] = {}
    for path, steps in parts.items():
        several = len(parents[steps[-1].casefold()]) > 1
        labels[path] = " > ".join(steps) if several else steps[-1]
        if several:
            doubled[steps[-1]] = None
    told = [f"codes of one name under several parents keep their parents: {some(list(doubled))}"]
    return labels, told if doubled else []
