from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers.table import find_columns, parse_table, read_table, sniff_header


def cells(content: str) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.number, row.cells) for row in parse_table(content.encode(), "a.csv").rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    rows = [["id", "text", "time"], ["01", "Well: no", "3"], ["02", "Fine.", "4.0"]]
    table = parse_table("\n".join(delimiter.join(row) for row in rows).encode(), "a.csv")
    assert table.header == ("id", "text", "time")
    assert [row.cells for row in table.rows] == [("01", "Well: no", "3"), ("02", "Fine.", "4.0")]
    assert [row.number for row in table.rows] == [2, 3]


def test_semicolons_with_decimal_commas() -> None:
    assert cells("start;end;WD\n1,5;2,5;x\n2,5;3,75;-\n") == [
        (2, ("1,5", "2,5", "x")),
        (3, ("2,5", "3,75", "-")),
    ]
    assert cells("session;text\nS1;Well, yes\n") == [(2, ("S1", "Well, yes"))]


def test_values_stay_as_they_are() -> None:
    assert cells("a,b,c,d\n01,NA,1.0, x \n") == [(2, ("01", "NA", "1.0", " x "))]


def test_quoted_cells_hold_delimiters_quotes_and_lines() -> None:
    content = 'id,text\n1,"He said ""no"", then\nleft"\n\n3,plain\n'
    assert cells(content) == [(2, ("1", 'He said "no", then\nleft')), (4, ("3", "plain"))]


def test_tab_separated_text_without_quoting() -> None:
    table = parse_table(b'id\ttext\n1\t"Fine" she said\n2\t"No\n', "a.tsv")
    assert [row.cells for row in table.rows] == [("1", '"Fine" she said'), ("2", '"No')]
    assert table.warnings == ("quotation marks do not pair up; read as plain characters",)


def test_quotation_marks_that_would_swallow_rows() -> None:
    with pytest.raises(RiftError) as caught:
        parse_table(b'id,text\n1,"Fine, I said\n2,No\n3,"Yes" or, no\n', "a.csv")
    assert "cannot be divided into cells" in caught.value.problem


def test_short_rows_are_filled_and_long_ones_refused() -> None:
    assert cells("a,b,c\n1\n2,x,\n") == [(2, ("1", "", "")), (3, ("2", "x", ""))]
    assert cells("a,b\n1,2,,\n") == [(2, ("1", "2"))]
    with pytest.raises(RiftError) as caught:
        parse_table(b"id,text\n1,Well\n2,Well, yes\n", "a.csv")
    assert caught.value.where == "a.csv, row 3"
    assert "3 cells under 2 headers" in caught.value.problem
    assert "'yes'" in caught.value.problem


def test_titles_above_the_header_are_told() -> None:
    table = parse_table(b"Session 7\n\nid;text\n1;a\n", "a.csv")
    assert table.header == ("id", "text")
    assert [row.number for row in table.rows] == [4]
    assert table.warnings == ("1 row above the header left out: row 1",)


def test_the_separator_line_of_excel() -> None:
    table = parse_table(b"sep=;\nid;text\n1;a,b\n", "a.csv")
    assert (table.header, table.rows[0].cells) == (("id", "text"), ("1", "a,b"))


def test_what_is_no_table() -> None:
    for data in [b"", b"\n\n", b",,\n,,\n"]:
        with pytest.raises(RiftError, match="empty"):
            parse_table(data, "a.csv")


def test_columns_by_header() -> None:
    table = parse_table(b" Session ID ,Text,x,x\n1,a,,\n", "a.csv")
    assert find_columns(table, {"session_id": "session id", "text": "TEXT"}, "a.csv") == {
        "session_id": 0,
        "text": 1,
    }
    with pytest.raises(RiftError) as caught:
        find_columns(table, {"text": "Utterance"}, "a.csv")
    assert caught.value.problem == (
        "no column 'Utterance' (for text); the table has 'Session ID', 'Text', 'x', 'x'"
    )
    with pytest.raises(RiftError, match="2 columns 'X'"):
        find_columns(table, {"label": "X"}, "a.csv")
    with pytest.raises(RiftError, match="the column for 'speaker' is not known"):
        find_columns(table, {"text": "Text"}, "a.csv", ("speaker",))


def test_the_file_is_read_with_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("id;text\n1;Größe\n".encode("cp1252"))
    table = read_table(path)
    assert table.rows[0].cells == ("1", "Größe")
    assert table.warnings == (
        "not UTF-8; read as cp1252; to change that, name its encoding"
        " (--encoding, or encoding in corpus.yaml)",
    )
    path.write_bytes("id;text\n1;Größe\n".encode("utf-16"))
    assert read_table(path).rows[0].cells == ("1", "Größe")
    path.write_bytes("id;text\n1;привет\n".encode("cp1251"))
    assert read_table(path, "cp1251").rows[0].cells == ("1", "привет")


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]) | st.just("\n"), max_size=12)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_written_tables_come_back(rows: list[tuple[str, ...]], delimiter: str, line_end: str) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "text", "more", "last"])
    writer.writerows([number, *row] for number, row in enumerate(rows))
    table = parse_table(stream.getvalue().encode(), "a.csv")
    assert table.header == ("id", "text", "more", "last")
    assert [row.cells for row in table.rows] == [(str(i), *row) for i, row in enumerate(rows)]
    assert [row.number for row in table.rows] == list(range(2, len(rows) + 2))


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=150), st.text('a1,;\t|"\n\r =', max_size=60).map(str.encode)))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    try:
        table = parse_table(data, "a.csv")
    except RiftError:
        return
    assert all(len(row.cells) == len(table.header) for row in table.rows)


@given(st.text('a1,;\t|"\n =', max_size=60))
def test_sniffing_never_raises(content: str) -> None:
    assert len(sniff_header(content)) != 1
