"""Turns and marks to training examples: packed windows with soft targets and masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from datasets import Dataset
from tokenizers import Tokenizer

from rift.codebook import Codebook
from rift.config import TrainSection, WindowSection
from rift.corpus.encoding import START_TOKENS, SpecialIds, encode_turns, row_ids
from rift.corpus.marks import Marks, eligibility
from rift.corpus.windows import Window, training_windows
from rift.schema import SESSION_KEY

Floats = npt.NDArray[np.float32]

_LIKE_LENGTH = 32
"""Tokens: windows whose lengths differ by less may stand in one step."""


@dataclass(frozen=True)
class Session:
    """One session, tokenised: what windows are cut from.

    Attributes
    ----------
    patient_id
        Whose it is; splits go by it.
    rows
        int [n]: its rows in the turns table.
    tokens
        Token ids of each turn, speaker's name and separator included.
    targets, weights
        float32 [n, L]: soft targets 0-1 and their weights, 0 where not coded or not eligible.
    """

    patient_id: str
    rows: npt.NDArray[np.int64]
    tokens: list[list[int]]
    targets: Floats
    weights: Floats


def build_sessions(
    turns: pd.DataFrame, marks: Marks, codebook: Codebook, tokenizer: Tokenizer
) -> list[Session]:
    """Tokenise every session and lay soft targets and masks beside it.

    A cell weighs 1 where at least one coder could tell and the speaker may show the label,
    however many coders that were: one more coder makes a target softer, not heavier.
    """
    eligible = eligibility(marks.turns["speaker"], codebook.columns, codebook)
    soft = marks.soft()
    weights = (np.isfinite(soft) & eligible).astype(np.float32)
    targets = np.nan_to_num(soft).astype(np.float32) * weights
    sessions = []
    for _, own in turns.reset_index(drop=True).groupby(SESSION_KEY, sort=False):
        rows = own.index.to_numpy()
        tokens = encode_turns(tokenizer, own["speaker"].tolist(), own["text"].tolist())
        sessions.append(Session(own["patient_id"].iloc[0], rows, tokens, targets[rows], weights[rows]))
    return sessions


def class_groups(codebook: Codebook) -> torch.Tensor | None:
    """Return bool [L, K], which of the K labels each column of an exclusive codebook holds; else None.

    A label holds itself, a family its members.
    """
    if not codebook.exclusive:
        return None
    held = [{column, *codebook.members(column)} for column in codebook.columns]
    return torch.tensor([[label.id in own for label in codebook.labels] for own in held])


def positive_weights(sessions: Sequence[Session], section: TrainSection, exclusive: bool) -> torch.Tensor:
    """Return [L]: how much more a positive weighs than a negative, so that rare labels are learned.

    (negatives / positives) ** power, at most ``positive_weight_max``. When exclusive: the
    inverse share of the class to that power, with mean 1.
    """
    positives = np.sum([s.targets.sum(axis=0) for s in sessions], axis=0)
    coded = np.sum([s.weights.sum(axis=0) for s in sessions], axis=0)
    odds = (coded if exclusive else coded - positives) / np.maximum(positives, 1.0)
    weights = np.clip(odds, 1.0, None) ** section.positive_weight_power
    if exclusive:
        weights /= np.average(weights, weights=np.maximum(positives, 1.0))
    return torch.tensor(np.minimum(weights, section.positive_weight_max), dtype=torch.float32)


def training_examples(
    sessions: Sequence[Session], windows: WindowSection, section: TrainSection, special: SpecialIds
) -> Dataset:
    """Lay out the windows of all epochs, in the order of training.

    All epochs stand in one data set, shuffled within each, cut at new places in each. The order
    is then a matter of the seed alone, and an interrupted training resumes at its very step. The
    windows of one step are of like length, so that short sessions are not padded to long ones.

    Returns
    -------
    Dataset
        ``input_ids``, ``spans`` [N, 2] of the turns in them, ``targets`` and ``weights`` [N, L].
    """
    examples: list[dict[str, Any]] = []
    for epoch in range(section.epochs):
        chance = np.random.default_rng([section.seed, epoch])
        laid = _epoch_windows(sessions, windows.max_tokens - START_TOKENS, special, chance)
        chance.shuffle(laid)
        begun = -len(examples) % section.windows_per_step  # these complete the last epoch's last step
        examples += laid[:begun] + _in_steps(laid[begun:], section.windows_per_step, chance)
    return Dataset.from_list(examples)


def _epoch_windows(
    sessions: Sequence[Session], budget: int, special: SpecialIds, chance: np.random.Generator
) -> list[dict[str, Any]]:
    laid = []
    for session in sessions:
        stream = [token for turn in session.tokens for token in turn]
        first = int(chance.integers(budget // 4, budget + 1))
        for window in training_windows([len(turn) for turn in session.tokens], budget, first):
            laid.append(_example(session, stream, window, special))
    return [example for example in laid if np.any(example["weights"])]


def _in_steps(laid: Sequence[dict[str, Any]], size: int, chance: np.random.Generator) -> list[dict[str, Any]]:
    """Order windows so that those of a step are of like length, and the steps are mixed."""
    alike = sorted(laid, key=lambda example: len(example["input_ids"]) // _LIKE_LENGTH)
    whole = len(alike) - len(alike) % size
    steps = [alike[at : at + size] for at in range(0, whole, size)]
    chance.shuffle(steps)
    return [example for step in steps for example in step] + alike[whole:]


def _example(session: Session, stream: list[int], window: Window, special: SpecialIds) -> dict[str, Any]:
    turns = [piece.turn for piece in window.pieces]
    return {
        "input_ids": row_ids(stream, window.start, window.stop, special),
        "spans": [
            [p.start - window.start + START_TOKENS, p.stop - window.start + START_TOKENS]
            for p in window.pieces
        ],
        "targets": session.targets[turns],
        "weights": session.weights[turns],
    }


def collate(examples: Sequence[Mapping[str, Any]], padding: int = 0) -> dict[str, torch.Tensor]:
    """Pad windows to one batch: tokens to the longest, turns to the most."""
    tokens = max(len(e["input_ids"]) for e in examples)
    turns = max(len(e["spans"]) for e in examples)
    labels = len(examples[0]["targets"][0])
    shape = (len(examples), turns)
    ids = np.full((len(examples), tokens), padding, dtype=np.int64)
    mask = np.zeros_like(ids)
    pool = np.zeros((*shape, tokens), dtype=np.float32)
    targets = np.zeros((*shape, labels), dtype=np.float32)
    weights = np.zeros((*shape, labels), dtype=np.float32)
    for i, example in enumerate(examples):
        own = example["input_ids"]
        ids[i, : len(own)], mask[i, : len(own)] = own, 1
        for j, (first, stop) in enumerate(example["spans"]):
            pool[i, j, first:stop] = 1.0 / (stop - first)
        targets[i, : len(example["spans"])] = example["targets"]
        weights[i, : len(example["spans"])] = example["weights"]
    arrays = {"input_ids": ids, "attention_mask": mask, "pool": pool, "targets": targets, "weights": weights}
    return {name: torch.from_numpy(array) for name, array in arrays.items()}
