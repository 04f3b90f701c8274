"""The JSON of one scored session: what the model says, and of which words by their hash alone.

No words of the transcript are in it. ``source`` and ``model`` say what it was made from, so that
an interrupted batch goes on without scoring a session twice.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import rift
from rift.manifest import Manifest, write_text
from rift.schema import Episode
from rift.scoring.session import SessionScore, SpokenSession

FORMAT = 1
DECIMALS = 6
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Origin:
    """What a session was scored from.

    ``source`` is the file as it was given, ``words_sha256`` covers the turns as they were read
    (roles, words, times), so that another encoding or another role of a speaker counts.
    """

    source: str
    source_sha256: str
    words_sha256: str
    model: str
    model_sha256: str
    rift_version: str = rift.__version__

    def same(self, other: Origin) -> bool:
        """Tell whether both give the same scores: all but the file's place is equal."""
        return replace(other, source=self.source) == self


def words_digest(session: SpokenSession) -> str:
    """Return the sha256 of a session as it was read, in hex."""
    turns = [
        (number, role, turn.text, turn.start_s, turn.end_s)
        for number, role, turn in zip(session.numbers, session.roles, session.turns, strict=True)
    ]
    text = json.dumps([session.patient_id, session.session_id, turns])
    return hashlib.sha256(text.encode()).hexdigest()


def write_session(score: SessionScore, origin: Origin, manifest: Manifest, path: Path) -> None:
    """Write a scored session whole or not at all; probabilities with `DECIMALS` decimals."""
    content = {
        "format": FORMAT,
        "patient_id": score.patient_id,
        "session_id": score.session_id,
        "origin": asdict(origin),
        "labels": score.labels,
        "status": {decision.label: decision.status for decision in manifest.decisions},
        "answers_known": score.answers_known,
        "turns": [_turn(score, row) for row in range(len(score.turn))],
        "episodes": [{**asdict(one), "peak": round(one.peak, DECIMALS)} for one in score.episodes],
    }
    lines = json.dumps(content, allow_nan=False)
    # One turn, one episode a line: a file that can be looked at, and compared.
    write_text(path, re.sub(r'(\{"turn": |\{"family": )', r"\n\1", lines) + "\n")


def read_session(path: Path, labels: tuple[str, ...]) -> tuple[SessionScore, Origin] | None:
    """Read what `write_session` wrote; None where there is no such file, or none for these labels."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT or tuple(content["labels"]) != labels:
            return None
        return _score(content, labels), Origin(**content["origin"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_scores(folder: Path, patient_id: str, session_id: str) -> SessionScore | None:
    """Return what `write_session` wrote of a session into a folder, whatever its labels; None if nothing."""
    for plain in (True, False):
        path = session_path(folder, patient_id, session_id, plain)
        try:
            labels = tuple(json.loads(path.read_text(encoding="utf-8"))["labels"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        found = read_session(path, labels)
        if found is not None and (found[0].patient_id, found[0].session_id) == (patient_id, session_id):
            return found[0]
    return None


def session_path(folder: Path, patient_id: str, session_id: str, plain: bool = True) -> Path:
    """Return where a session's JSON lies: a name that every file system takes.

    Parameters
    ----------
    folder
        The folder of the sessions.
    patient_id, session_id
        The key; an unknown patient is left out of the name.
    plain
        False adds some digits of the key's hash, for a name that another session has taken.
    """
    name = "_".join(part for part in (patient_id, session_id) if part)
    safe = re.sub(r"[^\w.-]+", "-", name).strip(".- ")[:LONGEST_NAME]
    if plain and safe:
        return folder / f"{safe}.json"
    digest = hashlib.sha256(json.dumps([patient_id, session_id]).encode()).hexdigest()[:8]
    return folder / f"{safe or 'session'}-{digest}.json"


def _turn(score: SessionScore, row: int) -> dict[str, Any]:
    turn: dict[str, Any] = {
        "turn": score.turn[row],
        "speaker": score.speakers[row],
        "start_s": score.start_s[row],
        "end_s": score.end_s[row],
        "p": [None if np.isnan(p) else round(float(p), DECIMALS) for p in score.probabilities[row]],
        "flag": [
            bool(flag) if judged else None
            for flag, judged in zip(score.flags[row], score.judged[row], strict=True)
        ],
    }
    return turn if score.classes is None else {**turn, "class": score.classes[row]}


def _score(content: Mapping[str, Any], labels: tuple[str, ...]) -> SessionScore:
    turns = content["turns"]
    shape = (len(turns), len(labels))
    flags = [[flag is True for flag in turn["flag"]] for turn in turns]
    judged = [[flag is not None for flag in turn["flag"]] for turn in turns]
    return SessionScore(
        patient_id=content["patient_id"],
        session_id=content["session_id"],
        turn=tuple(turn["turn"] for turn in turns),
        speakers=tuple(turn["speaker"] for turn in turns),
        start_s=tuple(turn["start_s"] for turn in turns),
        end_s=tuple(turn["end_s"] for turn in turns),
        labels=labels,
        probabilities=np.array([turn["p"] for turn in turns], dtype=np.float64).reshape(shape),
        flags=np.array(flags, dtype=np.bool_).reshape(shape),
        judged=np.array(judged, dtype=np.bool_).reshape(shape),
        classes=tuple(turn["class"] for turn in turns) if turns and "class" in turns[0] else None,
        episodes=tuple(_episode(one) for one in content["episodes"]),
        answers_known=content["answers_known"],
    )


def _episode(content: Mapping[str, Any]) -> Episode:
    lists = {name: tuple(content[name]) for name in ("markers", "turns", "answered_by")}
    return Episode(**{**content, **lists})
