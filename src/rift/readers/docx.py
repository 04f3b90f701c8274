"""DOCX: the text of Word's paragraphs and tables, with tracked changes accepted.

Read from the XML itself: text in smart tags, links, fields and content controls is text like any
other.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from lxml import etree

from rift.errors import RiftError
from rift.readers.archive import member_names, read_members
from rift.readers.contract import Source
from rift.readers.document import Builder, Document
from rift.readers.document_turns import transcripts
from rift.readers.embedded import embedded_pages
from rift.readers.wording import counted
from rift.readers.xml import parse_xml
from rift.schema import Transcript

names: tuple[str, ...] = ("docx",)
suffixes: tuple[str, ...] = (".docx", ".docm")

_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/",
    "http://purl.oclc.org/ooxml/wordprocessingml/",
)
_MATH = (
    "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "http://purl.oclc.org/ooxml/officeDocument/math",
)
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/"
# Inside these nothing is spoken; what matters of the properties is looked up from their owners.
_SKIPPED_NAMES = (
    "pPr rPr tblPr tblGrid tcPr trPr tblPrEx sectPr sdtPr sdtEndPr instrText delText delInstrText"
)
_SKIPPED = frozenset(_SKIPPED_NAMES.split())
_DELETED = frozenset({"del", "moveFrom"})
_INSERTED = frozenset({"ins", "moveTo"})
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_NOTES = {
    "footnoteReference": "footnote", "endnoteReference": "endnote", "commentReference": "comment",
    "altChunk": "embedded document",
}  # fmt: skip


def sniff(source: Source) -> float:
    """Return 0.95 for a zip archive with a Word document in it."""
    return 0.95 if _main_part(source.members) else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the transcript in a Word document; see `document_turns.transcripts`."""
    return transcripts(read_document(source.data, source.path), source)


def read_document(data: bytes, where: object) -> Document:
    """Return the paragraphs and tables of a Word document.

    Raises
    ------
    RiftError
        It is damaged or holds no document.
    """
    part = _main_part(member_names(data))
    if part is None:
        raise RiftError("this is no Word document (DOCX)", where=where, remedy="save it again in Word")
    members = read_members(data, [part], where)
    if part not in members:
        raise RiftError("the document in this file is missing", where=where, remedy="save it again in Word")
    walk = _Walk(embedded_pages(data, part, where))
    try:
        walk.through(parse_xml(members[part], where))
    except ValueError as error:
        raise RiftError(f"this document cannot be read: {error}", where=where) from None
    return walk.builder.document(walk.warnings())


def _main_part(members: tuple[str, ...]) -> str | None:
    """Return the name of the part with the text; Word at times counts it: ``word/document2.xml``."""
    for name in members:
        folder, base = posixpath.split(unquote(name.replace("\\", "/")))
        if folder.strip("/") == "word" and base.startswith("document") and base.endswith(".xml"):
            return name
    return None


def _word_name(element: Any) -> str:
    """Return the local name of an element of Word's, '' for others'."""
    space, _, local = str(element.tag).rpartition("}")
    if space[1:].startswith(_WORD) or (local == "t" and space[1:].startswith(_MATH)):
        return local
    return "Fallback" if local == "Fallback" and space[1:].startswith(_COMPATIBILITY) else ""


def _child(element: Any, *path: str) -> Any | None:
    """Return the descendant along Word's names, or None."""
    for name in path:
        element = next((child for child in element if _word_name(child) == name), None)
        if element is None:
            return None
    return element


def _value(element: Any | None, default: str = "") -> str:
    """Return an element's ``val``, ``char`` or ``type``."""
    if element is None:
        return default
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] in ("val", "char"):
            return str(value)
    return default


def _relation(element: Any) -> str:
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}id")), "")


def _is_on(element: Any | None) -> bool:
    return element is not None and _value(element, "1") not in ("0", "false", "off")


def _number(element: Any | None, default: int) -> int:
    text = _value(element)
    return int(text) if text.isdecimal() and len(text) < 5 else default


class _Walk:
    """A walk over the elements, which hands text to a builder and counts what is left out."""

    def __init__(self, pages: Mapping[str, Document]) -> None:
        self.builder = Builder()
        self._pages = pages
        self._told: list[str] = []
        self._counts: Counter[str] = Counter()
        self._open: list[list[str]] = []  # paragraphs: a text box lies inside another
        self._carried = ""

    def through(self, root: Any) -> None:
        """Read all elements below the root."""
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            name = _word_name(element)
            if event == "end":
                self._end(name, element)
            elif self._is_left_out(name, element):
                walk.skip_subtree()
            else:
                self._start(name, element)
        self._flush()

    def warnings(self) -> tuple[str, ...]:
        """Return what was left out or decided."""
        told = self._told
        if self._counts["deleted"] or self._counts["inserted"]:
            told.append(
                f"tracked changes taken as accepted: {counted(self._counts['inserted'], 'insertion')} kept,"
                f" {counted(self._counts['deleted'], 'deletion')} left out"
            )
        if self._counts["hidden"]:
            told.append(f"{counted(self._counts['hidden'], 'piece')} of hidden text left out")
        if self._counts["symbol"]:
            told.append(f"{counted(self._counts['symbol'], 'symbol')} of a symbol font left out")
        notes = [counted(self._counts[name], name) for name in _NOTES.values() if self._counts[name]]
        return (*told, *(f"{note} left out" for note in notes))

    def _is_left_out(self, name: str, element: Any) -> bool:
        if name in _DELETED:
            self._counts["deleted"] += any(_texts(element))
            return True
        if name == "tr" and _child(element, "trPr", "del") is not None:
            self._counts["deleted"] += 1
            return True
        if name == "r" and _is_on(_child(element, "rPr", "vanish")):
            self._counts["hidden"] += any(_texts(element))
            return True
        # Old programs' copy of what stands in the sibling before.
        return name in _SKIPPED or (name == "Fallback" and element.getprevious() is not None)

    def _flush(self) -> None:
        if self._carried:
            self.builder.paragraph(self._carried)
        self._carried = ""

    def _start(self, name: str, element: Any) -> None:
        if name == "p":
            self._open.append([])
        elif name == "tbl":
            self._flush()
            self.builder.open_table()
        elif name == "tr":
            for _ in range(min(_number(_child(element, "trPr", "gridBefore"), 0), 20)):
                self.builder.open_cell()
        elif name == "tc":
            self._open_cell(element)
        elif name in _INSERTED:
            self._counts["inserted"] += any(_texts(element))
        elif name == "altChunk" and (page := self._pages.get(_relation(element))):
            self.builder.document_part(page)
            self._told.extend(page.warnings)
        elif name in _NOTES:
            self._counts[_NOTES[name]] += 1
        elif self._open:
            self._write(name, element)

    def _open_cell(self, element: Any) -> None:
        merged = [_child(element, "tcPr", name) for name in ("vMerge", "hMerge")]
        continued = any(one is not None and _value(one, "continue") == "continue" for one in merged)
        self.builder.open_cell(_number(_child(element, "tcPr", "gridSpan"), 1), continued)

    def _write(self, name: str, element: Any) -> None:
        if name == "t":
            self._open[-1].append(element.text or "")
        elif name in _BREAKS:
            self._open[-1].append(_BREAKS[name])
        elif name == "sym":
            self._symbol(_value(element))

    def _symbol(self, code: str) -> None:
        try:
            character = chr(int(code, 16))
        except (ValueError, OverflowError):
            character = "\ue000"
        if "\ue000" <= character <= "\uf8ff" or not character.isprintable():
            self._counts["symbol"] += 1
        else:
            self._open[-1].append(character)

    def _end(self, name: str, element: Any) -> None:
        if name == "p" and self._open:
            text = self._carried + "".join(self._open.pop())
            marks = [_child(element, "pPr", "rPr", change) for change in _DELETED]
            # A deleted end of a paragraph joins it to the next.
            joins = any(mark is not None for mark in marks)
            self._carried = text if joins else ""
            if not joins:
                self.builder.paragraph(text)
        elif name == "tc":
            self._flush()
            self.builder.close_cell()
        elif name == "tr":
            self.builder.close_row()
        elif name == "tbl":
            self.builder.close_table()


def _texts(element: Any) -> Iterator[str]:
    for one in element.iter():
        if _word_name(one) in ("t", "delText") and one.text:
            yield one.text
