"""``rift prepare``: a corpus on disk to the tables of the later stages."""

from __future__ import annotations

from pathlib import Path

from rift.config import Config
from rift.corpus.prepare import REPORT_NAME, write_prepared
from rift.corpus.prepare import prepare as prepare_corpus
from rift.corpus.report import DataReport


def prepare(config: Config) -> tuple[DataReport, tuple[Path, ...]]:
    """Read the corpus that ``prepare.corpus`` names and write its tables into ``prepare.out``.

    Returns
    -------
    DataReport, tuple of Path
        What was counted, and the files written.
    """
    out = Path(config.prepare.out)
    prepared = prepare_corpus(config.prepare)
    write_prepared(prepared, out)
    return prepared.report, (out, out / REPORT_NAME)
