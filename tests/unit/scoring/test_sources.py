"""Paths to files, and files to sessions."""

import pytest

from rift.errors import RiftError
from rift.readers import registry
from rift.scoring.sources import Reading, find_sources, read_sessions

WORDS = "T: so well\nP: silent\n"


@pytest.fixture
def new(tmp_path):
    folder = tmp_path / "new"
    (folder / "deeper").mkdir(parents=True)
    for name in ("P01_S01.txt", "P01_S02.txt", "P02_S01.TXT", "deeper/P09.csv", ".hidden.txt", "~$P01.txt"):
        (folder / name).write_text(WORDS)
    return folder


def names(*paths, out):
    return [file.path.relative_to(out.parent).as_posix() for file in find_sources(paths, out).files]


def test_a_folder_gives_what_some_reader_could_read(new, tmp_path):
    out = tmp_path / "out"
    assert names(new, out=out) == [
        "new/P01_S01.txt",
        "new/P01_S02.txt",
        "new/P02_S01.TXT",
        "new/deeper/P09.csv",
    ]
    assert find_sources([new], out).warnings == ()


def test_the_rest_of_a_folder_is_counted_by_kind(new, tmp_path):
    for name in ("notes.md", "corpus.yaml", "deeper/more.yaml", "deeper/README"):
        (new / name).write_text(WORDS)
    found = find_sources([new, new], tmp_path / "out")
    assert len(found.files) == 4
    (warning,) = found.warnings
    assert warning == (
        f"{new}: 4 files of other kinds (1 .md, 2 .yaml, 1 no suffix) passed over;"
        " to have one read, name it, or give a pattern"
    )
    (new / "only").mkdir()
    (new / "only/notes.md").write_text(WORDS)
    with pytest.raises(
        RiftError, match=r"no transcripts in this folder: 1 file of other kinds \(1 \.md\)"
    ) as caught:
        find_sources([new / "only"], tmp_path / "out")
    assert ".csv" in caught.value.remedy
    assert ".txt" in caught.value.remedy


def test_what_is_named_or_matched_is_always_tried(new, tmp_path):
    (new / "P07.transcript").write_text(WORDS)
    out = tmp_path / "out"
    assert names(new / "P07.transcript", out=out) == ["new/P07.transcript"]
    assert names(str(new / "*.trans*"), out=out) == ["new/P07.transcript"]
    assert find_sources([new / "P07.transcript", str(new / "*.trans*")], out).warnings == ()


def test_other_packages_announce_their_suffixes(new, tmp_path, monkeypatch):
    class Tapes:
        names = ("tape",)
        suffixes = (".TAPE", "reel")

    class Mute:
        names = ("mute",)

    known = registry.known_suffixes()
    monkeypatch.setattr(registry, "readers", lambda: (*registry.BUILT_IN, Tapes(), Mute()))
    (new / "P07.tape").write_text(WORDS)
    assert registry.known_suffixes() == tuple(sorted({*known, ".reel", ".tape"}))
    assert {".csv", ".tsv", ".txt", ".xlsx"} <= set(known)
    assert "new/P07.tape" in names(new, out=tmp_path / "out")


def test_each_file_once_in_the_order_given(new, tmp_path):
    assert names(new / "P01_S02.txt", new / "deeper", str(new / "P0*.txt"), out=tmp_path / "out") == [
        "new/P01_S02.txt", "new/deeper/P09.csv", "new/P01_S01.txt",
    ]  # fmt: skip


def test_results_in_the_folder_of_the_transcripts_are_no_transcripts(new, tmp_path):
    found = find_sources([new], new / "deeper").files
    assert [file.path.name for file in found] == ["P01_S01.txt", "P01_S02.txt", "P02_S01.TXT"]
    for out in (new, tmp_path):
        with pytest.raises(RiftError, match="lie in the folder for the results") as caught:
            find_sources([new], out)
        assert "--out" in caught.value.remedy
        # Named one by one they are meant.
        assert [file.path.name for file in find_sources([new / "P01_S01.txt"], out).files] == ["P01_S01.txt"]


def test_sources_that_are_not_there(tmp_path):
    (tmp_path / "empty").mkdir()
    for path, message in (
        (tmp_path / "missing.txt", "no such file or folder"),
        (tmp_path / "empty", "no transcripts in this folder"),
        (tmp_path / "*.txt", "no file matches"),
    ):
        with pytest.raises(RiftError, match=message):
            find_sources([path], tmp_path / "out")
    with pytest.raises(RiftError, match="no transcripts to score"):
        find_sources([], tmp_path / "out")


def test_ids_of_a_pattern_and_of_a_name(new, tmp_path):
    (file,) = find_sources([str(new / "{patient_id}_S02.txt")], tmp_path / "out").files
    (session,) = read_sessions(file, Reading()).sessions
    assert (session.patient_id, session.session_id) == ("P01", "P01_S02")
    assert session.roles == ("therapist", "patient")
    (new / "e\u0301.txt").write_text(WORDS)
    (file,) = find_sources([new / "e\u0301.txt"], tmp_path / "out").files
    (session,) = read_sessions(file, Reading()).sessions
    assert (session.patient_id, session.session_id) == ("", "\u00e9")


def test_an_id_inside_must_be_that_of_the_name(new, tmp_path):
    (new / "S7.csv").write_text("session_id,speaker,text\nS8,T,so\nS8,P,well\n")
    (file,) = find_sources([str(new / "{session_id}.csv")], tmp_path / "out").files
    read = read_sessions(file, Reading())
    assert read.sessions == ()
    (failure,) = read.failures
    assert failure.problem == "session_id is 'S7' by the file's name and 'S8' inside it"
    assert failure.where == str(new / "S7.csv")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"format": "vhs"}, "unknown format 'vhs'"),
        ({"encoding": "utf-99"}, "'utf-99' is no encoding of text"),
        ({"encoding": "base64"}, "'base64' is no encoding of text"),
    ],
)
def test_a_reading_that_no_file_could_be_read_by(options, problem):
    with pytest.raises(RiftError) as caught:
        Reading(**options).check()
    assert caught.value.problem == problem
    assert caught.value.remedy
    Reading(format="CSV", encoding="utf-16").check()
    Reading().check()
