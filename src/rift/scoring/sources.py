"""What a user names on the command line, as files; and files as sessions with ids and roles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rift.codebook import Speaker
from rift.corpus.paths import LOCK_PREFIX, FoundFile, find_files, name_as_id
from rift.errors import RiftError
from rift.manifest import MANIFEST_NAME, sha256_of
from rift.readers.decode import check_encoding
from rift.readers.registry import FileContent, check_format, known_suffixes, read_file, read_transcripts
from rift.readers.roles import assign_roles
from rift.readers.wording import counted
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

    @property
    def options(self) -> tuple[Mapping[str, str] | None, str | None, str | None, str | None]:
        """What `rift.readers.registry.read_file` takes after the path."""
        return self.columns, self.encoding, self.format, self.sheet

    def check(self) -> None:
        """Raise RiftError if no file at all could be read so: an unknown format or encoding."""
        check_format(self.format)
        check_encoding(self.encoding)


@dataclass(frozen=True)
class ReadFile:
    """The sessions of a file, its sha256, and the faults of those that cannot be scored."""

    sha256: str
    sessions: tuple[SpokenSession, ...]
    warnings: tuple[str, ...]
    failures: tuple[RiftError, ...]


@dataclass(frozen=True)
class CheckedFile:
    """A file, and what is in it or why it cannot be read: one of the two."""

    path: Path
    content: FileContent | None
    error: RiftError | None


@dataclass(frozen=True)
class Sources:
    """The files to read, each once, in the order given; the warnings say what was passed over."""

    files: tuple[FoundFile, ...]
    warnings: tuple[str, ...]


def find_sources(paths: Sequence[str | Path], out: Path | None = None) -> Sources:
    """Return the files that are meant.

    Parameters
    ----------
    paths
        Files; patterns (``new/*.txt``, ``new/{patient_id}_{session_id}.txt``, see
        `rift.corpus.paths`); and folders, for every file in them and below that is not hidden and
        has a suffix of some reader. What is named or matched is read whatever its suffix.
    out
        Where results go, if anywhere: of a folder, what lies there is not taken for a transcript.

    Raises
    ------
    RiftError
        Something named does not exist or holds no file that could be a transcript.
    """
    results = None if out is None else out.resolve()
    found: dict[Path, FoundFile] = {}
    warnings: list[str] = []
    for name in paths:
        files, passed_over = _expanded(Path(name), results)
        for file in files:
            found.setdefault(file.path.resolve(), file)
        if passed_over:
            told = f"{name}: {_told(passed_over)} passed over; to have one read, name it, or give a pattern"
            warnings.append(told)
    if not found:
        raise RiftError("no transcripts to score", remedy="name files, folders or patterns")
    return Sources(tuple(found.values()), tuple(dict.fromkeys(warnings)))


def read_sessions(found: FoundFile, reading: Reading) -> ReadFile:
    """Read the sessions of a file; never raises for what is wrong with the file.

    A session without an id takes the file's name, a patient without one is `UNKNOWN_PATIENT`.
    """
    try:
        digest = sha256_of(found.path)
        transcripts = read_transcripts(found.path, *reading.options)
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


def check_file(path: Path, reading: Reading) -> CheckedFile:
    """Read whatever a file holds; never raises for what is wrong with the file."""
    try:
        return CheckedFile(path, read_file(path, *reading.options), None)
    except Exception as error:  # one file, however broken, must not stop the others
        return CheckedFile(path, None, _as_fault(error, path))


def _expanded(path: Path, results: Path | None) -> tuple[list[FoundFile], list[Path]]:
    """Return the files that a path stands for, and those of a folder that are passed over."""
    if path.is_dir():
        return _in_folder(path, results)
    if path.is_file():
        return [FoundFile(path, {})], []
    if not any(sign in str(path) for sign in _WILD):
        raise RiftError(
            "no such file or folder", where=path, remedy="correct the path; put a pattern in quotes"
        )
    try:
        return find_files([str(path)], Path(), "PATHS"), []
    except RiftError as error:
        remedy = "patterns are relative to the working directory; put them in quotes"
        raise RiftError(error.problem, where=error.where, remedy=remedy) from None


def _in_folder(folder: Path, results: Path | None) -> tuple[list[FoundFile], list[Path]]:
    if (folder / MANIFEST_NAME).is_file():
        raise RiftError(
            "this is a folder with a model, not with transcripts",
            where=folder,
            remedy="name the transcripts first, and the model with --model",
        )
    inside = [file for file in sorted(folder.rglob("*")) if file.is_file() and not _hidden(file, folder)]
    outside = [file for file in inside if results is None or not file.resolve().is_relative_to(results)]
    if inside and not outside:
        raise RiftError(
            "all files of this folder lie in the folder for the results",
            where=folder,
            remedy="give another folder with --out",
        )
    known = known_suffixes()
    files = [FoundFile(file, {}) for file in outside if file.suffix.lower() in known]
    passed_over = [file for file in outside if file.suffix.lower() not in known]
    if not files:
        told = f": {_told(passed_over)}" if passed_over else ""
        raise RiftError(
            f"there are no transcripts in this folder{told}",
            where=folder,
            remedy=f"of a folder, files that end in {', '.join(known)} are read; others can be named",
        )
    return files, passed_over


def _told(files: Sequence[Path]) -> str:
    kinds = Counter(file.suffix.lower() or "no suffix" for file in files)
    each = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
    return f"{counted(len(files), 'file')} of other kinds ({each})"


def _hidden(file: Path, folder: Path) -> bool:
    parts = file.relative_to(folder).parts
    return file.name.startswith(LOCK_PREFIX) or any(part.startswith(".") for part in parts)


def _session(transcript: Transcript, found: FoundFile, reading: Reading) -> SpokenSession:
    if not transcript.turns:
        raise RiftError("there are no turns in it", where=found.path)
    return SpokenSession(
        patient_id=found.agreed("patient_id", transcript.patient_id) or UNKNOWN_PATIENT,
        session_id=found.agreed("session_id", transcript.session_id) or name_as_id(found.path),
        turns=transcript.turns,
        roles=assign_roles(transcript, reading.speakers, found.path),
        numbers=tuple(range(len(transcript.turns))),
    )


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
