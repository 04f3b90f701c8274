"""K patient-disjoint folds to out-of-fold probabilities, and one final model on everything."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from transformers import set_seed

from rift.config import Config
from rift.corpus.batches import Batch, Packing, turn_logits
from rift.corpus.encoding import SpecialIds, load_tokenizer, special_ids
from rift.corpus.folds import TRAINING_ONLY
from rift.corpus.marks import Marks, build_marks, eligibility
from rift.corpus.prepare import PreparedCorpus
from rift.corpus.tables import read_table, write_table
from rift.errors import RiftError
from rift.manifest import ONNX_NAME, TOKENIZER_NAME
from rift.modeling.baseline import baseline_probabilities, baseline_texts
from rift.modeling.encoder import check_token_limit, encoder_folder
from rift.modeling.examples import (
    Session,
    build_sessions,
    class_groups,
    positive_weights,
    training_examples,
)  # fmt: skip
from rift.modeling.export import export_onnx, onnx_network, quantise_onnx
from rift.modeling.network import TurnClassifier, build_classifier
from rift.modeling.training import fine_tune
from rift.schema import PREDICTION_KEY, TURN_KEY

Floats = npt.NDArray[np.float64]

Network = Callable[[Batch], npt.NDArray[np.floating]]

Progress = Callable[[str, int, int], None]
"""Called with what is being trained, steps done and steps in all."""


@dataclass(frozen=True)
class Material:
    """A corpus ready to train on.

    Attributes
    ----------
    corpus, marks
        The tables, and the marks of T turns.
    config
        The whole configuration.
    folder
        The encoder's.
    special
        Its tokenizer's framing ids.
    sessions
        Tokenised, with targets and weights.
    wanted
        bool [T, L]: cells that get a probability: the speaker may show the label and was coded
        for it somewhere in the corpus.
    """

    corpus: PreparedCorpus
    marks: Marks
    config: Config
    folder: Path
    special: SpecialIds
    sessions: tuple[Session, ...]
    wanted: npt.NDArray[np.bool_]

    @property
    def folds(self) -> list[int]:
        """The folds, without patients for training only."""
        return sorted(set(self.corpus.folds.values()) - {TRAINING_ONLY})

    @property
    def fold_of_turn(self) -> npt.NDArray[np.int64]:
        """int [T]: the fold of each turn's patient."""
        return np.array([self.corpus.folds[p] for p in self.corpus.turns["patient_id"]], dtype=np.int64)


def gather_material(corpus: PreparedCorpus, config: Config) -> Material:
    """Tokenise a corpus for an encoder.

    Raises
    ------
    RiftError
        The encoder is missing, or its windows would be longer than it can read.
    """
    folder = encoder_folder(config.train.encoder)
    check_token_limit(folder, config.windows.max_tokens)
    tokenizer = load_tokenizer(folder / TOKENIZER_NAME)
    marks = build_marks(corpus.turns, corpus.codings, corpus.coverage, corpus.codebook)
    sessions = build_sessions(corpus.turns, marks, corpus.codebook, tokenizer)
    speakers = marks.turns["speaker"].to_numpy()
    coded = marks.coded() > 0
    wanted = eligibility(speakers, corpus.codebook.columns, corpus.codebook)
    for who in np.unique(speakers):
        wanted[speakers == who] &= coded[speakers == who].any(axis=0)
    return Material(corpus, marks, config, folder, special_ids(tokenizer), tuple(sessions), wanted)


def out_of_fold(material: Material, work: Path, progress: Progress) -> pd.DataFrame:
    """Train one model per fold on the others' patients and predict the fold's turns.

    Parameters
    ----------
    work
        Finished folds and checkpoints lie here; the same call goes on where it stopped.

    Returns
    -------
    DataFrame
        PREDICTION_KEY and raw ``p_LABEL``, one row per turn of the corpus.
    """
    parts = [_fold_predictions(material, fold, work, progress) for fold in material.folds]
    return _in_corpus_order(pd.concat(parts), material)


def _fold_predictions(material: Material, fold: int, work: Path, progress: Progress) -> pd.DataFrame:
    done = work / f"fold-{fold}.parquet"
    if done.is_file():
        return read_table(done, PREDICTION_KEY, f"delete {work} and train again")
    inside = [s for s in material.sessions if material.corpus.folds[s.patient_id] != fold]
    outside = [s for s in material.sessions if material.corpus.folds[s.patient_id] == fold]
    name = f"fold {fold + 1} of {len(material.folds)}"
    model = _train(material, inside, work / f"fold-{fold}", lambda d, n: progress(name, d, n))
    probabilities = np.full(material.wanted.shape, np.nan)
    network = _scoring_network(model, material, work / f"fold-{fold}")
    for session, found in zip(outside, predict(network, outside, material), strict=True):
        probabilities[session.rows] = found
    table: pd.DataFrame = _prediction_table(material, probabilities).loc[material.fold_of_turn == fold]
    write_table(table, done)
    shutil.rmtree(work / f"fold-{fold}", ignore_errors=True)
    return table


def train_final(material: Material, work: Path, progress: Progress) -> TurnClassifier:
    """Train on every patient; an interrupted training goes on from ``work``."""
    return _train(material, material.sessions, work / "final", lambda d, n: progress("final model", d, n))


def _train(
    material: Material, sessions: Sequence[Session], folder: Path, progress: Callable[[int, int], None]
) -> TurnClassifier:
    section, codebook = material.config.train, material.corpus.codebook
    set_seed(section.seed)
    weights = positive_weights(sessions, section, codebook.exclusive)
    model = build_classifier(material.folder, section.dropout, weights, class_groups(codebook))
    examples = training_examples(sessions, material.config.windows, section, material.special)
    return fine_tune(model, examples, section, folder, progress)


def _scoring_network(model: TurnClassifier, material: Material, folder: Path) -> Network:
    """Return the network as it will score: quantised, if the model's graph is, so that thresholds fit it."""
    if material.config.train.onnx_weights == "fp32":
        return torch_network(model)
    folder.mkdir(parents=True, exist_ok=True)
    export_onnx(model, folder / ONNX_NAME)
    quantise_onnx(folder / ONNX_NAME)
    return onnx_network(folder / ONNX_NAME)


def torch_network(model: TurnClassifier) -> Network:
    """Return a classifier as a function from a batch to logits [W, N, L]."""
    device = next(model.parameters()).device

    @torch.no_grad()
    def network(batch: Batch) -> npt.NDArray[np.floating]:
        arrays = (torch.from_numpy(array).to(device) for array in batch)
        return np.asarray(model(*arrays).logits.cpu().numpy())

    return network


def predict(network: Network, sessions: Sequence[Session], material: Material) -> list[Floats]:
    """Return raw probabilities [turns, L] per session, over the same windows as scoring.

    Raises
    ------
    RiftError
        The network gives something that is not a number: the training went astray.
    """
    packing = Packing(material.config.windows, material.special, material.config.score.batch_tokens)
    labels = len(material.corpus.codebook.columns)
    logits = turn_logits([session.tokens for session in sessions], labels, packing, network)
    if any(np.isnan(found).any() for found in logits):
        raise RiftError(
            "the trained network gives something that is not a number",
            where="training",
            remedy="lower train.learning_rate and train.head_learning_rate, or set train.precision to fp32",
        )
    return [1.0 / (1.0 + np.exp(-found)) for found in logits]


def baseline_out_of_fold(material: Material, progress: Progress) -> pd.DataFrame:
    """Fit the TF-IDF baseline in the same folds; same columns as `out_of_fold`."""
    section = material.config.baseline
    texts = baseline_texts(material.corpus.turns, section.context_turns)
    targets = np.where(material.wanted, material.marks.soft(), np.nan)
    exclusive = class_groups(material.corpus.codebook)
    groups = None if exclusive is None else exclusive.numpy()
    probabilities = np.full(targets.shape, np.nan)
    for done, fold in enumerate(material.folds, start=1):
        train = material.fold_of_turn != fold
        found = baseline_probabilities(texts, targets, train, section, groups)
        probabilities[~train] = found[~train]
        progress("TF-IDF baseline", done, len(material.folds))
    return _in_corpus_order(_prediction_table(material, probabilities), material)


def _prediction_table(material: Material, probabilities: Floats) -> pd.DataFrame:
    shown = np.where(material.wanted, probabilities, np.nan)
    table = material.marks.turns.assign(fold=material.fold_of_turn)[PREDICTION_KEY]
    columns = {f"p_{label}": shown[:, i] for i, label in enumerate(material.corpus.codebook.columns)}
    return table.assign(**columns)


def _in_corpus_order(table: pd.DataFrame, material: Material) -> pd.DataFrame:
    turns = material.corpus.turns[material.corpus.judged]
    return turns[TURN_KEY].merge(table, on=TURN_KEY, how="left", validate="one_to_one")
