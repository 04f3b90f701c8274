"""Time and memory of a whole evaluation: 100,000 made-up turns, the 3RS markers, three coders.

    python scripts/benchmark_evaluation.py [--turns 100000] [--patients 200]

Jackknife and bootstrap included, as `rift evaluate` runs them. Printed as JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

import numpy as np
import pandas as pd

from rift.codebook import Codebook, load_codebook
from rift.config import load_config
from rift.corpus.marks import Marks
from rift.evaluation.results import evaluate
from rift.evaluation.rows import STATISTICS

PREVALENCE = 0.03
CODERS = ("a", "b", "c")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=100_000)
    parser.add_argument("--patients", type=int, default=200)
    options = parser.parse_args()
    codebook = load_codebook("3rs")
    kinds = {label.id: label.kind for label in codebook.labels}
    columns = [column for column in codebook.columns if kinds.get(column) != "strategy"]
    chance = np.random.default_rng(1)
    turns = _turns(options.turns, options.patients)
    true = chance.random((options.turns, len(columns))) < PREVALENCE
    seen = chance.random((options.turns, len(columns), len(CODERS)))
    states = (np.where(true[:, :, None], seen < 0.7, seen < 0.01)).astype(np.int8)
    marks = Marks(turns, tuple(columns), CODERS, states)
    scores = np.clip(0.5 * true + 0.5 * chance.random(true.shape), 0, 1)
    frame = turns.assign(fold=0)
    probabilities = pd.DataFrame({f"p_{name}": scores[:, at] for at, name in enumerate(columns)})
    flags = pd.DataFrame({f"flag_{name}": scores[:, at] > 0.6 for at, name in enumerate(columns)})
    content = codebook.model_dump()
    content["labels"] = [label for label in content["labels"] if label["id"] in columns]
    small = Codebook.model_validate(content)
    began = time.perf_counter()
    result = evaluate(marks, pd.concat([frame, probabilities, flags], axis=1), small, load_config().evaluate)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    defined = sum(getattr(row, name) is not None for row in result.model.rows for name in STATISTICS)
    print(json.dumps({"labels": len(columns), "seconds": round(seconds, 1), "peak MiB": round(peak),
                      "statistics": defined}))  # fmt: skip


def _turns(number: int, patients: int) -> pd.DataFrame:
    patient = np.sort(np.arange(number) % patients)
    turns = pd.DataFrame({"patient_id": [f"P{p:03d}" for p in patient], "session_id": "S1"})
    turns["turn"] = turns.groupby("patient_id").cumcount()
    return turns.assign(speaker="patient")


if __name__ == "__main__":
    main()
