"""ODT, plain or in one XML file (FODT): paragraphs and tables as LibreOffice writes them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from lxml import etree

from rift.errors import RiftError
from rift.readers.archive import read_members
from rift.readers.contract import Source
from rift.readers.document import Builder, Document
from rift.readers.document_turns import transcripts
from rift.readers.wording import counted
from rift.readers.xml import local_name, parse_xml
from rift.schema import Transcript

names: tuple[str, ...] = ("odt",)
suffixes: tuple[str, ...] = (".odt", ".fodt", ".ott")

_TYPE = b"application/vnd.oasis.opendocument.text"
_FLAT = re.compile(r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?<office:document\b")
_FLAT_TYPE = re.compile(r"<office:text\b")
_BLANKS = re.compile(r"[ \t\r\n]+")
_MAX_REPEATED = 100

_SPACES = "urn:oasis:names:tc:opendocument:xmlns:"
_OUTSIDE = """
    sequence-decls variable-decls user-field-decls forms hidden-text hidden-paragraph ruby-text
    table-column table-columns table-source dde-connection-decls binary-data desc title event-listeners
    scripts styles automatic-styles master-styles font-face-decls settings meta
"""
_SKIPPED = frozenset(_OUTSIDE.split())
_NOTES = {"note": "footnote", "annotation": "comment", "object": "embedded object"}


def sniff(source: Source) -> float:
    """Return 0.95 for a text document of the OpenDocument kind."""
    if source.decoded is not None:
        text = source.decoded.text
        return 0.95 if _FLAT.match(text[:4096]) and _FLAT_TYPE.search(text) else 0.0
    if "content.xml" not in source.members:
        return 0.0
    try:
        kind = read_members(source.data, ["mimetype"], source.path).get("mimetype", b"")
    except RiftError:
        return 0.5 if source.suffix in suffixes else 0.0
    if kind.strip().startswith(_TYPE):
        return 0.95
    return 0.5 if not kind and source.suffix in suffixes else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the transcript in an ODT file; see `document_turns.transcripts`."""
    data = source.data
    if source.members:
        members = read_members(data, ["content.xml"], source.path)
        data = members.get("content.xml", b"")
    return transcripts(read_content(data, source.path), source)


def read_content(data: bytes, where: object) -> Document:
    """Return the paragraphs and tables in a document's XML.

    Raises
    ------
    RiftError
        It is damaged, or protected by a password.
    """
    root = parse_xml(data, where)
    walk = _Walk()
    try:
        walk.through(root)
    except ValueError as error:
        raise RiftError(f"this document cannot be read: {error}", where=where) from None
    return walk.builder.document(walk.warnings())


def _attribute(element: Any, name: str) -> str:
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def _count(element: Any, name: str) -> int:
    text = _attribute(element, name)
    return max(int(text), 1) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


class _Walk:
    """A walk over the elements, which hands text to a builder and counts what is left out."""

    def __init__(self) -> None:
        self.builder = Builder()
        self._counts: Counter[str] = Counter()
        self._open: list[list[str]] = []  # paragraphs: a text box lies inside another

    def through(self, root: Any) -> None:
        """Read all elements below the root."""
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            name = local_name(element) if str(element.tag).startswith("{" + _SPACES) else ""
            if event == "end":
                self._end(name)
                self._text(element.tail)
            elif name in _SKIPPED or name in _NOTES or name == "tracked-changes":
                self._leave_out(name, element)
                walk.skip_subtree()
            else:
                self._start(name, element)
                self._text(element.text)

    def warnings(self) -> tuple[str, ...]:
        """Return what was left out or decided."""
        told = []
        if self._counts["deletion"] or self._counts["insertion"]:
            told.append(
                f"tracked changes taken as accepted: {counted(self._counts['insertion'], 'insertion')} kept,"
                f" {counted(self._counts['deletion'], 'deletion')} left out"
            )
        if self._counts["hidden"]:
            told.append(f"{counted(self._counts['hidden'], 'piece')} of hidden text left out")
        notes = [counted(self._counts[name], name) for name in _NOTES.values() if self._counts[name]]
        return (*told, *(f"{note} left out" for note in notes))

    def _leave_out(self, name: str, element: Any) -> None:
        if name == "tracked-changes":
            for change in element.iter():
                if isinstance(change.tag, str) and local_name(change) in ("deletion", "insertion"):
                    self._counts[local_name(change)] += 1
        elif name in _NOTES:
            self._counts[_NOTES[name]] += 1
        elif name.startswith("hidden-"):
            self._counts["hidden"] += 1

    def _start(self, name: str, element: Any) -> None:
        if name in ("p", "h"):
            self._open.append([])
        elif name == "table":
            self.builder.open_table()
        elif name in ("table-cell", "covered-table-cell"):
            self._open_cell(name, element)
        elif self._open and name == "s":
            self._open[-1].append(" " * min(_count(element, "c"), _MAX_REPEATED))
        elif self._open and name == "tab":
            self._open[-1].append("\t")
        elif self._open and name == "line-break":
            self._open[-1].append("\n")

    def _open_cell(self, name: str, element: Any) -> None:
        # A merged cell covers others that are written out, so its own span is not to be counted again.
        times = min(_count(element, "number-columns-repeated"), _MAX_REPEATED)
        for _ in range(times):
            self.builder.open_cell(1, name == "covered-table-cell")

    def _text(self, text: str | None) -> None:
        if text and self._open:
            self._open[-1].append(_BLANKS.sub(" ", text))

    def _end(self, name: str) -> None:
        if name in ("p", "h") and self._open:
            self.builder.paragraph("".join(self._open.pop()))
        elif name in ("table-cell", "covered-table-cell"):
            self.builder.close_cell()
        elif name == "table-row":
            self.builder.close_row()
        elif name == "table":
            self.builder.close_table()
