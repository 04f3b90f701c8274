"""A model folder in memory: from words to raw probabilities, without torch.

The network takes ``input_ids`` and ``attention_mask`` int64 [W, T] and ``pool`` float32 [W, N, T]
(`rift.corpus.batches`) and gives ``logits`` float32 [W, N, L] in the order of ``codebook.columns``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from tokenizers import Tokenizer

from rift.config import ScoreSection
from rift.corpus.batches import Batch, Packing, turn_logits
from rift.corpus.encoding import SpecialIds, encode_turns, load_tokenizer, special_ids
from rift.errors import RiftError
from rift.manifest import MANIFEST_NAME, ONNX_NAME, TOKENIZER_NAME, Manifest, load_manifest, sha256_of
from rift.onnx_runtime import load_onnxruntime

Floats = npt.NDArray[np.float64]
Spoken = tuple[Sequence[str], Sequence[str]]
"""The roles and the words of a session's turns."""

INPUTS = ("input_ids", "attention_mask", "pool")
OUTPUT = "logits"

_REMEDY = "copy the whole model folder anew, or train it again"


@dataclass(frozen=True)
class TurnScorer:
    """The loaded model.

    Attributes
    ----------
    folder
        Where it was loaded from.
    manifest
        The content of ``rift.json``.
    digest
        sha256 of ``rift.json``, which holds the hashes of all other files: the model's identity.
    tokenizer, special, network
        Tokenizer, its framing ids, and the onnxruntime session.
    batch_tokens
        Tokens per batch, padding included; a longer window is a batch of its own.
    """

    folder: Path
    manifest: Manifest
    digest: str
    tokenizer: Tokenizer
    special: SpecialIds
    network: Any
    batch_tokens: int

    def probabilities(self, sessions: Sequence[Spoken]) -> list[Floats]:
        """Return the raw probabilities of all turns of all sessions.

        Windows of all sessions are sorted by length and packed into batches by tokens; what a
        turn gets does not depend on its company (within 1e-5). A turn scored in pieces takes the
        maximum over them.

        Returns
        -------
        list of float64 [turns, L]
            One per session, 0-1, in the order of ``codebook.columns``.

        Raises
        ------
        RiftError
            The network fails or gives something that is not a number.
        """
        tokens = [encode_turns(self.tokenizer, *spoken) for spoken in sessions]
        packing = Packing(self.manifest.windows, self.special, self.batch_tokens)
        logits = turn_logits(tokens, len(self.manifest.codebook.columns), packing, self._logits)
        return [np.asarray(expit(own), dtype=np.float64) for own in logits]

    def _logits(self, batch: Batch) -> npt.NDArray[np.float32]:
        logits = run_network(self.network, batch, self.folder / ONNX_NAME)
        if np.isnan(logits).any():
            raise RiftError(
                "the network gives something that is not a number", where=self.folder, remedy=_REMEDY
            )
        return logits


def load_scorer(folder: Path, section: ScoreSection) -> TurnScorer:
    """Load a model folder, and try its network once.

    Parameters
    ----------
    folder
        With ``rift.json``, ``model.onnx`` and ``tokenizer.json``.
    section
        ``batch_tokens``, and ``threads`` (0: all cores).

    Raises
    ------
    RiftError
        A file is missing or damaged, or the network does not fit the codebook.
    """
    manifest = load_manifest(folder)
    tokenizer = load_tokenizer(folder / TOKENIZER_NAME)
    special = special_ids(tokenizer)
    network = _open_network(folder / ONNX_NAME, section.threads)
    _try_network(network, special, len(manifest.codebook.columns), folder / ONNX_NAME)
    digest = sha256_of(folder / MANIFEST_NAME)
    return TurnScorer(folder, manifest, digest, tokenizer, special, network, section.batch_tokens)


def run_network(network: Any, batch: Batch, where: Path) -> npt.NDArray[np.float32]:
    """Return the logits [W, N, L] of one batch.

    Raises
    ------
    RiftError
        onnxruntime fails.
    """
    try:
        (logits,) = network.run([OUTPUT], dict(zip(INPUTS, batch, strict=True)))
    except Exception as error:  # onnxruntime has a dozen exceptions of its own
        shape = " x ".join(str(n) for n in batch.input_ids.shape)
        raise RiftError(
            f"onnxruntime fails on a batch of {shape} tokens: {_first_line(error)}",
            where=where,
            remedy=_REMEDY,
        ) from None
    return np.asarray(logits)


def _open_network(path: Path, threads: int) -> Any:
    onnxruntime = load_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # patterns pay for fixed shapes only; ours vary
    options.log_severity_level = 4  # errors come as exceptions, not on the terminal as well
    try:
        network = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise RiftError(
            f"onnxruntime cannot load it: {_first_line(error)}", where=path, remedy=_REMEDY
        ) from None
    inputs, outputs = (
        {node.name for node in nodes} for nodes in (network.get_inputs(), network.get_outputs())
    )
    if inputs != set(INPUTS) or OUTPUT not in outputs:
        raise RiftError(
            f"not a RIFT network: inputs {', '.join(sorted(inputs))}, outputs {', '.join(sorted(outputs))};"
            f" expected {', '.join(INPUTS)} and {OUTPUT}",
            where=path,
            remedy=_REMEDY,
        )
    return network


def _try_network(network: Any, special: SpecialIds, labels: int, where: Path) -> None:
    ids = np.array([[special.start, special.separator]], dtype=np.int64)
    pool = np.array([[[0.0, 1.0]]], dtype=np.float32)
    shape = run_network(network, Batch(ids, np.ones_like(ids), pool), where).shape
    if shape != (1, 1, labels):
        found = shape[-1] if shape else 0
        raise RiftError(
            f"the network has {found} outputs, the codebook in {MANIFEST_NAME} {labels} labels",
            where=where,
            remedy=_REMEDY,
        )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
