"""The starter model on exchanges it has not seen: the top marker, the family, and false alarms.

    python scripts/benchmark_probe.py [--model models/starter]

Printed as JSON, with the exchanges that went wrong, so that errors can be read.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rift.codebook import Codebook
from rift.config import load_config
from rift.manifest import starter_folder
from rift.scoring.sources import Reading
from rift.stages.score import score

PROBE = Path(__file__).parents[1] / "data" / "probe"
FAMILIES = ("withdrawal", "confrontation")


@dataclass(frozen=True)
class Scored:
    """The patients' turns with their probabilities and flags, the episodes, and the intended marks."""

    turns: pd.DataFrame
    episodes: pd.DataFrame
    marks: dict[tuple[str, int], set[str]]
    codebook: Codebook

    @property
    def markers(self) -> set[str]:
        return set(self.codebook.of_kind("marker"))

    def of(self, letter: str) -> Scored:
        """Return the exchanges whose name begins with a letter."""
        turns = self.turns[self.turns.index.get_level_values("patient_id").str.startswith(letter)]
        episodes = self.episodes[self.episodes["patient_id"].str.startswith(letter)]
        marks = {key: labels for key, labels in self.marks.items() if key[0].startswith(letter)}
        return Scored(turns, episodes, marks, self.codebook)


PARTS = {"B": "probe of 60", "F": "further exchanges"}
"""By the first letter of the exchange."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=starter_folder())
    scored = _score(parser.parse_args().model)
    found = {}
    for letter, name in PARTS.items():
        own = scored.of(letter)
        marked = [key for key in own.marks if key in own.turns.index and own.marks[key] & own.markers]
        found[name] = {**_on_marked(own, marked), **_on_unmarked(own)}
    print(json.dumps(found, indent=1))


def _score(model: Path) -> Scored:
    with tempfile.TemporaryDirectory() as folder:
        reading = Reading(speakers={"T": "therapist", "P": "patient"})
        _, manifest = score(load_config(), [PROBE / "exchanges.csv"], model, Path(folder), reading)
        turns = pd.read_parquet(Path(folder) / "turns.parquet")
        episodes = pd.read_parquet(Path(folder) / "episodes.parquet")
    marks: dict[tuple[str, int], set[str]] = {}
    for row in pd.read_csv(PROBE / "marks.csv").itertuples():
        marks.setdefault((row.patient_id, row.turn), set()).add(row.label)
    patient = turns[turns["speaker"] == "patient"].set_index(["patient_id", "turn"])
    return Scored(patient, episodes, marks, manifest.codebook)


def _on_marked(scored: Scored, marked: list[tuple[str, int]]) -> dict[str, object]:
    """Top-1 marker, right family and flags, on the patient turns that have a marker."""
    markers = list(scored.codebook.of_kind("marker"))
    top, family, flagged, wrong = 0, 0, 0, []
    for key in marked:
        row, meant = scored.turns.loc[key], scored.marks[key]
        best = max(markers, key=lambda label: row[f"p_{label}"])
        stronger = max(FAMILIES, key=lambda name: row[f"p_{name}"])
        families = {name for name in FAMILIES if meant & set(scored.codebook.members(name))}
        top += best in meant
        family += stronger in families
        flagged += bool(row[[f"flag_{name}" for name in FAMILIES]].any())
        if best not in meant:
            wrong.append(f"{key[0]}: {', '.join(sorted(meant))} taken for {best}")
    number = len(marked)
    return {
        "marked turns": number,
        "top-1 marker": round(top / number, 3),
        "family": round(family / number, 3),
        "flagged with a family": round(flagged / number, 3),
        "other marker on top": wrong,
    }


def _on_unmarked(scored: Scored) -> dict[str, object]:
    """False alarms in the exchanges without any mark: of their turns, and of the exchanges themselves."""
    meant = {patient for patient, _ in scored.marks}
    turns = scored.turns[~scored.turns.index.get_level_values("patient_id").isin(meant)]
    patients = turns.index.get_level_values("patient_id")
    by_family = turns[[f"flag_{name}" for name in FAMILIES]].any(axis=1)
    by_marker = turns[[f"flag_{label}" for label in scored.codebook.of_kind("marker")]].any(axis=1)
    return {
        "unmarked exchanges": patients.nunique(),
        "with an episode": int(scored.episodes["patient_id"].isin(set(patients)).groupby(
            scored.episodes["patient_id"]).any().sum()),
        "with a family flag": patients[by_family].nunique(),
        "with a marker flag": patients[by_marker].nunique(),
        "false alarms": sorted(patients[by_family | by_marker].unique()),
    }  # fmt: skip


if __name__ == "__main__":
    main()
