"""A small corpus on disk that a test spoils, and the real commands run over it."""

import copy
import sys
from dataclasses import dataclass

import numpy as np
import pytest
import yaml

from rift.cli import main
from rift.codebook import load_codebook
from rift.config import load_config
from rift.corpus.prepare import load_prepared
from rift.corpus.tables import write_table
from rift.manifest import Decision, Manifest, sha256_of, write_manifest
from rift.schema import PREDICTION_KEY

SPEC = {
    "name": "small",
    "codebook": "3rs",
    "transcripts": {
        "files": "transcripts/{patient_id}_{session_id}.txt",
        "speakers": {"T": "therapist", "P": "patient"},
    },
    "therapists": {"P1": "T1", "P2": "T2", "P3": "T3"},
    "codings": [{"files": "codings/{coder}.csv", "layout": "long"}],
    "coverage": [{"coders": "all", "labels": "all", "sessions": "all", "speakers": ["patient", "therapist"]}],
}
SESSIONS = {
    "P1_S1": ["T: How was the week?", "P: [long pause] Fine.", "T: Fine?", "P: Can we end early today?"],
    "P1_S2": ["T: You came back.", "P: I did, though this is not helping at all."],
    "P2_S1": ["P: You always ask me that.", "T: That sounds annoying."],
    "P3_S1": ["T: Tell me.", "P: There is nothing to tell, really nothing."],
}
CODINGS = {
    "A": ["P1,S1,1,denial,", "P1,S1,1,minimal response,", "P1,S2,1,complaint_progress,3", "P2,S1,1,,"],
    "B": ["P1,S1,1,minimal_response,", "P2,S1,0,complaint_therapist,"],
}


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it said on stdout and stderr."""

    code: int
    out: str
    err: str

    def refuses(self, *words):
        """Check that the command was refused with one message that holds these words and a remedy."""
        assert self.code == 2, self.err
        assert self.err.startswith("error: ")
        assert "\n  -> " in self.err
        assert "Traceback" not in self.out + self.err
        assert len(self.err) < 2500
        for word in words:
            assert str(word) in self.err
        return self


class Lab:
    """A small corpus on disk that a test spoils, and the commands run over it."""

    def __init__(self, folder, capsys, monkeypatch):
        self.folder, self.capsys, self.monkeypatch = folder, capsys, monkeypatch
        self.spec = copy.deepcopy(SPEC)
        for name, lines in SESSIONS.items():
            self.transcript(name, lines)
        for coder, rows in CODINGS.items():
            self.codings(coder, rows)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def transcript(self, name, lines):
        return self.write(f"transcripts/{name}.txt", "\n".join(lines) + "\n")

    def codings(self, coder, rows):
        return self.write(
            f"codings/{coder}.csv", "\n".join(["patient_id,session_id,turn,label,value", *rows])
        )

    def run(self, *arguments):
        self.monkeypatch.setattr(sys, "argv", ["rift", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        out, err = self.capsys.readouterr()
        return Answer(code, out, err)

    def write_spec(self):
        return self.write("corpus.yaml", yaml.safe_dump(self.spec, sort_keys=False))

    def prepare(self, *more, folds=3):
        return self.prepare_from(self.write_spec(), *more, folds=folds)

    def prepare_from(self, corpus, *more, folds=3):
        values = {"prepare.corpus": corpus, "prepare.out": self.out, "prepare.folds": folds}
        return self.run("prepare", *_settings(values), *more)

    def stage(self, verb, *more):
        values = {
            "prepare.out": self.out,
            "train.out": self.model,
            "evaluate.out": self.folder / "reports",
            "tracking.enabled": "false",
        }
        return self.run(verb, *_settings(values), *more)

    def predictions(self, codebook="3rs"):
        """Return probabilities drawn by chance for every label of a codebook, out of fold."""
        corpus, book = load_prepared(self.out), load_codebook(codebook)
        chance = np.random.default_rng(1)
        table = corpus.turns.assign(fold=corpus.turns["patient_id"].map(corpus.folds))[PREDICTION_KEY]
        drawn = {
            f"p_{name}": np.where(
                table["speaker"].isin(book.speakers(name)), chance.uniform(size=len(table)), np.nan
            )
            for name in book.columns
        }
        return table.assign(**drawn)

    def write_predictions(self, table):
        for name in ("predictions.parquet", "baseline.parquet"):
            write_table(table, self.model / name)

    def write_model(self, codebook="3rs"):
        """Write a model folder whose network gives each token's own row of a table."""
        write_model(self.model, load_codebook(codebook))

    def score(self, *paths, out=None, options=()):
        target = self.folder / "scores" if out is None else out
        return self.run("score", *paths, "--model", self.model, "--out", target, *options)

    @property
    def family_talk(self):
        """Three speakers, of whom the mapping knows two."""
        return ["T: Hello.", "P: I am well.", "Mother: He is not.", "P: Yes I am.", "Mother: No.", "T: Mm."]

    @property
    def out(self):
        return self.folder / "prepared"

    @property
    def model(self):
        return self.folder / "model"

    def files(self, name):
        """Return what lies in a folder: relative paths and bytes."""
        top = self.folder / name
        return {p.relative_to(top).as_posix(): p.read_bytes() for p in top.rglob("*") if p.is_file()}


def _settings(values):
    return [part for key, value in values.items() for part in ("--set", f"{key}={value}")]


@pytest.fixture
def lab(tmp_path, capsys, monkeypatch):
    return Lab(tmp_path, capsys, monkeypatch)


def write_model(folder, book):
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder.mkdir(parents=True, exist_ok=True)
    config = load_config()
    words = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "patient", "therapist"])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    table = np.random.default_rng(0).normal(size=(len(words), len(book.columns))).astype(np.float32)

    def tensor(name, kind, *shape):
        return helper.make_tensor_value_info(name, kind, shape)

    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
            helper.make_node("Gather", ["table", "input_ids"], ["words"]),
            helper.make_node("Mul", ["words", "column"], ["hidden"]),
            helper.make_node("MatMul", ["pool", "hidden"], ["logits"]),
        ],
        "tiny",
        [
            tensor("input_ids", TensorProto.INT64, "W", "T"),
            tensor("attention_mask", TensorProto.INT64, "W", "T"),
            tensor("pool", TensorProto.FLOAT, "W", "N", "T"),
        ],
        [tensor("logits", TensorProto.FLOAT, "W", "N", len(book.columns))],
        [numpy_helper.from_array(table, "table"), numpy_helper.from_array(np.array([2]), "last")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.save(made, folder / "model.onnx")
    manifest = Manifest(
        name="tiny",
        rift_version="0",
        codebook=book,
        encoder="none",
        encoder_sha256="",
        windows=config.windows,
        decisions=tuple(
            Decision(
                label=name, speakers=book.speakers(name), status="not released", rule="none", threshold=0.5
            )
            for name in book.columns
        ),
        episodes=config.episodes,
        data_sha256="",
        config_sha256="",
        config=config.model_dump(mode="json"),
        metrics={},
        versions={},
        files={name: sha256_of(folder / name) for name in ("model.onnx", "tokenizer.json")},
    )
    write_manifest(manifest, folder)
