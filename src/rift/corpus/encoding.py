"""Turns to token ids, the same for training and scoring: the raw tokenizers library alone.

The stream of a session is, turn after turn, the tokens of ``speaker: words`` and a separator.
A row of the encoder is the start token and a slice of that stream (`rift.corpus.windows`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from rift.corpus.windows import turn_text
from rift.errors import RiftError

START_NAMES = ("[CLS]", "<s>", "<cls>", "[BOS]", "<bos>")
SEPARATOR_NAMES = ("[SEP]", "</s>", "<sep>", "[EOS]", "<eos>")
PADDING_NAMES = ("[PAD]", "<pad>")

START_TOKENS = 1
"""Tokens of a row that are not of the stream: a window's budget is max_tokens less these."""


@dataclass(frozen=True, slots=True)
class SpecialIds:
    """Ids of the tokens that begin a row, end a turn and fill a row up."""

    start: int
    separator: int
    padding: int


def load_tokenizer(path: Path) -> Tokenizer:
    """Load ``tokenizer.json`` with truncation and padding off, whatever the file has baked in.

    Words of a transcript that look like special tokens are read as words.

    Raises
    ------
    RiftError
        The file is missing or not a tokenizer.
    """
    remedy = "copy the whole model folder anew"
    if not path.is_file():
        raise RiftError("no such file", where=path, remedy=remedy)
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception for every fault of the file
        found = str(error)[:80]
        raise RiftError(
            f"not a tokenizer of the tokenizers library: {found}", where=path, remedy=remedy
        ) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    return tokenizer


def special_ids(tokenizer: Tokenizer) -> SpecialIds:
    """Return the ids that frame turns: what the tokenizer puts around a text, else by their names.

    BERT's are ``[CLS]`` and ``[SEP]``, RoBERTa's ``<s>`` and ``</s>``.

    Raises
    ------
    RiftError
        The tokenizer has no such tokens.
    """
    framed = tokenizer.encode("").ids  # of an empty text only what the post-processor adds
    start, separator = framed if len(framed) == 2 else (None, None)
    padding = _first_id(tokenizer, PADDING_NAMES)
    start = _first_id(tokenizer, START_NAMES) if start is None else start
    separator = _first_id(tokenizer, SEPARATOR_NAMES) if separator is None else separator
    if start is None or separator is None:
        raise RiftError(
            "the tokenizer has no start or no separator token",
            remedy=f"use an encoder with one of {', '.join(START_NAMES)} and {', '.join(SEPARATOR_NAMES)}",
        )
    return SpecialIds(start, separator, separator if padding is None else padding)


def encode_turns(tokenizer: Tokenizer, speakers: Sequence[str], texts: Sequence[str]) -> list[list[int]]:
    """Return the token ids of each turn, its separator included.

    Parameters
    ----------
    tokenizer
        From `load_tokenizer`.
    speakers
        Role of each turn: patient, therapist or other.
    texts
        Words of each turn; an empty one still gives the speaker's tokens.

    Returns
    -------
    list of list of int
        One list per turn, at least one id each; joined they are the session's stream.
    """
    separator = special_ids(tokenizer).separator
    # A lone surrogate (a broken escape in a JSON transcript) cannot be encoded: it is read as "?".
    lines = [
        turn_text(speaker, text).encode("utf-8", "replace").decode("utf-8")
        for speaker, text in zip(speakers, texts, strict=True)
    ]
    return [[*line.ids, separator] for line in tokenizer.encode_batch(lines, add_special_tokens=False)]


def row_ids(stream: Sequence[int], start: int, stop: int, special: SpecialIds) -> list[int]:
    """Return one row of the encoder: the start token, then the slice [start, stop) of the stream."""
    return [special.start, *stream[start:stop]]


def _first_id(tokenizer: Tokenizer, names: Sequence[str]) -> int | None:
    found = (tokenizer.token_to_id(name) for name in names)
    return next((token for token in found if token is not None), None)
