"""Folds by patient, so that no one's words are on both sides of a split.

Patients who share a therapist stay together where therapists are known: the therapist's way of
speaking is in every transcript of the caseload.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from rift.corpus.marks import PRESENT, Marks
from rift.errors import RiftError
from rift.readers.wording import counted

THERAPIST_SEPARATOR = ";"
"""Between the therapists of a patient in several caseloads, in the column ``therapist_id``."""

TRAINING_ONLY = -1
"""The fold of patients whom every model learns from and none is judged on."""

Counts = npt.NDArray[np.int64]


def therapists_of(turns: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return the known therapists of each patient, sorted; an empty tuple where none is known."""
    found: dict[str, set[str]] = {str(patient): set() for patient in turns["patient_id"].unique()}
    known = turns[turns["therapist_id"].notna()]
    for patient, names in known[["patient_id", "therapist_id"]].drop_duplicates().itertuples(index=False):
        found[patient].update(str(names).split(THERAPIST_SEPARATOR))
    return {patient: tuple(sorted(found[patient])) for patient in sorted(found)}


def patient_groups(turns: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the patients in groups that share therapists, directly or through each other.

    Groups and their patients are sorted; a patient without a known therapist is alone.
    """
    therapists = therapists_of(turns)
    leader = {patient: patient for patient in therapists}

    def lead(patient: str) -> str:
        while leader[patient] != patient:
            patient = leader[patient]
        return patient

    first_of: dict[str, str] = {}
    for patient, names in therapists.items():
        for name in names:
            one, other = sorted((lead(first_of.setdefault(name, patient)), lead(patient)))
            leader[other] = one
    groups: dict[str, list[str]] = defaultdict(list)
    for patient in therapists:
        groups[lead(patient)].append(patient)
    return sorted(tuple(group) for group in groups.values())


def assign_folds(marks: Marks, turns: pd.DataFrame, k: int, seed: int) -> dict[str, int]:
    """Divide the patients into k folds that have each label in like number, the rarest first.

    Iterative stratification (Sechidis, Tsoumakas & Vlahavas 2011) over groups of patients: the
    group with most turns of the rarest label that is left goes to the fold that lacks most of it,
    with ties to the fold with fewer turns. Groups without marks then even out the turns. No fold
    stays empty.

    Parameters
    ----------
    marks
        Which turns carry which label; a turn counts once, however many coders marked it.
    turns
        The turns table, in the order of ``marks.turns``.
    k
        Number of folds.
    seed
        Decides between groups that are alike; the order of rows never does.

    Returns
    -------
    dict
        Patient to fold, 0 to k - 1; patients sorted.

    Raises
    ------
    RiftError
        There are fewer groups than folds.
    """
    groups = patient_groups(turns)
    if k > len(groups):
        raise _too_few(k, groups)
    group_at = {patient: i for i, group in enumerate(groups) for patient in group}
    rows = turns["patient_id"].map(group_at).to_numpy(dtype=np.int64)
    size = np.bincount(rows, minlength=len(groups)).astype(np.int64)
    positives = np.zeros((len(groups), len(marks.columns)), dtype=np.int64)
    np.add.at(positives, rows, (marks.states == PRESENT).any(axis=2).astype(np.int64))
    shuffled = np.random.default_rng(seed).permutation(len(groups))
    fold_of = _stratify(positives, size, k, shuffled)
    return {patient: int(fold_of[group_at[patient]]) for patient in sorted(group_at)}


def _too_few(k: int, groups: Sequence[tuple[str, ...]]) -> RiftError:
    patients = sum(len(group) for group in groups)
    if len(groups) == patients:
        found = counted(patients, "patient")
    else:
        found = f"{counted(len(groups), 'group')} of patients who share therapists"
        found += f" ({counted(patients, 'patient')})"
    if len(groups) < 2:
        remedy = "add transcripts of other patients: at least two that share no therapist are needed"
    else:
        remedy = f"set prepare.folds to {len(groups)} or less, or add patients"
    return RiftError(f"{k} folds, {found}", where="prepare.folds", remedy=remedy)


def _stratify(positives: Counts, size: Counts, k: int, tie_order: Counts) -> Counts:
    """Return the fold of each group [G] from its ``positives`` [G, L] and ``size`` [G]."""
    total = positives.sum(axis=0)
    fold_of = np.full(len(size), -1, dtype=np.int64)
    fold_positives = np.zeros((k, len(total)), dtype=np.int64)
    fold_size = np.zeros(k, dtype=np.int64)
    while (waiting := np.flatnonzero(fold_of < 0)).size:
        left = positives[waiting].sum(axis=0)
        amount, need = size, np.zeros(k, dtype=np.int64)
        if left.any():
            label = int(np.argmin(np.where(left > 0, left, np.iinfo(np.int64).max)))
            amount = positives[:, label]
            # Need times k, so that it stays a whole number and ties are exact.
            need = total[label] - k * fold_positives[:, label]
        largest = np.lexsort((tie_order[waiting], -size[waiting], -amount[waiting]))[0]
        group, empty = int(waiting[largest]), np.flatnonzero(fold_size == 0)
        folds = empty if len(waiting) <= len(empty) else np.arange(k)
        fold = int(folds[np.lexsort((folds, fold_size[folds], -need[folds]))[0]])
        fold_of[group] = fold
        fold_positives[fold] += positives[group]
        fold_size[fold] += size[group]
    return fold_of
