"""What a batch leaves behind its sessions: two tables, and a manifest of what was scored with what."""

from __future__ import annotations

import json
import platform
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import rift
from rift.errors import RiftError
from rift.manifest import whole_file, write_text
from rift.scoring.runtime import TurnScorer
from rift.scoring.session import SessionScore
from rift.scoring.session_file import Origin, read_session
from rift.scoring.sources import Reading
from rift.scoring.summary import SessionSummary
from rift.scoring.tables import episode_schema, episode_table, turn_schema, turn_table

SESSIONS_FOLDER = "sessions"
TURNS_NAME = "turns.parquet"
EPISODES_NAME = "episodes.parquet"
RESULTS_MANIFEST_NAME = "manifest.json"

_PACKAGES = ("numpy", "onnxruntime", "pandas", "pyarrow", "scipy", "tokenizers")
_SESSIONS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class ScoredSession:
    """A session with results: ``file`` in the folder of sessions; ``reused`` from an earlier call."""

    patient_id: str
    session_id: str
    origin: Origin
    file: str
    reused: bool
    summary: SessionSummary


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, or a session in it, that could not be scored, and why."""

    source: str
    error: RiftError


def write_results(
    scorer: TurnScorer,
    out: Path,
    reading: Reading,
    sessions: Sequence[ScoredSession],
    failures: Sequence[Failure],
) -> None:
    """Write both tables and the manifest, each whole or not at all.

    Raises
    ------
    RiftError
        A session file that was there a moment ago cannot be read.
    """
    book = scorer.manifest.codebook
    stored = [out / SESSIONS_FOLDER / session.file for session in sessions]
    _write_parquet(
        out / TURNS_NAME,
        turn_schema(book.columns, book.exclusive),
        turn_table([], book.columns, book.exclusive),
        (turn_table(scores, book.columns, book.exclusive) for scores in _read_back(stored, book.columns)),
    )
    _write_parquet(
        out / EPISODES_NAME,
        episode_schema(),
        episode_table([]),
        (episode_table(scores) for scores in _read_back(stored, book.columns)),
    )
    content = _manifest(scorer, reading, sessions, failures)
    write_text(out / RESULTS_MANIFEST_NAME, json.dumps(content, indent=2) + "\n")


def _read_back(paths: Sequence[Path], labels: tuple[str, ...]) -> Iterator[list[SessionScore]]:
    for first in range(0, len(paths), _SESSIONS_AT_ONCE):
        scores = []
        for path in paths[first : first + _SESSIONS_AT_ONCE]:
            stored = read_session(path, labels)
            if stored is None:
                raise RiftError(
                    "this session's results were changed while the tables were made",
                    where=path,
                    remedy="run it again; sessions that are finished are not scored again",
                )
            scores.append(stored[0])
        yield scores


def _write_parquet(
    path: Path, schema: pa.Schema, empty: pd.DataFrame, frames: Iterator[pd.DataFrame]
) -> None:
    # What pandas notes of its types lets a reader get nullable booleans back, not objects.
    noted = pa.Table.from_pandas(empty, schema=schema, preserve_index=False).schema.metadata
    with whole_file(path) as aside, pq.ParquetWriter(aside, schema.with_metadata(noted)) as writer:
        for frame in frames:
            writer.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))


def _manifest(
    scorer: TurnScorer, reading: Reading, sessions: Sequence[ScoredSession], failures: Sequence[Failure]
) -> dict[str, Any]:
    model = scorer.manifest
    by_source: dict[tuple[str, str], list[ScoredSession]] = {}
    for session in sessions:
        by_source.setdefault((session.origin.source, session.origin.source_sha256), []).append(session)
    return {
        "format": 1,
        "model": {
            "name": model.name,
            "sha256": scorer.digest,
            "files": model.files,
            "data_sha256": model.data_sha256,
            "config_sha256": model.config_sha256,
            "codebook": {"id": model.codebook.id, "version": model.codebook.version},
        },
        "labels": {
            decision.label: {
                "status": decision.status,
                "threshold": decision.threshold,
                "rule": decision.rule,
            }
            for decision in model.decisions
        },
        "config": {
            "batch_tokens": scorer.batch_tokens,
            # Names of speakers may be people's: their roles are counted, no more.
            "reading": {**asdict(reading), "speakers": dict(Counter(reading.speakers.values()))},
            "episodes": model.episodes.model_dump(mode="json"),
        },
        "files": [
            {
                "source": source,
                "sha256": digest,
                "sessions": [
                    {"patient_id": one.patient_id, "session_id": one.session_id, "file": one.file}
                    for one in found
                ],
            }
            for (source, digest), found in by_source.items()
        ],
        "failures": [
            {"source": failure.source, "problem": without_quotations(failure.error.problem)}
            for failure in failures
        ],
        "versions": {
            "rift": rift.__version__,
            "python": platform.python_version(),
            **{package: version(package) for package in _PACKAGES},
        },
    }


def without_quotations(message: str) -> str:
    """Return a message without what it quotes: a few words of a transcript may be among it."""
    return re.sub(r"""['"].*['"]""", "'...'", message, flags=re.DOTALL)
