"""What all formats ask of marks: who made them, and where they begin and end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rift.errors import RiftError
from rift.schema import Mark, Transcript

MODEL = "RIFT model"
"""The coder under whose name a model's marks are written."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """Return a text with the characters replaced that no XML file may hold."""
    return _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def all_marks(transcript: Transcript, model: Sequence[Mark]) -> tuple[Mark, ...]:
    """Return the marks of coders, then those of the model under its name.

    Raises
    ------
    RiftError
        A mark is on a turn that the session has not.
    """
    marks = (*transcript.marks, *(replace(mark, coder=mark.coder or MODEL) for mark in model))
    for mark in marks:
        first, last = turns_of(mark)
        if first is not None and last is not None and not 0 <= first <= last < len(transcript.turns):
            raise RiftError(
                f"{mark.place}: a mark on turns {first}-{last}; there are {len(transcript.turns):,} turns",
                where=transcript.source,
                remedy="correct the turns of the mark, which count from 0",
            )
    return marks


def turns_of(mark: Mark) -> tuple[int | None, int | None]:
    """Return the first and the last turn of a mark; one that is given alone is both."""
    first = mark.last_turn if mark.first_turn is None else mark.first_turn
    return first, first if mark.last_turn is None else mark.last_turn
