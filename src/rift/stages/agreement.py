"""``rift agreement``: the coders beside one another, before any model is trained."""

from __future__ import annotations

from pathlib import Path

from rift.config import Config
from rift.corpus.marks import build_marks
from rift.corpus.prepare import load_prepared
from rift.evaluation.coders import AgreementTable, coder_agreement
from rift.reports.files import write_agreement
from rift.reports.terminal import agreement_report, write_report


def agreement(config: Config) -> tuple[AgreementTable, tuple[Path, ...]]:
    """Compare the coders of the prepared corpus and write the result below ``evaluate.out``.

    Returns
    -------
    AgreementTable, tuple of Path
        The result, and the files written.
    """
    corpus = load_prepared(Path(config.prepare.out))
    marks = build_marks(corpus.turns, corpus.codings, corpus.coverage, corpus.codebook)
    table = coder_agreement(marks, config.evaluate, corpus.codebook)
    folder = Path(config.evaluate.out) / "agreement"
    return table, (*write_agreement(table, folder), write_report(agreement_report(table), folder))
