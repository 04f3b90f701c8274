from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import refi
from rift.readers.contract import Source
from rift.readers.registry import read_file
from rift.readers.turn_spans import find_turns
from rift.schema import Mark, Transcript, Turn

TEXT = (
    "Session 3, recorded on Monday\r\n\r\nT: How was the week?\r\nP: Fine. 😶\u200d🌫️ I do not know.\r\n"
    "And you asked me that before.\r\nT: I did ask.\r\nP: Whatever you say, 😀 doctor.\r\n"
)
TURNS = (
    Turn("T", "How was the week?"),
    Turn("P", "Fine. 😶\u200d🌫️ I do not know.\nAnd you asked me that before."),
    Turn("T", "I did ask."),
    Turn("P", "Whatever you say, 😀 doctor."),
)
USERS = '<Users><User guid="U-1" name="Anna"/><User guid="u-2" name="Ben"/></Users>'
CODES = (
    '<CodeBook><Codes><Code guid="c0" name="WD" isCodable="false"><Code guid="c1" name="denial"/>'
    '<Code guid="c2" name="other"/></Code><Code guid="c3" name="CF"><Code guid="c4" name="Other"/></Code>'
    '<Code guid="c5" name="CF_P (absent)"/></Codes></CodeBook>'
)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def selection(words: str, code: str, user: str = "u-1", text: str = TEXT, count=units) -> str:  # type: ignore[no-untyped-def]
    start = count(text[: text.index(words)])
    return selection_at(start, start + count(words), code, user)


def selection_at(start: int, end: int, code: str, user: str = "u-1") -> str:
    return (
        f'<PlainTextSelection guid="s{start}" startPosition="{start}" endPosition="{end}">'
        f'<Coding guid="k" creatingUser={quoteattr(user)}><CodeRef targetGUID="{code}"/></Coding>'
        "</PlainTextSelection>"
    )


def qdpx(
    *inside: str, stored: bytes = TEXT.encode(), folder: str = "Sources", codes: str = CODES, rest: str = ""
) -> bytes:
    project = (
        '<?xml version="1.0" encoding="utf-8"?><Project xmlns="urn:QDA-XML:project:1.0" name="p">'
        f'{USERS}{codes}<Sources><TextSource guid="t" name="P07_S03.docx" plainTextPath="internal://T.txt">'
        f"{''.join(inside)}</TextSource>{rest}</Sources></Project>"
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("project.qde", project)
        archive.writestr(f"{folder}/t.txt", stored)
    return written.getvalue()


def read(data: bytes) -> Transcript:
    (transcript,) = refi.read(Source(Path("a.qdpx"), data))
    return transcript


def said(transcript: Transcript) -> list[tuple[object, ...]]:
    return [(mark.coder, mark.label, mark.first_turn, mark.last_turn) for mark in transcript.marks]


def test_a_text_becomes_turns_and_selections_marks_of_them() -> None:
    transcript = read(qdpx(selection("I do not know", "c1"), selection("doctor", "c1", "U-2")))
    assert transcript.turns == TURNS
    assert transcript.session_id == "P07_S03"
    place = "selection s{} in source 'P07_S03.docx'".format
    start, doctor = units(TEXT[: TEXT.index("I do")]), units(TEXT[: TEXT.index("doctor")])
    assert transcript.marks == (
        Mark("Anna", "turn", "denial", "present", place(start), 1, 1),
        Mark("Ben", "turn", "denial", "present", place(doctor), 3, 3),
    )


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("folder", ["Sources", "sources", "x/sources"])
def test_byte_order_marks_and_folders_change_nothing(mark: bytes, folder: str) -> None:
    data = qdpx(selection("say, 😀 doctor", "c1"), stored=mark + TEXT.encode(), folder=folder)
    assert said(read(data)) == [("Anna", "denial", 3, 3)]


def test_a_text_in_utf_16() -> None:
    assert said(read(qdpx(selection("doctor", "c1"), stored=TEXT.encode("utf-16")))) == [
        ("Anna", "denial", 3, 3)
    ]


def test_selections_over_lines_turns_and_labels() -> None:
    def turns(words: str) -> list[tuple[object, ...]]:
        return [span[2:] for span in said(read(qdpx(selection(words, "c1"))))]

    assert turns("know.\r\nAnd you") == [(1, 1)]
    assert turns("before.\r\nT: I did ask.\r\nP: Whatever") == [(1, 3)]
    assert turns("T: How") == [(0, 0)]
    assert turns("I did ask.\r\n") == [(2, 2)]
    assert turns("week?\r\nP:") == [(0, 0)]


def test_codes_of_one_name_are_told_apart_by_those_above_them() -> None:
    transcript = read(qdpx(selection("know", "c2"), selection("Fine", "c4"), selection("say", "c3")))
    assert [mark.label for mark in transcript.marks] == ["WD/other", "CF/Other", "CF"]
    assert transcript.warnings[0].startswith("2 codes of the same name as another")


def test_states_that_rift_wrote_and_codes_on_a_whole_text() -> None:
    whole = '<Coding guid="k" creatingUser="u-2"><CodeRef targetGUID="c1"/></Coding>'
    marks = read(qdpx(whole, selection("know", "c5"))).marks
    assert [(mark.unit, mark.label, mark.state, mark.first_turn) for mark in marks] == [
        ("session", "denial", "present", None),
        ("turn", "CF_P", "absent", 1),
    ]


@pytest.mark.parametrize(
    ("text", "count", "name"),
    [
        (TEXT, len, "characters with line ends as in the file"),
        (TEXT.replace("\r\n", "\n"), units, "UTF-16 units with line ends of two"),
    ],
)
def test_other_ways_of_counting_are_found_by_the_edges_of_words(text: str, count, name: str) -> None:  # type: ignore[no-untyped-def]
    coded = [selection(words, "c1", text=TEXT, count=count) for words in ("know", "asked", "ask.", "doctor")]
    transcript = read(qdpx(*coded, stored=text.encode()))
    assert [mark.first_turn for mark in transcript.marks] == [1, 1, 2, 3]
    assert any(f"offsets taken as {name}" in warning for warning in transcript.warnings)


def test_offsets_that_fit_no_way_are_refused() -> None:
    shifted = [selection_at(at + 1, at + 4, "c1") for at in range(2, 100, 6)]
    with pytest.raises(RiftError, match="selections begin or end inside a word") as caught:
        read(qdpx(*shifted))
    assert "source 'P07_S03.docx'" in str(caught.value)


def test_few_selections_inside_words_are_told() -> None:
    fitting = [selection(words, "c1") for words in ("How", "week", "Fine", "asked", "Whatever")]
    transcript = read(qdpx(selection("now", "c1"), *fitting))
    assert [mark.first_turn for mark in transcript.marks] == [1, 0, 0, 1, 1, 3]
    assert any("1 selection beginning or ending inside a word" in warning for warning in transcript.warnings)


def test_what_is_left_out_is_told() -> None:
    data = qdpx(
        selection("Monday", "c1"),
        selection("know", "nowhere"),
        selection("doctor", "c1", ""),
        rest='<TextSource guid="u" name="gone" plainTextPath="relative://gone.txt"/><PictureSource guid="v">'
        '<PictureSelection guid="w"><Coding guid="k"><CodeRef targetGUID="c1"/></Coding></PictureSelection>'
        "</PictureSource>",
    )
    transcript = read(data)
    assert said(transcript) == [(None, "denial", 3, 3)]
    told = "\n".join(transcript.warnings)
    assert "1 source without plain text in the project left out: 'gone'" in told
    assert "left out: 1 PictureSelection" in told
    assert "with a code that the codebook has not" in told
    assert "1 selection outside all turns left out" in told
    assert "some codings name no user" in told


def test_transcripts_of_recordings_and_texts_of_pages() -> None:
    rest = (
        '<AudioSource guid="a" name="tape"><Transcript guid="b"><PlainTextContent>T: Hello.\nP: Hi there.'
        '</PlainTextContent><SyncPoint guid="x" position="13"/><SyncPoint guid="y" position="21"/>'
        '<TranscriptSelection guid="z" fromSyncPoint="x" toSyncPoint="y"><Coding guid="k" creatingUser="u-1">'
        '<CodeRef targetGUID="c1"/></Coding></TranscriptSelection></Transcript></AudioSource>'
    )
    _, tape = refi.read(Source(Path("a.qdpx"), qdpx(rest=rest)))
    assert (tape.session_id, [turn.text for turn in tape.turns]) == ("tape", ["Hello.", "Hi there."])
    assert said(tape) == [("Anna", "denial", 1, 1)]


def test_known_by_its_content(tmp_path: Path) -> None:
    assert refi.sniff(Source(Path("a.zip"), qdpx())) == 0.95
    assert refi.sniff(Source(Path("a.qdpx"), b"PK\x03\x04")) == 0.5
    assert refi.sniff(Source(Path("a.txt"), b"T: Hello")) == 0
    path = tmp_path / "a.qdpx"
    path.write_bytes(qdpx())
    assert read_file(path).format == "refi"


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "no REFI-QDA project"),
        (qdpx()[:-40], "no REFI-QDA project"),
        (qdpx("<Coding"), "damaged"),
        (qdpx(stored=b""), "no source with plain text"),
        (qdpx(stored=b"T: a\x00b"), "not a text file"),
        (qdpx(selection_at(9, 3, "c1")), "is none"),
        (qdpx('<PlainTextSelection startPosition="x"/>'), "is none"),
    ],
)
def test_damaged_projects_are_refused(data: bytes, part: str) -> None:
    with pytest.raises(RiftError, match=part):
        read(data)


@given(st.integers(0, 5000), st.binary(max_size=6))
def test_any_damage_ends_in_an_error_or_a_transcript(position: int, piece: bytes) -> None:
    data = qdpx(selection("know", "c1"))
    position %= len(data)
    source = Source(Path("a.qdpx"), data[:position] + piece + data[position + len(piece) :])
    assert 0 <= refi.sniff(source) <= 1
    try:
        refi.read(source)
    except RiftError:
        return


def test_turns_are_found_behind_stamps_and_line_numbers() -> None:
    text = "T: Head\n1 T: Well #00:00:04-2# then. #00:00:05-0#\n2 P:\n3 Well.\nPage 2\n4 T: Well\n"
    turns = [Turn("T", "Well then."), Turn("P", "Well."), Turn("T", "Well")]
    found = find_turns(text, turns)
    assert [text[start:end] for start, end in zip(found.words, found.ends, strict=True)] == [
        "Well #00:00:04-2# then. #00:00:05-0#",
        "Well.",
        "Well",
    ]
