"""What a user names on the command line, as files; and files as sessions with ids and roles."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rift.codebook import Speaker
from rift.corpus.paths import FoundFile, find_files
from rift.errors import RiftError
from rift.manifest import sha256_of
from rift.readers.registry import read_transcripts
from rift.readers.roles import assign_roles
from rift.schema import Transcript
from rift.scoring.session import UNKNOWN_PATIENT, SpokenSession

_WILD = "*?{"


@dataclass(frozen=True)
class Reading:
    """How transcripts are to be read; what is left out the readers find themselves.

    Attributes
    ----------
    columns
        For tables: our names to the file's headers.
    encoding, format, sheet
        Codec, reader and sheet of a workbook, by name.
    speakers
        Names in the files to roles.
    """

    columns: Mapping[str, str] | None = None
    encoding: str | None = None
    format: str | None = None
    sheet: str | None = None
    speakers: Mapping[str, Speaker] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadFile:
    """The sessions of a file, its sha256, and the faults of those that cannot be scored."""

    sha256: str
    sessions: tuple[SpokenSession, ...]
    warnings: tuple[str, ...]
    failures: tuple[RiftError, ...]


def find_sources(paths: Sequence[str | Path], out: Path) -> list[FoundFile]:
    """Return the files that are meant, each once, in the order given.

    Parameters
    ----------
    paths
        Files; folders, for every file in them and below that is not hidden; and patterns
        (``new/*.txt``, ``new/{patient_id}_{session_id}.txt``, see `rift.corpus.paths`).
    out
        Where results go: what lies there is not taken for a transcript.

    Raises
    ------
    RiftError
        Something named does not exist or holds no file.
    """
    results = out.resolve()
    found: dict[Path, FoundFile] = {}
    for name in paths:
        for file in _expanded(Path(name)):
            place = file.path.resolve()
            if not place.is_relative_to(results):
                found.setdefault(place, file)
    if not found:
        raise RiftError("no transcripts to score", where=", ".join(str(name) for name in paths) or None)
    return list(found.values())


def read_sessions(found: FoundFile, reading: Reading) -> ReadFile:
    """Read the sessions of a file; never raises for what is wrong with the file.

    A session without an id takes the file's name, a patient without one is `UNKNOWN_PATIENT`.
    """
    try:
        digest = sha256_of(found.path)
        transcripts = read_transcripts(
            found.path,
            columns=reading.columns,
            encoding=reading.encoding,
            format=reading.format,
            sheet=reading.sheet,
        )
    except Exception as error:  # one file, however broken, must not stop the others
        return ReadFile("", (), (), (_as_fault(error, found.path),))
    sessions: list[SpokenSession] = []
    failures: list[RiftError] = []
    for transcript in transcripts:
        try:
            sessions.append(_session(transcript, found, reading))
        except Exception as error:
            failures.append(_as_fault(error, found.path))
    warnings = tuple(warning for transcript in transcripts for warning in transcript.warnings)
    return ReadFile(digest, tuple(sessions), warnings, tuple(failures))


def _expanded(path: Path) -> Iterator[FoundFile]:
    if path.is_file():
        yield FoundFile(path, {})
    elif path.is_dir():
        inside = [file for file in sorted(path.rglob("*")) if file.is_file() and not _hidden(file, path)]
        if not inside:
            raise RiftError("there are no files in this folder", where=path)
        yield from (FoundFile(file, {}) for file in inside)
    elif any(sign in str(path) for sign in _WILD):
        try:
            yield from find_files([str(path)], Path(), "PATHS")
        except RiftError as error:
            remedy = "patterns are relative to the working directory; put them in quotes"
            raise RiftError(error.problem, where=error.where, remedy=remedy) from None
    else:
        raise RiftError("no such file or folder", where=path)


def _hidden(file: Path, folder: Path) -> bool:
    return file.name.startswith("~$") or any(part.startswith(".") for part in file.relative_to(folder).parts)


def _session(transcript: Transcript, found: FoundFile, reading: Reading) -> SpokenSession:
    if not transcript.turns:
        raise RiftError("there are no turns in it", where=found.path)
    return SpokenSession(
        patient_id=_agreed("patient_id", transcript.patient_id, found) or UNKNOWN_PATIENT,
        session_id=_agreed("session_id", transcript.session_id, found) or _from_name(found.path),
        turns=transcript.turns,
        roles=assign_roles(transcript, reading.speakers, found.path),
        numbers=tuple(range(len(transcript.turns))),
    )


def _agreed(name: str, inside: str | None, found: FoundFile) -> str | None:
    outside = found.fields.get(name)
    if inside and outside and inside != outside:
        raise RiftError(
            f"{name} is {outside!r} by the file's name and {inside!r} inside it",
            where=found.path,
            remedy="correct one of them, or leave the field out of the pattern",
        )
    return inside or outside


def _from_name(path: Path) -> str:
    # Accents may be stored decomposed, and a name need not be valid text at all.
    return unicodedata.normalize("NFC", path.stem).encode("utf-8", "replace").decode("utf-8")


def _as_fault(error: Exception, path: Path) -> RiftError:
    if isinstance(error, RiftError):
        return error
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return RiftError(f"cannot be read: {reason}", where=path, remedy="check the file and its permissions")
    return RiftError(
        f"cannot be read: {type(error).__name__}",
        where=path,
        remedy="report this as a fault of RIFT, with the kind of file that it is",
    )
