from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import srt, text, vtt
from rift.readers.contract import Source
from rift.schema import Transcript, Turn


def source(content: str, name: str = "a.vtt") -> Source:
    return Source(Path(name), content.encode())


def read(content: str) -> Transcript:
    (transcript,) = vtt.read(source(content))
    return transcript


ZOOM = """WEBVTT

1
00:00:02.370 --> 00:00:05.190
Anna M. (she/her): So how did that go?

2
00:00:05.190 --> 00:00:06.000
Like: badly.

3
00:00:06.100 --> 00:00:08.000
iPhone von P: 7:30 was too early.
"""


def test_names_before_a_colon_and_cues_that_go_on() -> None:
    transcript = read(ZOOM)
    assert transcript.turns == (
        Turn("Anna M. (she/her)", "So how did that go? Like: badly.", 2.37, 6.0),
        Turn("iPhone von P", "7:30 was too early.", 6.1, 8.0),
    )
    assert transcript.warnings == ()


TEAMS = """\ufeffWEBVTT

0e4a-1/12-0
00:00:03.300 --> 00:00:06.870
<v Müller, Anna>Guten Tag &amp; hallo.</v>

NOTE-42
00:00:07,000 --> 00:00:09,000
<v Müller, Anna>Ja --> oder?</v>
<v.loud Patient P07>
Nein. <inaudible></v>

NOTE Confidence: 0.9

NOTE
two lines
of a comment

00:12.000 --> 00:11.000 align:start position:0%
<c>und</c> <00:00:12.500><i>so</i>
"""


def test_voice_tags_several_in_a_cue_and_ids_that_look_like_comments() -> None:
    transcript = read(TEAMS)
    assert transcript.turns == (
        Turn("Müller, Anna", "Guten Tag & hallo.", 3.3, 6.87),
        Turn("Müller, Anna", "Ja --> oder?", 7.0, 9.0),
        Turn("Patient P07", "Nein. <inaudible> und so", 7.0, None),
    )
    assert transcript.warnings == ("1 cue that would end before its start, read without an end: line 19",)


def test_captions_that_roll_are_said_once() -> None:
    lines = ["so", "how are you", "fine I think", "are you", "yes"]
    cues = [f"00:00:0{i}.000 --> 00:00:0{i + 1}.000\n{a}\n{b}" for i, (a, b) in enumerate(pairwise(lines))]
    turns = read("WEBVTT\n\n" + "\n\n".join(cues)).turns
    assert " ".join(turn.text for turn in turns) == " ".join(lines)


def test_a_name_that_occurs_once_among_many_is_told() -> None:
    cues = ["Ann: a", "Bob: b", "Ann: c", "Bob: d", "Monday: it rained"]
    body = "\n\n".join(f"00:00:0{i}.000 --> 00:00:0{i}.500\n{cue}" for i, cue in enumerate(cues))
    transcript = read("WEBVTT\n\n" + body)
    assert transcript.turns[-1] == Turn("Monday", "it rained", 4.0, 4.5)
    assert transcript.warnings == ("1 name read before a colon only once, perhaps speech: 'Monday'",)


SRT = """1
00:00:01,000 --> 00:00:02,500
[SPEAKER_00]: Hello.

2
0:00:09,8 --> 0:00:11
[SPEAKER_01]: Not now.

still me
3
00:00:12 --> 00:00:13
>> SPEAKER_00: I see.
4
00:00:10,000 --> 00:00:1x,000
{\\an8}Well.

5
00:00:20,000 --> 00:00:21,000

"""


def test_srt_with_odd_times_blank_lines_and_missing_ones() -> None:
    (transcript,) = srt.read(source(SRT, "a.srt"))
    assert transcript.turns == (
        Turn("SPEAKER_00", "Hello.", 1.0, 2.5),
        Turn("SPEAKER_01", "Not now. still me", 9.8, 11.0),
        Turn("SPEAKER_00", "I see. Well.", 12.0, None),
    )
    assert transcript.warnings == (
        "1 line without a time of their own, added to the cue before: line 9",
        "1 cue with a time that cannot be read, kept without it: line 14",
        "1 cue without text left out: line 18",
    )


def test_the_content_tells_the_formats_apart() -> None:
    assert vtt.sniff(source(ZOOM, "a.txt")) > srt.sniff(source(ZOOM, "a.txt"))
    assert srt.sniff(source(SRT, "a.txt")) > text.sniff(source(SRT, "a.txt"))
    assert srt.sniff(source("T: a --> b\nP: yes\n", "a.txt")) == 0
    assert vtt.sniff(source("T: a\nP: yes\n", "a.txt")) == 0


@example(["", "NOTE x", "plain words"])
@given(st.lists(st.sampled_from([
    "WEBVTT", "", "", "NOTE x", "1", "00:00:01.000 --> 00:00:02.000", "00:03 --> 00:01", "9 --> x",
    "<v Ann>Hi",
    "Ann: hello", "Like: so", "plain words", "a --> b", "STYLE", "&amp;<c>x</c>",
])))  # fmt: skip
def test_no_word_is_lost(lines: list[str]) -> None:
    """Words of lines below a timing line are in some turn, whatever stands around them."""
    content = "\n".join(["WEBVTT", "", "00:00:00.000 --> 00:00:01.000", "first", "", *lines])
    try:
        found = " ".join(f"{turn.speaker} {turn.text}" for turn in read(content).turns)
    except RiftError:
        pytest.fail("a file with a cue is readable")
    assert "first" in found
    blocks = content.split("\n\n")
    for block in blocks:
        comment = block.strip("\n").split("\n")[0] in {"NOTE x", "STYLE"}
        # Above a timing line the words would be the cue's identifier.
        if "plain words" in block and not comment and "-->" not in block:
            assert "plain words" in found
