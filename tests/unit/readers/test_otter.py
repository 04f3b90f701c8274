from __future__ import annotations

from pathlib import Path

from rift.readers import otter, text
from rift.readers.contract import Source
from rift.schema import Turn

OTTER = """Intake, part 1

Dr. Lee: Intake  0:00\x20\x20
Okay, we are recording.

Unknown Speaker  0:03\x20\x20
Yeah.

And so on.

Dr. Lee: Intake  59:58\x20\x20
And before we stop, how was today?

Speaker 2  1:00:04\x20\x20
It was, um, at 3:15 I nearly left.

Transcribed by https://otter.ai
"""


def source(content: str) -> Source:
    return Source(Path("a.txt"), content.encode())


def test_names_and_times_on_their_own_line() -> None:
    (transcript,) = otter.read(source(OTTER))
    assert transcript.turns == (
        Turn("Dr. Lee: Intake", "Okay, we are recording.", 0.0),
        Turn("Unknown Speaker", "Yeah.\nAnd so on.", 3.0),
        Turn("Dr. Lee: Intake", "And before we stop, how was today?", 3598.0),
        Turn("Speaker 2", "It was, um, at 3:15 I nearly left.", 3604.0),
    )
    assert transcript.warnings == ("1 line before the first speaker left out: line 1, 'Intake, part 1'",)


def test_the_content_tells_it_from_labelled_text() -> None:
    assert otter.sniff(source(OTTER)) > text.sniff(source(OTTER))
    labelled = source("T: We met at 3:15\nand so on\n\nP: Yes, at 3:15\nor so\n\nT: ok\n")
    assert otter.sniff(labelled) == 0
    assert text.sniff(labelled) == 0.7


def test_teams_writes_times_in_words() -> None:
    teams = """Dr. Lee   59 minutes 58 seconds
And before we stop, how was today?

Speaker 2 1 hour 0 minutes 4 seconds
It was fine. It took 5 minutes 2 seconds.
"""
    (transcript,) = otter.read(source(teams))
    assert transcript.turns == (
        Turn("Dr. Lee", "And before we stop, how was today?", 3598.0),
        Turn("Speaker 2", "It was fine. It took 5 minutes 2 seconds.", 3604.0),
    )
    assert otter.sniff(source(teams)) > text.sniff(source(teams))
