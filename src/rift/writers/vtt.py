"""WebVTT with marks as cues, to be seen over a video: one cue per mark, over the time of its turns."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from rift.errors import RiftError
from rift.manifest import write_text
from rift.schema import Mark, Transcript
from rift.writers.marks import all_marks, turns_of, writable


def write(transcript: Transcript, path: Path, model: Sequence[Mark] = ()) -> int:
    """Write the marks of a session that are present, in the order of their times.

    Parameters
    ----------
    transcript
        Gives marks of turns their time.
    path
        The ``.vtt`` file.
    model
        Marks of a model, written as those of one more coder.

    Returns
    -------
    int
        How many marks that are present have no time (of a session as a whole, or on turns without
        times) and were left out.

    Raises
    ------
    RiftError
        There are such marks, and none of them has a time.
    """
    present = [mark for mark in all_marks(transcript, model) if mark.state == "present" and mark.label]
    spans = [(span, mark) for mark in present if (span := _span(mark, transcript)) is not None]
    if present and not spans:
        raise RiftError(
            "no mark has a time, which WebVTT needs",
            where=transcript.source,
            remedy="write a table or REFI-QDA (.qdpx), which need no times",
        )
    cues = [
        f"{_clock(start)} --> {_clock(max(end, start + 0.001))}\n<v {_name(mark)}>{_text(mark)}</v>\n"
        for (start, end), mark in sorted(spans, key=lambda pair: pair[0])
    ]
    write_text(path, "\n".join(["WEBVTT\n", *cues]))
    return len(present) - len(spans)


def _span(mark: Mark, transcript: Transcript) -> tuple[float, float] | None:
    if mark.start_s is not None:
        return mark.start_s, mark.end_s if mark.end_s is not None else mark.start_s
    first, last = turns_of(mark)
    if first is None or last is None or (start := transcript.turns[first].start_s) is None:
        return None
    following = transcript.turns[last + 1].start_s if last + 1 < len(transcript.turns) else None
    ends = (transcript.turns[last].end_s, following, transcript.turns[last].start_s, start)
    return start, next(end for end in ends if end is not None)


def _name(mark: Mark) -> str:
    return html.escape(" ".join(writable(mark.coder or "coder").split()).replace(">", ""), quote=False)


def _text(mark: Mark) -> str:
    value = "" if mark.value is None else f" ({mark.value:g})"
    return html.escape(" ".join(writable(f"{mark.label}{value}").split()), quote=False)


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    minutes, rest = divmod(whole, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
