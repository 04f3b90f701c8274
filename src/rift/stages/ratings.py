"""``rift agreement --codings``: the coders of any table, without corpus, codebook or model."""

from __future__ import annotations

from pathlib import Path

from rift.config import Config
from rift.evaluation.ratings import RatingTable, rating_agreement
from rift.evaluation.rows import interval_rule
from rift.readers.rating_layout import RatingLayout
from rift.readers.rating_table import read_ratings
from rift.reports.files import write_ratings
from rift.reports.ratings import rating_report
from rift.reports.terminal import write_report


def ratings(config: Config, codings: Path, layout: RatingLayout) -> tuple[RatingTable, tuple[Path, ...]]:
    """Compare the coders of a table and write the result below ``evaluate.out``.

    Parameters
    ----------
    config
        Its evaluation section gives the folder, and level and minimal support of intervals.
    codings, layout
        The table, and which of its columns are what.

    Returns
    -------
    RatingTable, tuple of Path
        The result, and the files written.

    Raises
    ------
    RiftError
        The table cannot be read as codings, or the folder cannot be written.
    """
    table = rating_agreement(read_ratings(codings, layout), interval_rule(config.evaluate))
    folder = Path(config.evaluate.out) / "ratings"
    return table, (*write_ratings(table, folder), write_report(rating_report(table), folder))
