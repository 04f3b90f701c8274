"""The synthetic corpora keep what their datasheets promise."""

import csv
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "data" / "demo"
EXCHANGES = ROOT / "data" / "exchanges"
STOCK_WORDS = 10
"""Turns of fewer words may be said by anyone."""


@pytest.fixture(scope="module")
def turns():
    """(patient, session, number, speaker, words) of every turn."""
    found = []
    for path in sorted((DEMO / "transcripts").glob("*.txt")):
        patient, session = path.stem.split("_")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            speaker, text = line.split(": ", 1)
            found.append((patient, session, number, speaker, text))
    return found


@pytest.fixture(scope="module")
def exchanges():
    """The same of every turn of the exchanges, each of them a patient."""
    with (EXCHANGES / "exchanges.csv").open(encoding="utf-8", newline="") as stream:
        return [
            (row["patient_id"], row["session_id"], int(row["turn"]), row["speaker"], row["text"])
            for row in csv.DictReader(stream)
        ]


@pytest.fixture(scope="module")
def marked():
    """Label to the set of coders of each marked turn."""
    found = defaultdict(lambda: defaultdict(set))
    for path in sorted((DEMO / "codings").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row["unit"] == "turn":
                    key = row["patient_id"], row["session_id"], int(row["turn"])
                    found[row["label"]][key].add(path.stem)
    return found


@pytest.fixture(scope="module")
def codebook():
    from rift.codebook import load_codebook

    return load_codebook("3rs")


def test_the_datasheets_tell_the_figures_of_the_data():
    command = [sys.executable, "scripts/datasheet.py", "--check"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_label_has_enough_marks_in_enough_patients(marked, codebook):
    for label in codebook.labels:
        agreed = [turn for turn, coders in marked[label.id].items() if len(coders) >= 2]
        wanted = 40 if label.kind == "marker" else 25
        assert len(agreed) >= wanted, label.id
        assert len({patient for patient, _, _ in agreed}) >= 10, label.id


def test_hard_cases_outnumber_ruptures(turns, marked, codebook):
    """Most patient turns carry no marker, withdrawal is commoner than confrontation, calm sessions exist."""
    family = {label.id: label.family for label in codebook.labels if label.kind == "marker"}
    of_family = defaultdict(set)
    for label, own in family.items():
        of_family[own] |= {turn for turn, coders in marked[label].items() if len(coders) >= 2}
    patient = {turn[:3] for turn in turns if turn[3] != "T"}
    ruptures = (of_family["withdrawal"] | of_family["confrontation"]) & patient
    assert len(ruptures) < len(patient) / 2
    assert len(of_family["withdrawal"] & patient) > len(of_family["confrontation"] & patient)
    assert of_family["withdrawal"] & of_family["confrontation"]
    sessions = {turn[:2] for turn in turns}
    troubled = {session for session in sessions if sum(turn[:2] == session for turn in ruptures) > 1}
    assert len(sessions) - len(troubled) >= 5


def test_exchanges_without_a_mark_are_many(exchanges):
    """At least a third; the labels of the others are markers of patients or therapists, or strategies."""
    with (EXCHANGES / "codings" / "writer.csv").open(encoding="utf-8", newline="") as stream:
        with_marks = {row["patient_id"] for row in csv.DictReader(stream)}
    everyone = {turn[0] for turn in exchanges}
    assert with_marks < everyone
    assert len(everyone - with_marks) >= len(everyone) / 3


def test_no_two_patients_say_the_same(turns, exchanges):
    """No two turns of different patients share half of their four-word runs.

    Within the exchanges some therapists ask the same on purpose: one answer has a marker, one has none.
    """
    runs, holders = {}, defaultdict(list)
    for patient, session, number, speaker, text in [*turns, *exchanges]:
        if patient.startswith("E") and speaker == "T":
            continue
        words = re.findall(r"[a-z']+", text.casefold())
        if len(words) >= STOCK_WORDS:
            key = patient, session, number
            runs[key] = {tuple(words[i : i + 4]) for i in range(len(words) - 3)}
            for run in runs[key]:
                holders[run].append(key)
    shared = defaultdict(int)
    for keys in holders.values():
        for first in keys:
            for second in keys:
                if first < second and first[0] != second[0]:
                    shared[first, second] += 1
    alike = [pair for pair, n in shared.items() if n >= 0.5 * max(len(runs[key]) for key in pair)]
    assert not alike


def test_nobody_has_a_surname(turns, exchanges):
    """Two capitalised words in a row, past the start of a sentence, are no first name and surname."""
    known = (ROOT / "tests" / "data" / "demo_capitalised_pairs.txt").read_text(encoding="utf-8").split("\n")
    pair = re.compile(r"(?<=[a-z,] )[A-Z][a-z']+ [A-Z][a-z']+")
    found = {words for turn in [*turns, *exchanges] for words in pair.findall(turn[4])}
    assert found <= set(known)
