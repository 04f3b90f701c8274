"""Files of coding programs in a corpus: their marks as codings of the corpus's sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rift.corpus.alignment import align_to_turns
from rift.corpus.identity import SessionKey
from rift.corpus.paths import FoundFile, find_files, name_as_id
from rift.corpus.source import CodingProjects, CorpusSource
from rift.errors import RiftError
from rift.readers.registry import read_file
from rift.readers.wording import counted, some
from rift.schema import Coding, Mark, Transcript


def found_files(patterns: Sequence[str], source: CorpusSource, errors: list[RiftError]) -> list[FoundFile]:
    """Return the files that patterns of ``corpus.yaml`` match; what is wrong with them goes to ``errors``."""
    try:
        return find_files(patterns, source.folder, source.path)
    except RiftError as error:
        errors.append(error)
        return []


def read_projects(
    source: CorpusSource,
    sessions: Mapping[SessionKey, Transcript],
    errors: list[RiftError],
    warnings: list[str],
) -> list[Coding]:
    """Read the marks in all files under ``coding_projects``; faults and warnings are added to the lists.

    Turns that a file counts must be those of the transcript, so their numbers have to agree.
    """
    codings: list[Coding] = []
    for files in source.content.coding_projects:
        for found in found_files(files.files, source, errors):
            try:
                content = read_file(found.path, encoding=files.encoding, format=files.format)
                for transcript in content.transcripts:
                    warnings += transcript.warnings
                    codings += _codings(transcript, files, found, sessions, warnings)
            except RiftError as error:
                errors.append(error)
    return codings


def _codings(
    transcript: Transcript,
    files: CodingProjects,
    found: FoundFile,
    sessions: Mapping[SessionKey, Transcript],
    warnings: list[str],
) -> list[Coding]:
    patient = found.agreed("patient_id", transcript.patient_id)
    if patient is None:
        raise RiftError(
            "the patient is not known",
            where=found.path,
            remedy="put {patient_id} into the pattern of coding_projects.files",
        )
    key = patient, found.agreed("session_id", transcript.session_id) or name_as_id(found.path)
    marks: Sequence[Mark] = transcript.marks
    if (session := sessions.get(key)) is not None:
        _check_turns(transcript, session, found.path)
        if files.times_to_turns:
            aligned = align_to_turns(marks, session.turns, files.offset_s)
            marks = aligned.marks
            warnings += _told(found.path, aligned.moved, aligned.beside)
    return [_coding(mark, key, files, found) for mark in marks]


def _check_turns(transcript: Transcript, session: Transcript, path: Path) -> None:
    counts = any(mark.first_turn is not None for mark in transcript.marks)
    if counts and transcript.turns and len(transcript.turns) != len(session.turns):
        raise RiftError(
            f"{counted(len(transcript.turns), 'turn')} here and {len(session.turns):,} in"
            f" {session.source}: marks of turns would be misplaced",
            where=path,
            remedy="name this file under transcripts as well, or code by time and set times_to_turns",
        )


def _told(path: Path, moved: int, beside: Sequence[Mark]) -> list[str]:
    told = []
    if moved:
        told.append(f"{path}: {counted(moved, 'mark')} of time spans given to the turns that they overlap")
    if beside:
        places = some([f"{mark.place} ({mark.start_s:.1f} s)" for mark in beside])
        told.append(f"{path}: {counted(len(beside), 'mark')} beside all turns, left as time spans: {places}")
    return told


def _coding(mark: Mark, key: SessionKey, files: CodingProjects, found: FoundFile) -> Coding:
    coder = found.agreed("coder", mark.coder) if mark.coder else found.fields.get("coder", files.coder)
    if not coder:
        raise RiftError(
            "the coder is not known",
            where=f"{found.path}, {mark.place}",
            remedy="put {coder} into the pattern of coding_projects.files, or name coder beside it",
        )
    said = {**asdict(mark), "coder": coder, "place": f"{found.path}, {mark.place}"}
    return Coding(patient_id=key[0], session_id=key[1], **said)
