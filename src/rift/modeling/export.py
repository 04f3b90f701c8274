"""A trained classifier as files: safetensors for more training, ONNX for scoring."""

from __future__ import annotations

import logging
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import save_file

from rift.corpus.batches import Batch
from rift.errors import RiftError
from rift.manifest import ONNX_NAME, TOKENIZER_NAME, WEIGHTS_NAME, whole_file
from rift.modeling.network import TurnClassifier
from rift.onnx_runtime import load_onnxruntime

_TOLERANCE = 1e-4


class _Logits(torch.nn.Module):
    """The classifier with one output, as ONNX wants it."""

    def __init__(self, model: TurnClassifier) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, pool: torch.Tensor
    ) -> torch.Tensor:
        return self.model(input_ids, attention_mask, pool).logits  # type: ignore[no-any-return]


def save_classifier(
    model: TurnClassifier, encoder_folder: Path, folder: Path, onnx_weights: str = "fp32"
) -> None:
    """Write the weights, the encoder's config, the tokenizer and the ONNX graph into a folder.

    The graph is run on several shapes and compared with torch before it counts as written;
    ``onnx_weights`` int8 then quantises it (`quantise_onnx`).

    Raises
    ------
    RiftError
        ONNX and torch differ by more than 1e-4 in probability.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    save_file(state, folder / WEIGHTS_NAME)
    model.encoder.config.save_pretrained(folder)
    shutil.copyfile(encoder_folder / TOKENIZER_NAME, folder / TOKENIZER_NAME)
    export_onnx(model, folder / ONNX_NAME)
    if onnx_weights == "int8":
        quantise_onnx(folder / ONNX_NAME)


def export_onnx(model: TurnClassifier, path: Path) -> None:
    """Export to ONNX with free numbers of windows, tokens and turns, and check it against torch."""
    network = _Logits(model).cpu().eval()  # eval of the outer module too, or dropout stays in the graph
    windows, tokens, turns = (torch.export.Dim(name, min=1, max=limit) for name, limit in _AXES)
    vocabulary = model.encoder.get_input_embeddings().num_embeddings
    with _quiet_exporter():
        torch.onnx.export(
            network,
            _inputs((2, 24, 3), vocabulary),
            path,
            input_names=["input_ids", "attention_mask", "pool"],
            output_names=["logits"],
            dynamic_shapes=(
                {0: windows, 1: tokens},
                {0: windows, 1: tokens},
                {0: windows, 1: turns, 2: tokens},
            ),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    worst = np.max([_difference(network, path, _inputs(shape, vocabulary)) for shape in _SHAPES])
    if not worst <= _TOLERANCE:  # which NaN is not either
        raise RiftError(f"ONNX and torch differ by {worst:.1e} in probability", where=path)


def quantise_onnx(path: Path) -> None:
    """Replace the float weights of an ONNX graph by signed 8-bit ones, a scale per output channel.

    Activations are quantised as they come (dynamic quantisation), so no calibration data are needed.
    Probabilities move, by .1 and more on single turns: thresholds must be found with the quantised graph.
    """
    load_onnxruntime()
    from onnxruntime.quantization import QuantType, quantize_dynamic

    log = logging.getLogger()
    with whole_file(path) as aside, _level(log, logging.ERROR):  # it advises shape inference, not needed here
        quantize_dynamic(path, aside, per_channel=True, weight_type=QuantType.QInt8)


Inputs = tuple[torch.Tensor, torch.Tensor, torch.Tensor]

_AXES = (("windows", 4096), ("tokens", 8192), ("turns", 8192))
_SHAPES = ((1, 2, 1), (1, 40, 5), (3, 17, 2), (2, 64, 9))


@contextmanager
def _quiet_exporter() -> Iterator[None]:
    """Keep to ourselves what the exporter has to say of itself, such as that torchvision is not there."""
    with _level(logging.getLogger("torch.onnx"), logging.ERROR), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _level(log: logging.Logger, level: int) -> Iterator[None]:
    before = log.level
    log.setLevel(level)
    try:
        yield
    finally:
        log.setLevel(before)


def _inputs(shape: tuple[int, int, int], vocabulary: int) -> Inputs:
    windows, tokens, turns = shape
    chance = torch.Generator().manual_seed(windows * tokens + turns)
    ids = torch.randint(0, min(vocabulary, 100), (windows, tokens), generator=chance)
    mask = torch.ones_like(ids)
    mask[-1, (tokens + 1) // 2 :] = 0
    pool = torch.rand((windows, turns, tokens), generator=chance) * mask[:, None]
    return ids, mask, pool / pool.sum(dim=2, keepdim=True)


def onnx_network(path: Path) -> Callable[[Batch], npt.NDArray[np.floating]]:
    """Return the graph in a file as a function from a batch to logits [W, N, L]."""
    session = load_onnxruntime().InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def network(batch: Batch) -> npt.NDArray[np.floating]:
        (logits,) = session.run(["logits"], batch._asdict())
        return np.asarray(logits)

    return network


@torch.no_grad()
def _difference(network: torch.nn.Module, path: Path, inputs: Inputs) -> float:
    session = load_onnxruntime().InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = ("input_ids", "attention_mask", "pool")
    (found,) = session.run(["logits"], {n: v.numpy() for n, v in zip(names, inputs, strict=True)})
    expected = torch.sigmoid(network(*inputs)).numpy()
    return float(np.abs(1 / (1 + np.exp(-found)) - expected).max())
