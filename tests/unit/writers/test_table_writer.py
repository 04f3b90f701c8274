from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from rift.readers.registry import read_file, read_transcripts
from rift.schema import Mark, Transcript, Turn
from rift.writers.tables import write_csv, write_xlsx

TURNS = (Turn("T", "=SUM(A1), how?", 0.5, 2.0), Turn("P", 'So "so",\nfine', 2.0, None))
MARKS = (
    Mark("A", "turn", "denial", "present", "row 1", 1, 1, value=3.0),
    Mark("B", "session", None, "absent", "row 2"),
)
SESSION = Transcript(TURNS, "a.eaf", "P01", "S01", marks=MARKS)
MODEL = (Mark(None, "turn", "withdrawal", "present", "turn 1", 1, 1),)


def test_csv_holds_every_turn_and_every_mark(tmp_path: Path) -> None:
    turns, marks = write_csv([(SESSION, MODEL)], tmp_path)
    assert pd.read_csv(marks).astype("object").where(lambda t: t.notna(), None).values.tolist() == [
        ["P01", "S01", "A", "turn", 1.0, 1.0, None, None, "denial", "present", 3.0],
        ["P01", "S01", "B", "session", None, None, None, None, None, "absent", None],
        ["P01", "S01", "RIFT model", "turn", 1.0, 1.0, None, None, "withdrawal", "present", None],
    ]
    (read,) = read_transcripts(turns)
    assert (read.patient_id, read.session_id, read.turns) == ("P01", "S01", TURNS)


def test_an_id_that_is_not_known_has_no_column(tmp_path: Path) -> None:
    _, marks = write_csv([(replace(SESSION, patient_id=None), MODEL)], tmp_path)
    assert list(pd.read_csv(marks).columns)[:2] == ["session_id", "coder"]
    (read,) = read_file(marks).transcripts
    assert [(mark.coder, mark.label, mark.first_turn) for mark in read.marks] == [
        ("A", "denial", 1),
        ("B", None, None),
        ("RIFT model", "withdrawal", 1),
    ]


def test_a_workbook_has_no_formulas(tmp_path: Path) -> None:
    write_xlsx([(SESSION, ())], tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["turns", "marks"]
    cell = book["turns"]["G2"]
    assert (cell.value, cell.data_type) == ("=SUM(A1), how?", "s")
    (read,) = read_transcripts(tmp_path / "a.xlsx", sheet="turns")
    assert read.turns == TURNS


words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1).map(str.strip)
times = st.none() | st.floats(0, 9000).map(lambda value: round(value, 3))


@given(st.lists(st.builds(Turn, st.sampled_from(["T", "P"]), words.filter(bool), times, times), min_size=1))
def test_turns_come_back_from_csv(tmp_path_factory, turns: list[Turn]) -> None:
    folder = tmp_path_factory.mktemp("csv")
    path, _ = write_csv([(Transcript(tuple(turns), "a", "P", "S"), ())], folder)
    (read,) = read_transcripts(path)
    assert [(t.speaker, t.start_s, t.end_s) for t in read.turns] == [
        (t.speaker, t.start_s, t.end_s) for t in turns
    ]
    assert [t.text.split() for t in read.turns] == [t.text.split() for t in turns]
