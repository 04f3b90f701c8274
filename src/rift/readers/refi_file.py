"""A REFI-QDA project (``.qdpx``) as it stands: its users, codes, texts and selections, nothing judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rift.errors import RiftError
from rift.readers.archive import member_names, read_members
from rift.readers.decode import decode
from rift.readers.wording import counted, shown, some
from rift.readers.xml import Element, local_name, parse_xml

_REMEDY = "export the project again as REFI-QDA, with its sources"
_TEXTS = frozenset({"TextSource", "Representation", "Transcript"})
_TEXT_SELECTIONS = frozenset({"PlainTextSelection", "TranscriptSelection"})
_OTHER_SELECTIONS = frozenset({"PDFSelection", "PictureSelection", "AudioSelection", "VideoSelection"})


@dataclass(frozen=True, slots=True)
class Selection:
    """One code on a stretch of a text; ``span`` is None for a code on the text as a whole."""

    id: str
    span: tuple[int, int] | None
    code: str
    coder: str | None


@dataclass(slots=True)
class CodedText:
    """One text as it is stored, without a byte order mark, and what was selected in it."""

    name: str
    stored: str
    selections: list[Selection]
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    """What is collected on the way through a project."""

    path: Path
    users: dict[str, str]
    codes: dict[str, str]
    lost: list[str] = field(default_factory=list)


def is_project(data: bytes) -> bool:
    """Return whether this is a zip archive with a REFI-QDA project in it."""
    return _project_member(data) is not None


def read_project(data: bytes, path: Path) -> tuple[list[CodedText], list[str]]:
    """Return the texts of a project with their selections, and what the user should know.

    Raises
    ------
    RiftError
        It is no project, is damaged, or holds no text.
    """
    member = _project_member(data)
    if member is None:
        raise RiftError("there is no REFI-QDA project in this file", where=path, remedy=_REMEDY)
    root = parse_xml(read_members(data, [member], path)[member], f"{path}: {member}")
    if local_name(root) != "Project":
        raise RiftError(f"{member} is no REFI-QDA project", where=path, remedy=_REMEDY)
    codes, warnings = _codes(root)
    reading = _Reading(path, _users(root), codes)
    members = {name.casefold().rpartition("/")[2]: name for name in member_names(data)}
    elements = [(one, name, _member(one, members)) for one, name in _text_elements(root)]
    contents = read_members(data, [member for _, _, member in elements if member], path)
    texts: list[CodedText] = []
    missing: list[str] = []
    for element, name, member in elements:
        stored = _stored(element, contents.get(member or ""), f"{path}: {member}")
        if stored is None:
            missing.append(shown(name))
        else:
            found, told = stored
            texts.append(CodedText(name, found, list(_selections(element, reading)), told))
    if missing:
        warnings.append(
            f"{counted(len(missing), 'source')} without plain text in the project left out: {some(missing)}"
        )
    other = [one for one in root.iter() if _name(one) in _OTHER_SELECTIONS and _coded(one)]
    if other:
        kinds = Counter(_name(one) for one in other)
        told_kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
        warnings.append(f"codes on pictures, pages or recordings left out: {told_kinds}")
    if reading.lost:
        warnings.append(f"{counted(len(reading.lost), 'coding')} left out: {some(reading.lost)}")
    if not texts:
        raise RiftError("there is no source with plain text in this project", where=path, remedy=_REMEDY)
    return texts, warnings


def _project_member(data: bytes) -> str | None:
    projects = [name for name in member_names(data) if name.casefold().endswith(".qde")]
    named = [name for name in projects if name.casefold().endswith("project.qde")]
    return next(iter([*named, *projects]), None)


def _name(element: Element) -> str:
    return local_name(element) if isinstance(element.tag, str) else ""


def _guid(text: str | None) -> str:
    return (text or "").strip().strip("{}").casefold()


def _users(root: Element) -> dict[str, str]:
    """Return the users' names; two of one name are told apart by the start of their identifiers."""
    users = {_guid(one.get("guid")): one for one in root.iter() if _name(one) == "User"}
    named = {guid: (one.get("name") or one.get("id") or guid).strip() or guid for guid, one in users.items()}
    times = Counter(named.values())
    return {guid: name if times[name] == 1 else f"{name} ({guid[:8]})" for guid, name in named.items()}


def _codes(root: Element) -> tuple[dict[str, str], list[str]]:
    """Return the codes' labels: the name, or the path where two codes have the same name."""
    paths: dict[str, tuple[str, ...]] = {}
    todo: list[tuple[Element, tuple[str, ...]]] = [
        (code, ()) for book in root if _name(book) == "CodeBook" for codes in book for code in codes
    ]
    while todo:
        element, above = todo.pop()
        if _name(element) == "Code":
            path = (*above, (element.get("name") or "").strip())
            paths[_guid(element.get("guid"))] = path
            todo.extend((child, path) for child in element)
    times = Counter(path[-1].casefold() for path in paths.values())
    labels = {
        guid: path[-1] if times[path[-1].casefold()] == 1 else "/".join(path) for guid, path in paths.items()
    }
    several = sorted({label for guid, label in labels.items() if times[paths[guid][-1].casefold()] > 1})
    if not several:
        return labels, []
    told = (
        f"{counted(len(several), 'code')} of the same name as another, told apart by the codes above them: "
    )
    return labels, [told + some([shown(label) for label in several])]


def _text_elements(root: Element) -> Iterator[tuple[Element, str]]:
    """Yield elements that hold a text, and the name of their source."""
    for sources in (one for one in root if _name(one) == "Sources"):
        for source in sources:
            name = (source.get("name") or source.get("guid") or "").strip()
            if _name(source) == "TextSource":
                yield source, name
            else:
                yield from ((inner, name) for inner in source if _name(inner) in _TEXTS)


def _member(element: Element, members: dict[str, str]) -> str | None:
    """Return the file of a text in the archive, by its name alone: the folder is spelled in many ways."""
    written = element.get("plainTextPath") or ""
    return members.get(written.replace("\\", "/").casefold().rpartition("/")[2]) if written else None


def _stored(element: Element, content: bytes | None, where: str) -> tuple[str, list[str]] | None:
    """Return a text as it is stored and the warnings of its decoding, or None if it is not there."""
    if content is not None:
        if not content.strip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0"):
            return None
        decoded = decode(content, where)
        return content.decode(decoded.encoding).removeprefix("\ufeff"), list(decoded.warnings)
    inside = next((one for one in element if _name(one) == "PlainTextContent"), None)
    text = "" if inside is None else "".join(inside.itertext())
    return (text, []) if text.strip() else None


def _coded(element: Element) -> bool:
    return any(_name(one) == "Coding" for one in element)


def _selections(element: Element, reading: _Reading) -> Iterator[Selection]:
    """Yield the codes on a text and on its stretches, in file order."""
    points = {_guid(one.get("guid")): one.get("position") for one in element if _name(one) == "SyncPoint"}
    for one in element:
        if _name(one) == "Coding":
            yield from _of_coding(one, None, None, reading)
        elif _name(one) in _TEXT_SELECTIONS:
            if _name(one) == "PlainTextSelection":
                ends = one.get("startPosition"), one.get("endPosition")
            else:
                ends = points.get(_guid(one.get("fromSyncPoint"))), points.get(_guid(one.get("toSyncPoint")))
            span = _span(ends[0], ends[1], one, reading)
            for coding in one:
                if _name(coding) == "Coding":
                    yield from _of_coding(coding, one, span, reading)


def _span(first: str | None, last: str | None, element: Element, reading: _Reading) -> tuple[int, int]:
    try:
        start, end = int(first or ""), int(last or "")
    except ValueError:
        start, end = -1, -1
    if not 0 <= start <= end <= 2**40:
        raise RiftError(
            f"a selection from {shown(str(first))} to {shown(str(last))} is none",
            where=f"{reading.path}: selection {shown(element.get('guid') or '')}",
            remedy=_REMEDY,
        )
    return start, end


def _of_coding(
    coding: Element, selection: Element | None, span: tuple[int, int] | None, reading: _Reading
) -> Iterator[Selection]:
    user = _guid(coding.get("creatingUser"))
    if not user and selection is not None:
        user = _guid(selection.get("creatingUser"))
    name = (coding if selection is None else selection).get("guid") or ""
    coder = reading.users.get(user, user or None)
    references = [_guid(one.get("targetGUID")) for one in coding if _name(one) == "CodeRef"]
    if not references:
        reading.lost.append(f"selection {name[:36]} without a code")
    for reference in references:
        if reading.codes.get(reference):
            yield Selection(name, span, reading.codes[reference], coder)
        else:
            reading.lost.append(f"selection {name[:36]} with a code that the codebook has not")
