from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import elan as reader
from rift.readers.contract import Source
from rift.readers.registry import read_file
from rift.schema import Mark, Transcript, Turn
from rift.writers import elan
from rift.writers.marks import MODEL

TURNS = (Turn("T", "How was it?", 0.0, 1.5), Turn("P", "Fine.", 1.25, 2.0), Turn("P", "I left.", 3.0, 4.0))


def session(*marks: Mark, turns: tuple[Turn, ...] = TURNS) -> Transcript:
    return Transcript(turns, "a.txt", marks=marks)


def back(transcript: Transcript, *model: Mark) -> Transcript:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.eaf"
        elan.write(transcript, path, model)
        (found,) = reader.read(Source(path, path.read_bytes()))
    return found


def said(mark: Mark) -> tuple[object, ...]:
    return mark.coder, mark.unit, mark.label, mark.state, mark.first_turn, mark.last_turn, mark.value


def test_a_session_with_coders_and_a_model_reads_back(tmp_path: Path) -> None:
    marks = (
        Mark("Anna", "turn", "WD", "present", "m1", 1, 2),
        Mark("Anna", "turn", "CF", "uncodable", "m2", 1, 1, value=2.0),
        Mark("Anna", "turn", None, "absent", "m3", 0, 0),
        Mark("Ben@work", "segment", "WD", "present", "m4", start_s=0.5, end_s=3.5),
        Mark(None, "session", "RES", "not_coded", "m5"),
    )
    found = back(session(*marks), Mark(None, "turn", "WD", "present", "m6", 2, 2))
    assert found.turns == TURNS
    assert sorted(map(repr, map(said, found.marks))) == sorted(
        map(repr, [*map(said, marks), (MODEL, "turn", "WD", "present", 2, 2, None)])
    )
    path = tmp_path / "new" / "a.eaf"
    elan.write(session(*marks), path)
    assert read_file(path).format == "elan"
    assert [one.name for one in path.parent.iterdir()] == ["a.eaf"]
    content = path.read_text()
    for name in ("T", "P", "codes@Anna", "codes 2@Anna", "codes@Ben@work", "session codes"):
        assert f'TIER_ID="{name}"' in content


def test_speakers_whose_names_read_like_something_else() -> None:
    turns = tuple(
        Turn(name, f"Word {i}, and more.", float(i), i + 0.5)
        for i, name in enumerate([None, "Coder", "notes", "a@b", "WD", "Text", "T", None])
    )
    assert back(session(turns=turns)).turns == turns


def test_ends_that_no_file_gave_are_where_the_next_turn_begins() -> None:
    turns = (Turn("T", "Well.", 0.0), Turn("P", "Yes.", 2.0), Turn("P", "No.", 2.0))
    assert [turn.end_s for turn in back(session(turns=turns)).turns] == [2.0, 2.001, 3.0]


@pytest.mark.parametrize(
    ("transcript", "part"),
    [
        (session(turns=(Turn("T", "Well."),)), "has no time"),
        (session(turns=(Turn("T", "Well.", -1.0),)), "is no time"),
        (session(turns=(Turn("T", "Well.", float("nan")),)), "is no time"),
        (session(Mark("A", "segment", "WD", "present", "m")), "without turns or times"),
        (session(Mark("A", "turn", "WD", "present", "m", 3, 3)), "there are 3 turns"),
    ],
)
def test_what_has_no_place_is_refused(transcript: Transcript, part: str, tmp_path: Path) -> None:
    with pytest.raises(RiftError, match=part):
        elan.write(transcript, tmp_path / "a.eaf")
    assert list(tmp_path.iterdir()) == []


_WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
_NAMES = st.none() | _WORDS.map(str.strip).filter(bool)
_TEXTS = _WORDS.map(str.strip).filter(bool)
_STATES = st.sampled_from(["present", "absent", "uncodable", "not_coded"])


@st.composite
def sessions(draw: st.DrawFn) -> Transcript:
    turns, time = [], 0
    for _ in range(draw(st.integers(1, 6))):
        time += draw(st.integers(1, 5000))
        length = draw(st.integers(1, 5000))
        turns.append(Turn(draw(_NAMES), draw(_TEXTS), time / 1000, (time + length) / 1000))
    marks = []
    for _ in range(draw(st.integers(0, 6))):
        first = draw(st.integers(0, len(turns) - 1))
        label, state = draw(st.none() | _TEXTS), draw(_STATES)
        state = "absent" if label is None and state == "present" else state
        value = draw(st.none() | st.integers(1, 5).map(float))
        marks.append(Mark(draw(_NAMES), "turn", label, state, "m", first, first, value=value))
    return session(*marks, turns=tuple(turns))


@given(sessions())
def test_what_is_written_reads_back(transcript: Transcript) -> None:
    found = back(transcript)
    assert found.turns == transcript.turns
    assert sorted(map(repr, map(said, found.marks))) == sorted(map(repr, map(said, transcript.marks)))


@pytest.mark.parametrize("speaker", ["@", "codes", "Anna"])
def test_a_speaker_who_overlaps_herself_keeps_her_name(speaker: str) -> None:
    turns = (
        Turn(speaker, "one", 0.002, 0.004),
        Turn(speaker, "two", 0.003, 0.005),
        Turn(None, "x", 1.0, 2.0),
    )
    assert back(session(turns=turns)).turns == turns
