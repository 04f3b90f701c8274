import pytest
from hypothesis import given
from hypothesis import strategies as st

from rift.corpus.alignment import align_to_turns, turn_spans
from rift.schema import Mark, Turn

TURNS = (Turn("T", "a", 0.0, 4.0), Turn("P", "b", 4.0), Turn("T", "c", 10.0, 12.0), Turn("P", "d"))


def mark(start, end, **more):
    return Mark("A", "segment", "denial", "present", "annotation 1", start_s=start, end_s=end, **more)


def turns_of(start, end, offset=0.0):
    return [(m.first_turn, m.last_turn) for m in align_to_turns([mark(start, end)], TURNS, offset).marks]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (4.0, 10.0, [(1, 1)]),
        (3.0, 11.0, [(1, 2)]),  # a quarter of the first turn, half of the third
        (2.0, 12.0, [(0, 2)]),
        (5.0, 6.0, [(1, 1)]),  # a short mark inside a long turn
        (4.0, 4.0, [(1, 1)]),  # a moment belongs to the turn that begins with it
        (20.0, 30.0, []),
    ],
)
def test_a_mark_is_on_the_turns_it_overlaps_by_half_of_the_shorter(start, end, expected):
    assert turns_of(start, end) == expected


def test_another_clock():
    assert turns_of(104.0, 110.0, offset=-100.0) == [(1, 1)]


def test_what_lies_beside_all_turns_is_kept_apart():
    aligned = align_to_turns([mark(20.0, 30.0), mark(4.0, 9.0)], TURNS)
    assert (aligned.moved, [one.start_s for one in aligned.beside]) == (1, [20.0])


def test_marks_of_turns_and_sessions_stay():
    own = [mark(4.0, 9.0, first_turn=2, last_turn=2), Mark("A", "session", "denial", "absent", "row 1")]
    assert align_to_turns(own, TURNS).marks == tuple(own)


def test_a_turn_without_an_end_lasts_until_the_next_and_one_without_a_start_has_no_time():
    assert turn_spans(TURNS) == [(0.0, 4.0), (4.0, 10.0), (10.0, 12.0), None]


@given(
    st.lists(st.tuples(st.floats(0, 50), st.floats(0.1, 9)), min_size=1), st.floats(0, 60), st.floats(0, 20)
)
def test_every_covered_turn_overlaps_and_no_mark_is_lost(spans, start, length):
    turns = [Turn("P", "x", first, first + lasts) for first, lasts in spans]
    aligned = align_to_turns([mark(start, start + length)], turns)
    assert aligned.moved + len(aligned.beside) == 1
    for one in aligned.marks:
        assert one.unit == "turn"
        for turn in turns[one.first_turn : one.last_turn + 1]:
            assert turn.start_s <= start + length
            assert start <= turn.end_s
