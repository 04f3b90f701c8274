"""``rift score``: transcripts and a model folder to probabilities and episodes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rift.config import Config
from rift.manifest import Manifest
from rift.reports.sessions import batch_report
from rift.reports.terminal import write_report
from rift.scoring.batch import BatchResult, score_paths
from rift.scoring.runtime import load_scorer
from rift.scoring.sources import Reading
from rift.stages.progress import Progress, silent


def score(
    config: Config,
    paths: Sequence[str | Path],
    model: Path,
    out: Path,
    reading: Reading,
    progress: Progress = silent,
) -> tuple[BatchResult, Manifest]:  # fmt: skip
    """Score transcripts with the model in a folder; see `rift.scoring.batch.score_paths`.

    The terminal's tables are written beside the results, as ``report.txt``.
    """
    scorer = load_scorer(model, config.score)
    result = score_paths(scorer, paths, out, reading, lambda done, total: progress("files", done, total))
    write_report(batch_report(result, scorer.manifest), out)
    return result, scorer.manifest
