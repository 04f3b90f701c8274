"""Turns from a document: a table of speakers and texts, or paragraphs as in a text file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from rift.errors import RiftError
from rift.readers import headed, otter, text, turn_table
from rift.readers.contract import Reader, Source
from rift.readers.document import Document, DocumentTable, table_lines
from rift.readers.labels import MAX_LENGTH, MAX_WORDS
from rift.readers.roles import known_role, speaker_key
from rift.readers.times import parse_seconds
from rift.readers.wording import counted, numbers, shown
from rift.schema import Transcript, Turn

TEXT_READERS: tuple[Reader, ...] = (otter, headed, text)
"""Which readers the paragraphs of a document may be for; the surest is taken."""

_HEADER_WITHIN = 5
_LABELLED_SHARE = 0.6
_HEADING = 0.9
"""What `turn_table.sniff` gives a header that names speaker and text."""

Rows = list[list[str]]


def transcripts(document: Document, source: Source) -> list[Transcript]:
    """Return the sessions in a document: of its tables, if most words stand there, else of its text.

    Raises
    ------
    RiftError
        There is nothing in it, or what is in it is of another format.
    """
    tables = [block for block in document.blocks if isinstance(block, DocumentTable)]
    spoken = [(table, rows) for table in tables if (rows := _speech_rows(table, source))]
    inside = sum(_words(line) for table, _ in spoken for line in table_lines(table))
    chosen = {id(table) for table, _ in spoken}
    outside = [
        line
        for block in document.blocks
        if id(block) not in chosen
        for line in (block.split("\n") if isinstance(block, str) else table_lines(block))
        if line.strip()
    ]
    words = sum(map(_words, outside))
    if not spoken or words > inside:
        return _from_text(document, source)
    told = list(document.warnings)
    if words:
        told.append(f"{counted(words, 'word')} outside the table left out: {shown(outside[0])}")
    if across := sum(len(_sections(table)) for table, _ in spoken):
        told.append(f"{counted(across, 'row')} across the table left out")
    return _from_tables([rows for _, rows in spoken], source, tuple(told))


def _from_text(document: Document, source: Source) -> list[Transcript]:
    blocks: list[str] = []
    for block in document.blocks:
        blocks += [block] if isinstance(block, str) else _lines_with_times(block)
    if not any(block.strip() for block in blocks):
        raise RiftError("there is no text in this document", where=source.path)
    reader, inner = _text_reader(blocks, source)
    found = reader.read(inner)
    if reader is text:
        found = [replace(one, turns=_with_ends(one.turns)) for one in found]
    return [replace(one, warnings=(*document.warnings, *one.warnings)) for one in found]


def _with_ends(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Return the turns of a fully stamped document, each until the next begins."""
    if len(turns) < 2 or any(turn.start_s is None or turn.end_s is not None for turn in turns):
        return turns
    pairs = pairwise(turns)
    ended = [
        replace(turn, end_s=after.start_s) if (turn.start_s or 0) <= (after.start_s or 0) else turn
        for turn, after in pairs
    ]
    return (*ended, turns[-1])


def _text_reader(blocks: Sequence[str], source: Source) -> tuple[Reader, Source]:
    """Return the reader for a document's lines; for paragraphs without labels, blank lines divide them."""
    best: tuple[float, Reader, Source] | None = None
    for divider in ("\n", "\n\n"):
        content = divider.join(blocks).encode("utf-8", "replace")
        inner = Source(source.path.with_suffix(".txt"), content, source.columns, "utf-8")
        inner = replace(inner, path=source.path)
        for reader in TEXT_READERS:
            score = reader.sniff(inner)
            if best is None or score > best[0] or (score == best[0] < 0.5):
                best = (score, reader, inner)
    if best is None or best[0] <= 0:
        raise RiftError(
            "the text in this document is of another format",
            where=source.path,
            remedy="save it as plain text with the extension of that format",
        )
    return best[1], best[2]


def _lines_with_times(table: DocumentTable) -> list[str]:
    """Return a table as lines; a time after the first cell is bracketed, as one beside a label is."""
    lines = []
    for row in table.rows:
        cells = [cell.text for cell in row if cell.text]
        cells = [f"[{cell}]" if i and _is_clock(cell) else cell for i, cell in enumerate(cells)]
        lines.append("\t".join(cells))
    return lines


def _speech_rows(table: DocumentTable, source: Source) -> Rows | None:
    """Return the rows of a table that is speech, its header first; else None."""
    grid, told = table.grid(), _sections(table)
    rows = [row for i, row in enumerate(grid) if i not in told and any(row)]
    if not rows or len(rows[0]) < 2:
        return None
    for i, row in enumerate(rows[:_HEADER_WITHIN]):
        if turn_table.sniff(_as_source([row], source)) >= _HEADING:
            return rows[i:] if len(rows) > i + 1 else None
    return _by_columns(rows) or _by_content(rows)


def _sections(table: DocumentTable) -> set[int]:
    """Return the rows that are one cell across the table: headings in it."""
    rows = [[cell for cell in row if not cell.continued] for row in table.rows]
    covered = [any(cell.continued for cell in row) for row in table.rows]
    return {
        i
        for i, row in enumerate(rows)
        if len(row) == 1
        and row[0].text
        and (row[0].span > 1 or covered[i] or len(row) == len(table.rows[i]))
        and table.rows[i][0] is row[0]
    }


def _by_columns(rows: Rows) -> Rows | None:
    """Return rows of speaker and text from a table with a column per speaker, named in its header."""
    header = [cell.strip().rstrip(":") for cell in rows[0]]
    voices = [i for i, cell in enumerate(header) if len(cell) <= MAX_LENGTH and known_role(cell)]
    if {known_role(header[i]) for i in voices} != {"patient", "therapist"} or len(rows) < 2:
        return None
    if len({speaker_key(header[i]) for i in voices}) < len(voices):
        return None
    others = [i for i in range(len(header)) if i not in voices]
    times = [i for i in others if _all_clocks([row[i] for row in rows[1:]])][:1]
    spoken: Rows = [["speaker", "text", *["start" for _ in times]]]
    for row in rows[1:]:
        spoken += [[header[i], row[i], *[row[at] for at in times]] for i in voices if row[i]]
    return spoken


def _by_content(rows: Rows) -> Rows | None:
    """Return a table without a header under one, if a column of it holds labels of speakers."""
    columns = list(zip(*rows, strict=True))
    times = [i for i, cells in enumerate(columns) if _all_clocks(cells)]
    labels = next((i for i, cells in enumerate(columns) if i not in times and _all_labels(cells)), None)
    rest = [i for i in range(len(columns)) if i not in times and i != labels]
    if labels is None or not rest or len(rows) < 2:
        return None
    spoken = max(rest, key=lambda i: sum(map(len, columns[i])))
    order = [labels, spoken, *times[:2]]
    header = ["speaker", "text", "start", "end"][: len(order)]
    return [header, *[[row[i] for i in order] for row in rows]]


def _all_labels(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    if len(filled) < 2 or len(filled) < _LABELLED_SHARE * len(cells):
        return False
    if not all(_may_be_label(cell) for cell in filled):
        return False
    distinct = {speaker_key(cell) for cell in filled}
    return all(known_role(name) for name in distinct) or 2 * len(distinct) <= len(filled)


def _may_be_label(cell: str) -> bool:
    return (
        len(cell) <= MAX_LENGTH
        and len(cell.split()) <= MAX_WORDS
        and "\n" not in cell
        and any(character.isalpha() for character in cell)
    )


def _all_clocks(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(_is_clock(cell) for cell in filled)


def _is_clock(cell: str) -> bool:
    return ":" in cell and parse_seconds(cell.strip("[]() ")) is not None


def _from_tables(tables: Sequence[Rows], source: Source, told: tuple[str, ...]) -> list[Transcript]:
    """Return the sessions of tables; those that go on under the same header are one."""
    groups: dict[tuple[str, ...], Rows] = {}
    for header, *rows in tables:
        groups.setdefault(tuple(header), [header]).extend(row for row in rows if row != header)
    found = [
        _joined(one)
        for rows in groups.values()
        for one in turn_table.read(_as_source([_plain_times(row) for row in rows], source))
    ]
    return [replace(one, warnings=(*told, *one.warnings)) if i == 0 else one for i, one in enumerate(found)]


def _plain_times(row: list[str]) -> list[str]:
    return [cell.strip("[]() ") if _is_clock(cell) else cell for cell in row]


def _as_source(rows: Rows, source: Source) -> Source:
    """Return rows as the file of a table."""
    file = io.StringIO(newline="")
    file.write("sep=,\n")
    csv.writer(file, lineterminator="\n").writerows([cell.strip() for cell in row] for row in rows)
    data = file.getvalue().encode("utf-8", "replace")
    return Source(source.path, data, source.columns, "utf-8")


def _joined(transcript: Transcript) -> Transcript:
    """Return the turns with plain names; a row without a speaker goes on with the turn above."""
    turns: list[Turn] = []
    joined: list[int] = []
    for i, turn in enumerate(transcript.turns):
        name = None if turn.speaker is None else turn.speaker.strip().rstrip(":").strip("[]<> ") or None
        if name is None and turns:
            last = turns[-1]
            parts = [part for part in (last.text, turn.text) if part]
            end = last.end_s if turn.end_s is None else turn.end_s
            turns[-1] = replace(last, text="\n".join(parts), end_s=end)
            joined.append(i + 1)
        else:
            turns.append(replace(turn, speaker=name))
    warnings = transcript.warnings
    if joined:
        warnings += (
            f"{counted(len(joined), 'row')} without a speaker joined to the one above: row {numbers(joined)}"
            " (counted from 1 below the header)",
        )
    return replace(transcript, turns=tuple(turns), warnings=warnings)


def _words(line: str) -> int:
    return len(line.split())
