from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import rtf
from rift.readers.contract import Source
from rift.readers.registry import read_file
from rift.schema import Transcript, Turn

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1\fnil\fcharset204 Arial Cyr;}}"
    r"{\colortbl;\red0\green0\blue0;}{\stylesheet{\s0 Normal;}}{\*\generator Word;}{\info{\title X}}"
    "\r\n"
)
WORDS = (
    r"\pard{\b T:}\tab Sch\'f6n, \u8222?ja\ldblquote  \{a\} \\ b\par"
    "\r\n"
    r"P: \f1\'ef\'f0\'e8\f0  and \uc2\u26085 ab\uc1 \u-10179?\u-8704?!\line T: wr"
    "\r\n"
    r"apped{\v secret}{\footnote note}\~end\par}"
)
TABLE = (
    r"\pard before\par\trowd\cellx1000\cellx5000\pard\intbl Speaker\cell Text\cell\row"
    r"\trowd\cellx1000\cellx5000\pard\intbl T\cell a\par b\cell\row"
    r"\trowd\cellx1000\cellx5000\pard\intbl P\cell c\cell\row\pard after\par}"
)


def read(content: str | bytes) -> Transcript:
    source = Source(Path("a.rtf"), content.encode("latin-1") if isinstance(content, str) else content)
    assert rtf.sniff(source) == 0.95
    (found,) = rtf.read(source)
    return found


def test_paragraphs_and_characters() -> None:
    found = read(HEAD + WORDS)
    assert found.turns == (
        Turn("T", "Schön, „ja“ {a} \\ b"),
        Turn("P", "при and 日😀!"),
        Turn("T", "wrapped end"),
    )
    assert found.warnings == ("1 piece of hidden text left out", "1 footnote left out")


def test_tables() -> None:
    found = read(HEAD + TABLE)
    assert found.turns == (Turn("T", "a\nb"), Turn("P", "c"))
    assert "2 words outside the table left out: 'before'" in found.warnings


def test_tracked_changes_are_accepted_and_told() -> None:
    found = read(HEAD + r"T: {\deleted hate}{\revised like} it\par P: ok\par}")
    assert found.turns == (Turn("T", "like it"), Turn("P", "ok"))
    assert found.warnings == ("tracked changes taken as accepted: 1 insertion kept, 1 deletion left out",)


def test_a_file_of_textedit() -> None:
    found = read(
        "{\\rtf1\\ansi\\ansicpg1252\\cocoartf2639\n{\\fonttbl\\f0\\fswiss Helvetica;}\n"
        "{\\*\\expandedcolortbl;;}\n"
        "\\pard\\tx560\n\\f0\\fs24 \\cf0 T: a\\~b, \\'93no\\'94\\\nP: \\uc0\\u8230 yes\\\r\n}"
    )
    assert found.turns == (Turn("T", "a b, “no”"), Turn("P", "…yes"))


def test_east_asian_bytes_and_binary_data() -> None:
    found = read(b"{\\rtf1\\ansi\\ansicpg932{\\pict\\bin3 }}}}T: \\'93\\'fa\\'96{\\b\\'7b}\\par P: ok\\par}")
    assert found.turns[1] == Turn("P", "ok")
    assert found.turns[0].text.startswith("日")


def test_a_file_that_is_cut_off_is_told() -> None:
    assert "the file ends inside a group: it may be cut off" in read(HEAD + WORDS[:-6]).warnings


def test_the_content_decides_not_the_extension(tmp_path: Path) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes((HEAD + WORDS).encode("latin-1"))
    found = read_file(path)
    assert found.format == "rtf"
    assert len(found.transcripts[0].turns) == 3


def test_an_empty_document_is_refused() -> None:
    with pytest.raises(RiftError, match="no text"):
        read(HEAD + "}")


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(WORDS + TABLE)), st.integers(0, 60), st.binary(max_size=5))
def test_a_damaged_document_gives_an_error_or_a_transcript(at: int, length: int, put: bytes) -> None:
    whole = (WORDS[:-1] + TABLE).encode("latin-1")
    try:
        found = read(HEAD.encode() + whole[:at] + put + whole[at + length :])
    except RiftError:
        return
    assert found.turns
