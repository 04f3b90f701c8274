"""Write the figures of the synthetic corpora into their datasheets; --check says whether they are true."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from rift.config import load_config
from rift.corpus.marks import PRESENT, Marks, build_marks
from rift.corpus.prepare import PreparedCorpus, prepare
from rift.evaluation.coders import AgreementRow, coder_agreement
from rift.reliability.result import Statistic
from rift.reports.markdown import table

DEMO = Path("data/demo/README.md")
EXCHANGES = Path("data/exchanges/README.md")
BEGIN, END = "<!-- figures, by scripts/datasheet.py -->\n", "<!-- end of figures -->"


def demo_figures(corpus: PreparedCorpus, marks: Marks) -> str:
    rows = coder_agreement(marks, load_config([], []).evaluate, corpus.codebook).rows
    head = ["label", *marks.coders, "two of three", "their patients", "kappa", "alpha"]
    shown = table(head, [_cells(row, marks) for row in rows])
    return f"{_composition(corpus, marks)}\n\n{shown}"


def exchange_figures(corpus: PreparedCorpus, marks: Marks) -> str:
    aside = ~corpus.judged
    turns, marked = corpus.turns[aside], (marks.states == PRESENT).any(axis=2)[aside]
    free = (~pd.Series(marked.any(axis=1)).groupby(turns["patient_id"].to_numpy()).any()).sum()
    labels = [*corpus.codebook.of_kind("marker"), *corpus.codebook.of_kind("strategy")]
    counts = ", ".join(f"{label} {marked[:, marks.columns.index(label)].sum()}" for label in labels)
    return (
        f"{turns['patient_id'].nunique()} exchanges, {len(turns):,} turns,"
        f" {turns['text'].str.split().str.len().sum():,} words; {free} exchanges have no mark."
        f" Turns with each mark: {counts}.\n"
    )


def _composition(corpus: PreparedCorpus, marks: Marks) -> str:
    turns = corpus.turns
    speakers = turns["speaker"].to_numpy()
    markers = [marks.columns.index(label) for label in corpus.codebook.of_kind("marker")]
    majority = _by_two(marks)[:, markers].any(axis=1)
    per_session = turns.assign(marked=majority).groupby(["patient_id", "session_id"])["marked"].sum()
    words = turns["text"].str.split().str.len()
    patient = speakers == "patient"
    return (
        f"{len(per_session)} sessions of {turns['patient_id'].nunique()} patients, {len(turns):,} turns: "
        f"{patient.sum():,} of patients, {(speakers == 'therapist').sum():,} of therapists; "
        f"{words.sum():,} words, median {words.median():.0f} a turn. "
        f"Two coders of three see a marker in {majority[patient].mean():.0%} of the patients' turns and "
        f"{majority[~patient].mean():.1%} of the therapists'; "
        f"{(per_session <= 1).sum()} sessions have at most one such turn."
    )


def _by_two(marks: Marks) -> np.ndarray:
    """bool [T, L]: marked by two coders or more."""
    return (marks.states == PRESENT).sum(axis=2) >= 2


def _cells(row: AgreementRow, marks: Marks) -> list[str]:
    both = _by_two(marks)[:, marks.columns.index(row.column)]
    patients = marks.turns["patient_id"][both].nunique()
    counts = {count.coder: str(count.marked) for count in row.counts}
    own = [counts.get(coder, "-") for coder in marks.coders]
    return [row.column, *own, str(both.sum()), str(patients), _interval(row.kappa), _plain(row.alpha)]


def _plain(statistic: Statistic) -> str:
    return "undefined" if statistic.value is None else f"{statistic.value:.2f}"


def _interval(statistic: Statistic) -> str:
    if statistic.low is None:
        return _plain(statistic)
    return f"{_plain(statistic)} [{statistic.low:.2f}, {statistic.high:.2f}]"


def _prepared(corpus_yaml: str) -> tuple[PreparedCorpus, Marks]:
    config = load_config([], [f"prepare.corpus={corpus_yaml}", "prepare.patients=all"])
    corpus = prepare(config.prepare)
    return corpus, build_marks(corpus.turns, corpus.codings, corpus.coverage, corpus.codebook)


def main() -> None:
    _write(DEMO, demo_figures(*_prepared("data/demo/corpus.yaml")))
    _write(EXCHANGES, exchange_figures(*_prepared("data/starter.yaml")))


def _write(datasheet: Path, figures: str) -> None:
    before = datasheet.read_text(encoding="utf-8")
    start, end = before.index(BEGIN) + len(BEGIN), before.index(END)
    after = before[:start] + figures + before[end:]
    if after == before:
        return
    if "--check" in sys.argv[1:]:
        sys.exit(f"{datasheet}: the figures are not those of the data; run python scripts/datasheet.py")
    datasheet.write_text(after, encoding="utf-8")


main()
