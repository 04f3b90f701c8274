"""Which reader reads a file: by its content, or by the format that the user names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from itertools import pairwise
from pathlib import Path

from rift.errors import RiftError
from rift.readers import (
    assemblyai,
    aws,
    azure,
    boris,
    chat,
    codings,
    dedoose,
    deepgram,
    doccano,
    docx,
    elan,
    google,
    html,
    label_studio,
    maxqda_segments,
    odt,
    otter,
    prodigy,
    refi,
    revai,
    rtf,
    rupture_sheet,
    srt,
    text,
    textgrid,
    turn_table,
    vtt,
    webanno,
    whisper,
)
from rift.readers.contract import Reader, Source
from rift.readers.decode import read_bytes
from rift.readers.wording import counted, numbers
from rift.schema import Transcript

BUILT_IN: tuple[Reader, ...] = (
    turn_table,
    otter,
    text,
    vtt,
    srt,
    whisper,
    aws,
    google,
    azure,
    revai,
    deepgram,
    assemblyai,
    elan,
    refi,
    docx,
    html,
    chat,
    textgrid,
    odt,
    rtf,
    rupture_sheet,
    label_studio,
    maxqda_segments,
    dedoose,
    boris,
    codings,
    doccano,
    prodigy,
    webanno,
)
ENTRY_POINTS = "rift.readers"


def readers() -> tuple[Reader, ...]:
    """Return the built-in readers, then those that other packages add.

    Raises
    ------
    RiftError
        A package's reader cannot be loaded.
    """
    added: list[Reader] = []
    for point in entry_points(group=ENTRY_POINTS):
        try:
            added.append(point.load())
        except Exception as error:  # a foreign package may fail in any way
            raise RiftError(
                f"the reader {point.name!r} of another package cannot be loaded: {type(error).__name__}",
                where=point.value,
                remedy="update or remove that package",
            ) from error
    return (*BUILT_IN, *added)


def known_suffixes() -> tuple[str, ...]:
    """Return the suffixes that some reader announces for its files: sorted, lower case, with the dot."""
    announced = (suffix for reader in readers() for suffix in getattr(reader, "suffixes", ()))
    return tuple(sorted({f".{suffix.lower().lstrip('.')}" for suffix in announced}))


@dataclass(frozen=True)
class FileContent:
    """What a file holds: its format, its encoding (None where it is not text), its sessions."""

    format: str
    encoding: str | None
    transcripts: tuple[Transcript, ...]


def read_file(
    path: Path,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    format: str | None = None,
    sheet: str | None = None,
) -> FileContent:
    """Read a file: sessions, marks of coders, or both.

    Parameters
    ----------
    path
        A file in any known format.
    columns
        For tables: our names (patient_id, session_id, turn, speaker, text, start_s, end_s,
        therapist_id) to the file's headers. Not given: common headers are recognised, and a
        warning says which.
    encoding
        A codec; not given: byte order mark, strict UTF-8, then cp1252 with a warning.
    format
        The name of a reader; not given: the content decides.
    sheet
        For workbooks: the sheet's name; not given: the first visible one.

    Returns
    -------
    FileContent
        At least one transcript, each with turns or marks; ids are None where the file does not
        tell. Warnings begin with the file's path.

    Raises
    ------
    RiftError
        The file cannot be read, or there is nothing in it.
    """
    source = Source(path, read_bytes(path), columns or {}, encoding, sheet)
    reader = _chosen(source, format, readers())
    transcripts = reader.read(source)
    if not any(transcript.turns or transcript.marks for transcript in transcripts):
        raise RiftError("there are no turns in it", where=path)
    decoded = source.decoded
    return FileContent(
        reader.names[0],
        None if decoded is None else decoded.encoding,
        tuple(_told(transcript, path) for transcript in transcripts),
    )


def read_transcripts(
    path: Path,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    format: str | None = None,
    sheet: str | None = None,
) -> list[Transcript]:
    """Read the sessions in a file that have turns; parameters and errors as of `read_file`."""
    transcripts = read_file(path, columns, encoding, format, sheet).transcripts
    found = [transcript for transcript in transcripts if transcript.turns]
    if not found:
        raise RiftError(
            "this file holds marks of coders but no turns",
            where=path,
            remedy="name it under codings in corpus.yaml, and the transcript under transcripts",
        )
    return found


def check_format(format: str | None) -> None:
    """Raise RiftError if no reader has this name."""
    if format is not None:
        _named(format, readers(), None)


def _named(format: str, known: Sequence[Reader], where: object) -> Reader:
    for reader in known:
        if format.casefold() in reader.names:
            return reader
    raise RiftError(f"unknown format {format!r}", where=where, remedy=f"known: {_names(known)}")


def _chosen(source: Source, format: str | None, known: Sequence[Reader]) -> Reader:
    if format is not None:
        return _named(format, known, source.path)
    scores = [reader.sniff(source) for reader in known]
    best = max(range(len(known)), key=lambda i: scores[i])
    if scores[best] > 0:
        return known[best]
    source.decode()  # says what is wrong with the file, if it is no text
    if source.suffix == ".json" and source.json is None:
        raise RiftError(
            "the JSON in this file is damaged or cut short", where=source.path, remedy="export it again"
        )
    raise RiftError(
        "the format is not known",
        where=source.path,
        remedy=f"name it (--format, or format in corpus.yaml): {_names(known)}",
    )


def _names(known: Sequence[Reader]) -> str:
    return ", ".join(name for reader in known for name in reader.names)


def _told(transcript: Transcript, path: Path) -> Transcript:
    """Return the transcript with warnings that hold for every format, and the file named in all."""
    session = "" if transcript.session_id is None else f"session {transcript.session_id}: "
    warnings = (*transcript.warnings, *(session + fact for fact in _facts(transcript)))
    return replace(transcript, warnings=tuple(f"{path}: {warning}" for warning in warnings))


def _facts(transcript: Transcript) -> list[str]:
    turns, facts = transcript.turns, []
    nameless = [i for i, turn in enumerate(turns) if turn.speaker is None]
    if nameless and len(nameless) < len(turns):
        facts.append(
            f"{counted(len(nameless), 'turn')} of {len(turns):,} without a speaker, taken as 'other':"
            f" turn {numbers(nameless)} (counted from 0)"
        )
    starts = [(i, turn.start_s) for i, turn in enumerate(turns) if turn.start_s is not None]
    backward = [i for (_, before), (i, start) in pairwise(starts) if start < before]
    if backward:
        facts.append(
            f"{counted(len(backward), 'time')} earlier than the one before, the file's order is kept:"
            f" turn {numbers(backward)} (counted from 0)"
        )
    return facts
