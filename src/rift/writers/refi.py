"""REFI-QDA projects (``.qdpx``) for NVivo, MAXQDA, ATLAS.ti: sessions as texts, with codes and selections.

A text has one labelled paragraph per turn and line ends of two characters; offsets count UTF-16 code
units, as those programs do. `rift.readers.refi` reads all of it back, except times, which a text has
not.
"""

from __future__ import annotations

import uuid
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from rift.errors import RiftError
from rift.manifest import whole_file
from rift.readers import text
from rift.readers.code_values import write_code
from rift.readers.contract import Source
from rift.readers.text_offsets import utf16_offsets
from rift.readers.wording import counted, numbers
from rift.schema import Mark, Transcript, Turn
from rift.writers.marks import all_marks, turns_of, writable

_NAMESPACE = "urn:QDA-XML:project:1.0"
_NOBODY = "Speaker"
"""The label of turns without a speaker among turns that have one."""

_ROOT = uuid.UUID("6f2f0d0e-3d0a-4c55-9f0b-7f6c5a1f4d11")

_Session = tuple[Transcript, Sequence[Mark]]
_Piece = tuple[int, int]


@dataclass(slots=True)
class _Project:
    """What the sessions of a project share; identifiers by name, in the order of first use."""

    now: str
    users: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)

    def user(self, coder: str | None) -> dict[str, str]:
        """Return the attributes that say who made something."""
        if coder is None or not writable(coder).strip():
            return {"creationDateTime": self.now}
        name = writable(coder).strip()
        guid = self.users.setdefault(name, _guid("user", name))
        return {"creatingUser": guid, "creationDateTime": self.now}

    def code(self, mark: Mark) -> str:
        """Return the identifier of a mark's code; state and rating are part of its name."""
        label = None if mark.label is None else writable(mark.label)
        name = write_code(label, mark.state, mark.value)
        return self.codes.setdefault(name, _guid("code", name))


def write(transcript: Transcript, path: Path, model: Sequence[Mark] = ()) -> tuple[str, ...]:
    """Write one session with its marks as a project; see `write_project`."""
    return write_project([(transcript, model)], path)


def write_project(sessions: Sequence[_Session], path: Path) -> tuple[str, ...]:
    """Write sessions with their marks as one REFI-QDA project, whole or not at all.

    Parameters
    ----------
    sessions
        Each with the marks of a model, which are written as those of one more coder.
    path
        The ``.qdpx`` file.

    Returns
    -------
    tuple of str
        Marks that have no place in a text, and turns whose text would be read back otherwise.

    Raises
    ------
    RiftError
        There is no session, two have the same name, or a mark is on a turn that is not there.
    """
    project = _Project(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    warnings: list[str] = []
    files: dict[str, str] = {}
    sources = etree.Element(f"{{{_NAMESPACE}}}Sources")
    names: set[str] = set()
    for number, (transcript, model) in enumerate(sessions, 1):
        name = writable(transcript.session_id or f"session {number}").strip()
        if name in names or not transcript.turns:
            raise RiftError(
                "two sessions of one name" if name in names else "there are no turns in it",
                where=f"{transcript.source}, session {name}",
                remedy="write these sessions into projects of their own",
            )
        names.add(name)
        pieces, written = _text(transcript.turns)
        guid = _guid("source", name)
        files[f"Sources/{guid}.txt"] = written
        source = _add(sources, "TextSource", guid=guid, name=name, plainTextPath=f"internal://{guid}.txt")
        source.set("creationDateTime", project.now)
        offsets = utf16_offsets(written)
        units = [(offsets[start], offsets[end]) for start, end in pieces]
        told = [*_add_marks(source, transcript, all_marks(transcript, model), units, project)]
        warnings += [f"session {name}: {warning}" for warning in (*told, *_read_back(transcript, written))]
    if not files:
        raise RiftError("there is no session to write", where=path)
    content = etree.tostring(_document(project, sources), xml_declaration=True, encoding="utf-8")
    with whole_file(path) as aside, zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.qde", content)
        for member, written in files.items():
            archive.writestr(member, written.encode())
    return tuple(warnings)


def _guid(kind: str, name: str) -> str:
    return str(uuid.uuid5(_ROOT, f"{kind}\n{name}"))


def _add(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_NAMESPACE}}}{tag}", attributes)


def _set(element: etree._Element, attributes: dict[str, str]) -> None:
    for name, value in attributes.items():
        element.set(name, value)


def _text(turns: Sequence[Turn]) -> tuple[list[_Piece], str]:
    """Return where the words of each turn are, and the text; a turn without words is its label."""
    named = any(turn.speaker for turn in turns)
    pieces: list[_Piece] = []
    written: list[str] = []
    length = 0
    for turn in turns:
        label = f"{' '.join(writable(turn.speaker or _NOBODY).split())}: " if named else ""
        said = writable(turn.text).replace("\n", "\r\n")
        end = length + len(label) + len(said)
        pieces.append((length + len(label) if said.strip() else length, end))
        written.append(f"{label}{said}\r\n" if named else f"{said}\r\n\r\n")
        length += len(written[-1])
    return pieces, "".join(written)


def _add_marks(
    source: etree._Element,
    transcript: Transcript,
    marks: Sequence[Mark],
    pieces: Sequence[_Piece],
    project: _Project,
) -> Iterator[str]:
    """Add the marks to a source; yield what has no place in it."""
    nowhere: list[int] = []
    selections: list[tuple[int, int, Mark]] = []
    whole: list[Mark] = []
    for number, mark in enumerate(marks):
        if mark.unit == "session":
            whole.append(mark)
        elif run := _run(mark, transcript.turns):
            selections.append((pieces[run[0]][0], pieces[run[1]][1], mark))
        else:
            nowhere.append(number)
    for number, (start, end, mark) in enumerate(selections):
        guid = _guid("selection", f"{source.get('guid')} {number}")
        selection = _add(
            source, "PlainTextSelection", guid=guid, name="", startPosition=str(start), endPosition=str(end)
        )
        _set(selection, project.user(mark.coder))
        _add_coding(selection, mark, guid, project)
    for number, mark in enumerate(whole):
        _add_coding(source, mark, f"{source.get('guid')} {number}", project)
    if nowhere:
        yield (
            f"{counted(len(nowhere), 'mark')} left out, on no turn and at no time of one:"
            f" mark {numbers(nowhere)} (counted from 0)"
        )


def _add_coding(parent: etree._Element, mark: Mark, name: str, project: _Project) -> None:
    coding = _add(parent, "Coding", guid=_guid("coding", name))
    _set(coding, project.user(mark.coder))
    _add(coding, "CodeRef", targetGUID=project.code(mark))


def _run(mark: Mark, turns: Sequence[Turn]) -> tuple[int, int] | None:
    """Return the turns of a mark: its own, else those that are spoken in its time."""
    first, last = turns_of(mark)
    if first is not None and last is not None:
        return first, last
    if mark.start_s is None or mark.end_s is None:
        return None
    spoken = [
        number
        for number, turn in enumerate(turns)
        if turn.start_s is not None
        and turn.start_s < mark.end_s
        and (turn.start_s if turn.end_s is None else turn.end_s) > mark.start_s
    ]
    return (spoken[0], spoken[-1]) if spoken else None


def _read_back(transcript: Transcript, written: str) -> list[str]:
    """Return which turns RIFT itself would read otherwise, as words that look like a label."""
    try:
        (read,) = text.read(Source(Path(transcript.source), written.encode(), encoding="utf-8"))
    except RiftError as error:
        return [f"RIFT could not read its text back: {error.problem}"]
    spoken = [(turn.speaker, turn.text) for turn in transcript.turns]
    found = [(turn.speaker, turn.text) for turn in read.turns]
    if len(spoken) != len(found):
        return [f"{len(spoken):,} turns were written, and {len(found):,} would be read back from its text"]
    other = [number for number, pair in enumerate(zip(spoken, found, strict=True)) if pair[0] != pair[1]]
    if not other:
        return []
    return [f"{counted(len(other), 'turn')} would be read back otherwise: {numbers(other)} (counted from 0)"]


def _document(project: _Project, sources: etree._Element) -> etree._Element:
    names: dict[Any, str] = {None: _NAMESPACE}
    root = etree.Element(f"{{{_NAMESPACE}}}Project", nsmap=names)
    _set(root, {"name": "RIFT", "origin": "RIFT", "creationDateTime": project.now})
    if project.users:
        users = _add(root, "Users")
        for name, guid in project.users.items():
            _add(users, "User", guid=guid, name=name)
    if project.codes:
        codes = _add(_add(root, "CodeBook"), "Codes")
        for name, guid in project.codes.items():
            _add(codes, "Code", guid=guid, name=name, isCodable="true")
    root.append(sources)
    return root
