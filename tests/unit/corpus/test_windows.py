from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.corpus.windows import Piece, Window, pooling_matrix, scoring_windows, training_windows, turn_text


@st.composite
def sessions(draw):
    lengths = draw(st.lists(st.integers(1, 60), max_size=25))
    budget = draw(st.integers(2, 40))
    return lengths, budget, draw(st.integers(0, budget // 2))


def tokens_of_turns(lengths):
    ends = np.cumsum(lengths, dtype=int)
    return [(turn, token) for turn, end in enumerate(ends) for token in range(end - lengths[turn], end)]


def tokens_of_pieces(windows):
    return [(p.turn, token) for w in windows for p in w.pieces for token in range(p.start, p.stop)]


def assert_sound(windows, budget):
    for window in windows:
        assert window.pieces
        assert window.stop - window.start <= budget
        assert window.start <= window.pieces[0].start
        assert window.stop == window.pieces[-1].stop
        assert all(piece.start < piece.stop for piece in window.pieces)


class TestScoringWindows:
    @given(sessions())
    def test_every_token_of_every_turn_is_scored_once_and_in_order(self, session):
        lengths, budget, left = session
        assert tokens_of_pieces(scoring_windows(lengths, budget, left)) == tokens_of_turns(lengths)

    @given(sessions())
    def test_no_window_is_over_budget(self, session):
        lengths, budget, left = session
        assert_sound(scoring_windows(lengths, budget, left), budget)

    @given(sessions())
    def test_each_first_piece_has_its_full_left_context(self, session):
        lengths, budget, left = session
        for window in scoring_windows(lengths, budget, left):
            first = window.pieces[0].start
            assert first - window.start == min(left, first)

    @given(sessions())
    def test_a_turn_that_fits_beside_the_context_is_never_cut(self, session):
        lengths, budget, left = session
        pieces = [piece for window in scoring_windows(lengths, budget, left) for piece in window.pieces]
        for turn, length in enumerate(lengths):
            if length <= budget - left:
                assert sum(piece.turn == turn for piece in pieces) == 1

    @given(sessions())
    def test_windows_are_filled_before_a_new_one_begins(self, session):
        lengths, budget, left = session
        windows = scoring_windows(lengths, budget, left)
        for window, following in pairwise(windows):
            next_turn = following.pieces[0].turn
            assert window.stop - window.start + lengths[next_turn] > budget

    @pytest.mark.parametrize(
        ("lengths", "expected"),
        [
            ([], []),
            ([3, 3, 3], [Window(0, 9, (Piece(0, 0, 3), Piece(1, 3, 6), Piece(2, 6, 9)))]),
            (
                [4, 4, 4],
                [
                    Window(0, 8, (Piece(0, 0, 4), Piece(1, 4, 8))),
                    Window(4, 12, (Piece(2, 8, 12),)),
                ],
            ),
            # 14 tokens: 10, then 4 more of context and 4 of its own
            ([14], [Window(0, 10, (Piece(0, 0, 10),)), Window(6, 14, (Piece(0, 10, 14),))]),
        ],
    )
    def test_by_hand(self, lengths, expected):
        assert scoring_windows(lengths, budget=10, left_context=4) == expected


class TestTrainingWindows:
    @given(sessions(), st.data())
    def test_windows_cover_every_token_of_every_turn_once(self, session, data):
        lengths, budget, _ = session
        windows = training_windows(lengths, budget, data.draw(st.integers(1, budget)))
        assert tokens_of_pieces(windows) == tokens_of_turns(lengths)
        assert_sound(windows, budget)

    @given(sessions(), st.data())
    def test_windows_lie_end_to_end(self, session, data):
        lengths, budget, _ = session
        windows = training_windows(lengths, budget, data.draw(st.integers(1, budget)))
        assert [w.start for w in windows] == [0, *(w.stop for w in windows)][: len(windows)]

    @given(sessions(), st.data())
    def test_a_turn_within_the_budget_is_never_cut(self, session, data):
        lengths, budget, _ = session
        windows = training_windows(lengths, budget, data.draw(st.integers(1, budget)))
        pieces = [piece.turn for window in windows for piece in window.pieces]
        assert all(pieces.count(turn) == 1 for turn, n in enumerate(lengths) if n <= budget)

    @settings(max_examples=30)
    @given(st.integers(1, 10))
    def test_the_first_window_holds_at_most_first_tokens_but_at_least_a_turn(self, first):
        windows = training_windows([3] * 8, budget=10, first=first)
        assert windows[0].stop == max(3, first // 3 * 3)


def test_pooling_matrix_takes_the_mean_of_each_piece():
    window = Window(4, 9, (Piece(2, 6, 8), Piece(3, 8, 9)))
    pool = pooling_matrix(window, tokens=8, offset=1)
    states = np.arange(8, dtype=np.float32)[:, None]
    assert pool.shape == (2, 8)
    assert pool.dtype == np.float32
    # tokens 6 and 7 of the stream stand at positions 3 and 4, token 8 at 5
    assert (pool @ states).ravel().tolist() == [3.5, 5.0]
    assert pool.sum(axis=1).tolist() == [1.0, 1.0]


def test_turn_text_keeps_the_notes():
    assert turn_text("patient", "[long pause] Fine.") == "patient: [long pause] Fine."
