from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import odt
from rift.readers.contract import Source
from rift.readers.registry import read_file
from rift.schema import Transcript, Turn

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "draw")
)
BODY = """<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>
</text:changed-region></text:tracked-changes>
<text:h>Session 3</text:h>
<text:p>T:<text:tab/>Hello <text:span>there,<office:annotation><text:p>a note</text:p></office:annotation>
  you</text:span> two<text:line-break/>and<text:s text:c="2"/>all</text:p>
<text:list><text:list-item>
<text:p>P: Yes<text:change text:change-id="1"/>, well</text:p></text:list-item></text:list>
"""
TABLE = """<table:table><table:table-column/>
<table:table-header-rows><table:table-row>
<table:table-cell><text:p>Speaker</text:p></table:table-cell>
<table:table-cell><text:p>Text</text:p></table:table-cell></table:table-row></table:table-header-rows>
<table:table-row>
<table:table-cell table:number-columns-spanned="2"><text:p>Part one</text:p></table:table-cell>
<table:covered-table-cell/></table:table-row>
<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>T</text:p></table:table-cell>
<table:table-cell><text:p>a</text:p><text:p>b</text:p></table:table-cell></table:table-row>
<table:table-row><table:covered-table-cell/><table:table-cell><text:p>c</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell><text:p>P</text:p></table:table-cell>
<table:table-cell><text:p>d</text:p></table:table-cell></table:table-row></table:table>"""


def content(body: str, root: str = "document-content") -> str:
    return (
        f'<?xml version="1.0"?>\n<office:{root} {SPACES}><office:body><office:text>{body}'
        f"</office:text></office:body></office:{root}>"
    )


def packed(body: str, kind: str = "application/vnd.oasis.opendocument.text") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content(body))
    return buffer.getvalue()


def read(data: bytes) -> Transcript:
    source = Source(Path("a.odt"), data)
    assert odt.sniff(source) == 0.95
    (found,) = odt.read(source)
    return found


def test_paragraphs() -> None:
    expected = (Turn("T", "Hello there, you two\nand  all"), Turn("P", "Yes, well"))
    found = read(packed(BODY))
    assert found.turns == expected
    assert found.warnings == (
        "tracked changes taken as accepted: 0 insertions kept, 1 deletion left out",
        "1 comment left out",
        "2 words before the first label left out: line 1, 'Session 3'",
    )
    assert read(content(BODY, "document").encode()).turns == expected


def test_tables_with_merged_cells() -> None:
    found = read(packed(TABLE))
    assert found.turns == (Turn("T", "a\nb\nc"), Turn("P", "d"))
    assert "1 row across the table left out" in found.warnings


def test_a_spreadsheet_is_no_document() -> None:
    source = Source(Path("a.odt"), packed(BODY, "application/vnd.oasis.opendocument.spreadsheet"))
    assert odt.sniff(source) == 0


def test_the_content_decides_not_the_extension(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(packed(BODY))
    assert read_file(path).format == "odt"


@pytest.mark.parametrize("data", [packed(""), packed("<text:p>"), packed("")[:60]])
def test_bad_documents_are_refused(data: bytes) -> None:
    with pytest.raises(RiftError):
        odt.read(Source(Path("a.odt"), data))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(BODY + TABLE)), st.integers(0, 60), st.text(max_size=5))
def test_a_damaged_document_gives_an_error_or_a_transcript(at: int, length: int, put: str) -> None:
    whole = BODY + TABLE
    try:
        found = odt.read(Source(Path("a.odt"), packed(whole[:at] + put + whole[at + length :])))
    except RiftError:
        return
    assert found[0].turns
