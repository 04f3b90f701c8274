"""Packing of turns into encoder inputs, so that every token is encoded about once.

A session is one stream of tokens, turn after turn. A window is a slice of the stream. Each
token of the session is scored in exactly one window, the one where it has its full left
context; a turn that does not fit into one window is scored in pieces. Nothing is dropped.

Training and scoring share this module, so it knows token counts only: no torch, no tokenizer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Piece:
    """The tokens [start, stop) of the session's stream that belong to a turn; usually all of it."""

    turn: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Window:
    """The slice [start, stop) of a session's stream, and the pieces scored in it.

    Tokens before the first piece are left context.
    """

    start: int
    stop: int
    pieces: tuple[Piece, ...]


def scoring_windows(lengths: Sequence[int], budget: int, left_context: int) -> list[Window]:
    """Pack a session so that each turn is scored once, with its left context before it.

    Parameters
    ----------
    lengths
        Tokens of each turn, at least 1.
    budget
        Tokens a window may hold, special tokens not counted.
    left_context
        Tokens before the first scored turn, where the session has that many; at most half
        of ``budget``.

    Returns
    -------
    list of Window
        In session order. Every turn is covered by pieces exactly once; a turn longer than
        ``budget - left_context`` may be cut into pieces.
    """
    ends = np.cumsum(np.asarray(lengths, dtype=np.int64))
    windows: list[Window] = []
    turn, position = 0, 0
    while turn < len(lengths):
        start = max(0, position - left_context)
        limit = start + budget
        pieces: list[Piece] = []
        while turn < len(lengths):
            end = int(ends[turn])
            whole = int(ends[turn]) - lengths[turn] == position
            if end > limit and pieces and whole and lengths[turn] <= budget - left_context:
                break  # it fits whole into the next window
            stop = min(end, limit)
            if stop == position:
                break
            pieces.append(Piece(turn, position, stop))
            position = stop
            if stop < end:
                break
            turn += 1
        windows.append(Window(start, position, tuple(pieces)))
    return windows


def training_windows(lengths: Sequence[int], budget: int, first: int) -> list[Window]:
    """Cut a session into windows that do not overlap: every turn carries loss once an epoch.

    Parameters
    ----------
    lengths
        Tokens of each turn, at least 1.
    budget
        Tokens a window may hold, special tokens not counted.
    first
        Tokens of the first window, 1 to ``budget``; drawn anew each epoch, so that a turn
        meets every amount of context.

    Returns
    -------
    list of Window
        In session order; whole turns, except that one longer than ``budget`` is cut.
    """
    windows: list[Window] = []
    pieces: list[Piece] = []
    start, position, limit = 0, 0, first
    for turn, length in enumerate(lengths):
        remaining = length
        while remaining:
            if pieces and position + remaining > start + limit:
                windows.append(Window(start, position, tuple(pieces)))
                pieces, start, limit = [], position, budget
            take = min(remaining, start + max(limit, min(remaining, budget)) - position)
            pieces.append(Piece(turn, position, position + take))
            position += take
            remaining -= take
    if pieces:
        windows.append(Window(start, position, tuple(pieces)))
    return windows


def pooling_matrix(window: Window, tokens: int, offset: int) -> npt.NDArray[np.float32]:
    """Return the [pieces, tokens] matrix whose product with the hidden states is each piece's mean.

    Parameters
    ----------
    window
        The window whose tokens stand in the row.
    tokens
        Length of the encoder input, padding included.
    offset
        Position in the row of the window's first token (1 where a start token precedes it).
    """
    pool = np.zeros((len(window.pieces), tokens), dtype=np.float32)
    for row, piece in enumerate(window.pieces):
        start, stop = piece.start - window.start + offset, piece.stop - window.start + offset
        pool[row, start:stop] = 1.0 / (stop - start)
    return pool


def turn_text(speaker: str, text: str) -> str:
    """Return a turn as the encoder reads it: the speaker's role, then the words, notes kept."""
    return f"{speaker}: {text}"
