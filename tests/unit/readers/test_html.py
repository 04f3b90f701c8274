from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import html, text
from rift.readers.contract import Source
from rift.readers.registry import read_file
from rift.schema import Turn

PAGE = """<!DOCTYPE html><html><head><title>x</title><style>p {}</style></head><body>
<h1>Session</h1>
<p><b>T:</b>&nbsp;Hello
  there &lt;3<br>and   so on</p><script>no()</script>
<div>P: I <del>hate</del><ins>like</ins> it</div><div></div>
</body></html>"""


def source(content: str | bytes, name: str = "a.html") -> Source:
    return Source(Path(name), content.encode() if isinstance(content, str) else content)


def test_paragraphs_entities_and_blanks() -> None:
    (found,) = html.read(source(PAGE))
    assert found.turns == (Turn("T", "Hello there <3\nand so on"), Turn("P", "I like it"))
    assert found.warnings[0] == "1 deleted piece left out"


def test_tables_with_merged_cells() -> None:
    (found,) = html.read(
        source(
            "<html><table><tr><th>Speaker<th>Text</tr><tr><td rowspan=2>T<td>a<tr><td>b"
            "<tr><td>P<td><p>c</p><p>d</p></table></html>"
        )
    )
    assert found.turns == (Turn("T", "a\nb"), Turn("P", "c\nd"))


def test_a_page_named_as_a_document(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"<html><body><p>T: a</p><p>P: b</p></body></html>")
    found = read_file(path)
    assert found.format == "html"
    assert found.transcripts[0].turns == (Turn("T", "a"), Turn("P", "b"))


def test_the_declared_encoding_counts_where_the_text_is_no_utf8() -> None:
    page = '<html><head><meta charset="windows-1251"></head><p>T: привет</p><p>P: да</p></html>'
    (found,) = html.read(source(page.encode("cp1251")))
    assert found.turns == (Turn("T", "привет"), Turn("P", "да"))
    assert found.warnings == ()


def test_text_with_tags_is_no_page() -> None:
    labelled = source("T: He wrote <html> on it\nP: <b>yes</b>\n", "a.txt")
    assert html.sniff(labelled) == 0
    assert text.sniff(labelled) == 0.7
    assert html.sniff(source("<T>: Hello\n<P>: Yes\n", "a.txt")) == 0


def test_deep_pages_are_no_trouble() -> None:
    deep = "<html>" + "<div>" * 20_000 + "T: a<p>P: b"
    try:
        (found,) = html.read(source(deep))
    except RiftError:
        return
    assert found.turns == (Turn("T", "a"), Turn("P", "b"))


def test_an_empty_page_is_refused() -> None:
    with pytest.raises(RiftError, match="no text"):
        html.read(source("<html><body> </body></html>"))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(PAGE) - 1), st.integers(0, 60), st.text(max_size=5))
def test_a_damaged_page_gives_an_error_or_a_transcript(at: int, length: int, put: str) -> None:
    damaged = source(("<html>" + PAGE[:at] + put + PAGE[at + length :]).encode("utf-8", "replace"))
    try:
        found = html.read(damaged)
    except RiftError:
        return
    assert found[0].turns
