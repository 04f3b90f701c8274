"""A tiny model folder whose probabilities can be computed by hand.

The network is a table of word vectors, plus a tenth of the mean over the unmasked window (so that
windows and masks matter), averaged over each turn's tokens, times a linear head.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from rift.codebook import Codebook, Family, Label
from rift.config import EpisodeSection, ScoreSection, WindowSection, load_config
from rift.corpus.windows import scoring_windows
from rift.manifest import Calibration, Decision, Manifest, sha256_of, write_manifest

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
PLAIN = ("patient", "therapist", "other", ":", "so", "well", "rain", "bus", "work", "yes", "tea")
TELLING = {"silent": ("quiet", "withdrawal"), "angry": ("complains", "confrontation"), "feel": ("explores",)}
COLUMNS = ("quiet", "complains", "explores", "withdrawal", "confrontation")
VOCABULARY = (*SPECIAL, *PLAIN, *TELLING)
CONTEXT_SHARE = 0.1
WINDOWS = WindowSection(max_tokens=24, left_context_tokens=8)


def codebook():
    def label(name, kind, family, speaker):
        return Label(id=name, name=name.title(), kind=kind, family=family, speakers=(speaker,), definition="")

    def family(name):
        return Family(id=name, name=name.title(), definition="")

    return Codebook(
        id="tiny",
        name="Tiny",
        version="1",
        source="",
        families=(family("withdrawal"), family("confrontation")),
        labels=(
            label("quiet", "marker", "withdrawal", "patient"),
            label("complains", "marker", "confrontation", "patient"),
            label("explores", "strategy", None, "therapist"),
        ),
    )


def decisions():
    def decision(label, speaker, **more):
        values = {"status": "released", "rule": "by hand", "threshold": 0.5, "precision_bound": 0.5}
        return Decision(label=label, speakers=(speaker,), **{**values, **more})

    return (
        decision("quiet", "patient", calibration=Calibration(slope=2.0, intercept=-1.0)),
        decision("complains", "patient"),
        decision("explores", "therapist"),
        decision("withdrawal", "patient"),
        decision("confrontation", "patient", status="not released", precision_bound=None),
    )


def weights():
    rng = np.random.default_rng(5)
    table = rng.normal(0, 0.02, (len(VOCABULARY), len(COLUMNS))).astype(np.float32)
    for word, labels in TELLING.items():
        for name in labels:
            table[VOCABULARY.index(word), COLUMNS.index(name)] += 1.0
    head = (20 * np.eye(len(COLUMNS)) + rng.normal(0, 0.5, (len(COLUMNS),) * 2)).astype(np.float32)
    bias = np.full(len(COLUMNS), -2.5, dtype=np.float32)
    return table, head, bias


def network(outputs=5):
    table, head, bias = weights()

    def constant(name, value):
        return numpy_helper.from_array(np.asarray(value), name)

    def tensor(name, kind, shape):
        return helper.make_tensor_value_info(name, kind, shape)

    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["words"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "one"], ["row"]),
        helper.make_node("MatMul", ["row", "words"], ["sum"]),
        helper.make_node("ReduceSum", ["row", "two"], ["count"], keepdims=1),
        helper.make_node("Div", ["sum", "count"], ["mean"]),
        helper.make_node("Mul", ["mean", "share"], ["context"]),
        helper.make_node("Add", ["words", "context"], ["hidden"]),
        helper.make_node("MatMul", ["pool", "hidden"], ["turns"]),
        helper.make_node("MatMul", ["turns", "head"], ["scaled"]),
        helper.make_node("Add", ["scaled", "bias"], ["logits"]),
    ]
    constants = {
        "table": table,
        "head": head[:, :outputs],
        "bias": bias[:outputs],
        "one": np.array([1]),
        "two": np.array([2]),
        "share": np.float32(CONTEXT_SHARE),
    }
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            tensor("input_ids", TensorProto.INT64, ["W", "T"]),
            tensor("attention_mask", TensorProto.INT64, ["W", "T"]),
            tensor("pool", TensorProto.FLOAT, ["W", "N", "T"]),
        ],
        [tensor("logits", TensorProto.FLOAT, ["W", "N", outputs])],
        [constant(name, value) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)


def tokenizer():
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.add_special_tokens(list(SPECIAL))
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.enable_truncation(6)  # baked in, as sentence encoders have it: must be switched off
    made.enable_padding(length=6)
    return made


def word_ids(speaker, text):
    words = re.findall(r"\w+|[^\w\s]+", f"{speaker}: {text}".lower())
    return [VOCABULARY.index(word) if word in VOCABULARY else 1 for word in words] + [3]


def reference(sessions):
    """Return the raw probabilities in float64, window by window, without padding or batches."""
    table, head, bias = (array.astype(np.float64) for array in weights())
    results = []
    for speakers, texts in sessions:
        turns = [word_ids(*pair) for pair in zip(speakers, texts, strict=True)]
        stream = np.array([token for turn in turns for token in turn], dtype=int)
        best = np.zeros((len(turns), len(COLUMNS)))
        lengths = [len(turn) for turn in turns]
        for window in scoring_windows(lengths, WINDOWS.max_tokens - 1, WINDOWS.left_context_tokens):
            context = table[[2, *stream[window.start : window.stop]]].mean(axis=0) * CONTEXT_SHARE
            for piece in window.pieces:
                own = table[stream[piece.start : piece.stop]].mean(axis=0) + context
                p = 1 / (1 + np.exp(-(own @ head + bias)))
                best[piece.turn] = np.maximum(best[piece.turn], p)
        results.append(best)
    return results


def write_model(folder, made=None, **changes):
    """Write a model folder; ``made``: another network, ``changes``: other manifest fields."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(made or network(), folder / "model.onnx")
    tokenizer().save(str(folder / "tokenizer.json"))
    values = {
        "name": "tiny",
        "rift_version": "0",
        "codebook": codebook(),
        "encoder": "none",
        "encoder_sha256": "",
        "windows": WINDOWS,
        "decisions": decisions(),
        "episodes": EpisodeSection(
            onset=1.0, offset=0.6, max_gap=2, min_length=1, answer_within=2, speakers=("patient",)
        ),
        "data_sha256": "",
        "config_sha256": "",
        "config": load_config().model_dump(mode="json"),
        "metrics": {},
        "versions": {},
        "files": {name: sha256_of(folder / name) for name in ("model.onnx", "tokenizer.json")},
    }
    write_manifest(Manifest(**{**values, **changes}), folder)
    return folder


@dataclass(frozen=True)
class Tiny:
    """What tests need of the tiny model."""

    folder: Path
    scorer: object
    section: ScoreSection
    reference: object = staticmethod(reference)
    network: object = staticmethod(network)
    write: object = staticmethod(write_model)
    columns: tuple = COLUMNS

    def with_budget(self, tokens):
        return replace(self.scorer, batch_tokens=tokens)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    from rift.scoring.runtime import load_scorer

    folder = write_model(tmp_path_factory.mktemp("models") / "tiny")
    section = ScoreSection(batch_tokens=128, threads=1)
    return Tiny(folder, load_scorer(folder, section), section)
