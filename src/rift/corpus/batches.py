"""Windows of many sessions through a network in batches: the same path for torch and onnxruntime."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rift.config import WindowSection
from rift.corpus.encoding import START_TOKENS, SpecialIds, row_ids
from rift.corpus.windows import Window, pooling_matrix, scoring_windows

Floats = npt.NDArray[np.float64]


class Batch(NamedTuple):
    """Padded rows: ids and mask int64 [W, T], pooling matrices float32 [W, N, T]."""

    input_ids: npt.NDArray[np.int64]
    attention_mask: npt.NDArray[np.int64]
    pool: npt.NDArray[np.float32]


Network = Callable[[Batch], npt.NDArray[np.floating]]
"""Gives the logits [W, N, L] of a batch."""


@dataclass(frozen=True, slots=True)
class _Row:
    session: int
    window: Window
    ids: list[int]


@dataclass(frozen=True)
class Packing:
    """How turns become batches.

    Attributes
    ----------
    windows
        Tokens per window and of left context.
    special
        The tokenizer's framing ids.
    batch_tokens
        Tokens per batch, padding included; a longer window is a batch of its own.
    """

    windows: WindowSection
    special: SpecialIds
    batch_tokens: int


def turn_logits(
    sessions: Sequence[Sequence[Sequence[int]]], labels: int, packing: Packing, network: Network
) -> list[Floats]:
    """Return the logits of every turn of every session.

    Windows of all sessions are sorted by length and packed into batches by tokens; what a turn
    gets does not depend on its company. A turn scored in pieces takes the maximum over them.

    Parameters
    ----------
    sessions
        Token ids of each turn, from `rift.corpus.encoding.encode_turns`.
    labels
        L, the network's outputs.

    Returns
    -------
    list of float64 [turns, L]
        One per session.
    """
    results = [np.full((len(turns), labels), -np.inf) for turns in sessions]
    rows = [row for index, turns in enumerate(sessions) for row in _rows(index, turns, packing)]
    for group in _groups(rows, packing.batch_tokens):
        for row, found in zip(group, network(_pad(group, packing.special)), strict=True):
            turns = [piece.turn for piece in row.window.pieces]
            np.maximum.at(results[row.session], turns, found[: len(turns)])
    return results


def _rows(index: int, turns: Sequence[Sequence[int]], packing: Packing) -> Iterator[_Row]:
    stream = list(chain.from_iterable(turns))
    budget = packing.windows.max_tokens - START_TOKENS
    lengths = [len(turn) for turn in turns]
    for window in scoring_windows(lengths, budget, packing.windows.left_context_tokens):
        yield _Row(index, window, row_ids(stream, window.start, window.stop, packing.special))


def _groups(rows: Sequence[_Row], budget: int) -> Iterator[list[_Row]]:
    """Yield rows of like length, so that a padded batch holds at most ``budget`` tokens."""
    group: list[_Row] = []
    for row in sorted(rows, key=lambda row: -len(row.ids)):
        if group and (len(group) + 1) * len(group[0].ids) > budget:
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _pad(group: Sequence[_Row], special: SpecialIds) -> Batch:
    tokens = max(len(row.ids) for row in group)
    pieces = max(len(row.window.pieces) for row in group)
    ids = np.full((len(group), tokens), special.padding, dtype=np.int64)
    mask = np.zeros_like(ids)
    pool = np.zeros((len(group), pieces, tokens), dtype=np.float32)
    for i, row in enumerate(group):
        ids[i, : len(row.ids)], mask[i, : len(row.ids)] = row.ids, 1
        pool[i, : len(row.window.pieces)] = pooling_matrix(row.window, tokens, START_TOKENS)
    return Batch(ids, mask, pool)
