"""Markdown: words stay words, and rows stay rows."""

from hypothesis import given
from hypothesis import strategies as st

from rift.reliability.result import Statistic, undefined
from rift.reports.markdown import escaped, grid_tables, table
from rift.reports.page.grid import Cell, Cells, Column, Grid, Group, Row


def test_markup_is_escaped():
    assert escaped("a|b *c* `d` <i> [e](f) _g_ $h$ ~~i~~ \\ &amp;") == (
        r"a\|b \*c\* \`d\` \<i> \[e](f) \_g\_ \$h\$ \~\~i\~\~ \\ \&amp;"
    )


def test_what_is_no_markup_reads_as_it_is():
    for text in ("minimal_response", ".45 [.30, .61] (no interval)", "−.71 [−.78, −.63]", "A & B, 5 > 4"):
        assert escaped(text) == text


@given(st.text())
def test_escaped_words_never_break_a_line_or_a_cell(text):
    found = escaped(text)
    assert len(found.splitlines()) <= 1
    assert "|" not in found.replace("\\\\", "").replace("\\|", "")


def test_table_has_a_row_a_line():
    assert table(["a", "b"], [["1", ""], ["2", "x"]]) == "| a | b |\n|---|---|\n| 1 |  |\n| 2 | x |\n"


def test_grid_is_a_table_per_group_with_numbered_notes_below():
    cells = Cells()
    rows = [
        Row("first", (cells.interval(Statistic(0.5, 0.25, 0.75, 9)), cells.value(undefined("not coded")))),
        Row("x|y", (cells.interval(Statistic(0.5, None, None, 9, "one patient")), Cell(""))),
    ]
    groups = (Group("Markers", (rows[0],)), Group("", (rows[1],)))
    grid = Grid("g", "c", Column("Label"), (Column("P"), Column("R")), groups, cells.footnotes())
    assert list(grid_tables(grid)) == [
        "### Markers\n",
        "| Label | P | R |\n|---|---|---|\n| first | .50 [.25, .75] | undefined (note 1) |\n",
        "| Label | P | R |\n|---|---|---|\n| x\\|y | .50 (note 2) |  |\n",
        "Notes:\n\n1. not coded\n2. one patient\n",
    ]
