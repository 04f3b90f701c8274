import unicodedata
from pathlib import Path

import pytest

from rift.corpus.paths import FoundFile, find_files, name_as_id
from rift.errors import RiftError


@pytest.fixture
def folder(tmp_path):
    def make(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
        return tmp_path

    return make


def found(folder, *patterns):
    return [
        (file.path.relative_to(folder).as_posix(), dict(file.fields))
        for file in find_files(patterns, folder, "corpus.yaml")
    ]


def test_fields_are_read_from_folder_and_file_names(folder):
    root = folder("P02/S1.txt", "P01/S1.txt", "P01/S2.txt", "P01/notes/S3.txt", "P01/S1.docx")
    assert found(root, "{patient_id}/{session_id}.txt") == [
        ("P01/S1.txt", {"patient_id": "P01", "session_id": "S1"}),
        ("P01/S2.txt", {"patient_id": "P01", "session_id": "S2"}),
        ("P02/S1.txt", {"patient_id": "P02", "session_id": "S1"}),
    ]


def test_wildcards(folder):
    root = folder("a/x/P1.txt", "a/P2.txt", "P3.txt", "b/P44.txt")
    assert [name for name, _ in found(root, "a/**/*.txt")] == ["a/P2.txt", "a/x/P1.txt"]
    assert [fields for _, fields in found(root, "**/{patient_id}.txt")] == [
        {"patient_id": p} for p in ("P3", "P2", "P1", "P44")
    ]
    assert [name for name, _ in found(root, "*/P?.txt")] == ["a/P2.txt"]


def test_a_field_that_stands_twice_must_agree(folder):
    root = folder("P1/P1_S1.txt", "P1/P2_S1.txt")
    assert found(root, "{patient_id}/{patient_id}_{session_id}.txt") == [
        ("P1/P1_S1.txt", {"patient_id": "P1", "session_id": "S1"})
    ]


def test_the_first_of_several_patterns_gives_the_fields_and_no_file_comes_twice(folder):
    root = folder("P1_A.csv", "B.csv")
    assert found(root, "{patient_id}_{coder}.csv", "{coder}.csv") == [
        ("B.csv", {"coder": "B"}),
        ("P1_A.csv", {"patient_id": "P1", "coder": "A"}),
    ]


def test_hidden_files_lock_files_and_folders_are_passed_over(folder):
    root = folder("a.xlsx", "~$a.xlsx", ".b.xlsx", "c.xlsx/inside")
    assert found(root, "*.xlsx") == [("a.xlsx", {})]


def test_brackets_and_dots_are_literal(folder):
    root = folder("[1] a.txt", "1 a.txt", "[1] axtxt")
    assert found(root, "[1] {session_id}.txt") == [("[1] a.txt", {"session_id": "a"})]


def test_decomposed_accents_become_composed(folder):
    root = folder(unicodedata.normalize("NFD", "Zoë_1.txt"))
    assert found(root, "{patient_id}_{session_id}.txt")[0][1]["patient_id"] == "Zoë"


def test_an_absolute_pattern(folder, tmp_path_factory):
    root = folder("P1.txt")
    files = find_files([f"{root.as_posix()}/{{patient_id}}.txt"], tmp_path_factory.mktemp("other"), "x")
    assert [(file.path, file.fields) for file in files] == [(root / "P1.txt", {"patient_id": "P1"})]


def test_a_name_with_two_readings_is_an_error(folder):
    root = folder("P01_S01_b.txt")
    with pytest.raises(RiftError, match="patient_id 'P01', session_id 'S01_b' or as patient_id 'P01_S01'"):
        found(root, "{patient_id}_{session_id}.txt")


def test_an_unknown_field_is_named(folder):
    with pytest.raises(RiftError, match=r"\{patient\}.*unknown") as caught:
        found(folder("a.txt"), "{patient}.txt")
    assert "{patient_id}" in caught.value.remedy


def test_a_pattern_without_files_is_an_error(folder):
    with pytest.raises(RiftError, match=r"corpus.yaml: no file matches '\*.docx'"):
        found(folder("a.txt"), "*.txt", "*.docx")


def test_a_folder_is_no_file(folder):
    root = folder("notes/a.txt")
    with pytest.raises(RiftError, match="'notes/' is a folder") as caught:
        found(root, "notes/")
    assert caught.value.remedy == "write notes/* for the files in it"


def test_an_id_of_the_name_or_of_the_content():
    file = FoundFile(Path("P1_S1.txt"), {"patient_id": "P1"})
    assert file.agreed("patient_id", None) == "P1"
    assert file.agreed("patient_id", "P1") == "P1"
    assert file.agreed("session_id", "S7") == "S7"
    assert file.agreed("session_id", None) is None
    with pytest.raises(RiftError, match="patient_id is 'P1' by the file's name and 'P2' inside it") as caught:
        file.agreed("patient_id", "P2")
    assert caught.value.where == "P1_S1.txt"


def test_a_name_as_an_id():
    assert name_as_id(Path("a/Zoe\u0308 1.txt")) == "Zo\u00eb 1"
    assert name_as_id(Path("a/x\udcff.txt")) == "x?"
