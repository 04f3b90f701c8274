"""Windows in batches: a turn's logits are those of its own windows, whatever stands beside them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rift.config import WindowSection
from rift.corpus.batches import Packing, turn_logits
from rift.corpus.encoding import SpecialIds
from rift.corpus.windows import scoring_windows

SPECIAL = SpecialIds(start=1, separator=2, padding=0)
WINDOWS = WindowSection(max_tokens=16, left_context_tokens=5)


def packing(budget, windows=WINDOWS):
    return Packing(windows, SPECIAL, budget)


class Network:
    """Two labels: the mean id of a turn's tokens, and the sum of ids in its whole window."""

    def __init__(self):
        self.batches = []

    def __call__(self, batch):
        self.batches.append(batch)
        ids = batch.input_ids.astype(np.float64)
        own = batch.pool.astype(np.float64) @ ids[:, :, None]
        window = (ids * batch.attention_mask).sum(axis=1)
        return np.concatenate([own, np.broadcast_to(window[:, None, None], own.shape)], axis=2)


def by_hand(turns, windows=WINDOWS):
    """Return the same one window at a time, without padding, masks or pooling matrices."""
    stream = [token for turn in turns for token in turn]
    best = np.full((len(turns), 2), -np.inf)
    lengths = [len(turn) for turn in turns]
    for window in scoring_windows(lengths, windows.max_tokens - 1, windows.left_context_tokens):
        total = SPECIAL.start + sum(stream[window.start : window.stop])
        for piece in window.pieces:
            found = [np.mean(stream[piece.start : piece.stop]), total]
            best[piece.turn] = np.maximum(best[piece.turn], found)
    return best


def test_a_session_in_one_window():
    network = Network()
    (found,) = turn_logits([[[10, 20, 2], [30, 2]]], 2, packing(64), network)
    np.testing.assert_allclose(found, [[32 / 3, 65], [16, 65]], rtol=1e-6)
    (batch,) = network.batches
    assert batch.input_ids.tolist() == [[1, 10, 20, 2, 30, 2]]
    assert batch.attention_mask.tolist() == [[1] * 6]
    np.testing.assert_allclose(batch.pool[0], [[0, 1 / 3, 1 / 3, 1 / 3, 0, 0], [0, 0, 0, 0, 0.5, 0.5]])
    assert [array.dtype for array in batch] == [np.int64, np.int64, np.float32]


def test_a_turn_in_pieces_takes_the_maximum_of_each_label():
    turns = [[3, 2], [5] * 13 + [50] * 10 + [5] * 2]
    (found,) = turn_logits([turns], 2, packing(64), Network())
    # Windows [0, 15), [10, 25), [20, 27) of the stream: pieces of 13, 10 and 2 tokens of the long turn.
    np.testing.assert_allclose(found[0], [2.5, 1 + 5 + 65], rtol=1e-6)
    np.testing.assert_allclose(found[1], [50.0, 1 + 25 + 500], rtol=1e-6)


@pytest.mark.parametrize("budget", [1, 16, 33, 64, 1000])
def test_the_size_of_batches_changes_nothing(budget):
    rng = np.random.default_rng(3)
    sessions = [
        [list(rng.integers(3, 90, rng.integers(1, 30))) for _ in range(rng.integers(0, 9))] for _ in range(7)
    ]
    network = Network()
    found = turn_logits(sessions, 2, packing(budget), network)
    assert [own.shape for own in found] == [(len(turns), 2) for turns in sessions]
    for own, turns in zip(found, sessions, strict=True):
        np.testing.assert_allclose(own, by_hand(turns), rtol=1e-5)
    shapes = [batch.input_ids.shape for batch in network.batches]
    assert all(rows * tokens <= budget or rows == 1 for rows, tokens in shapes)
    assert [tokens for _, tokens in shapes] == sorted((tokens for _, tokens in shapes), reverse=True)


def test_shorter_windows_are_padded_and_masked():
    network = Network()
    found = turn_logits([[[7, 2]], [[9, 9, 9, 9, 2], [4, 2]]], 2, packing(64), network)
    (batch,) = network.batches
    assert batch.input_ids.tolist() == [[1, 9, 9, 9, 9, 2, 4, 2], [1, 7, 2, 0, 0, 0, 0, 0]]
    assert batch.attention_mask.tolist() == [[1] * 8, [1, 1, 1, 0, 0, 0, 0, 0]]
    assert batch.pool.shape == (2, 2, 8)
    assert not batch.pool[1, 1].any()
    np.testing.assert_allclose(found[0], [[4.5, 10]], rtol=1e-6)
    np.testing.assert_allclose(found[1], [[7.6, 45], [3, 45]], rtol=1e-6)


def test_without_turns_the_network_is_not_asked():
    network = Network()
    found = turn_logits([[], []], 3, packing(64), network)
    assert [own.shape for own in found] == [(0, 3), (0, 3)]
    assert turn_logits([], 3, packing(64), network) == []
    assert network.batches == []


turn = st.lists(st.integers(3, 90), min_size=1, max_size=40)


@given(st.lists(st.lists(turn, max_size=6), min_size=1, max_size=4), st.integers(1, 200), st.data())
def test_company_does_not_matter(sessions, budget, data):
    together = turn_logits(sessions, 2, packing(budget), Network())
    chosen = data.draw(st.integers(0, len(sessions) - 1))
    (alone,) = turn_logits([sessions[chosen]], 2, packing(10_000), Network())
    np.testing.assert_allclose(together[chosen], alone, rtol=1e-5)
    assert np.isfinite(alone).all()
