from __future__ import annotations

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import refi as reader
from rift.readers.contract import Source
from rift.readers.registry import read_file
from rift.schema import Mark, Transcript, Turn
from rift.writers import refi
from rift.writers.marks import MODEL

TURNS = (
    Turn("T", "How was the week?", 0.0, 2.0),
    Turn("P", "Fine. 😶\u200d🌫️ I do not know.\nAnd you asked that before.", 2.0, 6.0),
    Turn("T", "I did ask.", 6.0, 7.0),
    Turn("P", "Whatever you say.", 7.0, 9.0),
)


def session(*marks: Mark, turns: tuple[Turn, ...] = TURNS, name: str | None = "S1") -> Transcript:
    return Transcript(turns, "a.txt", session_id=name, marks=marks)


def back(transcript: Transcript, *model: Mark) -> tuple[Transcript, tuple[str, ...]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.qdpx"
        warnings = refi.write(transcript, path, model)
        (found,) = reader.read(Source(path, path.read_bytes()))
    return found, warnings


def said(mark: Mark) -> tuple[object, ...]:
    return mark.coder, mark.unit, mark.label, mark.state, mark.first_turn, mark.last_turn, mark.value


def words(turns: tuple[Turn, ...]) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in turns]


def test_a_session_with_coders_and_a_model_reads_back(tmp_path: Path) -> None:
    marks = (
        Mark("Anna", "turn", "WD", "present", "m1", 1, 2),
        Mark("Anna", "turn", "CF", "uncodable", "m2", 1, 1, value=2.0),
        Mark("Ben", "turn", None, "absent", "m3", 3, 3),
        Mark(None, "session", "RES", "not_coded", "m4"),
    )
    found, warnings = back(session(*marks), Mark(None, "turn", "WD", "present", "m5", 3, 3))
    assert words(found.turns) == words(TURNS)
    assert found.session_id == "S1"
    assert sorted(map(repr, map(said, found.marks))) == sorted(
        map(repr, [*map(said, marks), (MODEL, "turn", "WD", "present", 3, 3, None)])
    )
    assert warnings == ()
    path = tmp_path / "new" / "a.qdpx"
    refi.write(session(*marks), path)
    assert read_file(path).format == "refi"
    assert [one.name for one in path.parent.iterdir()] == ["a.qdpx"]


def test_offsets_are_utf_16_units_over_two_characters_a_line_end(tmp_path: Path) -> None:
    path = tmp_path / "a.qdpx"
    refi.write(session(Mark("A", "turn", "WD", "present", "m", 2, 2)), path)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        (member,) = (name for name in archive.namelist() if name.startswith("Sources/"))
        stored, project = archive.read(member).decode(), archive.read("project.qde").decode()
    assert stored.startswith("T: How was the week?\r\nP: Fine.")
    start = len(stored[: stored.index("I did ask.")].encode("utf-16-le")) // 2
    assert f'startPosition="{start}" endPosition="{start + 10}"' in project


def test_marks_in_time_are_on_the_turns_then_spoken() -> None:
    inside = Mark("A", "segment", "WD", "present", "m", start_s=5.0, end_s=6.5)
    nowhere = Mark("A", "segment", "WD", "present", "m", start_s=90.0, end_s=95.0)
    found, warnings = back(session(inside, nowhere))
    assert [(mark.first_turn, mark.last_turn) for mark in found.marks] == [(1, 2)]
    told = "session S1: 1 mark left out, on no turn and at no time of one: mark 1 (counted from 0)"
    assert warnings == (told,)


def test_turns_without_speakers_and_several_sessions(tmp_path: Path) -> None:
    nameless = (Turn(None, "One here."), Turn(None, "Two here."))
    path = tmp_path / "a.qdpx"
    assert refi.write_project([(session(turns=nameless, name=None), ()), (session(name="B"), ())], path) == ()
    first, second = reader.read(Source(path, path.read_bytes()))
    assert (first.session_id, first.turns) == ("session 1", nameless)
    assert words(second.turns) == words(TURNS)
    mixed = back(session(turns=(*nameless, *TURNS)))
    assert mixed[1] == ("session S1: 2 turns would be read back otherwise: 0-1 (counted from 0)",)


def test_words_that_would_read_as_a_label_are_told() -> None:
    turns = (*TURNS, Turn("P", "She said.\nT: go away."))
    assert back(session(turns=turns))[1] == (
        "session S1: 5 turns were written, and 6 would be read back from its text",
    )


def test_what_has_no_place_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.qdpx"
    with pytest.raises(RiftError, match="there are 4 turns"):
        refi.write(session(Mark("A", "turn", "WD", "present", "m", 4, 4)), path)
    with pytest.raises(RiftError, match="no turns"):
        refi.write(session(turns=()), path)
    with pytest.raises(RiftError, match="two sessions of one name"):
        refi.write_project([(session(), ()), (session(), ())], path)
    with pytest.raises(RiftError, match="no session"):
        refi.write_project([], path)
    assert list(tmp_path.iterdir()) == []


_SAID = st.lists(
    st.sampled_from(["well", "I", "know,", "😀", "né", "[pause]", "(laughs)", "שלום", "no."]),
    min_size=1, max_size=6,
).map(" ".join)  # fmt: skip
_WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
_LABELS = st.none() | _WORDS.map(str.strip).filter(bool)
_CODERS = st.none() | st.sampled_from(["Anna", "Ben <b>", "Çağ"])


@st.composite
def sessions(draw: st.DrawFn) -> Transcript:
    speakers = draw(st.sampled_from([("T", "P"), ("Therapist", "Client"), ("Dr. Lee", "Kim")]))
    texts = draw(st.lists(_SAID, min_size=4, max_size=9))
    turns = tuple(Turn(speakers[i % 2], said) for i, said in enumerate(texts))
    marks = []
    for _ in range(draw(st.integers(0, 6))):
        first = draw(st.integers(0, len(turns) - 1))
        last = draw(st.integers(first, len(turns) - 1))
        label, state = draw(_LABELS), draw(st.sampled_from(["present", "absent", "uncodable", "not_coded"]))
        state = "absent" if label is None and state == "present" else state
        value = draw(st.none() | st.floats(1, 5))
        marks.append(Mark(draw(_CODERS), "turn", label, state, "m", first, last, value=value))
    return session(*marks, turns=turns)


@given(sessions())
def test_what_is_written_reads_back(transcript: Transcript) -> None:
    found, warnings = back(transcript)
    assert warnings == ()
    assert found.turns == transcript.turns
    assert list(map(said, found.marks)) == list(map(said, transcript.marks))
