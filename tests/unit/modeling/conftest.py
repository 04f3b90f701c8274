"""Networks without weights from anywhere: a table of vectors, and a BERT of two tiny layers."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from rift.config import load_config

HIDDEN, VOCABULARY = 8, 64


class Table(nn.Module):
    """An encoder that gives each token its own vector and nothing of its context: sums by hand."""

    def __init__(self):
        super().__init__()
        self.config = SimpleNamespace(hidden_size=HIDDEN)
        self.vectors = nn.Embedding(VOCABULARY, HIDDEN)

    def forward(self, input_ids, attention_mask):
        return SimpleNamespace(last_hidden_state=self.vectors(input_ids))


@pytest.fixture
def table():
    torch.manual_seed(0)
    return Table()


@pytest.fixture
def bert():
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=HIDDEN,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
        attention_probs_dropout_prob=0.0,
    )
    return BertModel(config, add_pooling_layer=False)


@pytest.fixture
def section():
    """Return a function: the training section of base.yaml with some values changed."""

    def made(**changes):
        return load_config().train.model_copy(update=changes)

    return made
