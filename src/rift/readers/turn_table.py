"""Transcripts from tables: one row per turn, or per turn and annotator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rift.errors import RiftError
from rift.readers.contract import TABLE_SUFFIXES, Source
from rift.readers.grid import Row
from rift.readers.table import Table, find_columns, header_key, parse_table, sniff_header
from rift.readers.times import is_missing, parse_seconds
from rift.readers.wording import counted, numbers, shown, some
from rift.readers.xlsx import is_workbook
from rift.schema import Transcript, Turn

names: tuple[str, ...] = ("table", "csv", "tsv", "xlsx")
suffixes: tuple[str, ...] = TABLE_SUFFIXES

_NEEDED = ("speaker", "text")
_ID_NAMES = ("patient_id", "session_id", "therapist_id")

# Compared without case, blanks and punctuation; the first that a table has is taken.
_COMMON: Mapping[str, tuple[str, ...]] = {
    "patient_id": ("patientid", "patient", "clientid", "client", "caseid", "case", "patientin"),
    "session_id": (
        "sessionid", "session", "sessionnumber", "sessionno", "transcriptid", "conversationid", "dialogueid",
        "sitzung", "sitzungid", "sitzungsnr",
    ),
    "turn": (
        "turn", "turnid", "turnno", "turnnumber", "turnindex", "utteranceid", "utteranceno",
        "utterancenumber",
    ),
    "speaker": (
        "speaker", "speakername", "speakerid", "speakerrole", "interlocutor", "role", "sprecher",
        "sprecherin", "who",
    ),
    "text": (
        "text", "utterance", "utterancetext", "turntext", "transcript", "transcription", "content", "speech",
        "äusserung", "transkript",
    ),
    "start_s": (
        "starts", "start", "starttime", "startsec", "startseconds", "begin", "begintime", "onset",
        "timestamp", "time", "timecode", "beginn",
    ),
    "end_s": ("ends", "end", "endtime", "endsec", "endseconds", "stop", "stoptime", "ende"),
    "therapist_id": ("therapistid", "therapist", "counsellorid", "counselorid", "therapeut"),
}  # fmt: skip

SessionIds = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class _Utterance:
    """A row, read: ``number`` is its turn as the file counts, None where the file does not."""

    row: int
    ids: SessionIds
    therapist: str | None
    number: int | None
    turn: Turn


def sniff(source: Source) -> float:
    """Return 0.9 for a workbook, or where a header names speaker and text; less by extension alone."""
    if is_workbook(source.data):
        return 0.9
    if source.decoded is None:
        return 0.0
    header = sniff_header(source.decoded.text)
    found = source.columns or _recognised(header)
    keys = {header_key(name) for name in header}
    if all(name in found and header_key(found[name]) in keys for name in _NEEDED):
        return 0.9
    if source.columns:  # who names columns means a table, unless this is plainly labelled text
        return 0.6
    return 0.5 if source.suffix in TABLE_SUFFIXES else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the sessions in a table, in the order in which they begin.

    Rows of one session and turn number are one turn if speaker and text agree. Without a turn
    column every row is a turn.

    Raises
    ------
    RiftError
        A needed column is missing; ids are there in some rows only; turn numbers do not count from
        0 or 1 without gaps; rows of one turn differ.
    """
    where = source.path
    table = parse_table(source.data, where, source.encoding, source.sheet)
    columns = dict(source.columns) or _recognised(table.header)
    if unknown := sorted(set(columns) - set(_COMMON)):
        raise RiftError(
            f"columns names {unknown[0]!r}, which no transcript has",
            where=where,
            remedy=f"known: {', '.join(_COMMON)}",
        )
    at = find_columns(table, columns, where, _NEEDED)
    utterances = [_utterance(row, at, where) for row in table.rows]
    _check_ids(utterances, at, where)
    sessions: dict[SessionIds, list[_Utterance]] = {}
    for utterance in utterances:
        sessions.setdefault(utterance.ids, []).append(utterance)
    told = [*table.warnings, *_told(table, columns, at, bool(source.columns))]
    return [
        _transcript(ids, rows, source, tuple(told) if i == 0 else ())
        for i, (ids, rows) in enumerate(sessions.items())
    ]


def _recognised(header: Sequence[str]) -> dict[str, str]:
    """Return our names to those headers that are common for them."""
    keys = {"".join(c for c in name.casefold() if c.isalnum()): name for name in reversed(header) if name}
    found: dict[str, str] = {}
    for name, spellings in _COMMON.items():
        for spelling in spellings:
            if spelling in keys:
                found[name] = keys[spelling]
                break
    return found


def _utterance(row: Row, at: Mapping[str, int], where: object) -> _Utterance:
    def cell(name: str) -> str | None:
        if name not in at or is_missing(row.cells[at[name]]):
            return None
        return row.cells[at[name]].strip()

    number = _turn_number(row, at, where) if "turn" in at else None
    text = row.cells[at["text"]].strip()  # NA is a word here
    start, end = (parse_seconds(cell(name) or "") for name in ("start_s", "end_s"))
    turn = Turn(cell("speaker"), text, start, end)
    return _Utterance(
        row.number, (cell("patient_id"), cell("session_id")), cell("therapist_id"), number, turn
    )


def _turn_number(row: Row, at: Mapping[str, int], where: object) -> int:
    text = row.cells[at["turn"]].strip()
    whole = text.removesuffix(".0")
    if not (whole.isdecimal() and len(whole) < 10):
        raise RiftError(
            f"turn {shown(text)} is not a whole number",
            where=f"{where}, row {row.number}",
            remedy="number the turns from 0 or 1; or list the columns to read under columns, without turn",
        )
    return int(whole)


def _check_ids(utterances: Sequence[_Utterance], at: Mapping[str, int], where: object) -> None:
    """Refuse an id that only some rows have: those without would become a session of their own."""
    for name, values in (
        ("patient_id", [(one.row, one.ids[0]) for one in utterances]),
        ("session_id", [(one.row, one.ids[1]) for one in utterances]),
    ):
        blank = [row for row, value in values if value is None]
        if name in at and blank and len(blank) < len(values):
            raise RiftError(
                f"{counted(len(blank), 'row')} without {name} while others have one: row {numbers(blank)}",
                where=where,
                remedy="fill in the column in every row",
            )


def _transcript(
    ids: SessionIds, rows: Sequence[_Utterance], source: Source, told: tuple[str, ...]
) -> Transcript:
    where = source.path if ids[1] is None else f"{source.path}, session {ids[1]}"
    therapists = {one.therapist for one in rows if one.therapist is not None}
    if len(therapists) > 1:
        raise RiftError(
            f"one session with {counted(len(therapists), 'therapist')}: {some(sorted(therapists))}",
            where=where,
            remedy="give a session one therapist_id, or leave the column out of columns",
        )
    turns = _numbered(rows, where) if rows[0].number is not None else [one.turn for one in rows]
    session = "" if ids[1] is None else f"session {ids[1]}: "
    facts = [session + fact for fact in _facts(rows, turns)]
    therapist = next(iter(therapists), None)
    return Transcript(tuple(turns), str(source.path), *ids, (*told, *facts), therapist)


def _facts(rows: Sequence[_Utterance], turns: Sequence[Turn]) -> list[str]:
    facts = []
    if silent := [i for i, turn in enumerate(turns) if not turn.text]:
        facts.append(f"{counted(len(silent), 'turn')} without words: turn {numbers(silent)} (counted from 0)")
    first: dict[int, _Utterance] = {}
    differing = [
        one.row
        for one in rows
        if one.number is not None and _times(one) != _times(first.setdefault(one.number, one))
    ]
    if differing:
        facts.append(
            f"{counted(len(differing), 'row')} with other times than the first of the same turn, which are"
            f" kept: row {numbers(differing)}"
        )
    return facts


def _times(one: _Utterance) -> tuple[float | None, float | None]:
    return one.turn.start_s, one.turn.end_s


def _numbered(rows: Sequence[_Utterance], where: object) -> list[Turn]:
    """Return one turn per number, in the order of the numbers."""
    first: dict[int, _Utterance] = {}
    for one in rows:
        number = one.number or 0
        earlier = first.setdefault(number, one)
        if (earlier.turn.text, earlier.turn.speaker) != (one.turn.text, one.turn.speaker):
            raise RiftError(
                f"turn {number} has {shown(earlier.turn.text)} in row {earlier.row}"
                f" and {shown(one.turn.text)} in row {one.row}",
                where=where,
                remedy="rows of one turn must agree in speaker and text; is there a session column to name?",
            )
    order = sorted(first)
    expected = range(order[0], order[0] + len(order))
    if order[0] > 1 or order != list(expected):
        wrong = next((number for number, due in zip(order, expected, strict=True) if number != due), order[0])
        raise RiftError(
            f"turn {wrong} is out of sequence: turns count from 0 or 1 without gaps",
            where=f"{where}, row {first[wrong].row}",
            remedy="number the turns anew, or list the columns to read under columns, without turn",
        )
    return [first[number].turn for number in order]


def _told(table: Table, columns: Mapping[str, str], at: Mapping[str, int], given: bool) -> list[str]:
    told = []
    if not given:
        pairs = ", ".join(f"{name}={header!r}" for name, header in columns.items())
        told.append(f"columns recognised: {pairs}; name them under columns to change that")
    for name in ("start_s", "end_s"):
        if name not in at:
            continue
        cells = [(row.number, row.cells[at[name]]) for row in table.rows]
        wrong = [(row, cell) for row, cell in cells if not is_missing(cell) and parse_seconds(cell) is None]
        if wrong:
            told.append(
                f"{counted(len(wrong), 'time')} in column {columns[name]!r} not understood, left out:"
                f" first in row {wrong[0][0]}, {shown(wrong[0][1])}"
            )
    return told
