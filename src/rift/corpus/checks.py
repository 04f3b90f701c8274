"""The data report: what a corpus holds, counted before anything is trained on it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rift.codebook import SPEAKERS, Codebook
from rift.corpus.folds import therapists_of
from rift.corpus.marks import NOT_CODED, PRESENT, UNCODABLE, Marks
from rift.corpus.report import DataReport, FoldCount, LabelCount, SessionCount, SharedText, TurnName
from rift.schema import SESSION_KEY, TURN_KEY, Unit


@dataclass(frozen=True)
class Preparation:
    """What only the preparation knows, for the report; the fields are those of `DataReport`."""

    corpus: str
    min_examples: int
    coverage_declared: bool
    repeated_codings: int
    ineligible_marks: int
    warnings: tuple[str, ...]


def check_corpus(
    turns: pd.DataFrame,
    codings: pd.DataFrame,
    marks: Marks,
    folds: Mapping[str, int],
    codebook: Codebook,
    preparation: Preparation,
) -> DataReport:
    """Count a prepared corpus.

    Parameters
    ----------
    turns, codings
        The tables of `rift.schema`.
    marks
        The turn-unit codings over coverage, in the order of ``turns``.
    folds
        Patient to fold.
    codebook
        Gives the labels.
    preparation
        What the tables do not tell.
    """
    caseloads = therapists_of(turns)
    of_therapist: dict[str, list[str]] = defaultdict(list)
    for patient, names in caseloads.items():
        for name in names:
            of_therapist[name].append(patient)
    looked = (marks.states != NOT_CODED).any(axis=(0, 2))
    return DataReport(
        codebook=codebook.id,
        turns=len(turns),
        sessions=len(turns[SESSION_KEY].drop_duplicates()),
        patients=len(caseloads),
        coders=marks.coders,
        therapists=tuple(sorted(of_therapist)),
        folds=count_folds(turns, folds),
        per_session=count_sessions(turns, marks),
        speakers=_ordered(Counter(turns["speaker"])),
        overlap=count_overlap(marks),
        labels=count_labels(marks, codebook, preparation.min_examples),
        unused=_unused(marks, codings),
        not_looked_for=tuple(label for at, label in enumerate(marks.columns) if not looked[at]),
        units=count_units(codings),
        same_speaker_turns=count_same_speaker_turns(turns),
        backward_times=count_backward_times(turns),
        shared_texts=find_shared_texts(turns, folds),
        shared_therapists={
            t: tuple(of_therapist[t]) for t in sorted(of_therapist) if len(of_therapist[t]) > 1
        },
        two_caseloads=tuple(patient for patient, names in caseloads.items() if len(names) > 1),
        **vars(preparation),
    )


MIN_SHARED_WORDS = 6
"""Shorter turns ("Yes, I think so.") are the same in many mouths by chance."""

UNITS: tuple[Unit, ...] = ("turn", "segment", "session")


def count_sessions(turns: pd.DataFrame, marks: Marks) -> tuple[SessionCount, ...]:
    """Return the counts of each session, in the order of the turns table."""
    coded = (marks.states != NOT_CODED).any(axis=1)
    marked = (marks.states == PRESENT).any(axis=(1, 2))
    counts = []
    for (patient, session), group in turns.reset_index(drop=True).groupby(SESSION_KEY, sort=False):
        rows = group.index.to_numpy()
        speakers = Counter(turns["speaker"].iloc[rows])
        counts.append(
            SessionCount(
                patient_id=str(patient),
                session_id=str(session),
                turns=len(rows),
                speakers=_ordered(speakers),
                coders=tuple(
                    coder for coder, seen in zip(marks.coders, coded[rows].any(axis=0), strict=True) if seen
                ),
                marked_turns=int(marked[rows].sum()),
            )
        )
    return tuple(counts)


def count_labels(marks: Marks, codebook: Codebook, min_examples: int) -> tuple[LabelCount, ...]:
    """Return the counts of each label and family, in codebook order.

    A label is too rare below ``min_examples`` turns that any coder marked.
    """
    coded, soft = marks.coded(), marks.soft()
    patients = marks.turns["patient_id"].to_numpy()
    families = {family.id for family in codebook.families}
    counts = []
    for at, label in enumerate(marks.columns):
        states = marks.states[:, at]
        marked = (states == PRESENT).any(axis=1)
        turns_coded = int((coded[:, at] > 0).sum())
        positives = float(np.nansum(soft[:, at]))
        counts.append(
            LabelCount(
                label=label,
                name=codebook.display_name(label),
                kind="family" if label in families else codebook.label(label).kind,
                marks={c: int((states[:, i] == PRESENT).sum()) for i, c in enumerate(marks.coders)},
                uncodable=int((states == UNCODABLE).any(axis=1).sum()),
                marked_turns=int(marked.sum()),
                soft_positives=round(positives, 4),
                patients=len(set(patients[marked])),
                coded_turns=turns_coded,
                prevalence=round(positives / turns_coded, 6) if turns_coded else None,
                too_few=int(marked.sum()) < min_examples,
            )
        )
    return tuple(counts)


def count_overlap(marks: Marks) -> dict[str, int]:
    """Return how many turns 0, 1, 2, and 3 or more coders coded for any label."""
    coders = (marks.states != NOT_CODED).any(axis=1).sum(axis=1)
    return {
        **{str(n): int((coders == n).sum()) for n in range(3)},
        "3+": int((coders >= 3).sum()),
    }


def count_units(codings: pd.DataFrame) -> dict[str, int]:
    """Return how many codings there are of turns, segments and sessions."""
    found = Counter(codings.loc[codings["state"] != "not_coded", "unit"])
    return {unit: found[unit] for unit in UNITS}


def count_same_speaker_turns(turns: pd.DataFrame) -> int:
    """Return how many turns follow a turn by the same speaker."""
    previous = turns.groupby(SESSION_KEY, sort=False)["speaker"].shift()
    return int(previous.eq(turns["speaker"]).sum())


def count_backward_times(turns: pd.DataFrame) -> int:
    """Return how many turns start before the turn with the last known start, or end before they start."""
    starts = turns.groupby(SESSION_KEY, sort=False)["start_s"]
    before = starts.ffill().groupby([turns["patient_id"], turns["session_id"]], sort=False).shift()
    return int(((turns["start_s"] < before) | (turns["end_s"] < turns["start_s"])).sum())


def find_shared_texts(turns: pd.DataFrame, folds: Mapping[str, int]) -> tuple[SharedText, ...]:
    """Return the turns whose words (six at least) are also those of another patient's turn."""
    seen: dict[str, list[TurnName]] = defaultdict(list)
    for patient, session, turn, text in turns[[*TURN_KEY, "text"]].itertuples(index=False):
        words = re.findall(r"\w+", str(text).casefold())
        if len(words) >= MIN_SHARED_WORDS:
            seen[" ".join(words)].append((str(patient), str(session), int(turn)))
    shared = [names for names in seen.values() if len({name[0] for name in names}) > 1]
    return tuple(
        SharedText(turns=tuple(names), across_folds=len({folds[name[0]] for name in names}) > 1)
        for names in sorted(shared)
    )


def count_folds(turns: pd.DataFrame, folds: Mapping[str, int]) -> tuple[FoldCount, ...]:
    """Return the patients and turns of each fold."""
    sizes = Counter(turns["patient_id"].map(folds))
    return tuple(
        FoldCount(fold, tuple(p for p in sorted(folds) if folds[p] == fold), int(sizes[fold]))
        for fold in sorted(set(folds.values()))
    )


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    return {who: counts.get(who, 0) for who in SPEAKERS}


def _unused(marks: Marks, codings: pd.DataFrame) -> tuple[str, ...]:
    given = set(codings.loc[codings["state"] == "present", "label"])
    marked = (marks.states == PRESENT).any(axis=(0, 2))
    looked = (marks.states != NOT_CODED).any(axis=(0, 2))
    return tuple(
        label
        for at, label in enumerate(marks.columns)
        if looked[at] and not marked[at] and label not in given
    )
