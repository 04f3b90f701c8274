from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.corpus.folds import assign_folds, patient_groups, therapists_of
from rift.corpus.marks import ABSENT, PRESENT, Marks
from rift.errors import RiftError


def corpus(sizes, positives=None, therapists=None):
    """Turns of patients (name -> number) with marks (name -> label -> number of marked turns)."""
    labels = sorted({label for counts in (positives or {}).values() for label in counts}) or ["x"]
    rows, states = [], []
    for patient, size in sizes.items():
        for turn in range(size):
            rows.append((patient, "S1", turn, "patient", (therapists or {}).get(patient)))
            counts = (positives or {}).get(patient, {})
            states.append([[PRESENT if turn < counts.get(label, 0) else ABSENT] for label in labels])
    turns = pd.DataFrame(rows, columns=["patient_id", "session_id", "turn", "speaker", "therapist_id"])
    turns["therapist_id"] = turns["therapist_id"].astype("str")
    return turns, Marks(turns, tuple(labels), ("A",), np.array(states, dtype=np.int8))


def folds_of(k, seed=1, **kwargs):
    turns, marks = corpus(**kwargs)
    return assign_folds(marks, turns, k, seed)


def test_session_ids_repeat_across_patients_and_patients_stay_whole():
    rows = [("P1", "S1"), ("P1", "S2"), ("P2", "S1"), ("P3", "S1")]
    turns = pd.DataFrame(rows, columns=["patient_id", "session_id"]).assign(
        turn=0, speaker="patient", therapist_id=pd.Series([None] * 4, dtype="str")
    )
    marks = Marks(turns, ("x",), ("A",), np.zeros((4, 1, 1), dtype=np.int8))
    folds = assign_folds(marks, turns, 3, 1)
    assert list(folds) == ["P1", "P2", "P3"]
    assert sorted(folds.values()) == [0, 1, 2]
    with pytest.raises(RiftError, match="4 folds, 3 patients") as caught:
        assign_folds(marks, turns, 4, 1)
    assert "prepare.folds to 3" in str(caught.value)


def test_one_patient_cannot_be_divided():
    with pytest.raises(RiftError, match="2 folds, 1 patient") as caught:
        folds_of(2, sizes={"P1": 9})
    assert "other patients" in caught.value.remedy


def test_patients_of_one_therapist_stay_together():
    sizes = {f"P{i}": 10 for i in range(6)}
    folds = folds_of(3, sizes=sizes, therapists={"P0": "T1", "P4": "T1", "P5": "T2"})
    assert folds["P0"] == folds["P4"]
    assert set(folds.values()) == {0, 1, 2}


def test_a_patient_in_two_caseloads_joins_them():
    sizes = {f"P{i}": 1 for i in range(5)}
    turns, _ = corpus(sizes, therapists={"P0": "T1", "P1": "T2", "P2": "T1;T2", "P3": "T3"})
    assert patient_groups(turns) == [("P0", "P1", "P2"), ("P3",), ("P4",)]
    assert therapists_of(turns)["P2"] == ("T1", "T2")
    assert therapists_of(turns)["P4"] == ()


def test_therapists_of_single_sessions_are_all_the_patients():
    turns, _ = corpus({"P1": 2}, therapists={"P1": "T2"})
    turns.loc[0, "therapist_id"] = "T1"
    assert therapists_of(turns) == {"P1": ("T1", "T2")}


def test_too_few_groups_of_a_therapist():
    with pytest.raises(RiftError, match=r"3 folds, 2 groups of patients who share therapists \(3 patients\)"):
        folds_of(3, sizes={"P1": 1, "P2": 1, "P3": 1}, therapists={"P1": "T", "P2": "T"})


def test_the_rarest_label_is_spread_first():
    # Three patients have the rare label; by turns alone the big ones would be set apart instead.
    sizes = dict.fromkeys(("P1", "P2", "P3", "P4", "P5", "P6"), 20)
    positives = {
        "P1": {"rare": 1, "often": 9},
        "P2": {"rare": 1},
        "P3": {"rare": 1},
        "P4": {"often": 9},
        "P5": {"often": 9},
    }
    folds = folds_of(3, sizes=sizes, positives=positives)
    assert sorted(folds[p] for p in ("P1", "P2", "P3")) == [0, 1, 2]
    assert sorted(folds[p] for p in ("P1", "P4", "P5")) == [0, 1, 2]
    assert sorted(Counter(folds.values()).values()) == [2, 2, 2]


def test_without_marks_the_turns_are_balanced():
    folds = folds_of(2, sizes={"P1": 50, "P2": 30, "P3": 20, "P4": 10})
    assert {folds["P1"], folds["P4"]} != {folds["P2"]}
    loads = Counter()
    for patient, size in {"P1": 50, "P2": 30, "P3": 20, "P4": 10}.items():
        loads[folds[patient]] += size
    assert sorted(loads.values()) == [50, 60]


@st.composite
def corpora(draw):
    names = [f"P{i}" for i in range(draw(st.integers(2, 8)))]
    sizes = {name: draw(st.integers(1, 6)) for name in names}
    positives = {name: {x: draw(st.integers(0, sizes[name])) for x in "abc"} for name in names}
    therapists = {name: draw(st.sampled_from(["T1", "T2", "T1;T3"])) for name in names[::3]}
    return {"sizes": sizes, "positives": positives, "therapists": therapists}


@settings(max_examples=25, deadline=None)
@given(corpora(), st.integers(0, 5), st.data())
def test_folds_are_whole_full_and_independent_of_row_order(given_corpus, seed, data):
    turns, marks = corpus(**given_corpus)
    groups = patient_groups(turns)
    if len(groups) < 2:
        return
    k = data.draw(st.integers(2, len(groups)))
    folds = assign_folds(marks, turns, k, seed)
    assert set(folds) == set(given_corpus["sizes"])
    assert set(folds.values()) == set(range(k))
    assert all(len({folds[patient] for patient in group}) == 1 for group in groups)

    order = np.array(data.draw(st.permutations(range(len(turns)))))
    shuffled = turns.iloc[order].reset_index(drop=True)
    again = assign_folds(Marks(shuffled, marks.columns, marks.coders, marks.states[order]), shuffled, k, seed)
    assert again == folds


def test_the_seed_decides_between_patients_who_are_alike():
    sizes = {f"P{i}": 5 for i in range(8)}
    results = {tuple(folds_of(2, seed=seed, sizes=sizes).values()) for seed in range(6)}
    assert len(results) > 1
    assert folds_of(2, seed=3, sizes=sizes) == folds_of(2, seed=3, sizes=sizes)
