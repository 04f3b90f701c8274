"""The packed-window network: an encoder, a mean over each turn's own tokens, a linear head."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedModel


class Output(NamedTuple):
    """What `transformers.Trainer` reads: the loss first."""

    loss: Tensor | None
    logits: Tensor


class TurnClassifier(nn.Module):
    """Labels of every turn of a window from one pass of the encoder.

    Parameters
    ----------
    encoder
        Any Hugging Face encoder with ``last_hidden_state``.
    labels
        Number of outputs L.
    dropout
        On the turn vectors, in training, 0-1.
    exclusive
        Exactly one label per turn: cross-entropy instead of one logistic loss per label. The
        logits are then log-odds of each class against the rest, so that a sigmoid gives the
        softmax probability and scoring needs to know no difference.
    positive_weights
        [L] weight of a positive against a negative; ignored when exclusive.
    """

    positive_weights: Tensor

    def __init__(
        self, encoder: PreTrainedModel, labels: int, dropout: float, exclusive: bool, positive_weights: Tensor
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size, labels)
        self.exclusive = exclusive
        self.register_buffer("positive_weights", positive_weights.float())

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        pool: Tensor,
        targets: Tensor | None = None,
        weights: Tensor | None = None,
    ) -> Output:
        """Score the turns of a batch of windows.

        Parameters
        ----------
        input_ids, attention_mask
            int [W, T]: windows and their tokens.
        pool
            float [W, N, T]: one row per turn, the mean over its tokens; zero rows are padding.
        targets, weights
            float [W, N, L]: soft targets 0-1, and the weight of each (0: not coded or not
            eligible); both or neither.

        Returns
        -------
        Output
            Loss (mean over weighted cells) and logits [W, N, L].
        """
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        turns = torch.bmm(pool.to(hidden.dtype), hidden)
        logits = self.head(self.dropout(turns)).float()
        if self.exclusive:
            logits = _log_odds(logits)
        loss = None if targets is None or weights is None else self._loss(logits, targets, weights)
        return Output(loss, logits)

    def _loss(self, logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        if self.exclusive:
            cells = -targets * nn.functional.logsigmoid(logits) * self.positive_weights
            total = (weights * targets * self.positive_weights).sum()
        else:
            cells = nn.functional.binary_cross_entropy_with_logits(
                logits, targets, pos_weight=self.positive_weights, reduction="none"
            )
            total = weights.sum()
        return (cells * weights).sum() / total.clamp(min=1e-6)


def _log_odds(logits: Tensor) -> Tensor:
    """Turn class scores [..., L] into the log-odds of each class against all others."""
    labels = logits.shape[-1]
    others = logits.unsqueeze(-2).expand(*logits.shape[:-1], labels, labels)
    diagonal = torch.eye(labels, dtype=torch.bool, device=logits.device)
    return logits - others.masked_fill(diagonal, float("-inf")).logsumexp(dim=-1)


def build_classifier(
    folder: Path, dropout: float, exclusive: bool, positive_weights: Tensor
) -> TurnClassifier:
    """Load an encoder's safetensors into a new classifier; the head starts at random (seeded by torch)."""
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    # Dropout on attention weights keeps a processor off its fused attention: 2.5 times the time.
    for name in ("attention_probs_dropout_prob", "attention_dropout"):
        if hasattr(config, name):
            setattr(config, name, 0.0)
    encoder = AutoModel.from_pretrained(folder, config=config, local_files_only=True, use_safetensors=True)
    # The pooler of BERT-like encoders is never used here: drop its weights.
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    return TurnClassifier(encoder, len(positive_weights), dropout, exclusive, positive_weights)
