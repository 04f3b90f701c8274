from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import chat, text
from rift.readers.contract import Source
from rift.readers.registry import read_file
from rift.schema import Turn

FILE = """@UTF8
@Begin
@Languages:\teng
@Participants:\tTHE Therapist Investigator, PAT Patient Participant
@Media:\tother_name, audio
*THE:\t<so how> [/] so how <was it> [>] ? \x150_1500\x15
%mor:\tadv|so
\tadv|how
*PAT:\t+< <it was> [<] &-um (.) xxx gon(na) \x151400_2000\x15 be
\tfine@c &=laughs [=! laughing] +... \x152500_4000\x15
%com:\tsighs
@Comment:\ta break
*THE:\tgoed [: good] [*] [long pause] +/. [+ bch]
*PAT:\t0 .
@End
"""


def source(content: str, name: str = "a.cha") -> Source:
    return Source(Path(name), content.encode("utf-8", "replace"))


def test_main_lines_with_bullets_and_without_marks() -> None:
    (found,) = chat.read(source(FILE))
    assert found.turns == (
        Turn("THE", "so how so how was it ?", 0.0, 1.5),
        Turn("PAT", "it was &-um (.) xxx gon(na) be fine &=laughs [laughing] ...", 1.4, 4.0),
        Turn("THE", "goed [long pause] ."),
        Turn("PAT", "0 ."),
    )
    assert found.warnings == (
        "1 code of utterances ([+ ...]) left out",
        "2 lines below the speakers' left out: %com 1, %mor 1",
        "1 comment left out: line 12",
    )


def test_names_with_blanks_and_colons_in_speech() -> None:
    (found,) = chat.read(source("@Begin\n*MS. A: \tfirst: of all\n\t(0.3)\n*B:  \tno\n@End"))
    assert found.turns == (Turn("MS. A", "first: of all (0.3)"), Turn("B", "no"))


def test_older_bullets_name_the_recording() -> None:
    (found,) = chat.read(source('@Begin\n*A:\tyes . \x15%snd:"tape 1_2.wav"_100_2500\x15\n@End'))
    assert found.turns == (Turn("A", "yes .", 0.1, 2.5),)


def test_what_is_no_tier_and_a_cut_off_file_are_told() -> None:
    (found,) = chat.read(source("@Begin\nnotes\n*A no colon\n*A:\tyes . \x1530_20\x15\n*B:\t\x15"))
    assert found.turns == (Turn("A", "yes .", 0.03, 0.02), Turn("B", ""))
    assert found.warnings == (
        "1 time ending before it begins: line 4",
        "1 turn without words: line 5",
        "2 lines of no speaker left out: line 2-3, 'notes'",
        "the line @End is missing: the file may be cut off",
    )


def test_the_content_tells_it_from_labelled_text(tmp_path: Path) -> None:
    assert chat.sniff(source(FILE, "a.txt")) == 0.95
    assert text.sniff(source(FILE)) == 0
    assert chat.sniff(source("*A:\tyes\n*B:\tno\n")) == 0.9
    assert chat.sniff(source("*T*: yes\n@ 3 o'clock\n", "a.txt")) == 0
    path = tmp_path / "a.txt"
    path.write_text(FILE)
    assert read_file(path).format == "chat"


def test_a_file_without_speech_is_refused() -> None:
    with pytest.raises(RiftError, match="no line of a speaker"):
        chat.read(source("@UTF8\n@Begin\n@End\n"))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(FILE)), st.integers(0, 80), st.text(max_size=6))
def test_a_damaged_file_gives_an_error_or_a_transcript(at: int, length: int, put: str) -> None:
    try:
        (found,) = chat.read(source(FILE[:at] + put + FILE[at + length :]))
    except RiftError:
        return
    assert all(turn.speaker for turn in found.turns)
