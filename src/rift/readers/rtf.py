"""RTF: paragraphs and tables, by a small reader of its own that passes over what it does not know."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass, replace

from rift.errors import RiftError
from rift.readers.contract import Source
from rift.readers.document import Builder, Document
from rift.readers.document_turns import transcripts
from rift.readers.rtf_words import CHARACTERS, CHARSETS, NOTES, PARAGRAPH_ENDS, SILENT, SYMBOLS
from rift.readers.wording import counted
from rift.schema import Transcript

names: tuple[str, ...] = ("rtf",)
suffixes: tuple[str, ...] = (".rtf",)

_START = b"{\\rtf"
_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?"
    r"|\\'(?P<hex>[0-9a-fA-F]{2})"
    r"|\\(?P<symbol>[^a-zA-Z])"
    r"|(?P<brace>[{}])"
    r"|(?P<text>[^\\{}\r\n]+)"
    r"|(?P<blank>[\r\n\\]+?)"
)


@dataclass(frozen=True, slots=True)
class _State:
    """What holds inside a group and ends with it."""

    silent: bool = False
    fonts: bool = False
    hidden: bool = False
    deleted: bool = False
    inserted: bool = False
    fallback: int = 1
    font: int | None = None
    opening: bool = True  # nothing but marks was in this group yet
    optional: bool = False


def sniff(source: Source) -> float:
    """Return 0.95 for a file that begins as RTF does."""
    return 0.95 if source.data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(_START) else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the transcript in an RTF file; see `document_turns.transcripts`."""
    return transcripts(read_rtf(source.data, source.path, source.encoding), source)


def read_rtf(data: bytes, where: object, encoding: str | None = None) -> Document:
    """Return the paragraphs and tables of an RTF file.

    Parameters
    ----------
    data
        Its bytes.
    where
        The file, for messages.
    encoding
        A codec for characters whose font does not tell theirs; None: what the file says.

    Raises
    ------
    RiftError
        It is no RTF, or has more cells than a transcript can have.
    """
    start = data.find(_START)
    if start < 0:
        raise RiftError("this is no RTF file", where=where, remedy="save it again in a word processor")
    reader = _Reader(encoding)
    try:
        reader.through(data[start:].decode("latin-1"))
    except ValueError as error:
        raise RiftError(f"this document cannot be read: {error}", where=where) from None
    return reader.builder.document(reader.warnings())


class _Reader:
    """Follows groups and control words, and hands text to a builder."""

    def __init__(self, encoding: str | None) -> None:
        self.builder = Builder()
        self._given = encoding
        self._codec = encoding or "cp1252"
        self._fonts: dict[int, str] = {}
        self._table_font: int | None = None
        self._groups: list[_State] = []
        self._state = _State()
        self._bytes = bytearray()
        self._line: list[str] = []
        self._skip = 0
        self._in_table = self._in_row = False
        self._cut = True
        self._counts: Counter[str] = Counter()

    def through(self, text: str) -> None:
        """Read the whole file, up to the end of its outermost group."""
        place, end = 0, len(text)
        while place < end:
            match = _TOKEN.match(text, place)
            if match is None:  # a lone backslash at the very end
                break
            place = match.end()
            if match["word"] == "bin":
                place += max(int(match["number"] or 0), 0)
            elif match["word"]:
                self._word(match["word"], None if match["number"] is None else int(match["number"]))
            elif match["brace"]:
                self._brace(match["brace"])
                if not self._groups:
                    self._cut = False
                    break
            else:
                self._other(match)
        self._end_paragraph(final=True)

    def warnings(self) -> tuple[str, ...]:
        """Return what was left out or decided."""
        told = []
        if self._counts["deleted"] or self._counts["inserted"]:
            told.append(
                f"tracked changes taken as accepted: {counted(self._counts['inserted'], 'insertion')} kept,"
                f" {counted(self._counts['deleted'], 'deletion')} left out"
            )
        if self._counts["hidden"]:
            told.append(f"{counted(self._counts['hidden'], 'piece')} of hidden text left out")
        if self._counts["unread"]:
            told.append(f"{counted(self._counts['unread'], 'piece')} with characters that cannot be read")
        if self._cut:
            told.append("the file ends inside a group: it may be cut off")
        notes = [counted(self._counts[name], name, _plural(name)) for name in NOTES.values()]
        return (*told, *(f"{note} left out" for note in notes if not note.startswith("0 ")))

    def _brace(self, brace: str) -> None:
        self._flush()
        self._skip = 0
        if brace == "{":
            self._groups.append(self._state)
            self._state = replace(self._state, opening=True, optional=False)
        elif self._groups:
            self._state = self._groups.pop()

    def _other(self, match: re.Match[str]) -> None:
        if match["hex"]:
            self._take(bytes([int(match["hex"], 16)]))
        elif match["text"]:
            self._take(match["text"].encode("latin-1"))
        elif match["symbol"] == "*":
            self._state = replace(self._state, optional=True)
        elif match["symbol"] in ("\n", "\r"):
            self._word("par", None)
        elif match["symbol"] in ("\\", "{", "}"):
            self._take(match["symbol"].encode("latin-1"))
        elif match["symbol"] in SYMBOLS and self._skip:
            self._skip -= 1
        elif match["symbol"] in SYMBOLS:
            self._flush()
            self._put(SYMBOLS[match["symbol"]])

    def _take(self, data: bytes) -> None:
        """Take bytes of text, without those that stand in for a character given by its number."""
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        if self._state.opening and data:
            self._state = replace(self._state, opening=False)
        self._bytes += data

    def _word(self, word: str, number: int | None) -> None:
        self._flush()
        state = self._state
        if state.opening and (word in SILENT or word in NOTES or state.optional or word == "fonttbl"):
            self._destination(word)
        elif word == "u" and number is not None:
            self._put(chr(number % 65536))
            self._skip = state.fallback
            return
        elif word == "uc":
            self._state = replace(state, fallback=min(max(number or 0, 0), 8))
        elif word in CHARACTERS:
            self._put(CHARACTERS[word])
        elif not state.silent:
            self._layout(word, number)
        self._format(word, number)
        self._skip = 0

    def _destination(self, word: str) -> None:
        if word in NOTES:
            self._counts[NOTES[word]] += 1
        self._state = replace(self._state, silent=True, fonts=word == "fonttbl", opening=False)

    def _layout(self, word: str, number: int | None) -> None:
        """Follow the ends of paragraphs, cells and rows."""
        if word in PARAGRAPH_ENDS:
            self._end_paragraph()
        elif word == "pard":
            self._in_table = False
        elif word == "intbl":
            self._in_table = True
        elif word == "trowd":
            self._in_row = True
        elif word == "cell":
            self._in_row = True
            self._end_paragraph()
            self._open_cell()
            self.builder.close_cell()
        elif word == "row":
            self.builder.close_row()
            self._in_row = False

    def _open_cell(self) -> None:
        if not self.builder.in_cell:
            self.builder.open_cell()

    def _format(self, word: str, number: int | None) -> None:
        """Follow what characters look like, as far as it says whether and how to read them."""
        on = number != 0
        if word == "v":
            self._state = replace(self._state, hidden=on)
        elif word == "deleted":
            self._state = replace(self._state, deleted=on)
        elif word == "revised":
            self._state = replace(self._state, inserted=on)
        elif word == "plain":
            self._state = replace(self._state, hidden=False, deleted=False, inserted=False)
        elif word == "f":
            self._table_font = number if self._state.fonts else self._table_font
            self._state = replace(self._state, font=number)
        elif word == "fcharset" and self._table_font is not None and number in CHARSETS:
            self._fonts[self._table_font] = CHARSETS[number]
        elif word == "ansicpg" and self._given is None and number is not None:
            self._codec = _known_codec(f"cp{number}") or ("utf-8" if number == 65001 else self._codec)
        elif word == "mac" and self._given is None:
            self._codec = "mac_roman"

    def _flush(self) -> None:
        """Turn the bytes so far into text, by the font that they are in."""
        if not self._bytes:
            return
        data = bytes(self._bytes)
        self._bytes.clear()
        codec = self._codec if self._state.font is None else self._fonts.get(self._state.font, self._codec)
        text = data.decode(codec, "replace")
        self._counts["unread"] += "\ufffd" in text
        self._put(text)

    def _put(self, text: str) -> None:
        state = self._state
        if state.silent:
            return
        if state.deleted or state.hidden:
            self._counts["deleted" if state.deleted else "hidden"] += bool(text.strip())
            return
        self._counts["inserted"] += state.inserted and bool(text.strip())
        self._line.append(text)

    def _end_paragraph(self, final: bool = False) -> None:
        self._flush()
        text = "".join(self._line).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        self._line.clear()
        if self._in_table or self._in_row:
            if text.strip():
                self._open_cell()
                self.builder.paragraph(text)
        elif text.strip() or not final:
            self.builder.close_table()
            self.builder.paragraph(text)


def _known_codec(name: str) -> str | None:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _plural(name: str) -> str:
    return f"{name}es" if name.endswith("x") else f"{name}s"
