"""``rift export``: sessions with the marks of coders and of the model, for the tools that labs like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rift.corpus.paths import FoundFile, name_as_id
from rift.errors import RiftError
from rift.readers.wording import counted
from rift.schema import Mark, Transcript
from rift.scoring.results import SESSIONS_FOLDER
from rift.scoring.session import SessionScore
from rift.scoring.session_file import read_scores, session_path
from rift.scoring.sources import Reading, check_file, find_sources
from rift.writers import elan, refi, tables, vtt
from rift.writers.marks import MODEL

FORMATS = ("csv", "xlsx", "elan", "refi", "vtt")
_SUFFIXES = {"elan": ".eaf", "vtt": ".vtt"}


@dataclass(frozen=True)
class Exported:
    """The files that were written, what a user should know, and what could not be written."""

    written: tuple[Path, ...]
    warnings: tuple[str, ...]
    failures: tuple[RiftError, ...]


def export(
    paths: Sequence[str | Path], to: str, out: Path, scores: Path | None, reading: Reading
) -> Exported:
    """Write sessions and their marks in another format.

    Parameters
    ----------
    paths
        Files that `rift check` reads; marks of coders in them go along.
    to
        One of `FORMATS`.
    out
        A folder. ELAN and WebVTT get a file per session, the others one of all.
    scores
        What `rift score` wrote of the same sessions: the model's flags and episodes are then the
        marks of one more coder.
    reading
        How files are to be read.

    Raises
    ------
    RiftError
        The format is unknown, a path does not exist, or there is nothing to write.
    """
    if to not in FORMATS:
        raise RiftError(f"unknown format {to!r}", where="--to", remedy=f"one of {', '.join(FORMATS)}")
    reading.check()
    found, warnings, failures = _sessions(paths, out, reading)
    sessions = [(one, _model_marks(one, scores, warnings)) for one in found]
    if not sessions:
        raise RiftError("nothing to write", remedy="name files that can be read; see rift check")
    written: list[Path] = []
    if to in _SUFFIXES:
        for one, marks in sessions:
            path = session_path(out, one.patient_id or "", one.session_id or "").with_suffix(_SUFFIXES[to])
            try:
                written.append(_write_one(to, one, marks, path, warnings))
            except RiftError as error:
                failures.append(error)
    else:
        written += _write_all(to, sessions, out, warnings)
    return Exported(tuple(written), tuple(warnings), tuple(failures))


def _sessions(
    paths: Sequence[str | Path], out: Path, reading: Reading
) -> tuple[list[Transcript], list[str], list[RiftError]]:
    sources = find_sources(paths, out)
    found: list[Transcript] = []
    warnings, failures = list(sources.warnings), []
    for source in sources.files:
        checked = check_file(source.path, reading)
        if checked.content is None:
            failures.append(checked.error or RiftError("cannot be read", where=source.path))
            continue
        for transcript in checked.content.transcripts:
            warnings += transcript.warnings
            found.append(_identified(transcript, source))
    return found, warnings, failures


def _identified(transcript: Transcript, source: FoundFile) -> Transcript:
    return replace(
        transcript,
        patient_id=source.agreed("patient_id", transcript.patient_id),
        session_id=source.agreed("session_id", transcript.session_id) or name_as_id(source.path),
    )


def _model_marks(one: Transcript, scores: Path | None, warnings: list[str]) -> list[Mark]:
    if scores is None:
        return []
    score = read_scores(scores / SESSIONS_FOLDER, one.patient_id or "", one.session_id or "")
    if score is None or len(score.turn) != len(one.turns):
        why = "not among the scored" if score is None else "scored with another number of turns"
        warnings.append(f"{one.source}: session {one.session_id} is {why}; written without the model's marks")
        return []
    return [*_flags(score), *_episodes(score)]


def _flags(score: SessionScore) -> Iterable[Mark]:
    for row, turn in enumerate(score.turn):
        for column, label in enumerate(score.labels):
            if score.flags[row, column]:
                yield Mark(MODEL, "turn", label, "present", f"turn {turn}", turn, turn)


def _episodes(score: SessionScore) -> Iterable[Mark]:
    for episode in score.episodes:
        place = f"turns {episode.first_turn}-{episode.last_turn}"
        yield Mark(
            f"{MODEL} episodes", "turn", f"{episode.family} episode", "present", place,
            episode.first_turn, episode.last_turn,
        )  # fmt: skip


def _write_one(to: str, one: Transcript, marks: Sequence[Mark], path: Path, warnings: list[str]) -> Path:
    if to == "elan":
        elan.write(one, path, marks)
    elif left := vtt.write(one, path, marks):
        warnings.append(f"{path}: {counted(left, 'mark')} without a time left out")
    return path


def _write_all(to: str, sessions: Sequence[tables.Session], out: Path, warnings: list[str]) -> Sequence[Path]:
    if to == "csv":
        return tables.write_csv(sessions, out)
    if to == "xlsx":
        tables.write_xlsx(sessions, out / "sessions.xlsx")
        return [out / "sessions.xlsx"]
    warnings += refi.write_project(sessions, out / "sessions.qdpx")
    return [out / "sessions.qdpx"]
