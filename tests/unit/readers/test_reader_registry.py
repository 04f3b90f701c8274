from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import ClassVar

import openpyxl
import pytest

from rift.errors import RiftError
from rift.readers import registry
from rift.readers.contract import Source
from rift.readers.registry import read_transcripts
from rift.schema import Transcript, Turn


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_the_content_decides_not_the_extension(tmp_path: Path) -> None:
    turns = (Turn("T", "Hello"), Turn("P", "Well, yes"))
    for name, content in [
        ("a.txt", "T: Hello\nP: Well, yes\n"),
        ("b.csv", "T: Hello\nP: Well, yes\n"),
        ("c.txt", "speaker;text\nT;Hello\nP;Well, yes\n"),
        ("d", 'speaker,text\nT,Hello\nP,"Well, yes"\n'),
        ("e.tsv", "T\tHello\nP\tWell, yes\n"),
    ]:
        (found,) = read_transcripts(write(tmp_path, name, content))
        assert found.turns == turns
        assert found.source == str(tmp_path / name)
    book = openpyxl.Workbook()
    for row in (["speaker", "text"], ["T", "Hello"], ["P", "Well, yes"]):
        book.active.append(row)
    book.save(tmp_path / "f.csv")
    (found,) = read_transcripts(tmp_path / "f.csv")
    assert found.turns == turns


def test_lines_with_labels_inside_a_table_do_not_make_it_text(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'foo;bar\n1;"x\nT: a\ny\nP: b\nz"\n')
    with pytest.raises(RiftError, match="the column for 'speaker' is not known; the table has 'foo', 'bar'"):
        read_transcripts(path)


def test_format_and_encoding_can_be_forced(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "T: Hello\nP: привет\n".encode("cp1251"))
    (found,) = read_transcripts(path, encoding="cp1251", format="TEXT")
    assert found.turns[1].text == "привет"
    assert found.warnings == ()
    with pytest.raises(RiftError, match="the column for 'speaker' is not known"):
        read_transcripts(path, encoding="cp1251", format="csv")
    with pytest.raises(RiftError) as caught:
        read_transcripts(path, format="vhs")
    known = ", ".join(name for reader in registry.BUILT_IN for name in reader.names)
    assert caught.value.remedy == f"known: {known}"


def test_warnings_name_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "T: Hello\nP: Größe\n".encode("cp1252"))
    (found,) = read_transcripts(path)
    assert found.warnings == (
        f"{path}: not UTF-8; read as cp1252; to change that, name its encoding"
        " (--encoding, or encoding in corpus.yaml)",
    )


def test_what_holds_for_every_format_is_told_once(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "sess,who,said,at\nS1,T,a,5\nS1,,b,3\nS1,T,c,4\nS2,P,d,1\n")
    columns = {"session_id": "sess", "speaker": "who", "text": "said", "start_s": "at"}
    first, second = read_transcripts(path, columns=columns)
    assert first.warnings == (
        f"{path}: session S1: 1 turn of 3 without a speaker, taken as 'other': turn 1 (counted from 0)",
        f"{path}: session S1: 1 time earlier than the one before, the file's order is kept:"
        " turn 1 (counted from 0)",
    )
    assert second.warnings == ()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file is empty"),
        (b"\x00\x01\x02", "not a text file"),
        (b"%PDF-1.4", "a PDF file"),
        (b"PK\x03\x04junk", "a zip file"),
        (b"speaker,text\n", "there are no turns in it"),
        (b'{"a": 1}', "the format is not known"),
    ],
)
def test_files_that_no_reader_reads(tmp_path: Path, content: bytes, problem: str) -> None:
    path = write(tmp_path, "a.txt", content)
    with pytest.raises(RiftError) as caught:
        read_transcripts(path)
    assert problem in caught.value.problem
    assert caught.value.where == str(path)


def test_json_that_is_cut_short(tmp_path: Path) -> None:
    with pytest.raises(RiftError, match="JSON in this file is damaged or cut short"):
        read_transcripts(write(tmp_path, "a.json", '{"segments": ['))


class _Tapes:
    names: ClassVar[tuple[str, ...]] = ("tape",)

    @staticmethod
    def sniff(source: Source) -> float:
        return 1.0 if source.data.startswith(b"TAPE") else 0.0

    @staticmethod
    def read(source: Source) -> list[Transcript]:
        return [Transcript((Turn("T", source.decode().text[5:]),), str(source.path))]


TAPES = _Tapes()


def test_other_packages_add_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Point:
        name = "tape"
        value = "tapes:reader"

        def load(self) -> object:
            return TAPES

    monkeypatch.setattr(registry, "entry_points", lambda group: [Point()] if group == "rift.readers" else [])
    (found,) = read_transcripts(write(tmp_path, "a.txt", "TAPE Hello"))
    assert found.turns == (Turn("T", "Hello"),)
    assert registry.readers() == (*registry.BUILT_IN, TAPES)


def test_a_reader_that_cannot_be_loaded_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("tape", "no_such_package_at_all:reader", "rift.readers")
    monkeypatch.setattr(registry, "entry_points", lambda group: [broken])
    with pytest.raises(RiftError, match="the reader 'tape' of another package cannot be loaded"):
        read_transcripts(write(tmp_path, "a.txt", "T: a\nP: b\n"))
