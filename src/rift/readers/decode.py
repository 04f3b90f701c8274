"""Bytes to text: the encoding is known or said, never guessed from statistics.

A byte order mark decides; else strict UTF-8; else cp1252, the encoding of older Windows programs,
with a warning. Statistical guessing is unsafe on short texts: a French line in cp1252 passes for
Japanese.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from rift.errors import RiftError

MAX_BYTES = 64 * 2**20
"""No transcript is that long; what is larger was named by mistake."""

# The 4-byte mark of UTF-32 begins with the mark of UTF-16, so it comes first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"%PDF-", "a PDF file", "save the transcript as plain text"),
    (
        b"PK\x03\x04",
        "a zip file (as DOCX, XLSX and ODT are) that is damaged or of no known kind",
        "open it in the program that wrote it and save it again",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "an old or password-protected Office file",
        "save it without password as text or XLSX",
    ),
    (b"{\\rtf", "an RTF file", "open it in a word processor and save it as plain text"),
)
_HOW = "--encoding, or encoding in corpus.yaml"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_LINE_START = re.compile(rf"(?m)^[ \t{_BIDI}]+")
_BIDI_MARK = re.compile(f"[{_BIDI}]")
# Tab, line feed, vertical tab, form feed, return occur in text, and NAK around CHAT times.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x14\x16-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_CONTROL_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with ``\\n`` at line ends, the encoding it was read by, and what the user should know."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def read_bytes(path: Path) -> bytes:
    """Return the content of a file of at most `MAX_BYTES`.

    Raises
    ------
    RiftError
        The file is missing, a folder, not readable, or too large.
    """
    try:
        if path.is_dir():
            raise RiftError("this is a folder, not a file", where=path)
        size = path.stat().st_size
        if size <= MAX_BYTES:
            return path.read_bytes()
    except FileNotFoundError:
        raise RiftError("no such file", where=path) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RiftError(f"the file cannot be read: {reason}", where=path) from None
    raise RiftError(
        f"the file has {size / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB are read",
        where=path,
        remedy="check that this is a transcript or coding table; split it if it is",
    )


def check_encoding(encoding: str | None) -> None:
    """Raise RiftError if this is not the name of an encoding of text."""
    try:
        b"  ".decode(encoding or "utf-8")
    except LookupError:
        raise _no_encoding(encoding or "", None) from None
    except ValueError:  # two blanks are no text in every encoding
        return


def decode(data: bytes, where: object, encoding: str | None = None) -> Decoded:
    """Return the text of a file.

    Line ends become ``\\n``; marks of writing direction at line starts are removed.

    Parameters
    ----------
    data
        The bytes of the file.
    where
        The file, for messages.
    encoding
        A Python codec that the user names; None decides by the content.

    Raises
    ------
    RiftError
        The file is empty, not text, or not in this encoding.
    """
    for signature, kind, remedy in _SIGNATURES:
        if data.startswith(signature):
            raise RiftError(f"this is {kind}", where=where, remedy=remedy)
    text, used, warnings = _text(data, where, encoding)
    _check(text, where)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _LINE_START.sub(lambda match: _BIDI_MARK.sub("", match[0]), text)
    if not text.strip():
        raise RiftError("the file is empty", where=where, remedy="fill it, or take it away")
    return Decoded(text, used, warnings)


def _text(data: bytes, where: object, encoding: str | None) -> tuple[str, str, tuple[str, ...]]:
    if encoding is not None:
        return _strict(data, encoding, where), encoding, ()
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _strict(data, codec, where), codec, ()
    try:
        return data.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError:
        if b"\x00" in data:
            raise _binary("it holds NUL bytes", where) from None
    text = _strict(data, "cp1252", where)
    return text, "cp1252", (f"not UTF-8; read as cp1252; to change that, name its encoding ({_HOW})",)


def _strict(data: bytes, encoding: str, where: object) -> str:
    remedy = f"save the file as UTF-8, or name its encoding ({_HOW})"
    try:
        return data.decode(encoding)
    except LookupError:
        raise _no_encoding(encoding, where) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RiftError(
            f"byte {error.start + 1} (line {line}) cannot be read as {encoding}", where=where, remedy=remedy
        ) from None
    except ValueError as error:  # some codecs raise their own kinds
        raise RiftError(
            f"the file cannot be read as {encoding}: {str(error)[:60]}", where=where, remedy=remedy
        ) from None


def _check(text: str, where: object) -> None:
    if "\x00" in text:
        raise _binary("it holds NUL characters", where)
    if _SURROGATE.search(text):
        raise _binary("it holds half characters (surrogates)", where)
    if len(_CONTROL.findall(text)) > _MAX_CONTROL_SHARE * len(text):
        raise _binary("it is full of control characters", where)


def _no_encoding(encoding: str, where: object) -> RiftError:
    return RiftError(
        f"{encoding[:40]!r} is no encoding of text", where=where, remedy="utf-8, utf-16, cp1252, ..."
    )


def _binary(reason: str, where: object) -> RiftError:
    return RiftError(
        f"this is not a text file: {reason}",
        where=where,
        remedy=f"give a transcript or table; if it is UTF-16 without a mark, name it as utf-16-le ({_HOW})",
    )
