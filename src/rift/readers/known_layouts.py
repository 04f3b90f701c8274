"""The layout of a coding table as its header and cells tell it, where nobody has described it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from rift.codebook import fold_code, load_codebook
from rift.errors import RiftError
from rift.readers.coding_layout import CodingLayout
from rift.readers.grid import Row
from rift.readers.known_columns import Wanted, heading_key, matched
from rift.readers.table import Table
from rift.readers.times import is_missing, parse_seconds
from rift.readers.wording import counted, numbers, some

_WANTED: Wanted = {
    "patient_id": ("patientid", "patient", "clientid", "client", "caseid", "case", "pid", "patientin",
                   "klient"),
    "session_id": ("sessionid", "session", "sess", "sessionnumber", "sessionno", "sessionnr", "sitzung",
                   "sitzungid", "sitzungsnr", "transcriptid"),
    "coder": ("coderid", "coder", "raterid", "rater", "annotatorid", "annotator", "kodierer", "kodiererin",
              "beurteiler", "beurteilerin", "codedby", "ratedby"),
    "turn": ("turn", "turnid", "turnno", "turnnumber", "turnindex", "utteranceid", "utteranceno"),
    "first_turn": ("firstturn", "turnstart", "startturn", "fromturn"),
    "last_turn": ("lastturn", "turnend", "endturn", "toturn"),
    "start_s": ("starts", "start", "starttime", "startsec", "startseconds", "begin", "onset", "from",
                "beginn", "von"),
    "end_s": ("ends", "end", "endtime", "endsec", "endseconds", "stop", "offset", "to", "ende", "bis"),
    "unit": ("unit",),
    "label": ("label", "code", "marker", "labels", "codes", "markers", "annotation", "kategorie",
              "category"),
    "value": ("value", "rating", "significance", "intensity", "score", "wert"),
    "state": ("state", "status"),
}  # fmt: skip
_ANCHORS = ("patient_id", "session_id", "coder", "turn", "first_turn", "start_s", "end_s")
_SEGMENT = ("segment", "segmentid", "segmentno", "segmentnumber", "minute", "min", "bin", "interval")
_SPEECH = frozenset({"text", "utterance", "utterancetext", "turntext", "transcript", "content", "speech"})
_SPEAKER = frozenset({"speaker", "interlocutor", "role", "speakername", "speakerid", "sprecher"})
_NO_LABEL = re.compile(
    r"comment|note|remark|date|datum|kommentar|bemerk|therapist|therapeut|name|id$|time|dur|text"
)
_ONE_MINUTE = re.compile(r"(?:wd|cf|rs|res)[\s_-]?[pt]", re.IGNORECASE)
_CODER_COLUMN = re.compile(
    r"(?:coder|rater|annotator|kodierer(?:in)?|beurteiler(?:in)?)[\s_.:-]*\w.{0,40}", re.IGNORECASE
)
_RATING = re.compile(r"[1-5](?:[.,]\d+)?")
_WHOLE = re.compile(r"(\d{1,6})(?:[.,]0+)?")
_WORDS = CodingLayout(layout="wide_labels")


@dataclass(frozen=True, slots=True)
class Known:
    """A table, its layout, and what the user should know of how it was understood."""

    table: Table
    layout: CodingLayout
    told: tuple[str, ...]


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    """Return the spellings of the 3RS's labels, by which columns of labels are known."""
    book = load_codebook("3rs")
    named = (*book.families, *book.labels)
    return frozenset(fold_code(text) for one in named for text in (one.id, one.name, *one.aliases))


def may_fit(header: Sequence[str]) -> bool:
    """Return whether a header can be one of codings: for sniffing, before any cell is looked at."""
    keys = {heading_key(heading) for heading in header}
    if keys & _SPEECH and keys & _SPEAKER:
        return False
    at = matched(header, _WANTED)
    anchors = sum(name in at for name in _ANCHORS)
    if "label" in at:
        return anchors >= 2
    if keys & _SPEECH:
        return False
    return (anchors >= 1 and len(_coder_columns(header, at)) >= 1) or (anchors >= 2 and len(header) > len(at))


def recognised(table: Table) -> Known | None:
    """Return the layout of a table, None if it is none of codings."""
    if not may_fit(table.header):
        return None
    at = matched(table.header, _WANTED)
    names = {name: table.header[i] for name, i in at.items()}
    if "turn" in names and "first_turn" in names:
        del names["turn"]
    if "last_turn" in names and "first_turn" not in names:
        del names["last_turn"]
    if "label" in at:
        rated = "value" in at and "state" not in at and _all_one_minute(table, at["label"])
        return _known(table, {"layout": "long", "columns": names, "value_is_rating": rated}, at)
    for name in ("value", "state"):
        names.pop(name, None)
    if "coder" not in at and (coders := _coder_columns(table.header, at)):
        return _known(table, {"layout": "wide_coders", "columns": names, "marks": coders}, at)
    taken = {at[name] for name in names}
    labels, surely = _label_columns(table, taken)
    if not labels or (len(labels) < 2 and not surely):
        return None
    rated = _are_ratings(table, labels)
    settings = {"layout": "wide_labels", "columns": names, "marks": [table.header[i] for i in labels]}
    if len({heading_key(table.header[i]) for i in labels}) != len(labels):
        return None
    return _known(table, {**settings, "value_is_rating": rated}, at)


def _known(table: Table, settings: Mapping[str, Any], at: Mapping[str, int]) -> Known | None:
    told: list[str] = []
    table, prepared = _without_prepared(table, at, settings.get("marks"))
    if prepared:
        told.append(
            f"{counted(len(prepared), 'row')} without marks and without coder or ids left out:"
            f" row {numbers(prepared)}"
        )
    table, filled = _with_times(table, at)
    if filled:
        told.append(f"times filled in from the segment's number: row {numbers(filled)}")
    names = dict(settings["columns"])
    if "start_s" in names and "end_s" not in names:
        del names["start_s"]
    inclusive = "start_s" in names and "end_s" in names and _ends_inclusive(table, at)
    if inclusive:
        told.append("ends name the last second of a segment: 0-59 is the first minute")
    first = _first_turn(table, at.get("first_turn", at.get("turn")))
    if first == 1:
        told.append("turns are numbered from 1")
    pairs = ", ".join(f"{name}={header!r}" for name, header in names.items())
    marks = settings.get("marks")
    told.insert(0, f"columns recognised: {pairs}" + (f"; marks: {', '.join(marks)}" if marks else ""))
    used = {*names.values(), *(marks or ())}
    if unread := [name for name in table.header if name and name not in used]:
        told.append(f"columns not read: {some(unread)}")
    try:
        layout = CodingLayout(
            **{**settings, "columns": names}, inclusive_end=inclusive, first_turn_number=first
        )
    except ValueError:  # a header that contradicts itself
        return None
    return Known(table, layout, tuple(told))


def _without_prepared(
    table: Table, at: Mapping[str, int], marks: Sequence[str] | None
) -> tuple[Table, list[int]]:
    """Return a table without rows that were only prepared: no marks, and nobody or no session named."""
    own = [name for name in ("patient_id", "session_id", "coder") if name in at]
    said = [i for i, name in enumerate(table.header) if name in (marks or ())]
    said = said or [at[name] for name in ("label", "value", "state") if name in at]
    prepared = {
        row.number
        for row in table.rows
        if not any(row.cells[i].strip() for i in said)
        and any(is_missing(row.cells[at[name]]) for name in own)
    }
    rows = tuple(row for row in table.rows if row.number not in prepared)
    return replace(table, rows=rows), sorted(prepared)


def _all_one_minute(table: Table, column: int) -> bool:
    labels = {row.cells[column].strip() for row in table.rows} - {""}
    return bool(labels) and all(_ONE_MINUTE.fullmatch(label) for label in labels)


def _coder_columns(header: Sequence[str], at: Mapping[str, int]) -> list[str]:
    return [name for i, name in enumerate(header) if i not in at.values() and _CODER_COLUMN.fullmatch(name)]


def _label_columns(table: Table, taken: set[int]) -> tuple[list[int], bool]:
    """Return the columns of labels, and whether one of them is surely one, by its heading."""
    found: list[int] = []
    surely = False
    for i, heading in enumerate(table.header):
        if i in taken or not heading or heading_key(heading) in _SEGMENT:
            continue
        if _ONE_MINUTE.fullmatch(heading) or fold_code(heading) in _codes():
            surely = True
            found.append(i)
        elif not _NO_LABEL.search(heading_key(heading)) and _says_marks(table, i):
            found.append(i)
    return found, surely


def _says_marks(table: Table, column: int) -> bool:
    cells = [cell for row in table.rows if (cell := row.cells[column].strip())]
    return bool(cells) and all(_WORDS.meaning(cell) or _RATING.fullmatch(cell) for cell in cells)


def _are_ratings(table: Table, columns: Sequence[int]) -> bool:
    cells = {row.cells[i].strip() for row in table.rows for i in columns} - {""}
    if any(_RATING.fullmatch(cell) and not re.fullmatch(r"1(?:[.,]0+)?", cell) for cell in cells):
        return True
    one_minute = all(_ONE_MINUTE.fullmatch(table.header[i]) for i in columns)
    return one_minute and not any(_WORDS.meaning(cell) == "absent" for cell in cells)


def _times(row: Row, at: Mapping[str, int]) -> tuple[float, float] | None:
    start, end = (parse_seconds(row.cells[at[name]]) for name in ("start_s", "end_s"))
    return None if start is None or end is None else (start, end)


def _ends_inclusive(table: Table, at: Mapping[str, int]) -> bool:
    """Return whether segments follow each other by a second, so that the end is their last second."""
    spans = [span for row in table.rows if (span := _times(row, at))]
    starts = {start for start, _ in spans}
    after = sum(end + 1 in starts for _, end in spans)
    exact = sum(end in starts and end > start for start, end in spans)
    if after == exact:
        minutes = sum((end - start) % 60 == 59 for start, end in spans)
        return bool(spans) and minutes > len(spans) / 2
    return after > exact


def _plain(text: str) -> str:
    """Return an id without what spellings of it differ in: ``S03`` and ``3.0`` are 3."""
    digits = "".join(c for c in text.strip().removesuffix(".0") if c.isdecimal()).lstrip("0")
    return digits or text.strip().casefold()


def _with_times(table: Table, at: Mapping[str, int]) -> tuple[Table, list[int]]:
    """Return a table in which a segment without times has those of its session's and number's others."""
    column = next((i for i, name in enumerate(table.header) if heading_key(name) in _SEGMENT), None)
    if column is None or "start_s" not in at or "end_s" not in at:
        return table, []

    def key(row: Row) -> tuple[str, ...] | None:
        number = _WHOLE.fullmatch(row.cells[column].strip())
        ids = [_plain(row.cells[at[name]]) for name in ("patient_id", "session_id") if name in at]
        return (*ids, number[1]) if number else None

    known: dict[tuple[str, ...] | None, set[tuple[str, str]]] = {None: set()}
    for row in table.rows:
        if _times(row, at) and (found := key(row)):
            known.setdefault(found, set()).add((row.cells[at["start_s"]], row.cells[at["end_s"]]))
    rows: list[Row] = []
    filled: list[int] = []
    for row in table.rows:
        spans = known.get(key(row), set())
        blank = all(is_missing(row.cells[at[name]]) for name in ("start_s", "end_s"))
        if blank and len(spans) == 1:
            cells = list(row.cells)
            cells[at["start_s"]], cells[at["end_s"]] = next(iter(spans))
            row = Row(row.number, tuple(cells))  # noqa: PLW2901
            filled.append(row.number)
        rows.append(row)
    return replace(table, rows=tuple(rows)), filled


def _first_turn(table: Table, column: int | None) -> Literal[0, 1]:
    """Return 1 where all turns from 1 on have rows, and none is 0; of two turns that may be chance."""
    if column is None:
        return 0
    matches = [_WHOLE.fullmatch(row.cells[column].strip()) for row in table.rows]
    turns = {int(match[1]) for match in matches if match}
    return 1 if len(turns) > 2 and min(turns) == 1 and max(turns) == len(turns) else 0


def without_header(table: Table) -> Table | None:
    """Return a table of coder, label, start and end to which nobody gave a header, with one."""
    rows = (Row(1, table.header), *table.rows)
    if len(table.header) != 4:
        return None
    for row in rows:
        span = [parse_seconds(cell) for cell in row.cells[2:4]]
        if span[0] is None or span[1] is None or span[1] <= span[0]:
            return None
        if not re.search(r"[^\W\d_]", row.cells[0]) or not row.cells[1].strip():
            return None
    told = (*table.warnings, f"no header: {counted(len(rows), 'row')} read as coder, label, start, end")
    return Table(("coder", "label", "start_s", "end_s"), rows, told)


def layout_of(table: Table, where: object) -> Known:
    """Return the layout of a table of codings; RiftError if it is not known."""
    known = recognised(table)
    if known is None and (headed := without_header(table)) is not None:
        known = recognised(headed)
    if known is None:
        raise RiftError(
            "the layout of this table of codings is not known by its header",
            where=where,
            remedy="describe it under codings in corpus.yaml: layout, columns, marks",
        )
    return known
