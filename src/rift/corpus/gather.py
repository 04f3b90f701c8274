"""The files of a corpus, read: sessions with ids and roles, and codings as coders wrote them.

Every file is tried before anything is reported, so that one error names all that must be mended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rift.codebook import Speaker
from rift.corpus.folds import THERAPIST_SEPARATOR
from rift.corpus.identity import SessionKey
from rift.corpus.paths import FoundFile, name_as_id
from rift.corpus.problems import raise_together
from rift.corpus.projects import found_files, read_projects
from rift.corpus.source import CorpusSource, TranscriptFiles
from rift.errors import RiftError
from rift.readers.coding_table import read_codings
from rift.readers.registry import read_transcripts
from rift.readers.roles import assign_roles
from rift.readers.wording import counted, shown
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
    transcripts = {key: session.transcript for key, session in sessions.items()}
    codings += read_projects(source, transcripts, errors, warnings)
    raise_together(errors, f"{counted(len(errors), 'fault')} in the files of the corpus:")
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
        for found in found_files(files.files, source, errors):
            try:
                for transcript in read_transcripts(
                    found.path, files.columns, files.encoding, files.format, files.sheet
                ):
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


def _identify(
    transcript: Transcript,
    files: TranscriptFiles,
    found: FoundFile,
    therapists: Mapping[str, tuple[str, ...]],
) -> Session:
    if not transcript.turns:
        raise RiftError("there are no turns in it", where=transcript.source)
    patient = found.agreed("patient_id", transcript.patient_id)
    if patient is None:
        raise RiftError(
            "the patient is not known",
            where=transcript.source,
            remedy="put {patient_id} into the pattern of transcripts.files, as in"
            " transcripts/{patient_id}_{session_id}.txt, or name a patient column in columns",
        )
    session = found.agreed("session_id", transcript.session_id) or name_as_id(found.path)
    own = found.agreed("therapist_id", transcript.therapist_id)
    caseload = _therapists(own, therapists.get(patient, ()), f"{transcript.source}, session {session}")
    return Session(
        patient, session, caseload, assign_roles(transcript, files.speakers, transcript.source), transcript
    )


def _therapists(own: str | None, listed: Sequence[str], where: str) -> tuple[str, ...]:
    """Return a session's therapists: all that ``corpus.yaml`` lists, else the one of the file."""
    if own and THERAPIST_SEPARATOR in own:
        raise RiftError(
            f"therapist {shown(own)} contains {THERAPIST_SEPARATOR!r}",
            where=where,
            remedy="give a session one therapist; several of a patient are listed under therapists",
        )
    if own and listed and own not in listed:
        raise RiftError(
            f"the therapist is {shown(own)} here and {', '.join(listed)} under therapists in corpus.yaml",
            where=where,
            remedy="correct one of them, or list both under therapists",
        )
    return tuple(sorted(set(listed))) or ((own,) if own else ())


def _read_codings(source: CorpusSource, errors: list[RiftError], warnings: list[str]) -> list[Coding]:
    codings: list[Coding] = []
    for files in source.content.codings:
        for found in found_files(files.files, source, errors):
            try:
                read, told = read_codings(found.path, files, found.fields, encoding=files.encoding)
            except RiftError as error:
                errors.append(error)
            else:
                codings.extend(read)
                warnings.extend(told)
    return codings
