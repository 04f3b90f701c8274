"""Results as files: JSON for DVC and programs, CSV for spreadsheets and plots."""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from rift.errors import RiftError
from rift.evaluation.averages import Average
from rift.evaluation.calibration import CALIBRATION_STATISTICS, CalibrationTable
from rift.evaluation.coders import AgreementRow, AgreementTable
from rift.evaluation.episode_rows import EPISODE_STATISTICS
from rift.evaluation.markers import MarkerTable
from rift.evaluation.pairs import PairRow
from rift.evaluation.ratings import RatingTable
from rift.evaluation.results import Evaluation, plain
from rift.evaluation.rows import STATISTICS
from rift.evaluation.segment_rows import SEGMENT_STATISTICS
from rift.evaluation.sensitivity_rows import SENSITIVITY_STATISTICS
from rift.evaluation.sessions import SESSION_STATISTICS
from rift.reports.cells import Cell, notes_of, statistic_cells, statistic_header
from rift.reports.claims import claim_cells, claim_coders, claim_header
from rift.reports.ratings import rating_sheets

_FACTS = (
    "column", "name", "kind", "support", "turns", "sessions", "patients", "unscored", "positives",
    "positive_patients", "prevalence", "threshold", "status", "precision_bound", "flags", "hits",
    "false_alarms", "misses",
)  # fmt: skip
_AGREEMENT = ("kappa", "alpha", "agreement", "positive_agreement", "negative_agreement")
_PAIR_COUNTS = ("overlap", "patients", "both", "first_only", "second_only", "neither")
_PAIR_INTERVALS = ("kappa", "alpha")
_PAIR_VALUES = (
    "agreement", "positive_agreement", "negative_agreement", "prevalence_index", "bias_index", "ac1",
    "pabak",
)  # fmt: skip
_SESSION = ("column", "name", "kind", "measure", "sessions", "coders", "averaged")
_CALIBRATION = (
    "column", "name", "kind", "support", "turns", "prevalence", "predicted", "expected_error",
)  # fmt: skip
_SENSITIVITY = (
    "column", "name", "kind", "aspect", "setting", "chosen", "turns", "left_out", "verdict",
)  # fmt: skip
_CURVE = ("column", "turns", "predicted", "observed", "observed_low", "observed_high")
_EPISODE = (
    "column", "name", "sessions", "coders", "reference", "predicted", "matched",
    "lead_threshold", "lead_false_alarms", "early", "missed",
)  # fmt: skip
_SEGMENT = (
    "column", "name", "kind", "minutes", "rule", "support", "sessions", "sessions_without_times", "segments",
    "overlap", "patients", "positives", "flags", "hits",
)  # fmt: skip


def write_evaluation(evaluation: Evaluation, folder: Path) -> tuple[Path, ...]:
    """Write an evaluation, all files or none.

    - ``metrics.json``: the headline values alone, for ``dvc metrics``; null where undefined.
    - ``evaluation.json``: everything, with intervals and the reasons of what is undefined.
    - ``markers.csv``: a row per label and set of predictions, then their averages.
    - ``agreement.csv``, ``coder_pairs.csv``: as `write_agreement`.
    - ``sessions.csv``: a row per label: its frequency in a session.
    - ``episodes.csv``: a row per family; none where no episodes were sought.
    - ``calibration.csv``: a row per label; ``calibration_curve.csv``: its quantile curve.
    - ``segments.csv``: a row per label, length of segments and rule; none where none were asked for.
    - ``sensitivity.csv``: a row per label and setting.
    - ``pr.csv``: precision and recall at each threshold, for plots.

    Returns
    -------
    The paths written.

    Raises
    ------
    RiftError
        The folder cannot be written.
    """
    tables, coders = (evaluation.model, *evaluation.baselines), claim_coders(evaluation.model)
    return _write_all(
        {
            folder / "metrics.json": _json(headline(evaluation)),
            folder / "evaluation.json": _json(evaluation.to_json()),
            folder / "markers.csv": _csv(
                _marker_header(coders), [row for table in tables for row in _markers(table, coders)]
            ),
            **_agreement_files(evaluation.agreement, folder),
            folder / "sessions.csv": _rows_csv(evaluation.sessions, _SESSION, SESSION_STATISTICS),
            folder / "episodes.csv": _rows_csv(evaluation.episodes, _EPISODE, EPISODE_STATISTICS),
            folder / "segments.csv": _rows_csv(evaluation.segments, _SEGMENT, SEGMENT_STATISTICS),
            folder / "calibration.csv": _rows_csv(
                evaluation.calibration, _CALIBRATION, CALIBRATION_STATISTICS
            ),
            folder / "calibration_curve.csv": _csv(_CURVE, _points(evaluation.calibration)),
            folder / "sensitivity.csv": _rows_csv(
                evaluation.sensitivity, _SENSITIVITY, SENSITIVITY_STATISTICS
            ),
            folder / "pr.csv": _csv(
                ["column", "threshold", "precision", "recall"],
                [[column, *point] for column, curve in evaluation.curves.items() for point in curve],
            ),
        }
    )


def write_agreement(table: AgreementTable, folder: Path) -> tuple[Path, ...]:
    """Write the coders' agreement, all files or none; return their paths.

    ``agreement.json`` has everything, ``agreement.csv`` a row per label, ``coder_pairs.csv`` a row
    per label and pair of coders.

    Raises
    ------
    RiftError
        The folder cannot be written.
    """
    return _write_all({folder / "agreement.json": _json(plain(table)), **_agreement_files(table, folder)})


def write_ratings(table: RatingTable, folder: Path) -> tuple[Path, ...]:
    """Write the agreement of a table's coders, all files or none; return their paths.

    ``ratings.json`` has everything, ``ratings.csv`` a row per value, ``rating_pairs.csv`` a row per
    value and pair of coders.

    Raises
    ------
    RiftError
        The folder cannot be written.
    """
    sheets = {folder / name: _csv(*sheet) for name, sheet in rating_sheets(table).items()}
    return _write_all({folder / "ratings.json": _json(plain(table)), **sheets})


def headline(evaluation: Evaluation) -> dict[str, Any]:
    """Return the values that change from run to run, flat enough for ``dvc metrics diff``.

    ``model.macro_marker.f1``, ``model.micro_marker.f1``, ``model.withdrawal.precision``; the same
    averages of each baseline, named in lower case with underscores; ``classes.model.macro_f1`` for
    exclusive codebooks.
    """
    found: dict[str, Any] = {"model": average_values(evaluation.model)}
    for row in evaluation.model.rows:
        found["model"][row.column] = _values(row, STATISTICS)
    for table in evaluation.baselines:
        found[_key(table.name)] = average_values(table)
    if evaluation.classes:
        found["classes"] = {
            _key(name): _values(table, ("macro_f1", "kappa", "accuracy"))
            for name, table in evaluation.classes.items()
        }
    return found


def _key(name: str) -> str:
    """Return a name in letters, digits and underscores, as stores of metrics want it."""
    return re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_")


def average_values(table: MarkerTable) -> dict[str, dict[str, float | None]]:
    """Return a table's averages by name, as ``macro_marker``: their values, None where undefined."""
    return {f"{known.method}_{known.kind}": _values(known, STATISTICS) for known in table.averages}


def _values(row: object, names: Iterable[str]) -> dict[str, float | None]:
    statistics = {name: getattr(row, name) for name in names}
    return {name: known.value for name, known in statistics.items() if known is not None}


def _marker_header(coders: Sequence[str]) -> list[str]:
    return ["predictions", "row", *_FACTS, *statistic_header(STATISTICS), "notes", *claim_header(coders)]


def _markers(table: MarkerTable, coders: Sequence[str]) -> Iterable[list[Cell]]:
    for row in table.rows:
        facts: list[Cell] = [getattr(row, name) for name in _FACTS]
        claims = claim_cells(row.claims, coders)
        yield [table.name, "label", *facts, *statistic_cells(row, STATISTICS), *claims]
    for average in table.averages:
        cells = statistic_cells(average, STATISTICS), claim_cells(None, coders)
        yield [table.name, average.method, *_average_facts(average), *cells[0], *cells[1]]


def _average_facts(average: Average) -> list[Cell]:
    known: dict[str, Cell] = {
        "name": f"{average.method} over {len(average.columns)} of {average.total}",
        "kind": average.kind,
    }
    return [known.get(name) for name in _FACTS]


def _agreement_files(table: AgreementTable, folder: Path) -> dict[Path, str]:
    counts = [f"{what} {coder}" for coder in table.coders for what in ("coded", "marked", "uncodable")]
    header = ["column", "name", "kind", "turns", "overlap", "patients", *counts]
    rows: list[list[Cell]] = [
        [
            row.column, row.name, row.kind, row.turns, row.overlap, row.patients,
            *(number for entry in row.counts for number in (entry.coded, entry.marked, entry.uncodable)),
            *statistic_cells(row, _AGREEMENT),
        ]
        for row in table.rows
    ]  # fmt: skip
    pair_header = [
        "column", "name", "kind", "first", "second", *_PAIR_COUNTS, *statistic_header(_PAIR_INTERVALS),
        *_PAIR_VALUES, "notes",
    ]  # fmt: skip
    pairs = [_pair(row, pair) for row in table.rows for pair in row.pairs]
    return {
        folder / "agreement.csv": _csv([*header, *statistic_header(_AGREEMENT), "notes"], rows),
        folder / "coder_pairs.csv": _csv(pair_header, pairs),
    }


def _pair(row: AgreementRow, pair: PairRow) -> list[Cell]:
    counts: list[Cell] = [getattr(pair, name) for name in _PAIR_COUNTS]
    *intervals, _ = statistic_cells(pair, _PAIR_INTERVALS)
    values: list[Cell] = [getattr(pair, name).value for name in _PAIR_VALUES]
    notes = notes_of(pair, (*_PAIR_INTERVALS, *_PAIR_VALUES))
    return [row.column, row.name, row.kind, pair.first, pair.second, *counts, *intervals, *values, notes]


class _Table(Protocol):
    """A result of rows."""

    @property
    def rows(self) -> Sequence[object]: ...


def _rows_csv(table: _Table | None, facts: Sequence[str], statistics: Sequence[str]) -> str:
    """Return a line per row of the table: facts, then value and bounds of each statistic, then reasons."""
    lines = (
        [*(getattr(row, name) for name in facts), *statistic_cells(row, statistics)]
        for row in (table.rows if table else ())
    )
    return _csv([*facts, *statistic_header(statistics), "notes"], lines)


def _points(table: CalibrationTable) -> Iterable[list[Cell]]:
    for row in table.rows:
        for point in row.points:
            known = point.observed
            yield [row.column, known.n, point.predicted, known.value, known.low, known.high]


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()


def _write_all(texts: Mapping[Path, str]) -> tuple[Path, ...]:
    """Write every text aside, and only when all are there put them in place."""
    asides = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in texts}
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            asides[path].write_text(text, encoding="utf-8", newline="\n")
        # Nothing is put in place if one place is taken by a folder.
        if taken := [path for path in texts if path.is_dir()]:
            raise IsADirectoryError(errno.EISDIR, "a folder has this name", str(taken[0]))
        for path, aside in asides.items():
            aside.replace(path)
    except OSError as error:
        raise RiftError(
            f"cannot write the results: {error.strerror}",
            where=error.filename,
            remedy="give a folder that can be written, with room on its disk",
        ) from None
    finally:
        for aside in asides.values():
            with contextlib.suppress(OSError):
                aside.unlink()
    return tuple(texts)
