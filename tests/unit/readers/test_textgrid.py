from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import text, textgrid
from rift.readers.contract import Source
from rift.readers.registry import read_file
from rift.schema import Turn

LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 9
tiers? <exists>
size = 4
item []:
    item [1]:
        class = "IntervalTier"
        name = "Therapist"
        xmin = 0
        xmax = 9
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 2.5
            text = "He said ""no"" at 3
text = 5! "
        intervals [2]:
            xmin = 2.5
            xmax = 6
            text = ""
        intervals [3]:
            xmin = 6
            xmax = 9
            text = "sil"
    item [2]:
        class = "IntervalTier"
        name = "Patient"
        xmin = 0
        xmax = 9
        intervals: size = 2
        intervals [1]:
            xmin = 1.5
            xmax = 3
            text = "Ja, sch\\o""n"
        intervals [2]:
            xmin = 3
            xmax = 1e1
            text = "[long pause]"
    item [3]:
        class = "TextTier"
        name = "events"
        xmin = 0
        xmax = 9
        points: size = 1
        points [1]:
            number = 2
            mark = "cough"
    item [4]:
        class = "IntervalTier"
        name = "Patient - words"
        xmin = 0
        xmax = 9
        intervals: size = 1
        intervals [1]:
            xmin = 1.5
            xmax = 2
            text = "Ja"
"""
SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
9
<exists>
2
"IntervalTier"
"A"
0
9
1
0
4
"yes"
"IntervalTier"
""
0
9
1
0
2
"who"
"""
TURNS = (
    Turn("Therapist", 'He said "no" at 3\ntext = 5!', 0.0, 2.5),
    Turn("Patient", "Ja, schön", 1.5, 3.0),
    Turn("Patient", "[long pause]", 3.0, 10.0),
)


def source(content: str | bytes, name: str = "a.TextGrid") -> Source:
    return Source(Path(name), content.encode("utf-8", "replace") if isinstance(content, str) else content)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_long_format_in_every_encoding(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(LONG.replace("\n", "\r\n").encode(codec))
    found = read_file(path)
    assert found.format == "textgrid"
    assert found.transcripts[0].turns == TURNS
    assert [warning.partition(": ")[2] for warning in found.transcripts[0].warnings] == [
        "1 tier of points left out: 'events' (1 label)",
        "1 tier of words or sounds left out: 'Patient - words' (1 label)",
        "1 mark of silence left out",
    ]


def test_short_format() -> None:
    turns = (Turn("A", "yes", 0.0, 4.0), Turn(None, "who", 0.0, 2.0))
    (found,) = textgrid.read(source(SHORT))
    assert found.turns == turns
    older = SHORT.replace('ooTextFile"', 'ooTextFile short"').replace("Object class = ", "")
    assert textgrid.sniff(source(older)) == 0.95
    assert textgrid.read(source(older))[0].turns == turns


def test_chronological_format() -> None:
    content = """"Praat chronological TextGrid text file"
0 3   ! Time domain.
2   ! Number of tiers.
"IntervalTier" "A" 0 3
"TextTier" "B" 0 3

1 0 2
"one"
2 1.5
"bell"
1 2 3
"two"
"""
    assert textgrid.sniff(source(content)) == 0.95
    assert textgrid.read(source(content))[0].turns == (Turn("A", "one", 0.0, 2.0), Turn("A", "two", 2.0, 3.0))


def test_tiers_of_words_are_read_where_no_other_holds_them() -> None:
    (found,) = textgrid.read(
        source(SHORT.replace('"A"', '"words"').replace('"IntervalTier"\n""', '"IntervalTier"\n"phones"'))
    )
    assert [turn.speaker for turn in found.turns] == ["words"]
    (found,) = textgrid.read(
        source(SHORT.replace('"A"', '"words"').replace('"IntervalTier"\n""', '"IntervalTier"\n"P"'))
    )
    assert [turn.speaker for turn in found.turns] == ["words", "P"]


def test_intervals_out_of_order_are_told() -> None:
    content = SHORT.replace('9\n1\n0\n4\n"yes"', '9\n2\n5\n4\n"yes"\n1\n2\n"no"')
    (found,) = textgrid.read(source(content))
    assert found.turns == (Turn(None, "who", 0.0, 2.0), Turn("A", "no", 1.0, 2.0), Turn("A", "yes", 5.0))
    assert found.warnings == (
        "1 interval ending before it begins",
        "1 interval earlier than the one before in its tier, put in order",
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (SHORT[:-20], "cut off"),
        (SHORT[:-2], "closing quotation mark"),
        (SHORT.replace('"IntervalTier"', '"Pitch"'), "a tier was expected, not 'Pitch'"),
        (SHORT.replace("4\n", '"4"\n'), "a number was expected, not a string"),
        (SHORT.replace("9\n1\n", "9\n1e300\n"), "a number was expected, not a string"),
        (SHORT.replace("4\n", "1e999\n"), "a time is no number"),
        (SHORT.replace("<exists>", "<absent>"), "no interval in this TextGrid has a label"),
    ],
)
def test_damage_is_refused(content: str, problem: str) -> None:
    with pytest.raises(RiftError, match=problem):
        textgrid.read(source(content))


def test_other_text_is_none() -> None:
    assert textgrid.sniff(source("T: a\nP: b\n", "a.txt")) == 0
    assert text.sniff(source(LONG)) == 0


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(LONG)), st.integers(0, 80), st.text(max_size=6))
def test_a_damaged_file_gives_an_error_or_a_transcript(at: int, length: int, put: str) -> None:
    try:
        (found,) = textgrid.read(source(LONG[:at] + put + LONG[at + length :]))
    except RiftError:
        return
    assert found.turns
