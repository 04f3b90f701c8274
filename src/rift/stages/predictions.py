"""Probabilities that came from anywhere else, as predictions of the prepared corpus."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from rift.corpus.prepare import PreparedCorpus
from rift.corpus.tables import read_table
from rift.errors import RiftError
from rift.readers.wording import counted, numbers, shown, some
from rift.schema import PREDICTION_KEY, TURN_KEY

PREFIX = "p_"
_REMEDY = "give CSV or parquet with patient_id, session_id, turn (from 0) and a column p_LABEL for each label"


def read_predictions(path: Path, corpus: PreparedCorpus) -> pd.DataFrame:
    """Read the probabilities of another system, one row per turn, in CSV or parquet.

    Parameters
    ----------
    path
        Columns patient_id, session_id, turn (from 0), and ``p_LABEL`` for some or all labels, in any
        spelling of the codebook; values 0-1, empty where the system said nothing.
    corpus
        What they are of; gives speakers and folds.

    Returns
    -------
    DataFrame
        PREDICTION_KEY and ``p_LABEL`` for every column of the codebook, in the corpus's order; missing
        where nothing was said or the speaker may not show the label.

    Raises
    ------
    RiftError
        The file cannot be read, lacks a column, holds a turn twice or one the corpus has not, or a
        value is no probability.
    """
    given = _table(path)
    labels = _labels(given, path, corpus)
    given = given.assign(turn=_turns(given["turn"], path))
    _check_keys(given, path, corpus)
    known = corpus.turns[[*TURN_KEY, "speaker"]].merge(given, on=TURN_KEY, how="left", validate="1:1")
    known["fold"] = known["patient_id"].map(corpus.folds)
    found = known[PREDICTION_KEY].copy()
    for column in corpus.codebook.columns:
        values = _probabilities(known[labels[column]], path) if column in labels else np.nan
        allowed = known["speaker"].isin(corpus.codebook.speakers(column))
        found[f"{PREFIX}{column}"] = pd.Series(values, index=known.index).where(allowed)
    return found


def _table(path: Path) -> pd.DataFrame:
    if path.suffix.lower() == ".parquet":
        table = read_table(path, TURN_KEY, _REMEDY)
        return table.astype({"patient_id": str, "session_id": str})
    if not path.is_file():
        raise RiftError("no such file", where=path, remedy=_REMEDY)
    try:
        # Blank lines are read and left out, so that the index tells the line of the file.
        lines = pd.read_csv(
            path, dtype=str, encoding="utf-8-sig", sep=None, engine="python", skip_blank_lines=False
        )
        table = lines.dropna(how="all")
    except Exception as error:  # pandas raises many kinds; all mean that this is no sound table
        raise RiftError(
            f"not a readable CSV file ({type(error).__name__})", where=path, remedy=_REMEDY
        ) from None
    if missing := [column for column in TURN_KEY if column not in table.columns]:
        raise RiftError(f"column {missing[0]!r} is missing", where=path, remedy=_REMEDY)
    return table


def _labels(given: pd.DataFrame, path: Path, corpus: PreparedCorpus) -> Mapping[str, str]:
    """Return the label that each ``p_`` column is of."""
    found: dict[str, str] = {}
    for name in (str(name) for name in given.columns if str(name).startswith(PREFIX)):
        column = corpus.codebook.resolve(name.removeprefix(PREFIX), f"{path}, column {name}")
        if column in found:
            raise RiftError(f"columns {found[column]!r} and {name!r} are both of {column}", where=path)
        found[column] = name
    if not found:
        raise RiftError("there is no column of probabilities", where=path, remedy=_REMEDY)
    return found


def _turns(values: pd.Series, path: Path) -> pd.Series:
    turns = pd.to_numeric(values, errors="coerce")
    wrong = np.flatnonzero(turns.isna() | (turns % 1 != 0) | (turns < 0))
    if len(wrong):
        raise RiftError(
            f"turn {shown(str(values.iloc[wrong[0]]))} is no number of a turn",
            where=f"{path}, row {values.index[wrong[0]] + 2}",
            remedy="turns count from 0",
        )
    return turns.astype("int64")


def _check_keys(given: pd.DataFrame, path: Path, corpus: PreparedCorpus) -> None:
    twice = np.flatnonzero(given.duplicated(TURN_KEY))
    if len(twice):
        raise RiftError(
            f"{counted(len(twice), 'turn')} given twice: row {numbers(given.index[twice] + 2)}", where=path,
            remedy="keep one row per turn",
        )  # fmt: skip
    known = pd.MultiIndex.from_frame(corpus.turns[TURN_KEY])
    unknown = pd.MultiIndex.from_frame(given[TURN_KEY]).difference(known)
    if len(unknown):
        places = some(["/".join(str(part) for part in key) for key in unknown], first=3)
        raise RiftError(
            f"{counted(len(unknown), 'turn')} not in the prepared corpus: {places}",
            where=path,
            remedy="turns count from 0 within a session; ids are those of the corpus",
        )


def _probabilities(values: pd.Series, path: Path) -> pd.Series:
    found = pd.to_numeric(values, errors="coerce")
    wrong = np.flatnonzero((found.isna() & values.notna()) | (found < 0) | (found > 1))
    if len(wrong):
        raise RiftError(
            f"column {values.name}: {shown(str(values.iloc[wrong[0]]))} is no probability from 0 to 1",
            where=path,
            remedy="leave the cell empty where the system said nothing",
        )
    return found
