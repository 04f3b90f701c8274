import pytest
import torch

from rift.config import WindowSection
from rift.corpus.encoding import SpecialIds
from rift.modeling.examples import Session, training_examples
from rift.modeling.network import TurnClassifier
from rift.modeling.training import fine_tune, parameter_groups

WINDOWS = WindowSection(max_tokens=16, left_context_tokens=4)


@pytest.fixture
def examples(section):
    import numpy as np

    chance = np.random.default_rng(0)
    tokens = [[int(t) for t in chance.integers(4, 64, 5)] for _ in range(24)]
    targets = chance.integers(0, 2, (24, 2)).astype(np.float32)
    session = Session("P", np.arange(24), tokens, targets, np.ones_like(targets))
    return training_examples([session], WINDOWS, section(epochs=2), SpecialIds(1, 2, 0))


def trained(bert, examples, section, folder):
    """Train, and return the model with its weights after each step and the steps reported."""
    model = TurnClassifier(bert, 0.0, torch.ones(2))
    after, told = [], []

    def progress(done, total):
        after.append({name: value.detach().clone() for name, value in model.named_parameters()})
        told.append((done, total))

    torch.manual_seed(0)
    return fine_tune(model, examples, section, folder, progress), after, told


def test_the_weights_are_the_mean_over_the_last_steps(bert, examples, section, tmp_path):
    model, after, told = trained(bert, examples, section(epochs=2, averaged_share=0.5), tmp_path)
    steps = len(after)
    assert steps == -(-len(examples) // 4)
    assert told == [(step, steps) for step in range(1, steps + 1)]
    last = after[steps - steps // 2 :]
    for name, value in model.named_parameters():
        if value.requires_grad:
            expected = torch.stack([weights[name] for weights in last]).mean(dim=0)
            assert torch.allclose(value, expected, atol=1e-6), name
    assert not torch.equal(model.head.weight, after[-1]["head.weight"])
    assert not model.training


def test_without_averaging_the_last_weights_stand(bert, examples, section, tmp_path):
    model, after, _ = trained(bert, examples, section(epochs=2, averaged_share=0.0), tmp_path)
    assert all(torch.equal(value, after[-1][name]) for name, value in model.named_parameters())


def test_embeddings_and_frozen_layers_stay_as_they_are(bert, examples, section, tmp_path):
    before = {name: value.detach().clone() for name, value in bert.named_parameters()}
    model, _, _ = trained(bert, examples, section(epochs=2, frozen_layers=1), tmp_path)
    moved = {name for name, value in model.encoder.named_parameters() if not torch.equal(value, before[name])}
    assert moved
    assert all(name.startswith("encoder.layer.1.") for name in moved)


def test_each_layer_below_the_top_learns_slower(bert, section):
    model = TurnClassifier(bert, 0.0, torch.ones(2))
    groups = parameter_groups(model, section(learning_rate=1e-3, layer_decay=0.5, head_learning_rate=1e-2))
    rates = {id(p): group["lr"] for group in groups for p in group["params"]}
    decays = {id(p): group["weight_decay"] for group in groups for p in group["params"]}
    for name, value in model.named_parameters():
        expected = next(
            (rate for part, rate in (("head", 1e-2), ("layer.1.", 1e-3), ("layer.0.", 5e-4)) if part in name),
            None,
        )
        assert rates.get(id(value)) == expected, name
        if expected:
            assert decays[id(value)] == (0.01 if value.ndim > 1 else 0.0), name
        else:
            assert "embeddings" in name


def test_nothing_is_printed(bert, examples, section, tmp_path, capfd):
    trained(bert, examples, section(epochs=2), tmp_path)
    out, err = capfd.readouterr()
    assert out == ""
    assert "loss" not in err
