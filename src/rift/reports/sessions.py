"""Scored sessions in the terminal: a line per session, then the episodes to reread."""

from __future__ import annotations

import pandas as pd
from rich.console import Group
from rich.table import Table
from rich.text import Text

from rift.manifest import Manifest
from rift.schema import Episode
from rift.scoring.batch import BatchResult
from rift.scoring.results import SESSIONS_FOLDER
from rift.scoring.session_file import read_session
from rift.scoring.summary import summary_table

_SHOWN = 40
"""Episodes listed in the terminal; the files have all."""

_UNDEFINED = "-"


def batch_report(result: BatchResult, manifest: Manifest) -> Group:
    """Return the summary of a batch: sessions, episodes, and what the model may not be trusted with."""
    return Group(_session_table(result), *_episode_part(result, manifest), *_limits(manifest))


def _session_table(result: BatchResult) -> Table:
    summary = summary_table([session.summary for session in result.sessions]).drop(columns="notes")
    table = Table(title="Sessions", title_justify="left", box=None, pad_edge=False)
    for name in summary.columns:
        table.add_column(name, justify="left" if name.endswith("_id") else "right")
    for row in summary.astype("object").itertuples(index=False):
        table.add_row(*(_UNDEFINED if pd.isna(value) else str(value) for value in row))
    return table


def _episode_part(result: BatchResult, manifest: Manifest) -> list[Table | Text]:
    episodes = list(_episodes(result, manifest))
    if not episodes:
        return [Text("\nNo episodes.")]
    table = Table(title="\nEpisodes", title_justify="left", box=None, pad_edge=False)
    for name in ("session", "family", "turns", "time", "peak", "markers", "answered by"):
        table.add_column(name, justify="right" if name == "peak" else "left", overflow="fold")
    for session, episode in episodes[:_SHOWN]:
        table.add_row(
            session,
            episode.family,
            f"{episode.first_turn}-{episode.last_turn}",
            _times(episode),
            f"{episode.peak:.2f}",
            ", ".join(episode.markers) or _UNDEFINED,
            ", ".join(episode.answered_by) or "nobody",
        )
    left_out = len(episodes) - _SHOWN
    return [table, Text(f"... and {left_out} more in episodes.parquet")] if left_out > 0 else [table]


def _episodes(result: BatchResult, manifest: Manifest) -> list[tuple[str, Episode]]:
    found = []
    for session in result.sessions:
        stored = read_session(result.out / SESSIONS_FOLDER / session.file, manifest.codebook.columns)
        name = "/".join(part for part in (session.patient_id, session.session_id) if part)
        found += [(name, episode) for episode in (stored[0].episodes if stored else ())]
    return found


def _times(episode: Episode) -> str:
    if episode.start_s is None or episode.end_s is None:
        return _UNDEFINED
    return f"{_clock(episode.start_s)}-{_clock(episode.end_s)}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _limits(manifest: Manifest) -> list[Text]:
    unreleased = [d.label for d in manifest.decisions if d.status != "released"]
    if not unreleased:
        return []
    return [
        Text(
            f"\n{len(unreleased)} of {len(manifest.decisions)} labels are not released: their precision has"
            " not been shown to reach the target.\nTheir flags are suggestions to reread, no findings;"
            " rift evaluate has the figures."
        )
    ]
