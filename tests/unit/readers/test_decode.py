from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import decode as decoding
from rift.readers.decode import decode, read_bytes

FRENCH = bytes.fromhex("543a20c7612076613f20503a205472e873206269656e2c20ab6d65726369bb2e")


def test_cp1252_is_read_with_a_warning() -> None:
    found = decode(FRENCH, "a.txt")
    assert found.text == "T: Ça va? P: Très bien, «merci»."
    assert found.encoding == "cp1252"
    assert found.warnings == (
        "not UTF-8; read as cp1252; to change that, name its encoding"
        " (--encoding, or encoding in corpus.yaml)",
    )


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"", "utf-8"),
    ],
)
def test_a_byte_order_mark_decides_and_is_removed(mark: bytes, codec: str) -> None:
    found = decode(mark + "T: Größe\n".encode(codec), "a.txt")
    assert found.text == "T: Größe\n"
    assert found.warnings == ()


def test_line_ends_become_newlines() -> None:
    assert decode(b"a\r\nb\rc\n\nd", "a.txt").text == "a\nb\nc\n\nd"


def test_direction_marks_go_at_line_starts_only() -> None:
    text = "\u200fT: a\u200fb\n \u202bP: c\n\u200e\u200e\td"
    assert decode(text.encode(), "a.txt").text == "T: a\u200fb\n P: c\n\td"


def test_a_named_encoding_is_used_without_a_warning() -> None:
    found = decode("T: привет".encode("cp1251"), "a.txt", "cp1251")
    assert (found.text, found.encoding, found.warnings) == ("T: привет", "cp1251", ())


@pytest.mark.parametrize(
    ("data", "encoding", "problem"),
    [
        (b"", None, "the file is empty"),
        (b" \n\t\n", None, "the file is empty"),
        (codecs.BOM_UTF8, None, "the file is empty"),
        (b"T: a\x00b", None, "NUL"),
        ("T: a".encode("utf-16-le"), None, "NUL"),
        (b"\xff\x00\x00abc", None, "NUL"),
        (b"T: " + b"\x01\x02" * 20, None, "control characters"),
        (b"%PDF-1.7 ...", None, "a PDF file"),
        (b"{\\rtf1 T: hello}", None, "an RTF file"),
        (b"PK\x03\x04....", None, "a zip file"),
        (b"\xd0\xcf\x11\xe0....", None, "Office file"),
        (b"line\nT: \x81", None, "byte 9 (line 2) cannot be read as cp1252"),
        (b"T: \xe9", "utf-8", "byte 4 (line 1) cannot be read as utf-8"),
        (codecs.BOM_UTF16_LE + b"a", None, "cannot be read as utf-16"),
        (b"T: a", "klingon", "'klingon' is no encoding"),
        (b"T: a", "hex", "'hex' is no encoding"),
        (b"T: \\ud800", "unicode_escape", "surrogates"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, encoding: str | None, problem: str) -> None:
    with pytest.raises(RiftError) as caught:
        decode(data, "a.txt", encoding)
    assert problem in caught.value.problem
    assert caught.value.where == "a.txt"


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from([None, "utf-8", "utf-16", "utf-7", "cp1252", "idna", "no-such"])
)
def test_random_bytes_raise_nothing_else(data: bytes, encoding: str | None) -> None:
    try:
        found = decode(data, "a.txt", encoding)
    except RiftError:
        return
    assert "\r" not in found.text
    assert "\x00" not in found.text
    assert found.text.strip()


def test_files_that_cannot_be_read(tmp_path, monkeypatch) -> None:
    big = tmp_path / "big.txt"
    big.write_bytes(b"x" * 11)
    monkeypatch.setattr(decoding, "MAX_BYTES", 10)
    for path, problem in [
        (tmp_path / "none.txt", "no such file"),
        (tmp_path, "this is a folder"),
        (big, "at most 0 MB are read"),
    ]:
        with pytest.raises(RiftError) as caught:
            read_bytes(path)
        assert problem in caught.value.problem
    big.write_bytes(b"x" * 10)
    assert read_bytes(big) == b"x" * 10
