from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers.offsets import UNITS, Selection, located, on_edge

FIREMAN = "👨🏻\u200d🚒 so annoyed with you"
ALL = ("code points", "UTF-16 units", "graphemes")


@pytest.mark.parametrize(("start", "unit"), [(8, "code points"), (11, "UTF-16 units"), (5, "graphemes")])
def test_the_unit_is_found_by_word_edges(start: int, unit: str) -> None:
    spans, told = located([(FIREMAN, [Selection(start, start + 7, "line 1")])], "a", ALL)
    (((first, last),),) = spans
    assert FIREMAN[first:last] == "annoyed"
    assert told == []


def test_a_selection_inside_a_word_is_refused_unless_it_is_quoted() -> None:
    with pytest.raises(RiftError, match="cuts out 'noye'"):
        located([("so annoyed", [Selection(5, 9, "line 1")])], "a", ALL)
    assert located([("so annoyed", [Selection(5, 9, "line 1", "noye")])], "a", ALL)[0] == [[(5, 9)]]


@pytest.mark.parametrize(("start", "end"), [(0, 99), (7, 3), (-1, 3)])
def test_offsets_outside_are_refused(start: int, end: int) -> None:
    with pytest.raises(RiftError, match="lies outside 10 characters"):
        located([("so annoyed", [Selection(start, end, "line 1")])], "a", ALL)


def test_line_ends_counted_as_one() -> None:
    units = ("code points", "code points without CR")
    spans, _ = located([("one\r\ntwo three", [Selection(8, 13, "line 1")])], "a", units)
    assert spans == [[(9, 14)]]


def test_scripts_without_blanks_have_edges_everywhere() -> None:
    assert on_edge("我不知道", 2)
    assert not on_edge("לא יודע", 4)


@given(st.text(), st.sampled_from(sorted(UNITS)))
def test_every_unit_counts_up_to_the_end(text: str, unit: str) -> None:
    at = list(UNITS[unit](text))
    known = [i for i in at if i >= 0]
    assert known == sorted(set(known))
    assert at[-1] == len(text)
