"""A tiny encoder, a small fictional corpus, and the whole chain run over it once by the command line.

Nothing is downloaded and nothing leaves the machine: connections to other hosts are refused.
"""

import csv
import os
import random
import socket
import string
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

SOURCE = Path(__file__).parents[2] / "src"
NONCE = "QZX81NONCE"

MARKERS = ("falls_silent", "shifts_topic", "objects")
STRATEGY = "asks_openly"
FAMILIES = ("away", "against")
COLUMNS = (*MARKERS, STRATEGY, *FAMILIES)
FAMILY_OF = {"falls_silent": "away", "shifts_topic": "away", "objects": "against"}

# What a mark hangs on: a few words each, so that there is something to learn.
CUES = {
    "falls_silent": ("dunno really", "no idea", "nothing much"),
    "shifts_topic": ("anyway the weather", "anyway my cousin", "anyway the football"),
    "objects": ("this is pointless", "that is wrong", "you are wrong"),
    "asks_openly": ("i wonder about us", "i wonder how that felt", "i wonder what happened between us"),
}
PATIENT_SAYS = (
    "we went to the shop on monday and bought bread",
    "my sister came over and we had tea in the garden",
    "the bus was late again so i walked home in the rain",
    "work was fine and the new desk is near the window",
    "i slept well on friday and read a long book",
    "the dog ran into the park and came back with a stick",
)
THERAPIST_SAYS = (
    "tell me more about the garden and the tea",
    "how was the week since we met on monday",
    "so the bus was late and then what happened",
    "that sounds like a long day at work",
    "let us look at the list from last week",
)
LONG_TURN = " ".join(f"{PATIENT_SAYS[i % 6]} and then" for i in range(16))
"""Longer than a window of 96 tokens."""

SESSIONS = (
    ("P01", "S01"), ("P01", "S02"), ("P02", "S01"), ("P03", "S01"),
    ("P03", "S02"), ("P04", "S01"), ("P05", "S01"), ("P06", "S01"),
)  # fmt: skip
ONE_CODER_ONLY = (("P03", "S02"), ("P06", "S01"))


@dataclass(frozen=True)
class Line:
    """One turn of the corpus and the markers it carries."""

    speaker: str
    text: str
    marks: tuple[str, ...]


@dataclass(frozen=True)
class SmallCorpus:
    """Where the corpus is, and what is in it: session key to its lines."""

    folder: Path
    sessions: dict[tuple[str, str], tuple[Line, ...]]

    @property
    def file(self):
        return self.folder / "corpus.yaml"

    @property
    def texts(self):
        return [line.text for lines in self.sessions.values() for line in lines]


@pytest.fixture(scope="session", autouse=True)
def _quiet_and_offline():
    """Refuse connections to other hosts, and leave the second core to whoever has it."""
    with pytest.MonkeyPatch.context() as patch:
        connect = socket.socket.connect

        def local_only(self, address):
            if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
                raise AssertionError(f"a connection to {address!r} was tried")
            return connect(self, address)

        patch.setattr(socket.socket, "connect", local_only)
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        patch.setenv("HF_HUB_OFFLINE", "1")
        import torch

        torch.set_num_threads(1)
        yield


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory):
    """A random BERT of two layers with a WordPiece tokenizer of its own, as save_pretrained leaves it."""
    return write_encoder(tmp_path_factory.mktemp("encoder") / "tiny")


def write_encoder(folder, seed=3, positions=128):
    import torch
    from transformers import BertConfig, BertModel

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = _write_tokenizer(folder / "tokenizer.json")
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=positions,
    )
    BertModel(config).save_pretrained(folder)
    return folder


def _write_tokenizer(path):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    said = " ".join([*PATIENT_SAYS, *THERAPIST_SAYS, *(cue for cues in CUES.values() for cue in cues)])
    letters = string.ascii_lowercase + string.digits
    pieces = dict.fromkeys(
        [
            *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
            *letters,
            *(f"##{letter}" for letter in letters),
            *(".", ",", ":", "?", "(", ")", "[", "]"),
            *("patient", "therapist", "other"),
            *sorted(set(said.split())),
        ]
    )
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(
        ("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"])
    )
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.save(str(path))
    return len(vocabulary)


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory):
    """Six patients, eight sessions of fourteen turns, two coders, a codebook of the corpus's own."""
    folder = tmp_path_factory.mktemp("corpus")
    chance = random.Random(11)
    sessions = {key: _dialogue(chance, key) for key in SESSIONS}
    (folder / "transcripts").mkdir()
    for (patient, session), lines in sessions.items():
        write_dialogue(folder / "transcripts" / f"{patient}_{session}.txt", lines)
    _write_yaml(folder / "codebook.yaml", _codebook())
    _write_codings(folder / "codings", sessions)
    _write_yaml(folder / "corpus.yaml", _corpus_file())
    return SmallCorpus(folder, sessions)


def _dialogue(chance, key):
    lines = []
    for turn in range(14):
        patient = turn % 2 == 1
        text = chance.choice(PATIENT_SAYS if patient else THERAPIST_SAYS)
        marks = ()
        if patient and chance.random() < 0.6:
            marks = (chance.choice(MARKERS),)
        elif not patient and chance.random() < 0.4:
            marks = (STRATEGY,)
        for mark in marks:
            text = f"{text}, {chance.choice(CUES[mark])}"
        if key == ("P03", "S02") and turn == 5:
            text, marks = LONG_TURN, ()
        if key == ("P02", "S01") and turn == 3:
            text = f"{text} said {NONCE} (laughs)"
        lines.append(Line("P" if patient else "T", text, marks))
    return tuple(lines)


def write_dialogue(path, lines):
    path.write_text("".join(f"{line.speaker}: {line.text}\n" for line in lines), encoding="utf-8")


def _codebook():
    def label(name, kind, family, speaker):
        return {
            "id": name, "name": name.replace("_", " ").capitalize(), "kind": kind, "family": family,
            "group": None, "speakers": [speaker], "definition": "made for a test", "aliases": [],
        }  # fmt: skip

    def family(name):
        return {"id": name, "name": f"Moving {name}", "definition": "made for a test", "aliases": []}

    return {
        "id": "small",
        "name": "Small",
        "version": "1",
        "source": "made for a test",
        "exclusive": False,
        "families": [family(name) for name in FAMILIES],
        "labels": [
            *(label(name, "marker", FAMILY_OF[name], "patient") for name in MARKERS),
            label(STRATEGY, "strategy", None, "therapist"),
        ],
    }


def _write_codings(folder, sessions):
    """Coder b did not code two sessions, and in the others misses every fifth mark."""
    folder.mkdir()
    rows = {"a": [], "b": []}
    for key, lines in sessions.items():
        for turn, line in enumerate(lines):
            for mark in line.marks:
                row = [*key, "turn", turn, mark, ""]
                rows["a"].append(row)
                if key not in ONE_CODER_ONLY and len(rows["a"]) % 5:
                    rows["b"].append(row)
    for coder, found in rows.items():
        with (folder / f"coder_{coder}.csv").open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(["patient_id", "session_id", "unit", "turn", "label", "value"])
            writer.writerows(found)


def _corpus_file():
    both = [list(key) for key in SESSIONS if key not in ONE_CODER_ONLY]
    everyone = {"labels": "all", "speakers": ["patient", "therapist"]}
    return {
        "name": "small",
        "codebook": "codebook.yaml",
        "transcripts": {
            "files": "transcripts/{patient_id}_{session_id}.txt",
            "speakers": {"T": "therapist", "P": "patient"},
        },
        "codings": [{"files": "codings/{coder}.csv", "layout": "long", "first_turn_number": 0}],
        "coverage": [
            {"coders": ["coder_a"], "sessions": "all", **everyone},
            {"coders": ["coder_b"], "sessions": both, **everyone},
        ],
    }


def _write_yaml(path, content):
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    """Where the chain writes."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="session")
def small_config(small_corpus, tiny_encoder, workspace):
    """An overlay: few epochs, narrow windows, everything written under ``workspace``."""
    return _write_yaml(
        workspace / "small.yaml",
        {
            "prepare": {
                "corpus": str(small_corpus.file),
                "out": str(workspace / "processed"),
                "folds": 3,
                "min_examples": 5,
            },
            "windows": {"max_tokens": 96, "left_context_tokens": 32},
            "train": {
                "out": str(workspace / "models" / "small"),
                "encoder": str(tiny_encoder),
                "epochs": 2,
                "windows_per_step": 3,
                "learning_rate": 0.005,
                "head_learning_rate": 0.05,
            },
            "decisions": {"min_positives": 5},
            "evaluate": {"out": str(workspace / "reports"), "full_patients": 4, "min_patients_interval": 4},
            "score": {"batch_tokens": 256, "threads": 1},
            "tracking": {
                "uri": f"sqlite:///{workspace / 'store' / 'mlflow.db'}",
                "experiment": "small",
                "registered_model": "small",
            },
        },
    )


@pytest.fixture(scope="session")
def configure(small_config):
    """Return a function: the small configuration with some values changed, untracked unless asked."""

    def made(*settings):
        from rift.config import load_config

        return load_config([small_config], ["tracking.enabled=false", *settings])

    return made


@pytest.fixture(scope="session")
def rift_command():
    """Return a function that runs the command line in this process: exit code, stdout, stderr."""
    import contextlib
    import io

    from rift.cli import main

    def run(*arguments):
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["rift", *map(str, arguments)])
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                try:
                    main()
                    code = 0
                except SystemExit as end:
                    code = end.code or 0
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture(scope="session")
def python():
    """Return what runs a program in a fresh interpreter that finds rift."""
    return Python()


class Python:
    """Call it to run a program to its end; ``start`` gives the process."""

    def __call__(self, program, *arguments):
        with self.start(program, *arguments) as process:
            out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def start(self, program, *arguments):
        return subprocess.Popen(
            [sys.executable, "-c", program, *map(str, arguments)],
            env=fresh_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def fresh_environment():
    """The environment of a new process: rift on the path, none of the switches that RIFT sets itself."""
    own = {name: value for name, value in os.environ.items() if name not in _SWITCHES}
    return {**own, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"}


_SWITCHES = (
    "HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK",
    "TOKENIZERS_PARALLELISM",
)  # fmt: skip


@dataclass(frozen=True)
class Chain:
    """The whole chain, run once: what each verb printed, and where its results are."""

    folder: Path
    config: Path
    results: dict

    processed = property(lambda self: self.folder / "processed")
    model = property(lambda self: self.folder / "models" / "small")
    reports = property(lambda self: self.folder / "reports")
    store = property(lambda self: self.folder / "store")
    uri = property(lambda self: f"sqlite:///{self.store / 'mlflow.db'}")


@pytest.fixture(scope="session")
def chain(rift_command, small_config, workspace):
    """Prepare, agreement, train and evaluate by the command line."""
    results = {
        verb: rift_command(verb, "--config", small_config)
        for verb in ("prepare", "agreement", "train", "evaluate")
    }
    return Chain(workspace, small_config, results)


@pytest.fixture(scope="session")
def new_sessions(tmp_path_factory):
    """A folder with two new transcripts, one of them a table with times, and a file that is neither."""
    folder = tmp_path_factory.mktemp("new")
    chance = random.Random(23)
    lines = {name: _dialogue(chance, (name, "S01")) for name in ("N01", "N02")}
    write_dialogue(folder / "N01.txt", lines["N01"])
    with (folder / "N02.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["patient_id", "session_id", "speaker", "text", "start_s", "end_s"])
        for turn, line in enumerate(lines["N02"]):
            writer.writerow(["N02", "S01", line.speaker, line.text, 10 * turn, 10 * turn + 8])
    (folder / "broken.xlsx").write_bytes(b"PK\x03\x04 this is no workbook")
    return folder, lines
