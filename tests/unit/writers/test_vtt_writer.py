from __future__ import annotations

from pathlib import Path

import pytest

from rift.errors import RiftError
from rift.readers.registry import read_transcripts
from rift.schema import Mark, Transcript, Turn
from rift.writers import vtt

TURNS = (Turn("T", "How?", 0.5, 2.0), Turn("P", "Fine.", 2.0), Turn("T", "Mm.", 3_725.25, 3_726.0))
MARKS = (
    Mark("A", "turn", "denial", "present", "row 1", 1, 1, value=3.0),
    Mark("A", "turn", "denial", "absent", "row 2", 2, 2),
    Mark("B <x>", "segment", "rupture & repair", "present", "row 3", start_s=1.0, end_s=1.5),
    Mark("B", "session", "withdrawal", "present", "row 4"),
)


def test_marks_are_cues_in_the_order_of_time(tmp_path: Path) -> None:
    session = Transcript(TURNS, "a.eaf", marks=MARKS)
    model = [Mark(None, "turn", "redirects", "present", "turn 2", 2)]
    assert vtt.write(session, tmp_path / "a.vtt", model) == 1, "the mark of the session has no time"
    (read,) = read_transcripts(tmp_path / "a.vtt")
    assert read.turns == (
        Turn("B <x", "rupture & repair", 1.0, 1.5),
        Turn("A", "denial (3)", 2.0, 3725.25),
        Turn("RIFT model", "redirects", 3725.25, 3726.0),
    )


def test_without_any_time_there_is_nothing_to_show(tmp_path: Path) -> None:
    session = Transcript((Turn("P", "Fine."),), "a.txt", marks=(Mark("A", "turn", "x", "present", "", 0, 0),))
    with pytest.raises(RiftError, match="no mark has a time"):
        vtt.write(session, tmp_path / "a.vtt")
    assert not list(tmp_path.iterdir())
