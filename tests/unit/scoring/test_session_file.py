"""The JSON of a session: there and back, names, and no words."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rift.schema import Turn
from rift.scoring.session import SpokenSession, score_session
from rift.scoring.session_file import Origin, read_session, session_path, words_digest, write_session

ORIGIN = Origin("new/a.txt", "s" * 64, "w" * 64, "tiny", "m" * 64, "0")


def spoken(texts=("so silent", "feel", "silent"), roles=("patient", "therapist", "patient")):
    turns = tuple(
        Turn(who, text, None if i == 1 else float(i), None)
        for i, (who, text) in enumerate(zip(roles, texts, strict=True))
    )
    return SpokenSession("P 1", "Sitzung ä", turns, roles, tuple(range(len(texts))))


def test_there_and_back(tiny, tmp_path):
    score = score_session(tiny.scorer, spoken())
    path = tmp_path / "s.json"
    write_session(score, ORIGIN, tiny.scorer.manifest, path)
    back, origin = read_session(path, tiny.columns)
    assert origin == ORIGIN
    np.testing.assert_allclose(back.probabilities, score.probabilities, atol=5.1e-7)
    np.testing.assert_array_equal(back.flags, score.flags)
    np.testing.assert_array_equal(back.judged, score.judged)
    for name in ("patient_id", "session_id", "turn", "speakers", "start_s", "end_s", "labels", "classes"):
        assert getattr(back, name) == getattr(score, name)
    assert len(score.episodes) == 1
    assert back.answers_known == score.answers_known
    assert [replace(e, peak=round(e.peak, 6)) for e in score.episodes] == list(back.episodes)


def test_what_a_reader_of_the_file_finds(tiny, tmp_path):
    write_session(score_session(tiny.scorer, spoken()), ORIGIN, tiny.scorer.manifest, tmp_path / "s.json")
    text = (tmp_path / "s.json").read_text()
    content = json.loads(text)
    assert content["labels"] == list(tiny.columns)
    assert content["status"]["confrontation"] == "not released"
    assert content["turns"][1]["p"][:2] == [None, None]
    assert content["turns"][1]["flag"][:3] == [None, None, True]
    assert content["turns"][0]["speaker"] == "patient"
    assert all(len(f"{p}") <= 8 for turn in content["turns"] for p in turn["p"] if p is not None)
    assert content["episodes"][0]["markers"] == ["quiet"]
    assert text.count('\n{"turn"') == 3
    assert "silent" not in text


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"format": 1}', '{"format": 2, "labels": ["quiet"]}'],
)
def test_what_is_no_session_file_is_none(tiny, tmp_path, content):
    (tmp_path / "s.json").write_text(content)
    assert read_session(tmp_path / "s.json", tiny.columns) is None
    assert read_session(tmp_path / "missing.json", tiny.columns) is None


def test_cut_off_anywhere_it_is_none(tiny, tmp_path):
    write_session(score_session(tiny.scorer, spoken()), ORIGIN, tiny.scorer.manifest, tmp_path / "s.json")
    text = (tmp_path / "s.json").read_text().rstrip()
    for stop in range(0, len(text), 37):
        (tmp_path / "cut.json").write_text(text[:stop])
        assert read_session(tmp_path / "cut.json", tiny.columns) is None


def test_a_file_of_other_labels_is_none(tiny, tmp_path):
    write_session(score_session(tiny.scorer, spoken()), ORIGIN, tiny.scorer.manifest, tmp_path / "s.json")
    assert read_session(tmp_path / "s.json", tiny.columns[::-1]) is None


@pytest.mark.parametrize("field", ["source_sha256", "words_sha256", "model_sha256", "rift_version"])
def test_origins_differ_by_all_but_the_place(field):
    assert ORIGIN.same(replace(ORIGIN, source="moved/a.txt"))
    assert not ORIGIN.same(replace(ORIGIN, **{field: "x"}))


def test_the_digest_of_words_sees_words_roles_and_times():
    digest = words_digest(spoken())
    assert digest == words_digest(spoken())
    assert digest != words_digest(spoken(texts=("so silent", "feel", "Silent")))
    assert digest != words_digest(spoken(roles=("patient", "patient", "patient")))
    later = replace(spoken(), turns=(replace(spoken().turns[0], start_s=0.5), *spoken().turns[1:]))
    assert digest != words_digest(later)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (("P01", "S01"), "P01_S01.json"),
        (("", "N01_S01"), "N01_S01.json"),
        (("Müller", "3. Sitzung"), "Müller_3.-Sitzung.json"),
        (("..", "../../etc/passwd"), "_..-..-etc-passwd.json"),
    ],
)
def test_names(tmp_path, key, name):
    assert session_path(tmp_path, *key).name == name


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_key_gives_a_name_that_stays_in_the_folder(patient, session):
    folder = Path("sessions")
    for plain in (True, False):
        path = session_path(folder, patient, session, plain=plain)
        assert path.parent == folder
        assert not path.name.startswith(".")
        assert path.suffix == ".json"
        assert not set('<>:"/\\|?*\0\n') & set(path.name)
        assert len(path.name) <= 120
