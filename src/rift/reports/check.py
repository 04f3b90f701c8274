"""What `rift check` found in files: for the terminal, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rift.codebook import Speaker
from rift.errors import RiftError
from rift.readers.registry import FileContent
from rift.readers.roles import assign_roles, known_role, likely_therapist
from rift.readers.wording import counted
from rift.schema import Transcript
from rift.scoring.sources import CheckedFile

_FIRST_TURNS = 3
_SHOWN_WORDS = 12
_SHOWN_MARKS = 8

JSON_MARK = (
    "coder", "unit", "first_turn", "last_turn", "start_s", "end_s", "label", "value", "state",
)  # fmt: skip


def file_report(file: CheckedFile, speakers: Mapping[str, Speaker]) -> Group:
    """Return what a file holds: format, speakers with counts, first turns, marks, roles, warnings.

    Parameters
    ----------
    file
        As checked.
    speakers
        Names to roles that the user gave.
    """
    head = Text(str(file.path), style="bold")
    if file.content is None:
        return Group(head, Text(f"  not readable: {file.error}"), Text())
    encoding = "" if file.content.encoding is None else f", {file.content.encoding}"
    parts: list[RenderableType] = [head, Text(f"  format {file.content.format}{encoding}")]
    for transcript in file.content.transcripts:
        parts += _session(transcript, speakers)
    parts += [Text(f"  warning: {warning}") for warning in _warnings(file)]
    return Group(*parts, Text())


def _session(transcript: Transcript, speakers: Mapping[str, Speaker]) -> Iterator[RenderableType]:
    ids = [transcript.patient_id, transcript.session_id]
    if any(ids):
        yield Text("  session " + "/".join(one or "?" for one in ids))
    if transcript.turns:
        yield Text(f"  {counted(len(transcript.turns), 'turn')}, {_times(transcript)}")
        yield _speakers(transcript, speakers)
        for number, turn in enumerate(transcript.turns[:_FIRST_TURNS]):
            yield Text(f"  {number} {turn.speaker or '(no speaker)'}: {_start(turn.text)}")
        yield from _role_advice(transcript, speakers)
    if transcript.marks:
        yield _marks(transcript)


def _speakers(transcript: Transcript, speakers: Mapping[str, Speaker]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2))
    for name in ("speaker", "role", "turns", "words"):
        table.add_column(name, justify="right" if name in {"turns", "words"} else "left")
    turns, words = Counter[str | None](), Counter[str | None]()
    for turn in transcript.turns:
        turns[turn.speaker] += 1
        words[turn.speaker] += len(turn.text.split())
    for who, count in turns.items():
        role = "-" if who is None else speakers.get(who) or known_role(who) or "not known"
        table.add_row(who or "(none)", role, f"{count:,}", f"{words[who]:,}")
    return table


def _role_advice(transcript: Transcript, speakers: Mapping[str, Speaker]) -> Iterator[Text]:
    try:
        assign_roles(transcript, speakers, transcript.source)
    except RiftError as error:
        yield Text(f"  roles: {error.problem}")
        yield Text(f"  -> {error.remedy}")
        if guess := likely_therapist(transcript):
            name, share = guess
            yield Text(f"  {name} asks {share:.0%} of the questions: perhaps the therapist; you decide")


def _times(transcript: Transcript) -> str:
    timed = [turn for turn in transcript.turns if turn.start_s is not None]
    if not timed:
        return "no times"
    last = max(turn.end_s or turn.start_s or 0.0 for turn in timed)
    share = "" if len(timed) == len(transcript.turns) else f"{len(timed):,} of them with times, "
    return f"{share}{timed[0].start_s:.1f} to {last:.1f} s"


def _start(text: str) -> str:
    words = text.split()
    return " ".join(words[:_SHOWN_WORDS]) + (" ..." if len(words) > _SHOWN_WORDS else "")


def _marks(transcript: Transcript) -> Table:
    table = Table(title=f"  {counted(len(transcript.marks), 'coding')}", title_justify="left", box=None,
                  pad_edge=False, padding=(0, 2, 0, 2))  # fmt: skip
    for name in ("coder", "label", "unit", "present", "absent", "uncodable", "not coded"):
        table.add_column(name, justify="left" if name in {"coder", "label", "unit"} else "right")
    counts = Counter((mark.coder, mark.label, mark.unit, mark.state) for mark in transcript.marks)
    rows = dict.fromkeys(key[:3] for key in counts)
    for row in list(rows)[:_SHOWN_MARKS]:
        states = (counts[*row, state] for state in ("present", "absent", "uncodable", "not_coded"))
        table.add_row(row[0] or "?", row[1] or "(any)", row[2], *(str(number) for number in states))
    if (left := len(rows) - _SHOWN_MARKS) > 0:
        table.add_row(f"... {left} more")
    return table


def _warnings(file: CheckedFile) -> list[str]:
    """Return a file's warnings without its path, which the report has at its head."""
    transcripts = () if file.content is None else file.content.transcripts
    prefix = f"{file.path}: "
    return [warning.removeprefix(prefix) for one in transcripts for warning in one.warnings]


def file_json(file: CheckedFile) -> dict[str, Any]:
    """Return what a file holds for `json.dumps`; of an unreadable one the reason, under ``error``.

    ``turns`` and ``codings`` are lists over all sessions of the file; each entry names its patient
    and session where the file does.
    """
    if file.content is None:
        return {"file": str(file.path), "error": str(file.error)}
    content: FileContent = file.content
    return {
        "file": str(file.path),
        "format": content.format,
        "encoding": content.encoding,
        "turns": [{**_ids(one), **asdict(turn)} for one in content.transcripts for turn in one.turns],
        "codings": [
            {**_ids(one), **{name: getattr(mark, name) for name in JSON_MARK}, "place": mark.place}
            for one in content.transcripts
            for mark in one.marks
        ],
        "warnings": _warnings(file),
    }


def _ids(transcript: Transcript) -> dict[str, str]:
    ids = {"patient_id": transcript.patient_id, "session_id": transcript.session_id}
    return {name: value for name, value in ids.items() if value is not None}
