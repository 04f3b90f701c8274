"""The files of a corpus, read: sessions with ids and roles, and codings as coders wrote them.

Every file is tried before anything is reported, so that one error names all that must be mended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rift.codebook import Speaker
from rift.corpus.folds import THERAPIST_SEPARATOR
from rift.corpus.identity import SessionKey
from rift.corpus.paths import FoundFile, find_files
from rift.corpus.problems import raise_together
from rift.corpus.source import CodingFiles, CorpusSource, TranscriptFiles
from rift.errors import RiftError
from rift.readers.coding_table import read_codings
from rift.readers.registry import read_transcripts
from rift.readers.roles import assign_roles
from rift.readers.wording import counted
from rift.schema import Coding, Transcript


@dataclass(frozen=True, slots=True)
class Session:
    """A transcript whose ids and roles are known; ``roles`` has one entry per turn."""

    patient_id: str
    session_id: str
    therapists: tuple[str, ...]
    roles: tuple[Speaker, ...]
    transcript: Transcript

    @property
    def key(self) -> SessionKey:
        """The patient and the session."""
        return self.patient_id, self.session_id


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the files hold: sessions in the order of their keys, codings in file order."""

    sessions: tuple[Session, ...]
    codings: tuple[Coding, ...]
    warnings: tuple[str, ...]


def gather(source: CorpusSource) -> Gathered:
    """Read all transcripts and codings of a corpus.

    Raises
    ------
    RiftError
        A pattern matches nothing, or files cannot be read, lack ids or name unknown speakers: one
        error lists every such file with its reason.
    """
    errors: list[RiftError] = []
    warnings: list[str] = []
    sessions = _read_sessions(source, errors, warnings)
    codings = _read_codings(source, errors, warnings)
    raise_together(errors, f"{counted(len(errors), 'file')} of the corpus cannot be used:")
    if unknown := sorted(
        set(source.content.therapists) - {session.patient_id for session in sessions.values()}
    ):
        warnings.append(
            f"{source.path}: therapists names {counted(len(unknown), 'patient')} without a transcript: "
            + ", ".join(unknown)
        )
    ordered = tuple(sessions[key] for key in sorted(sessions))
    return Gathered(ordered, tuple(codings), tuple(warnings))


def _read_sessions(
    source: CorpusSource, errors: list[RiftError], warnings: list[str]
) -> dict[SessionKey, Session]:
    sessions: dict[SessionKey, Session] = {}
    for files in source.content.transcripts:
        for found in find_files(files.files, source.folder, source.path):
            try:
                for transcript in _read_file(files, found):
                    session = _identify(transcript, files, found, source.content.therapists)
                    if (first := sessions.setdefault(session.key, session)) is not session:
                        raise RiftError(
                            f"session {'/'.join(session.key)} is also in {first.transcript.source}",
                            where=found.path,
                            remedy="keep one of the two, or correct the ids",
                        )
                    warnings.extend(transcript.warnings)
            except RiftError as error:
                errors.append(error)
    return sessions


def _read_file(files: TranscriptFiles, found: FoundFile) -> list[Transcript]:
    transcripts = read_transcripts(found.path, files.columns, files.encoding, files.format, files.sheet)
    if not transcripts:
        raise RiftError("there is no transcript in it", where=found.path)
    return transcripts


def _identify(
    transcript: Transcript,
    files: TranscriptFiles,
    found: FoundFile,
    therapists: Mapping[str, tuple[str, ...]],
) -> Session:
    if not transcript.turns:
        raise RiftError("there are no turns in it", where=transcript.source)
    patient = _agreed("patient_id", transcript.patient_id, found)
    if patient is None:
        raise RiftError(
            "the patient is not known",
            where=transcript.source,
            remedy="put {patient_id} into the pattern of transcripts.files, as in"
            " transcripts/{patient_id}_{session_id}.txt, or name a patient column in columns",
        )
    session = _agreed("session_id", transcript.session_id, found) or found.path.stem
    own = _agreed("therapist_id", transcript.therapist_id, found)
    listed = therapists.get(patient, ())
    if own and (THERAPIST_SEPARATOR in own or (listed and own not in listed)):
        raise RiftError(
            f"session {session} has therapist {own!r}, but {patient!r} has {', '.join(listed) or 'none'}",
            where=transcript.source,
            remedy="correct one of them; a therapist's name must not contain ';'",
        )
    roles = assign_roles(transcript, files.speakers, transcript.source)
    return Session(patient, session, (own,) if own else tuple(sorted(set(listed))), roles, transcript)


def _agreed(field: str, inside: str | None, found: FoundFile) -> str | None:
    """Return an id from the file's name or content; both must say the same where both say it."""
    outside = found.fields.get(field)
    if inside is not None and outside is not None and inside != outside:
        raise RiftError(
            f"{field} is {outside!r} by the file's name and {inside!r} inside it",
            where=found.path,
            remedy="correct one of them, or leave the field out of the pattern",
        )
    return outside if inside is None else inside


def _read_codings(source: CorpusSource, errors: list[RiftError], warnings: list[str]) -> list[Coding]:
    codings: list[Coding] = []
    for files in source.content.codings:
        for found in find_files(files.files, source.folder, source.path):
            try:
                read, told = _read_coding_file(files, found)
            except RiftError as error:
                errors.append(error)
            else:
                codings.extend(read)
                warnings.extend(told)
    return codings


def _read_coding_file(files: CodingFiles, found: FoundFile) -> tuple[list[Coding], list[str]]:
    return read_codings(found.path, files, found.fields, encoding=files.encoding)
