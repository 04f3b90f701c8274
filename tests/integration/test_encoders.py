"""Encoders that cannot be used, networks that went astray, and one that learns."""

import json
import shutil

import numpy as np
import pytest

from rift.errors import RiftError

pytestmark = pytest.mark.integration


@pytest.fixture
def damaged(tiny_encoder, tmp_path):
    """A copy of the encoder, to be damaged."""
    return shutil.copytree(tiny_encoder, tmp_path / "encoder")


def train_with(chain, rift_command, *settings):
    pairs = [part for setting in settings for part in ("-s", setting)]
    return rift_command("train", "-c", chain.config, "-s", "tracking.enabled=false", *pairs)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("train.encoder=no/such/folder", "no config.json in the encoder's folder"),
        ("windows.max_tokens=256", "windows.max_tokens is 256, the encoder reads at most 128"),
    ],
)
def test_an_encoder_that_cannot_be_used_is_a_message(chain, rift_command, tmp_path, setting, message):
    result = train_with(chain, rift_command, setting, f"train.out={tmp_path / 'model'}")
    assert result.returncode == 2
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert list(tmp_path.iterdir()) == [], "nothing is left of it"


@pytest.mark.parametrize("name", ["tokenizer.json", "model.safetensors"])
def test_a_missing_or_damaged_file_of_an_encoder_is_a_message(chain, rift_command, damaged, tmp_path, name):
    settings = (f"train.encoder={damaged}", f"train.out={tmp_path / 'model'}")
    whole = (damaged / name).read_bytes()
    (damaged / name).unlink()
    result = train_with(chain, rift_command, *settings)
    assert result.returncode == 2
    assert f"no {name}" in result.stderr
    (damaged / name).write_bytes(whole[: len(whole) // 2])
    result = train_with(chain, rift_command, *settings)
    assert result.returncode == 2
    assert str(damaged) in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "model").exists()


def test_weights_that_are_not_there_are_never_begun_at_random(damaged):
    import torch
    from safetensors.torch import load_file, save_file

    from rift.modeling.network import build_classifier

    stored = load_file(damaged / "model.safetensors")
    gone = "encoder.layer.1.output.dense.weight"
    save_file({name: value for name, value in stored.items() if name != gone}, damaged / "model.safetensors")
    with pytest.raises(RiftError, match=f"lacks 1 of the encoder's weights, {gone}"):
        build_classifier(damaged, 0.1, torch.ones(2))


def test_an_encoder_without_a_pooler_is_whole(damaged):
    import torch
    from safetensors.torch import load_file, save_file

    from rift.modeling.network import build_classifier

    stored = load_file(damaged / "model.safetensors")
    assert any(name.startswith("pooler.") for name in stored)
    kept = {name: value for name, value in stored.items() if not name.startswith("pooler.")}
    save_file(kept, damaged / "model.safetensors")
    model = build_classifier(damaged, 0.1, torch.ones(2))
    assert model.encoder.pooler is None
    assert torch.equal(
        model.encoder.embeddings.word_embeddings.weight, stored["embeddings.word_embeddings.weight"]
    )


def test_an_encoder_of_another_shape_than_its_config_is_a_message(damaged):
    import torch

    from rift.modeling.network import build_classifier

    config = json.loads((damaged / "config.json").read_text())
    (damaged / "config.json").write_text(json.dumps({**config, "hidden_size": 16}))
    with pytest.raises(RiftError, match="cannot be loaded"):
        build_classifier(damaged, 0.1, torch.ones(2))
    (damaged / "config.json").write_text(json.dumps({**config, "model_type": "nothing-known"}))
    with pytest.raises(RiftError, match="cannot be loaded"):
        build_classifier(damaged, 0.1, torch.ones(2))


@pytest.fixture(scope="module")
def material(chain, configure):
    from rift.corpus.prepare import load_prepared
    from rift.modeling.cross_validation import gather_material

    config = configure("train.epochs=30", "train.learning_rate=0.002")
    return gather_material(load_prepared(chain.processed), config)


def test_a_network_that_went_astray_gives_an_error_and_no_probabilities(material):
    import torch

    from rift.modeling.cross_validation import predict, torch_network
    from rift.modeling.network import build_classifier

    model = build_classifier(material.folder, 0.0, torch.ones(6)).eval()
    assert np.isfinite(np.concatenate(predict(torch_network(model), material.sessions, material))).all()
    with torch.no_grad():
        model.head.bias[2] = float("nan")
    with pytest.raises(RiftError, match="not a number") as refused:
        predict(torch_network(model), material.sessions, material)
    assert "learning_rate" in refused.value.remedy


def test_a_graph_that_differs_from_the_network_is_not_let_pass(tmp_path):
    """NaN compares with nothing. The vocabulary is a small one, and a family holds every class."""
    import torch
    from transformers import BertConfig, BertModel

    from rift.modeling.export import export_onnx
    from rift.modeling.network import TurnClassifier

    config = BertConfig(
        vocab_size=12, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
    )
    groups = torch.tensor([[True, False], [False, True], [True, True]])
    model = TurnClassifier(BertModel(config, add_pooling_layer=False), 0.0, torch.ones(3), groups)
    export_onnx(model, tmp_path / "sound.onnx")
    assert (tmp_path / "sound.onnx").stat().st_size > 0
    with torch.no_grad():
        model.head.bias[0] = float("nan")
    with pytest.raises(RiftError, match="ONNX and torch differ by nan"):
        export_onnx(model, tmp_path / "astray.onnx")


def test_the_network_learns_the_words_that_marks_hang_on(material, tmp_path):
    """Thirty epochs on its own sessions: far above chance for every label, context notwithstanding."""
    from rift.modeling.cross_validation import predict, torch_network, train_final
    from rift.reliability.ranking import auroc

    model = train_final(material, tmp_path, lambda task, done, total: None)
    found = np.concatenate(predict(torch_network(model), material.sessions, material))
    targets = np.concatenate([session.targets for session in material.sessions])
    weights = np.concatenate([session.weights for session in material.sessions])
    for column, label in enumerate(material.corpus.codebook.columns):
        coded = weights[:, column] > 0
        marked = (targets[coded, column] >= 0.5).astype(float)
        assert 5 < marked.sum() < len(marked) - 5
        assert auroc(marked, found[coded, column]).value > 0.75, label
