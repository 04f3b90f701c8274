"""Scored sessions as tables: one row per turn, one row per episode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from rift.schema import SESSION_KEY, TURN_KEY
from rift.scoring.session import SessionScore

_TIMES = ["start_s", "end_s"]


def turn_table(scores: Sequence[SessionScore], labels: Sequence[str], exclusive: bool) -> pd.DataFrame:
    """Return one row per turn: key, speaker, times, ``p_LABEL``, ``flag_LABEL`` for every label.

    ``flag_LABEL`` is a nullable boolean, missing where nothing could be flagged: the speaker was
    never coded for the label, or it had no examples. Exclusive codebooks add ``class``.
    """
    columns: dict[str, Any] = {
        name: pd.array([getattr(s, name) for s in scores for _ in s.turn], dtype="str")
        for name in SESSION_KEY
    }
    columns["turn"] = np.array([turn for s in scores for turn in s.turn], dtype=np.int64)
    columns["speaker"] = pd.array([who for s in scores for who in s.speakers], dtype="str")
    for name in _TIMES:
        columns[name] = np.array([time for s in scores for time in getattr(s, name)], dtype=np.float64)
    empty = np.zeros((0, len(labels)))
    p = np.concatenate([empty, *(s.probabilities for s in scores)])
    flags = np.concatenate([empty, *(s.flags for s in scores)]).astype(bool)
    judged = np.concatenate([empty, *(s.judged for s in scores)]).astype(bool)
    columns |= {f"p_{label}": p[:, i] for i, label in enumerate(labels)}
    columns |= {
        f"flag_{label}": pd.arrays.BooleanArray(flags[:, i].copy(), ~judged[:, i])
        for i, label in enumerate(labels)
    }
    if exclusive:
        columns["class"] = pd.array([one for s in scores for one in s.classes or ()], dtype="str")
    return pd.DataFrame(columns)


def episode_table(scores: Sequence[SessionScore]) -> pd.DataFrame:
    """Return one row per episode: key, family, turns, times, peak, markers and answers as lists."""
    rows = [(score, episode) for score in scores for episode in score.episodes]
    return pd.DataFrame(
        {
            "patient_id": pd.array([score.patient_id for score, _ in rows], dtype="str"),
            "session_id": pd.array([score.session_id for score, _ in rows], dtype="str"),
            "family": pd.array([episode.family for _, episode in rows], dtype="str"),
            "first_turn": np.array([episode.first_turn for _, episode in rows], dtype=np.int64),
            "last_turn": np.array([episode.last_turn for _, episode in rows], dtype=np.int64),
            "start_s": np.array([episode.start_s for _, episode in rows], dtype=np.float64),
            "end_s": np.array([episode.end_s for _, episode in rows], dtype=np.float64),
            "peak": np.array([episode.peak for _, episode in rows], dtype=np.float64),
            "markers": pd.Series([list(episode.markers) for _, episode in rows], dtype=object),
            "answered_by": pd.Series([list(episode.answered_by) for _, episode in rows], dtype=object),
        }
    )


def turn_schema(labels: Sequence[str], exclusive: bool) -> pa.Schema:
    """Return the parquet schema of `turn_table`."""
    fields = [
        *((name, pa.string()) for name in SESSION_KEY),
        (TURN_KEY[-1], pa.int64()),
        ("speaker", pa.string()),
        *((name, pa.float64()) for name in _TIMES),
        *((f"p_{label}", pa.float64()) for label in labels),
        *((f"flag_{label}", pa.bool_()) for label in labels),
        *([("class", pa.string())] if exclusive else []),
    ]
    return pa.schema(fields)


def episode_schema() -> pa.Schema:
    """Return the parquet schema of `episode_table`."""
    return pa.schema(
        [
            *((name, pa.string()) for name in (*SESSION_KEY, "family")),
            ("first_turn", pa.int64()),
            ("last_turn", pa.int64()),
            *((name, pa.float64()) for name in (*_TIMES, "peak")),
            ("markers", pa.list_(pa.string())),
            ("answered_by", pa.list_(pa.string())),
        ]
    )
