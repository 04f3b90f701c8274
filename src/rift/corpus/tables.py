"""The parquet tables between stages: read with a check of their columns, written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from rift.errors import RiftError
from rift.manifest import whole_file


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as parquet: aside first, then renamed."""
    with whole_file(path) as aside:
        table.to_parquet(aside, index=False)


def read_table(path: Path, columns: Sequence[str], remedy: str) -> pd.DataFrame:
    """Read a parquet table that must have these columns, and may have more.

    Parameters
    ----------
    path
        The file.
    columns
        Columns it must have.
    remedy
        What to do when it is missing or damaged, for the error's message.

    Raises
    ------
    RiftError
        The file is missing, not parquet, or lacks a column.
    """
    if not path.is_file():
        raise RiftError("no such file", where=path, remedy=remedy)
    try:
        table = pd.read_parquet(path)
    except Exception as error:  # pyarrow raises many kinds; all mean that this is no sound parquet file
        raise RiftError(
            f"not a readable parquet file ({type(error).__name__})", where=path, remedy=remedy
        ) from None
    if missing := [column for column in columns if column not in table.columns]:
        raise RiftError(f"column {missing[0]!r} is missing", where=path, remedy=remedy)
    return table
