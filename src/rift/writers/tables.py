"""Turns and marks as tidy tables in CSV or XLSX, ready for R, JASP and SPSS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
from openpyxl import Workbook

from rift.manifest import whole_file
from rift.schema import Mark, Transcript
from rift.writers.marks import all_marks

Session = tuple[Transcript, Sequence[Mark]]
"""A session, and the marks of a model in it."""

TURN_COLUMNS = ["patient_id", "session_id", "turn", "speaker", "start_s", "end_s", "text"]
MARK_COLUMNS = [
    "patient_id", "session_id", "coder", "unit", "turn", "last_turn", "start_s", "end_s", "label", "state",
    "value",
]  # fmt: skip


def turn_table(sessions: Sequence[Session]) -> pd.DataFrame:
    """Return a row per turn; turns count from 0."""
    rows = [
        (one.patient_id, one.session_id, number, turn.speaker, turn.start_s, turn.end_s, turn.text)
        for one, _ in sessions
        for number, turn in enumerate(one.turns)
    ]
    return pd.DataFrame(rows, columns=TURN_COLUMNS).astype("object")


def mark_table(sessions: Sequence[Session]) -> pd.DataFrame:
    """Return a row per mark of a coder or of the model; an empty label says that the coder looked."""
    rows = [
        (
            one.patient_id, one.session_id, mark.coder, mark.unit, mark.first_turn, mark.last_turn,
            mark.start_s, mark.end_s, mark.label, mark.state, mark.value,
        )
        for one, model in sessions
        for mark in all_marks(one, model)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=MARK_COLUMNS).astype("object")


def write_csv(sessions: Sequence[Session], folder: Path) -> list[Path]:
    """Write ``turns.csv`` and ``marks.csv`` (UTF-8, with a byte order mark for Excel); return their paths."""
    written = []
    for name, table in _tables(sessions):
        path = folder / f"{name}.csv"
        with whole_file(path) as aside:
            table.to_csv(aside, index=False, encoding="utf-8-sig", lineterminator="\n")
        written.append(path)
    return written


def write_xlsx(sessions: Sequence[Session], path: Path) -> None:
    """Write one workbook with the sheets ``turns`` and ``marks``; words that begin with ``=`` stay words."""
    book = Workbook(write_only=False)
    book.remove(book.worksheets[0])
    for name, table in _tables(sessions):
        sheet = book.create_sheet(name)
        sheet.append(list(table.columns))
        for number, row in enumerate(table.itertuples(index=False), 2):
            for column, value in enumerate(row, 1):
                if pd.isna(value):
                    continue
                cell = sheet.cell(number, column, value if not isinstance(value, str) else _plain(value))
                if isinstance(value, str):
                    cell.data_type = "s"
        sheet.freeze_panes = "A2"
    with whole_file(path) as aside:
        book.save(aside)


def _tables(sessions: Sequence[Session]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables; an id that no session has gets no column, which readers take for unknown."""
    for name, table in (("turns", turn_table(sessions)), ("marks", mark_table(sessions))):
        ids = [(one.patient_id, one.session_id) for one, _ in sessions]
        unknown = [
            column
            for column, values in zip(("patient_id", "session_id"), zip(*ids, strict=True), strict=True)
            if not any(values)
        ]
        yield name, table.drop(columns=unknown)


def _plain(text: str) -> str:
    """Return a text without the control characters that no workbook may hold."""
    return "".join(sign if sign in "\t\n\r" or ord(sign) >= 32 else "\ufffd" for sign in text)
