"""One line per session: how many episodes, how many unanswered, and what may not be relied on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rift.decisions.episodes import MIXED
from rift.manifest import Manifest
from rift.scoring.session import SessionScore


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session in numbers.

    Attributes
    ----------
    patient_id, session_id
        The key.
    turns
        All turns of the session.
    episodes
        Number of episodes of each family, and mixed ones; None where no turn of the session could
        carry the family, which is not the same as none found.
    unanswered
        Episodes in which, and soon after which, no resolution strategy was found; None where the
        model knows none, or no turn could carry an episode.
    longest
        Turns of the longest episode; None without one.
    notes
        What to bear in mind, such as a family that was not released.
    """

    patient_id: str
    session_id: str
    turns: int
    episodes: dict[str, int | None]
    unanswered: int | None
    longest: int | None
    notes: tuple[str, ...]


def summarise(score: SessionScore, manifest: Manifest) -> SessionSummary:
    """Return the summary of a scored session.

    Parameters
    ----------
    score
        The session.
    manifest
        Of the model that scored it: families, their release, and whose turns carry episodes.
    """
    found = Counter(episode.family for episode in score.episodes)
    asked = np.isin(np.asarray(score.speakers, dtype=object), manifest.episodes.speakers)
    counts: dict[str, int | None] = {}
    notes = []
    for family in manifest.codebook.families:
        column = manifest.codebook.columns.index(family.id)
        judged = bool((asked & score.judged[:, column]).any())
        counts[family.id] = found[family.id] if judged else None
        status = manifest.decisions[column].status
        if status != "released":
            notes.append(f"{family.name}: {status}")
        elif not judged:
            notes.append(f"{family.name}: no turn that could carry it")
    if len(counts) > 1:
        known = sum(count is not None for count in counts.values())
        counts[MIXED] = found[MIXED] if known > 1 else None
    countable = score.answers_known and any(count is not None for count in counts.values())
    lengths = [episode.last_turn - episode.first_turn + 1 for episode in score.episodes]
    return SessionSummary(
        patient_id=score.patient_id,
        session_id=score.session_id,
        turns=len(score.turn),
        episodes=counts,
        unanswered=sum(not e.answered_by for e in score.episodes) if countable else None,
        longest=max(lengths, default=None),
        notes=tuple(notes),
    )


def summary_table(summaries: Sequence[SessionSummary]) -> pd.DataFrame:
    """Return one row per session; missing where a number is not defined (`SessionSummary`)."""
    families = list(dict.fromkeys(family for one in summaries for family in one.episodes))
    table = pd.DataFrame(
        {
            "patient_id": pd.array([one.patient_id for one in summaries], dtype="str"),
            "session_id": pd.array([one.session_id for one in summaries], dtype="str"),
            "turns": np.array([one.turns for one in summaries], dtype=np.int64),
        }
    )
    for family in families:
        table[family] = pd.array([one.episodes.get(family) for one in summaries], dtype="Int64")
    table["unanswered"] = pd.array([one.unanswered for one in summaries], dtype="Int64")
    table["longest"] = pd.array([one.longest for one in summaries], dtype="Int64")
    table["notes"] = pd.array(["; ".join(one.notes) for one in summaries], dtype="str")
    return table
