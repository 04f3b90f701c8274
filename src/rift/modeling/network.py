"""The packed-window network: an encoder, a mean over each turn's own tokens, a linear head."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import safe_open
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedModel

from rift.errors import RiftError
from rift.manifest import WEIGHTS_NAME


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
    dropout
        On the turn vectors, in training, 0-1.
    positive_weights
        [L] weight of a positive against a negative, or of a class against the others; its length
        is the number of outputs.
    groups
        For labels that exclude one another, bool [L, K]: which of the K classes each output holds,
        one class for a label (the first K outputs), its members for a family. Cross-entropy over
        the classes then replaces one logistic loss per label; the logits are log-odds of an
        output's classes against all others, so that a sigmoid gives the softmax probability and
        scoring needs to know no difference.
    """

    positive_weights: Tensor
    groups: Tensor | None

    def __init__(
        self, encoder: PreTrainedModel, dropout: float, positive_weights: Tensor, groups: Tensor | None = None
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        outputs = len(positive_weights) if groups is None else groups.shape[1]
        self.head = nn.Linear(encoder.config.hidden_size, outputs)
        self.register_buffer("positive_weights", positive_weights.float())
        self.register_buffer("groups", groups, persistent=False)

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
        if self.groups is not None:
            logits = _log_odds(logits, self.groups)
        loss = None if targets is None or weights is None else self._loss(logits, targets, weights)
        return Output(loss, logits)

    def _loss(self, logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        if self.groups is not None:
            classes = slice(self.groups.shape[1])
            share = targets[..., classes] * weights[..., classes] * self.positive_weights[classes]
            cells = -share * nn.functional.logsigmoid(logits[..., classes])
            return cells.sum() / share.sum().clamp(min=1e-6)
        cells = nn.functional.binary_cross_entropy_with_logits(
            logits, targets, pos_weight=self.positive_weights, reduction="none"
        )
        return (cells * weights).sum() / weights.sum().clamp(min=1e-6)


_NEVER = -1e4
"""Score of a class that is left out: finite, so that the logit of an output with every class is too."""


def _log_odds(scores: Tensor, groups: Tensor) -> Tensor:
    """Turn class scores [..., K] into the log-odds [..., L] of each output's classes against all others."""
    each = scores.unsqueeze(-2)
    inside = torch.where(groups, each, _NEVER).logsumexp(dim=-1)
    return inside - torch.where(groups, _NEVER, each).logsumexp(dim=-1)


def build_classifier(
    folder: Path, dropout: float, positive_weights: Tensor, groups: Tensor | None = None
) -> TurnClassifier:
    """Load an encoder's safetensors into a new classifier; the head starts at random (seeded by torch).

    The folder may also be a model folder of RIFT's: its encoder is taken, its head is not.

    Raises
    ------
    RiftError
        The files are damaged, do not fit together, or lack some of the encoder's weights.
    """
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        # Dropout on attention weights keeps a processor off its fused attention: 2.5 times the time.
        for name in ("attention_probs_dropout_prob", "attention_dropout"):
            if hasattr(config, name):
                setattr(config, name, 0.0)
        encoder, found = AutoModel.from_pretrained(
            folder,
            config=config,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
            key_mapping=_own_names(folder / WEIGHTS_NAME),
        )
    except Exception as error:  # transformers and safetensors raise many kinds; all mean: no sound encoder
        first = (str(error).strip().splitlines() or [""])[0][:160]
        raise RiftError(
            f"the encoder cannot be loaded: {first or type(error).__name__}", where=folder, remedy=_REMEDY
        ) from None
    # The pooler of BERT-like encoders is never used here, and often not saved: drop its weights.
    missing = sorted(name for name in found["missing_keys"] if not name.startswith("pooler."))
    if missing:
        raise RiftError(
            f"{WEIGHTS_NAME} lacks {len(missing)} of the encoder's weights, {missing[0]} among them",
            where=folder,
            remedy=_REMEDY,
        )
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    return TurnClassifier(encoder, dropout, positive_weights, groups)


_REMEDY = "give a folder that save_pretrained of transformers wrote, or a model folder of RIFT's"


def _own_names(weights: Path) -> dict[str, str] | None:
    """Return how the names in a file of `TurnClassifier`'s become an encoder's; None for other files."""
    with safe_open(weights, framework="pt") as stream:
        names = set(stream.keys())
    encoders = names - {"head.weight", "head.bias", "positive_weights"}
    own = "head.weight" in names and all(name.startswith("encoder.") for name in encoders)
    return {r"^encoder\.": ""} if own else None
