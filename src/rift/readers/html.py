"""HTML: the text of a page's paragraphs and tables, whatever the file is called.

Some programs name a page ``.docx`` or ``.doc``, so the content decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lxml import etree

from rift.errors import RiftError
from rift.readers.contract import Source
from rift.readers.decode import Decoded
from rift.readers.document import Builder, Document
from rift.readers.document_turns import transcripts
from rift.readers.wording import counted
from rift.schema import Transcript

names: tuple[str, ...] = ("html",)
suffixes: tuple[str, ...] = (".html", ".htm", ".xhtml")

_PROLOGUE = r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--[^>]{0,500}-->\s*){0,5}"
_PAGE = re.compile(rf"{_PROLOGUE}<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_PIECE = re.compile(
    rf"{_PROLOGUE}<(?:meta|title|p|div|span|table|h[1-6]|ul|ol|b|font|style)\b", re.IGNORECASE
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,5}=\s{0,5}[\"']?\s{0,5}([\w.:-]{1,40})", re.IGNORECASE)
_DECLARED_WITHIN = 4096
_BLANKS = re.compile(r"[ \t\n\r\f]+")

_BLOCK_NAMES = """
    address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol option p pre section summary ul
"""
_SILENT_NAMES = "script style head title template noscript object select textarea svg math"
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_SILENT = frozenset(_SILENT_NAMES.split())
_DELETED = "del"


def sniff(source: Source) -> float:
    """Return 0.92 for a page, 0.6 for a piece of one, 0.3 by extension alone."""
    if source.decoded is None:
        return 0.0
    beginning = source.decoded.text[:4096].lstrip("\ufeff")
    if _PAGE.match(beginning):
        return 0.92
    if _PIECE.match(beginning) and re.search(r"</\w{1,10}>", source.decoded.text):
        return 0.75
    return 0.3 if source.suffix in suffixes else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the transcript in a page; see `document_turns.transcripts`."""
    return transcripts(read_document(source), source)


def read_document(source: Source) -> Document:
    """Return the paragraphs and tables of a page, decoded as it says; RiftError if it is none."""
    decoded = _decode(source)
    document = read_page(decoded.text, source.path)
    return replace(document, warnings=(*decoded.warnings, *document.warnings))


def read_page(content: str, where: object) -> Document:
    """Return the paragraphs and tables of a page.

    Raises
    ------
    RiftError
        It cannot be parsed.
    """
    walk = _Walk()
    # The text is decoded already, so what the page says of its encoding must not count.
    target: Any = walk  # the stubs want more than lxml calls
    parser = etree.HTMLParser(target=target, encoding="utf-8", no_network=True, huge_tree=True)
    try:
        parser.feed(content.encode("utf-8", "replace"))
        parser.close()
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise RiftError(
            f"this page (HTML) cannot be read: {str(error)[:80]}",
            where=where,
            remedy="open it in a browser or word processor and save it as plain text",
        ) from None
    return walk.document()


def _decode(source: Source) -> Decoded:
    """Return the page as text; where it is not UTF-8, by the encoding that it declares."""
    declared = _CHARSET.search(source.data[:_DECLARED_WITHIN])
    found = source.decode()
    if source.encoding is not None or found.encoding != "cp1252" or declared is None:
        return found
    try:
        return replace(source, encoding=declared[1].decode("ascii")).decode()
    except RiftError:
        return found


class _Walk:
    """The target of a parser: elements and their text, in the order of the page."""

    def __init__(self) -> None:
        self._builder = Builder()
        self._line: list[str] = []
        self._silent = 0
        self._deleted = 0
        self._pre = 0
        self._rows_left: list[dict[int, int]] = []  # by table: columns that a cell above still covers
        self._column: list[int] = []
        self._deletions = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        if tag in _SILENT:
            self._silent += 1
        elif tag == _DELETED:
            self._deletions += not self._deleted
            self._deleted += 1
        elif tag == "br":
            self._line.append("\n")
        elif tag in ("table", "tr", "td", "th"):
            self._flush()
            self._start_table(tag, attributes)
        elif tag in _BLOCKS:
            self._flush()
            self._pre += tag == "pre"

    def _start_table(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "table" or not self._rows_left:
            self._builder.open_table()
            self._rows_left.append({})
            self._column.append(0)
        if tag == "tr":
            self._builder.close_row()
            self._column[-1] = 0
        elif tag in ("td", "th"):
            self._cover()
            span, rows = (_span(attributes.get(name)) for name in ("colspan", "rowspan"))
            self._builder.open_cell(span)
            if rows > 1:
                for i in range(self._column[-1], self._column[-1] + span):
                    self._rows_left[-1][i] = rows - 1
            self._column[-1] += span

    def _cover(self) -> None:
        """Add the cells that lie under cells above."""
        left = self._rows_left[-1]
        while left.get(self._column[-1], 0) > 0:
            left[self._column[-1]] -= 1
            self._builder.open_cell(1, continued=True)
            self._column[-1] += 1

    def end(self, tag: str) -> None:
        """End an element."""
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag == _DELETED:
            self._deleted = max(self._deleted - 1, 0)
        elif tag in ("td", "th", "tr", "table"):
            self._flush()
            if tag == "tr" and self._rows_left:
                self._builder.close_cell()
                self._cover()
                self._builder.close_row()
            elif tag == "table" and self._rows_left:
                self._builder.close_table()
                self._rows_left.pop()
                self._column.pop()
            elif tag != "tr":
                self._builder.close_cell()
        elif tag in _BLOCKS:
            self._flush()
            self._pre = max(self._pre - (tag == "pre"), 0)

    def data(self, text: str) -> None:
        """Take text between elements."""
        if self._silent or self._deleted:
            return
        self._line.append(text.replace("\t", "    ") if self._pre else _BLANKS.sub(" ", text))

    def comment(self, text: str) -> None:
        """Pass over a comment."""

    def pi(self, target: str, data: str | None = None) -> None:
        """Pass over an instruction."""

    def close(self) -> None:
        """End the page."""
        self._flush()

    def document(self) -> Document:
        """Return what was collected."""
        struck = self._deletions
        told = (f"{counted(struck, 'deleted piece')} left out",) if struck else ()
        return self._builder.document(told)

    def _flush(self) -> None:
        lines = [_line(line) for line in "".join(self._line).split("\n")]
        self._line.clear()
        text = "\n".join(lines).strip("\n")
        if text.strip():
            self._builder.paragraph(text)


def _line(line: str) -> str:
    return re.sub(r" {2,}", " ", line).strip(" ")


def _span(value: str | None) -> int:
    text = (value or "").strip()
    return max(int(text), 1) if text.isdecimal() and text.isascii() and len(text) < 4 else 1
