import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from rift.codebook import Codebook
from rift.corpus.checks import (
    Preparation,
    check_corpus,
    count_backward_times,
    count_folds,
    count_labels,
    count_overlap,
    count_same_speaker_turns,
    count_sessions,
    find_shared_texts,
)
from rift.corpus.marks import ABSENT, NOT_CODED, PRESENT, UNCODABLE, Marks
from rift.corpus.report import DataReport, describe
from rift.errors import RiftError
from rift.schema import CODING_COLUMNS, TURN_COLUMNS


def label(name, family=None):
    return {
        "id": name, "name": name.title(), "kind": "marker", "family": family, "speakers": ["patient"],
        "definition": "",
    }  # fmt: skip


BOOK = Codebook.model_validate(
    {
        "id": "book", "name": "Book", "version": "1", "source": "here",
        "families": [{"id": "withdrawal", "name": "Withdrawal", "definition": ""}],
        "labels": [label("denial", "withdrawal"), label("minimal", "withdrawal")],
    }
)  # fmt: skip
LONG = "I really do not know what to say"


def turn_table(*rows):
    """(patient, session, turn, speaker, start, end, therapist, text), the end of it optional."""
    full = [(*row, *(None, None, None, "words")[len(row) - 4 :]) for row in rows]
    table = pd.DataFrame(full, columns=TURN_COLUMNS)
    return table.astype({"start_s": "float64", "end_s": "float64", "therapist_id": "str"})


TURNS = turn_table(
    ("P1", "S1", 0, "therapist", 0.0, 5.0, "T1", "How are you?"),
    ("P1", "S1", 1, "patient", 5.0, 4.0, "T1", LONG + "."),
    ("P1", "S2", 0, "patient", 9.0, None, "T1;T2", LONG.upper()),
    ("P1", "S2", 1, "patient", 3.0, 4.0, "T1;T2", "Yes."),
    ("P2", "S1", 0, "patient", None, None, "T2", "I really do not KNOW what, to say!"),
    ("P3", "S1", 0, "patient", None, None, None, "Yes."),
)
P, A, N, U = PRESENT, ABSENT, NOT_CODED, UNCODABLE
#           denial         minimal        withdrawal, each by coders A, B, C
STATES = [
    [(N, N, N), (N, N, N), (N, N, N)],
    [(P, A, N), (A, A, N), (P, A, N)],
    [(P, P, A), (A, A, A), (P, P, A)],
    [(A, U, N), (A, A, N), (A, U, N)],
    [(A, N, N), (A, N, N), (A, N, N)],
    [(A, N, N), (A, N, N), (A, N, N)],
]
MARKS = Marks(TURNS, BOOK.columns, ("A", "B", "C"), np.array(STATES, dtype=np.int8))
CODINGS = pd.DataFrame(
    [
        ("P1", "S1", "A", "turn", 1, 1, None, None, "denial", None, "present"),
        ("P1", "S1", "D", "segment", None, None, 0.0, 60.0, "denial", 3.0, "present"),
        ("P1", "S1", "D", "session", None, None, None, None, "denial", 2.0, "present"),
    ],
    columns=CODING_COLUMNS,
)
FOLDS = {"P1": 0, "P2": 0, "P3": 1}
PREPARATION = Preparation("mine", 2, True, 4, 3, ("a.txt: read as cp1252",))


def report(turns=TURNS, codings=CODINGS, marks=MARKS, folds=FOLDS, **changes):
    return check_corpus(turns, codings, marks, folds, BOOK, dataclasses.replace(PREPARATION, **changes))


def test_the_size_of_the_corpus():
    counts = report()
    assert (counts.corpus, counts.codebook) == ("mine", "book")
    assert (counts.turns, counts.sessions, counts.patients) == (6, 4, 3)
    assert counts.coders == ("A", "B", "C")
    assert counts.therapists == ("T1", "T2")
    assert counts.speakers == {"patient": 5, "therapist": 1, "other": 0}
    assert counts.units == {"turn": 1, "segment": 1, "session": 1}
    assert (counts.repeated_codings, counts.ineligible_marks, counts.coverage_declared) == (4, 3, True)


def test_sessions_are_counted_apart_even_with_one_id():
    first, second, third, fourth = count_sessions(TURNS, MARKS)
    assert (first.patient_id, first.session_id, first.turns, first.marked_turns) == ("P1", "S1", 2, 1)
    assert first.speakers == {"patient": 1, "therapist": 1, "other": 0}
    assert first.coders == ("A", "B")
    assert (second.coders, second.marked_turns) == (("A", "B", "C"), 1)
    assert (third.patient_id, third.turns, third.coders) == ("P2", 1, ("A",))
    assert fourth.patient_id == "P3"


def test_labels():
    denial, minimal, withdrawal = count_labels(MARKS, BOOK, min_examples=2)
    assert (denial.name, denial.kind, withdrawal.kind) == ("Denial", "marker", "family")
    assert denial.marks == {"A": 2, "B": 1, "C": 0}
    assert denial.uncodable == 1
    assert denial.marked_turns == 2
    assert denial.soft_positives == round(1 / 2 + 2 / 3, 4)
    assert denial.patients == 1
    assert denial.coded_turns == 5
    assert denial.prevalence == round((1 / 2 + 2 / 3) / 5, 6)
    assert not denial.too_few
    assert (minimal.marked_turns, minimal.prevalence, minimal.too_few) == (0, 0.0, True)
    assert count_labels(MARKS, BOOK, min_examples=3)[0].too_few


def test_a_label_nobody_looked_for_has_no_prevalence():
    states = MARKS.states.copy()
    states[:, 1] = NOT_CODED
    marks = dataclasses.replace(MARKS, states=states)
    assert count_labels(marks, BOOK, 1)[1].prevalence is None
    counts = report(marks=marks)
    assert (counts.not_looked_for, counts.unused) == (("minimal",), ())


def test_unused_labels():
    assert report().unused == ("minimal",)
    used_in_a_segment = CODINGS.assign(label="minimal")
    assert report(codings=used_in_a_segment).unused == ()


def test_overlap():
    assert count_overlap(MARKS) == {"0": 1, "1": 2, "2": 2, "3+": 1}


@pytest.mark.parametrize(
    ("speakers", "following"),
    [("TPTP", 0), ("TPP", 1), ("TPPPT", 2), ("PPTTPP", 3), ("P", 0)],
)
def test_same_speaker_turns(speakers, following):
    table = turn_table(*(("P1", "S1", i, who) for i, who in enumerate(speakers)))
    assert count_same_speaker_turns(table) == following


def test_they_end_with_the_session():
    table = turn_table(("P1", "S1", 0, "P"), ("P1", "S2", 0, "P"), ("P2", "S2", 0, "P"), ("P2", "S2", 1, "P"))
    assert count_same_speaker_turns(table) == 1


@pytest.mark.parametrize(
    ("times", "backward"),
    [
        ([(0, 1), (1, 2), (2, 3)], 0),
        ([(5, 6), (3, 4), (4, 5)], 1),
        ([(5, None), (None, None), (3, None)], 1),
        ([(5, 4), (5, 6)], 1),
        ([(None, None), (None, None)], 0),
    ],
)
def test_backward_times(times, backward):
    table = turn_table(*(("P1", "S1", i, "P", *time) for i, time in enumerate(times)))
    other_session = turn_table(("P1", "S2", 0, "P", 0.0, 1.0))
    assert count_backward_times(pd.concat([table, other_session], ignore_index=True)) == backward


def test_shared_texts_need_two_patients_and_six_words():
    (shared,) = find_shared_texts(TURNS, FOLDS)
    assert shared.turns == (("P1", "S1", 1), ("P1", "S2", 0), ("P2", "S1", 0))
    assert not shared.across_folds
    assert find_shared_texts(TURNS, {"P1": 0, "P2": 1})[0].across_folds
    assert find_shared_texts(TURNS[TURNS["patient_id"] == "P1"], FOLDS) == ()


def test_folds_and_caseloads():
    assert [(f.fold, f.patients, f.turns) for f in count_folds(TURNS, FOLDS)] == [
        (0, ("P1", "P2"), 5),
        (1, ("P3",), 1),
    ]
    counts = report()
    assert counts.shared_therapists == {"T2": ("P1", "P2")}
    assert counts.two_caseloads == ("P1",)


def test_json_comes_back_and_holds_no_text():
    counts = report()
    text = counts.to_json()
    assert DataReport.from_json(text) == counts
    assert report().to_json() == text
    assert json.loads(text)["labels"][0]["prevalence"] == pytest.approx(0.233333)
    assert "really" not in text.lower()


def test_json_that_is_no_report():
    with pytest.raises(RiftError, match=r"report.json: not a data report"):
        DataReport.from_json('{"corpus": "x"}', "report.json")


def test_description():
    lines = describe(report(folds={"P1": 0, "P2": 1, "P3": 1}))
    assert lines[:6] == [
        "mine: 6 turns (5 patient, 1 therapist) in 4 sessions of 3 patients, 3 coders: A, B, C",
        "3 turns coded by two or more coders, 2 by one, 1 by nobody",
        "folds by patient: 0: 1 patient, 4 turns; 1: 2 patients, 2 turns",
        "codings: 1 of turns, 1 of segments, 1 of sessions; training uses turn units and leaves out 2 others",
        "1 turn after a turn by the same speaker",
        "2 turns with a time that runs backward; file order is kept",
    ]
    warnings = [line for line in lines if line.startswith("warning: ")]
    assert "warning: nobody gave: minimal" in warnings
    assert "warning: a.txt: read as cp1252" in warnings
    assert any("1 patient in two or more caseloads" in line and "P1" in line for line in warnings)
    assert any("1 text of six words" in line and "first: P1/S1/1 and P2/S1/0)" in line for line in warnings)
    assert any("1 of them in two folds" in line for line in warnings)


def test_description_of_rare_labels_names_their_number():
    (line,) = [line for line in describe(report(min_examples=3)) if "too few" in line]
    assert line.startswith("warning: 2 labels with fewer than 3 marked turns")
    assert line.endswith(": denial (2), withdrawal (2)")


def test_description_without_a_second_coder_or_without_turns():
    states = MARKS.states.copy()
    states[:, :, 1:] = NOT_CODED
    alone = dataclasses.replace(MARKS, states=states)
    assert any(
        "agreement between coders cannot be measured" in line for line in describe(report(marks=alone))
    )
    segments = CODINGS[CODINGS["unit"] != "turn"]
    assert any("nothing to train on" in line for line in describe(report(codings=segments)))
