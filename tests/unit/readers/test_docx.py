from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import docx
from rift.readers.contract import Source
from rift.readers.registry import read_file, read_transcripts
from rift.schema import Transcript, Turn

SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def packed(body: str, part: str = "word/document.xml") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        content = f'<w:document xmlns:w="{SPACE}"><w:body>{body}</w:body></w:document>'
        archive.writestr(part, content)
    return buffer.getvalue()


def paragraph(*pieces: str) -> str:
    runs = "".join(
        piece if piece.startswith("<") else f'<w:r><w:t xml:space="preserve">{piece}</w:t></w:r>'
        for piece in pieces
    )
    return f"<w:p>{runs}</w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{''.join(map(paragraph, text.split('|')))}</w:tc>"


def table(*rows: list[str]) -> str:
    made = "".join(
        f"<w:tr>{''.join(one if one.startswith('<w:tc') else cell(one) for one in row)}</w:tr>"
        for row in rows
    )
    return f"<w:tbl>{made}</w:tbl>"


def read(body: str, part: str = "word/document.xml") -> Transcript:
    source = Source(Path("a.docx"), packed(body, part))
    assert docx.sniff(source) == 0.95
    (found,) = docx.read(source)
    return found


def test_paragraphs_with_breaks_tabs_and_text_inside_other_elements() -> None:
    found = read(
        paragraph(
            "T:", "<w:r><w:tab/></w:r>", "Dear ", "<w:smartTag><w:r><w:t>Ann</w:t></w:r></w:smartTag>", "!"
        )
        + "<w:sdt><w:sdtPr><w:t>no</w:t></w:sdtPr><w:sdtContent>"
        + paragraph("P: It", "<w:r><w:br/></w:r>", "<w:hyperlink><w:r><w:t>T: Yes</w:t></w:r></w:hyperlink>")
        + "</w:sdtContent></w:sdt>"
        + "<w:p><w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr><w:r><w:t>and a</w:t>"
        + "<w:noBreakHyphen/><w:t>b</w:t></w:r></w:p>"
    )
    assert found.turns == (Turn("T", "Dear Ann!"), Turn("P", "It"), Turn("T", "Yes\nand a-b"))
    assert found.warnings == ()


def test_tracked_changes_are_accepted_and_told() -> None:
    found = read(
        paragraph(
            "T: I ",
            "<w:del><w:r><w:delText>hate</w:delText></w:r></w:del>",
            "<w:ins><w:r><w:t>like</w:t></w:r></w:ins>",
            " it",
        )
        + "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>P: one </w:t></w:r></w:p>"
        + paragraph("two", "<w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom>")
    )
    assert found.turns == (Turn("T", "I like it"), Turn("P", "one two"))
    assert found.warnings == ("tracked changes taken as accepted: 1 insertion kept, 2 deletions left out",)


def test_comments_notes_and_hidden_text_are_told() -> None:
    found = read(
        paragraph("T: a", '<w:r><w:commentReference w:id="1"/></w:r>', "<w:r><w:footnoteReference/></w:r>")
        + paragraph("P: b", "<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>")
    )
    assert found.turns == (Turn("T", "a"), Turn("P", "b"))
    assert found.warnings == (
        "1 piece of hidden text left out",
        "1 footnote left out",
        "1 comment left out",
    )


def test_a_table_with_a_header() -> None:
    found = read(
        paragraph("Session 3")
        + table(["Time", "Speaker", "Text"], ["0:01", "T:", "Hello|there"], ["0:04", "P:", "Yes, well"])
        + table(["Time", "Speaker", "Text"], ["[0:07]", "T:", "Mhm"])
    )
    assert found.turns == (
        Turn("T", "Hello\nthere", 1.0),
        Turn("P", "Yes, well", 4.0),
        Turn("T", "Mhm", 7.0),
    )
    assert found.warnings[0] == "2 words outside the table left out: 'Session 3'"


def test_a_table_without_a_header_and_merged_cells_once() -> None:
    whole = cell("Part one", '<w:gridSpan w:val="2"/>')
    first = cell("P", '<w:vMerge w:val="restart"/>')
    below = cell("P", "<w:vMerge/>")
    found = read(table([whole], ["T", "Hello"], [first, "Yes"], [below, "and no"], ["T", "Mhm"]))
    assert found.turns == (Turn("T", "Hello"), Turn("P", "Yes\nand no"), Turn("T", "Mhm"))
    assert any("1 row across the table left out" in warning for warning in found.warnings)
    assert any("1 row without a speaker joined to the one above: row 3" in one for one in found.warnings)


def test_a_column_per_speaker() -> None:
    found = read(table(["Therapist", "Client"], ["How are you?", ""], ["", "Fine"], ["Good", "Yes"]))
    assert [(turn.speaker, turn.text) for turn in found.turns] == [
        ("Therapist", "How are you?"),
        ("Client", "Fine"),
        ("Therapist", "Good"),
        ("Client", "Yes"),
    ]


def test_labelled_text_in_a_table_is_read_as_text() -> None:
    found = read(table(["1", "T: Hello"], ["2", "P: Yes"]))
    assert found.turns == (Turn("T", "Hello"), Turn("P", "Yes"))


def test_lines_of_name_and_time() -> None:
    found = read(
        paragraph("Audio file")
        + paragraph("00:00:01 Speaker 1")
        + paragraph("Hello there.")
        + paragraph("00:00:05 Speaker 2")
        + paragraph("Yes.")
    )
    assert found.turns == (Turn("Speaker 1", "Hello there.", 1.0), Turn("Speaker 2", "Yes.", 5.0))
    assert found.warnings == ("1 line before the first speaker left out: line 1, 'Audio file'",)
    lines = "".join(
        paragraph(
            f"0:0:{at}.0 --&gt; 0:0:{at + 1}.500", "<w:r><w:br/></w:r>", name, "<w:r><w:br/></w:r>", said
        )
        for at, name, said in [
            (0, "Doe, Ann", "Hi"),
            (2, "Roe, Bob", "Hm"),
            (5, "Doe, Ann", "So"),
            (7, "Roe, Bob", "No"),
        ]
    )
    assert read(lines).turns[:2] == (Turn("Doe, Ann", "Hi", 0.0, 1.5), Turn("Roe, Bob", "Hm", 2.0, 3.5))


def test_paragraphs_without_labels_are_turns_without_speakers() -> None:
    assert read(paragraph("One.") + paragraph("Two.")).turns == (Turn(None, "One."), Turn(None, "Two."))


def test_stamped_turns_last_until_the_next() -> None:
    found = read(paragraph("[0:01] T: a") + paragraph("[0:03] P: b"))
    assert found.turns == (Turn("T", "a", 1.0, 3.0), Turn("P", "b", 3.0))


def test_an_alternative_copy_is_read_once() -> None:
    space = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    box = "<w:txbxContent><w:p><w:r><w:t>Box</w:t></w:r></w:p></w:txbxContent>"
    copies = (
        f'<m:AlternateContent xmlns:m="{space}"><m:Choice>{box}</m:Choice>'
        f"<m:Fallback>{box}</m:Fallback></m:AlternateContent>"
    )
    found = read(paragraph("T: a") + paragraph("P: b", f"<w:r>{copies}</w:r>") + paragraph("T: c"))
    assert "".join(turn.text for turn in found.turns).count("Box") == 1


@pytest.mark.parametrize("kind", ["page", "web archive"])
def test_a_page_inside_is_read(kind: str) -> None:
    page = "<html><body><p>T: Sch=C3=B6n</p><p>P: ok</p></body></html>"
    if kind == "page":
        page = page.replace("=C3=B6", "ö")
    else:
        page = (
            'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n--x\n'
            f'Content-Type: text/html; charset="utf-8"\n'
            f"Content-Transfer-Encoding: quoted-printable\n\n{page}\n--x--\n"
        )
    relations = (
        '<Relationships><Relationship Type="http://a/relationships/aFChunk" Target="/word/a.mht" Id="x1"/>'
        "</Relationships>"
    )
    buffer = io.BytesIO(packed('<w:altChunk xmlns:r="urn:r" r:id="x1"/><w:altChunk/>'))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("word/_rels/document.xml.rels", relations)
        archive.writestr("word/a.mht", page)
    (found,) = docx.read(Source(Path("a.docx"), buffer.getvalue()))
    assert found.turns == (Turn("T", "Schön"), Turn("P", "ok"))
    assert found.warnings == ("1 embedded document left out",)


def test_a_few_notes_with_times_do_not_hide_labels() -> None:
    said = "".join(paragraph(f"{'TP'[i % 2]}: words {i}") for i in range(12))
    found = read(paragraph("Pause 0:30") + said + paragraph("Pause 0:30") + paragraph("and so"))
    assert len(found.turns) == 12


def test_teams_names_and_times() -> None:
    line = "<w:r><w:br/></w:r>"
    found = read(
        paragraph("Meeting")
        + paragraph("Doe, Ann", " started transcription")
        + paragraph("Doe, Ann", "   0:03", line, "Hello.", line, "And?")
        + paragraph("Roe, Bob", "   0:09", line, "Yes.")
        + paragraph("Doe, Ann", "   1:00:02", line, "Bye.")
        + paragraph("Roe, Bob", "   1:00:03", line, "Bye.")
        + paragraph("Doe, Ann stopped transcription")
    )
    assert [(turn.speaker, turn.text, turn.start_s) for turn in found.turns] == [
        ("Doe, Ann", "Hello.\nAnd?", 3.0),
        ("Roe, Bob", "Yes.", 9.0),
        ("Doe, Ann", "Bye.", 3602.0),
        ("Roe, Bob", "Bye.", 3603.0),
    ]
    assert "2 notes on the recording left out: line 2, 12" in found.warnings


def test_the_content_decides_not_the_extension(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(packed(paragraph("T: a") + paragraph("P: b"), "word/document2.xml"))
    found = read_file(path)
    assert found.format == "docx"
    assert found.transcripts[0].turns == (Turn("T", "a"), Turn("P", "b"))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (packed(""), "there is no text in this document"),
        (packed("<w:p>"), "damaged"),
        (packed(paragraph("T: a"))[:200], "zip file"),
        (packed(paragraph("a"), "content.xml"), "zip file"),
    ],
)
def test_bad_documents_are_refused(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(data)
    with pytest.raises(RiftError, match=problem):
        read_transcripts(path)


BODY = paragraph("T: a") + table(["Speaker", "Text"], ["T", "b"], ["P", "c"]) + paragraph("P: d")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(BODY) - 1), st.integers(0, 40), st.text(max_size=5))
def test_a_damaged_document_gives_an_error_or_a_transcript(at: int, length: int, put: str) -> None:
    source = Source(Path("a.docx"), packed(BODY[:at] + put + BODY[at + length :]))
    try:
        found = docx.read(source)
    except RiftError:
        return
    assert all(isinstance(turn.text, str) for one in found for turn in one.turns)
