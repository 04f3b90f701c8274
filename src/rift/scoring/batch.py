"""Any number of files scored: one bad file is told of and the rest goes on.

Each session is written as soon as it is scored, whole or not at all, and is not scored again
while its words and the model are the same: an interrupted batch goes on where it stopped. The
tables and the manifest are made from the session files at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rift.corpus.paths import FoundFile
from rift.errors import RiftError
from rift.scoring.results import SESSIONS_FOLDER, Failure, ScoredSession, write_results
from rift.scoring.runtime import TurnScorer
from rift.scoring.session import SessionScore, SpokenSession, score_sessions
from rift.scoring.session_file import Origin, read_session, session_path, words_digest, write_session
from rift.scoring.sources import Reading, find_sources, read_sessions
from rift.scoring.summary import SessionSummary, summarise

CHUNK_TURNS = 400
"""Sessions are scored together until they have this many turns: enough for full batches, and no
more than some seconds' work to lose."""

Progress = Callable[[int, int], None]
"""Called with files done and files in all."""


@dataclass(frozen=True)
class BatchResult:
    """What became of a batch.

    Attributes
    ----------
    out
        The folder of the results.
    sessions
        Every session that has results, in the order of the files.
    failures
        Files, or sessions of files, that could not be scored.
    warnings
        What the readers noticed; each names its file.
    """

    out: Path
    sessions: tuple[ScoredSession, ...]
    failures: tuple[Failure, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Task:
    """A session, where it came from, where it goes; ``known`` if it need not be scored again."""

    session: SpokenSession
    origin: Origin
    path: Path
    known: SessionSummary | None

    @property
    def work(self) -> int:
        """Turns to score."""
        return 0 if self.known else len(self.session.turns)


@dataclass(frozen=True)
class _Step:
    """One file, read; ``done`` counts the files up to it."""

    done: int
    tasks: tuple[_Task, ...]
    failures: tuple[Failure, ...]
    warnings: tuple[str, ...]


def score_paths(
    scorer: TurnScorer,
    paths: Sequence[str | Path],
    out: Path,
    reading: Reading,
    progress: Progress | None = None,
) -> BatchResult:
    """Score transcripts and write ``sessions/``, ``turns.parquet``, ``episodes.parquet``, ``manifest.json``.

    The tables hold the sessions of this call. Of two sessions with the same key the second is a
    failure. No words of a transcript are written.

    Parameters
    ----------
    scorer
        The model.
    paths
        Files, folders and patterns (`rift.scoring.sources.find_sources`).
    out
        Folder for the results; it may hold those of an earlier, interrupted call.
    reading
        How transcripts are to be read.
    progress
        Told of finished files.

    Raises
    ------
    RiftError
        A path does not exist, a format or encoding is unknown, or ``out`` cannot be written. A
        file that cannot be scored is no error but a failure in the result.
    """
    reading.check()
    found = find_sources(paths, out)
    files = found.files
    sessions: list[ScoredSession] = []
    failures: list[Failure] = []
    warnings = list(found.warnings)
    try:
        (out / SESSIONS_FOLDER).mkdir(parents=True, exist_ok=True)
        for chunk in _chunks(_steps(scorer, files, out, reading)):
            for result in _finished(scorer, [task for step in chunk for task in step.tasks]):
                if isinstance(result, Failure):
                    failures.append(result)
                else:
                    sessions.append(result)
            failures += [failure for step in chunk for failure in step.failures]
            warnings += [warning for step in chunk for warning in step.warnings]
            if progress is not None:
                progress(chunk[-1].done, len(files))
        write_results(scorer, out, reading, sessions, failures)
    except OSError as error:
        raise RiftError(
            f"cannot be written: {error.strerror or type(error).__name__}",
            where=error.filename or out,
            remedy="check the folder's permissions and the space left; finished sessions are kept",
        ) from None
    return BatchResult(out, tuple(sessions), tuple(failures), tuple(warnings))


def _steps(scorer: TurnScorer, files: Sequence[FoundFile], out: Path, reading: Reading) -> Iterator[_Step]:
    """Read the files one by one and settle where each session goes."""
    first: dict[tuple[str, str], Path] = {}
    taken: set[str] = set()
    for done, file in enumerate(files, start=1):
        read = read_sessions(file, reading)
        failures = [Failure(str(file.path), error) for error in read.failures]
        tasks = []
        for session in read.sessions:
            key = session.patient_id, session.session_id
            if key in first:
                failures.append(Failure(str(file.path), _twice(key, first[key], file.path)))
                continue
            first[key] = file.path
            origin = Origin(
                source=str(file.path),
                source_sha256=read.sha256,
                words_sha256=words_digest(session),
                model=scorer.manifest.name,
                model_sha256=scorer.digest,
            )
            task = _task(scorer, session, origin, (out / SESSIONS_FOLDER, taken))
            taken.add(task.path.name.casefold())
            tasks.append(task)
        yield _Step(done, tuple(tasks), tuple(failures), read.warnings)


def _task(scorer: TurnScorer, session: SpokenSession, origin: Origin, place: tuple[Path, set[str]]) -> _Task:
    folder, taken = place
    key, labels = (session.patient_id, session.session_id), scorer.manifest.codebook.columns
    path = session_path(folder, *key)
    stored = read_session(path, labels)
    # The same name for another key, in this call or an earlier one: take the longer name.
    if path.name.casefold() in taken or (stored and (stored[0].patient_id, stored[0].session_id) != key):
        path = session_path(folder, *key, plain=False)
        stored = read_session(path, labels)
    known = summarise(stored[0], scorer.manifest) if stored and origin.same(stored[1]) else None
    return _Task(session, origin, path, known)


def _twice(key: tuple[str, str], first: Path, path: Path) -> RiftError:
    named = "/".join(part for part in key if part)
    return RiftError(
        f"session {named} is also in {first}, which was scored",
        where=path,
        remedy="give the files names of their own, or ids by a pattern: 'new/{patient_id}_{session_id}.txt'",
    )


def _chunks(steps: Iterator[_Step]) -> Iterator[list[_Step]]:
    """Yield files together until there is enough to score, or nothing that waits to be."""
    chunk: list[_Step] = []
    work = 0
    for step in steps:
        chunk.append(step)
        work += sum(task.work for task in step.tasks)
        if work == 0 or work >= CHUNK_TURNS:
            yield chunk
            chunk, work = [], 0
    if chunk:
        yield chunk


def _finished(scorer: TurnScorer, tasks: Sequence[_Task]) -> Iterator[ScoredSession | Failure]:
    """Score and write what is not known yet, in groups of bounded size."""
    group: list[_Task] = []
    work = 0
    for task in tasks:
        group.append(task)
        work += task.work
        if work >= CHUNK_TURNS:
            yield from _finished_group(scorer, group)
            group, work = [], 0
    yield from _finished_group(scorer, group)


def _finished_group(scorer: TurnScorer, group: Sequence[_Task]) -> Iterator[ScoredSession | Failure]:
    scores = iter(_scored(scorer, [task.session for task in group if task.known is None]))
    for task in group:
        summary = task.known
        if summary is None:
            score = next(scores)
            if isinstance(score, RiftError):
                yield Failure(task.origin.source, score)
                continue
            write_session(score, task.origin, scorer.manifest, task.path)
            summary = summarise(score, scorer.manifest)
        yield ScoredSession(
            task.session.patient_id,
            task.session.session_id,
            task.origin,
            task.path.name,
            task.known is not None,
            summary,
        )


def _scored(scorer: TurnScorer, sessions: Sequence[SpokenSession]) -> list[SessionScore | RiftError]:
    """Score sessions together; if that fails one by one, so that the fault stays with its session."""
    try:
        return list(score_sessions(scorer, sessions))
    except RiftError as error:
        if len(sessions) == 1:
            return [error]
        return [result for session in sessions for result in _scored(scorer, [session])]
