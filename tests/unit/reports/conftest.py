"""An evaluation with something of everything: full, exploratory and counts rows, families, three coders."""

import numpy as np
import pandas as pd
import pytest

from rift.codebook import Codebook
from rift.config import EpisodeSection, EvaluateSection
from rift.corpus.marks import Marks
from rift.evaluation.episodes import episode_table
from rift.evaluation.results import Beside, evaluate
from rift.manifest import Decision

SECTION = EvaluateSection(
    out="reports", full_support=20, full_patients=8, exploratory_support=10, min_patients_interval=8,
    interval=0.95, bootstrap=400, margin=-0.1, epsilon=0.2,
    segment_minutes=(1, 5), trainings=(), seed=1,
)  # fmt: skip


def label(name, kind, family=None):
    return {
        "id": name.lower().replace(" ", "_"), "name": name, "kind": kind, "family": family,
        "speakers": ["patient"], "definition": "d",
    }  # fmt: skip


def frame_of(marks, scores, cut):
    frame = marks.turns.copy()
    for at, column in enumerate(marks.columns):
        frame[f"p_{column}"] = scores[:, at]
        frame[f"flag_{column}"] = scores[:, at] > cut
    return frame


def corpus(columns, latent, coders, rate):
    turns = pd.DataFrame({"patient_id": [f"p{i // 40}" for i in range(400)], "session_id": "s1"})
    turns["turn"] = turns.groupby("patient_id").cumcount()
    turns["speaker"] = "patient"
    random = np.random.default_rng(8)
    noise = random.normal(0, 0.6, size=(400, len(columns), len(coders)))
    states = (latent[:, :, None] + noise > np.array(rate)[:, None]).astype(np.int8)
    return Marks(turns, columns, coders, states)


@pytest.fixture(scope="session")
def small_codebook():
    return Codebook.model_validate(
        {
            "id": "small", "name": "Small", "version": "1", "source": "none",
            "families": [{"id": "away", "name": "Moving away", "definition": "d"}],
            "labels": [
                label("Avoidant storytelling and/or shifting topic", "marker", "away"),
                label("Shrugs [non-verbal]", "marker", "away"),
                label("Sighs", "marker", "away"),
                label("Yawns", "marker", "away"),
                label("Validates the patient's defensive posture", "strategy"),
            ],
        }
    )  # fmt: skip


@pytest.fixture(scope="session")
def evaluation(small_codebook):
    codebook = small_codebook
    latent = np.random.default_rng(4).normal(size=(400, 6))
    marks = corpus(codebook.columns, latent, ("ann", "bob", "cyd"), [1.0, 1.8, 2.7, 9, 1.2, 0.8])
    marks.states[:, 3] = -1
    marks.states[:200, 4, 1:] = -2
    scores = 1 / (1 + np.exp(-latent))
    decisions = [
        Decision(
            label=column,
            speakers=("patient",),
            status=status,
            rule="r",
            threshold=0.8,
            precision_bound=0.52 if status == "released" else None,
        )
        for column, status in zip(codebook.columns, ["released"] * 4 + ["not released"] * 2, strict=True)
    ]
    tfidf = frame_of(marks, np.clip(scores[::-1] * 0.3 + scores * 0.7, 0, 1), 0.7)
    return evaluate(
        marks, frame_of(marks, scores, 0.8), codebook, SECTION, decisions, Beside({"TF-IDF": tfidf})
    )


@pytest.fixture(scope="session")
def class_evaluation():
    names = ["Change", "Neutral", "Sustain"]
    codebook = Codebook.model_validate(
        {"id": "talk", "name": "Talk", "version": "1", "source": "none", "exclusive": True,
         "labels": [label(name, "class") for name in names]}
    )  # fmt: skip
    latent = np.random.default_rng(6).normal(size=(400, 3))
    coders = tuple(f"coder {i}" for i in range(6))
    noisy = latent[:, :, None] + np.random.default_rng(9).normal(0, 0.7, size=(400, 3, 6))
    marks = corpus(codebook.columns, latent, coders, [0, 0, 0])
    marks.states[:] = noisy == noisy.max(axis=1, keepdims=True)
    scores = np.exp(latent) / np.exp(latent).sum(axis=1, keepdims=True)
    return evaluate(marks, frame_of(marks, scores, 0.5), codebook, SECTION)


@pytest.fixture(scope="session")
def episodes(small_codebook):
    """Episodes of a family in runs of turns, as three coders and a model find them."""
    columns, random = small_codebook.columns, np.random.default_rng(12)
    runs = np.repeat(random.normal(size=(80, 6)), 5, axis=0)
    marks = corpus(columns, runs, ("ann", "bob", "cyd"), [1.3, 1.3, 9, 9, 9, 1.0])
    scores = 1 / (1 + np.exp(-runs - random.normal(0, 0.4, size=(400, 6))))
    frame = frame_of(marks, scores, 0.75).assign(fold=0)
    decisions = [
        Decision(label=column, speakers=("patient",), status="released", rule="r", threshold=0.75)
        for column in columns
    ]
    rule = EpisodeSection(
        onset=1.0, offset=0.6, max_gap=2, min_length=1, answer_within=5, speakers=("patient",)
    )
    return episode_table(marks, frame, {0: decisions}, small_codebook, SECTION, rule)
