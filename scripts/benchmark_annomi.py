"""Client talk in AnnoMI: the fine-tuned model and TF-IDF beside the annotators, folds by video.

    python scripts/benchmark_annomi.py --csv AnnoMI-full.csv --out runs/annomi

The corpus goes the whole way of a user's: prepare, train --folds-only, evaluate. What is printed is
written to OUT/benchmark.json as well. AnnoMI's labels say nothing about 3RS accuracy: it is the
public corpus nearest to ours. Its text is read where it lies and copied nowhere but OUT/processed.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from scipy import stats

from rift.config import Config, load_config
from rift.corpus.marks import PRESENT, Marks, build_marks
from rift.corpus.prepare import load_prepared
from rift.decisions.cross_fit import cross_fit
from rift.evaluation.classes import evaluate_classes
from rift.reliability.alpha import fleiss_kappa
from rift.reliability.kappa import mean_model_kappa, mean_pairwise_kappa
from rift.reliability.ranking import auroc, average_precision
from rift.stages.evaluate import BASELINE_NAME, PREDICTIONS_NAME
from rift.stages.prepare import prepare
from rift.stages.train import train

ANNOTATORS = 10
CLASSES = ("change", "neutral", "sustain")


def main() -> None:
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    config = load_config([], [*_settings(options.out), *options.set])
    corpus = Path(config.prepare.corpus)
    corpus.write_text(yaml.safe_dump(_corpus(options.csv.resolve())), encoding="utf-8")
    prepare(config)
    began = time.monotonic()
    train(config, final=False, progress=_progress())
    seconds = time.monotonic() - began
    result = {"seconds": round(seconds), "settings": options.set, **_measure(config)}
    (options.out / "benchmark.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--csv", type=Path, required=True, help="AnnoMI-full.csv")
    parser.add_argument("--out", type=Path, default=Path("runs/annomi"))
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    return parser.parse_args()


def _settings(out: Path) -> list[str]:
    paths = {
        "prepare.corpus": out / "corpus.yaml", "prepare.out": out / "processed",
        "train.out": out / "model", "evaluate.out": out / "reports",
    }  # fmt: skip
    return [f"{key}={path}" for key, path in paths.items()] + ["tracking.enabled=false"]


def _corpus(csv: Path) -> dict[str, Any]:
    """Describe AnnoMI-full.csv as a user would: one table is both transcripts and codings."""
    ids = {"patient_id": "video_url", "session_id": "transcript_id", "turn": "utterance_id"}
    return {
        "name": "AnnoMI",
        "codebook": "annomi",
        "transcripts": {
            "files": str(csv),
            "columns": {**ids, "speaker": "interlocutor", "text": "utterance_text", "start_s": "timestamp"},
        },
        "codings": [
            {
                "files": str(csv),
                "layout": "long",
                "columns": {**ids, "coder": "annotator_id", "label": "client_talk_type"},
                "not_coded": ["n/a"],
            }
        ],
        "coverage": [{"coders": "all", "labels": "all", "sessions": "coded", "speakers": ["patient"]}],
    }


def _measure(config: Config) -> dict[str, Any]:
    corpus = load_prepared(Path(config.prepare.out))
    marks = build_marks(corpus.turns, corpus.codings, corpus.coverage, corpus.codebook)
    systems, judged = {}, []
    for name, file in (("fine-tuned", PREDICTIONS_NAME), ("TF-IDF", BASELINE_NAME)):
        raw = pd.read_parquet(Path(config.train.out) / file)
        table = cross_fit(raw, marks, config.decisions, corpus.codebook).predictions
        judged.append(_Judged.of(table, marks))
        systems[name] = _system(table, judged[-1], marks)
    return {**systems, "fine-tuned less TF-IDF": _difference(*judged), "ten annotators": _humans(marks)}


@dataclass(frozen=True)
class _Judged:
    """Turns with one true class: it, the chosen class, the probability of sustain talk, and the video."""

    truth: Any
    chosen: Any
    sustain: Any
    videos: Any

    @classmethod
    def of(cls, table: pd.DataFrame, marks: Marks) -> _Judged:
        counts = (marks.states[:, : len(CLASSES)] == PRESENT).sum(axis=2)
        top = counts.max(axis=1, keepdims=True)
        clear = (top[:, 0] > 0) & ((counts == top).sum(axis=1) == 1)
        videos = pd.factorize(table["patient_id"])[0]
        found = (counts.argmax(axis=1), _chosen(table), table["p_sustain"].to_numpy(float), videos)
        return cls(*(np.where(clear, values, np.nan) for values in found))

    def figures(self, rows: Any = slice(None)) -> dict[str, float]:
        truth, chosen, sustain = self.truth[rows], self.chosen[rows], self.sustain[rows]
        known = ~np.isnan(truth)
        table = evaluate_classes(truth[known].astype(int), chosen[known].astype(int), CLASSES)
        is_sustain = (truth[known] == CLASSES.index("sustain")).astype(float)
        return {
            "macro-F1": table.macro_f1.value,
            "kappa": table.kappa.value,
            "sustain AP": average_precision(is_sustain, sustain[known]).value,
            "sustain AUROC": auroc(is_sustain, sustain[known]).value,
        }


def _chosen(table: pd.DataFrame) -> Any:
    numbers = {name: at for at, name in enumerate(CLASSES)}
    return table["class"].map(numbers).fillna(-1).to_numpy(int)


def _system(table: pd.DataFrame, judged: _Judged, marks: Marks) -> dict[str, Any]:
    """Return the figures of one system: over all turns, per fold, and where ten annotators coded."""
    ten = marks.coded()[:, 0] >= ANNOTATORS
    chosen = _chosen(table)[ten]
    sustain = (chosen == CLASSES.index("sustain")).astype(int)
    folds = table["fold"].to_numpy()
    return {
        "turns": int((~np.isnan(judged.truth)).sum()),
        **_rounded(judged.figures()),
        "folds": [_rounded(judged.figures(folds == fold)) for fold in np.unique(folds)],
        "kappa with ten annotators": {
            "3 classes": _value(mean_model_kappa(chosen, _classes(marks, ten))),
            "sustain against the rest": _value(mean_model_kappa(sustain, _sustain(marks, ten))),
        },
    }


def _difference(one: _Judged, other: _Judged) -> dict[str, dict[str, float]]:
    """Return the difference of each figure with its 95 % interval, delete-one-video jackknife-t."""
    videos = np.unique(one.videos[~np.isnan(one.videos)])
    whole = {name: value - other.figures()[name] for name, value in one.figures().items()}
    without = [(one.figures(one.videos != v), other.figures(other.videos != v)) for v in videos]
    result = {}
    for name, value in whole.items():
        left = np.array([first[name] - second[name] for first, second in without])
        error = np.sqrt((len(left) - 1) * left.var())
        reach = float(stats.t.ppf(0.975, len(left) - 1) * error)
        result[name] = _rounded({"value": value, "low": value - reach, "high": value + reach})
    return result


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}


def _humans(marks: Marks) -> dict[str, Any]:
    ten = marks.coded()[:, 0] >= ANNOTATORS
    codes = _classes(marks, ten)
    sustain = _sustain(marks, ten)
    return {
        "turns": int(ten.sum()),
        "mean pairwise kappa, 3 classes": _value(mean_pairwise_kappa(codes)),
        "mean pairwise kappa, sustain against the rest": _value(mean_pairwise_kappa(sustain)),
        "Fleiss kappa, 3 classes": _value(fleiss_kappa(codes)),
        "Fleiss kappa, sustain against the rest": _value(fleiss_kappa(sustain)),
    }


def _classes(marks: Marks, rows: Any) -> Any:
    """Return [T, C] the class each coder gave, -1 where not coded."""
    states = marks.states[rows][:, : len(CLASSES)]
    return np.where((states == PRESENT).any(axis=1), (states == PRESENT).argmax(axis=1), -1)


def _sustain(marks: Marks, rows: Any) -> Any:
    codes = _classes(marks, rows)
    return np.where(codes < 0, -1, codes == CLASSES.index("sustain"))


def _value(statistic: Any) -> float | None:
    return None if statistic.value is None else round(statistic.value, 4)


def _progress() -> Any:
    said: dict[str, int] = {}

    def progress(task: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if tenth > said.get(task, -1):
            said[task] = tenth
            print(f"{task}: {done} of {total}", flush=True)

    return progress


if __name__ == "__main__":
    main()
