"""Tables of codings that are read by themselves: long, wide, and the one-minute sheets of the 3RS."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress

from rift.errors import RiftError
from rift.readers.coding_table import codings_in
from rift.readers.contract import TABLE_SUFFIXES, Source
from rift.readers.known_columns import has_header
from rift.readers.known_layouts import layout_of, may_fit, recognised, without_header
from rift.readers.table import parse_table
from rift.readers.wording import counted, some
from rift.schema import Coding, Mark, Transcript

names: tuple[str, ...] = ("codings", "coding_table")
suffixes: tuple[str, ...] = TABLE_SUFFIXES

_UNKNOWN = "\0"
"""Stands for an id that the file does not tell, until the marks are made."""

_NUMBERED = re.compile(r"(\D{0,20}?)[\s_-]{0,3}0{0,9}(\d{1,9})(?:\.0{1,3})?")
Ids = tuple[str, str]


def sniff(source: Source) -> float:
    """Return 0.92 where header and cells are those of a table of codings."""
    if source.columns or not (has_header(source, may_fit) or _headerless(source)):
        return 0.0
    try:
        table = parse_table(source.data, source.path, source.encoding, source.sheet)
    except RiftError:
        return 0.0
    return 0.92 if recognised(table) or without_header(table) else 0.0


def _headerless(source: Source) -> bool:
    if source.decoded is None:
        return False
    first = source.decoded.text[:400].split("\n")[0]
    with suppress(csv.Error, StopIteration):
        for delimiter in ",;\t":
            cells = next(csv.reader([first], delimiter=delimiter))
            if len(cells) == 4 and all(re.fullmatch(r"\s*\d[\d.,:]*\s*", cell) for cell in cells[2:]):
                return True
    return False


def read(source: Source) -> list[Transcript]:
    """Return the codings of each patient and session."""
    where = source.path
    known = layout_of(parse_table(source.data, where, source.encoding, source.sheet), where)
    columns = known.layout.columns
    fixed = {name: _UNKNOWN for name in ("patient_id", "session_id") if name not in columns}
    if "coder" not in columns and known.layout.layout != "wide_coders":
        fixed["coder"] = _UNKNOWN
    found, said = codings_in(known.table, where, known.layout, fixed)
    told = [*known.told, *said]
    sessions: dict[Ids, list[Coding]] = {}
    meant = _one_spelling([(one.patient_id, one.session_id) for one in found], told)
    for coding in found:
        sessions.setdefault(meant[coding.patient_id, coding.session_id], []).append(coding)
    transcripts = []
    for i, ((patient, session), codings) in enumerate(sessions.items()):
        marks, facts = _without_repeats(codings, f"{where}, ")
        prefix = f"session {session}: " if len(sessions) > 1 else ""
        facts = [prefix + fact for fact in facts]
        transcripts.append(
            Transcript(
                (),
                str(where),
                _id(patient),
                _id(session),
                (*(told if i == 0 else ()), *facts),
                None,
                tuple(marks),
            )
        )
    return transcripts


def _id(value: str) -> str | None:
    return None if value == _UNKNOWN else value


def _one_spelling(ids: Iterable[Ids], told: list[str]) -> dict[Ids, Ids]:
    """Return, for each spelling of patient and session, the fullest of those that mean the same."""
    unique = list(dict.fromkeys(ids))
    patients = _fullest([patient for patient, _ in unique], "patients", told)
    sessions: dict[str, list[str]] = defaultdict(list)
    for patient, session in unique:
        sessions[patients[patient]].append(session)
    spelled = {patient: _fullest(own, "sessions", told) for patient, own in sessions.items()}
    return {
        (patient, session): (patients[patient], spelled[patients[patient]][session])
        for patient, session in unique
    }


def _fullest(spellings: Sequence[str], what: str, told: list[str]) -> dict[str, str]:
    """Return the fullest spelling for each: ``S03``, ``3`` and ``3.0`` are one, ``A1`` and ``B1`` are not."""
    groups: dict[str, list[str]] = defaultdict(list)
    for text in dict.fromkeys(spellings):
        match = _NUMBERED.fullmatch(text)
        groups[match[2] if match else f"={text.casefold()}"].append(text)
    meant: dict[str, str] = {}
    for number, texts in groups.items():
        matches = [_NUMBERED.fullmatch(text) for text in texts]
        prefixes = {match[1].casefold().strip() for match in matches if match} - {""}
        if number.startswith("=") or len(prefixes) <= 1:
            best = max(texts, key=lambda text: len(text.removesuffix(".0")))
            meant.update(dict.fromkeys(texts, best.removesuffix(".0") if len(texts) > 1 else best))
            if len(texts) > 1:
                told.append(f"{what} {', '.join(texts)} are taken as one: {meant[best]}")
        else:
            meant.update((text, text) for text in texts)
    return meant


def _without_repeats(codings: Sequence[Coding], prefix: str) -> tuple[list[Mark], list[str]]:
    """Return marks, each once; a blank cell says nothing where another row of its segment is filled in."""
    coded = {_spot(one) for one in codings if one.state != "not_coded"}
    said: dict[tuple[object, ...], set[tuple[str, float | None]]] = defaultdict(set)
    marks: list[Mark] = []
    repeats: list[str] = []
    differing: list[str] = []
    for one in codings:
        place = one.place.removeprefix(prefix)
        spot = _spot(one)
        if one.state == "not_coded" and spot in coded:
            continue
        earlier = said[spot]
        if (one.state, one.value) in earlier:
            repeats.append(place)
            continue
        if earlier:
            differing.append(place)
        earlier.add((one.state, one.value))
        coder = None if one.coder == _UNKNOWN else one.coder
        marks.append(
            Mark(coder, one.unit, one.label, one.state, place, one.first_turn, one.last_turn, one.start_s,
                 one.end_s, one.value)
        )  # fmt: skip
    facts = []
    if repeats:
        facts.append(f"{counted(len(repeats), 'coding')} said twice, kept once: {some(repeats)}")
    if differing:
        told = f"{counted(len(differing), 'coding')} other than an earlier row's, both kept"
        facts.append(f"{told}: {some(differing)}")
    return marks, facts


def _spot(one: Coding) -> tuple[object, ...]:
    return one.coder, one.unit, one.label, one.first_turn, one.last_turn, one.start_s, one.end_s
