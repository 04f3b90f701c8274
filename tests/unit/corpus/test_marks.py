import numpy as np
import pandas as pd
import pytest

from rift.codebook import Codebook
from rift.corpus.marks import ABSENT, NOT_CODED, PRESENT, UNCODABLE, build_marks, eligibility
from rift.schema import CODING_COLUMNS, COVERAGE_COLUMNS


def label(name, family=None, speakers=("patient",), kind="marker"):
    return {
        "id": name, "name": name, "kind": kind, "family": family, "speakers": speakers, "definition": "",
    }  # fmt: skip


BOOK = Codebook.model_validate(
    {
        "id": "book", "name": "Book", "version": "1", "source": "here",
        "families": [
            {"id": "withdrawal", "name": "Withdrawal", "definition": ""},
            {"id": "empty", "name": "Empty", "definition": ""},
        ],
        "labels": [
            label("denial", "withdrawal"),
            label("minimal", "withdrawal"),
            label("rationale", speakers=("therapist",), kind="strategy"),
        ],
    }
)  # fmt: skip
MARKERS = ("denial", "minimal")
TURNS = pd.DataFrame(
    [
        ("P1", "S1", 0, "therapist"),
        ("P1", "S1", 1, "patient"),
        ("P1", "S1", 2, "patient"),
        ("P2", "S1", 0, "patient"),
    ],
    columns=["patient_id", "session_id", "turn", "speaker"],
)


def codings(*rows):
    """(patient, turn, coder, label, state), or (patient, first, last, ...) for a run of turns."""
    full = []
    for patient, *turns, coder, name, state in rows:
        full.append((patient, "S1", coder, "turn", turns[0], turns[-1], None, None, name, None, state))
    return pd.DataFrame(full, columns=CODING_COLUMNS)


def coverage(*rows):
    return pd.DataFrame([(p, "S1", c, name, who) for p, c, name, who in rows], columns=COVERAGE_COLUMNS)


def looked(patient, coder, labels=MARKERS, who="patient"):
    return [(patient, coder, name, who) for name in labels]


def state(marks, row, column, coder):
    return marks.states[row, marks.columns.index(column), marks.coders.index(coder)]


def test_columns_and_coders_are_in_order():
    marks = build_marks(TURNS, codings(), coverage(*looked("P1", "B"), *looked("P1", "A")), BOOK)
    assert marks.columns == ("denial", "minimal", "rationale", "withdrawal", "empty")
    assert marks.coders == ("A", "B")
    assert marks.states.shape == (4, 5, 2)
    assert marks.states.dtype == np.int8
    assert list(marks.turns.columns) == ["patient_id", "session_id", "turn", "speaker"]


def test_absent_not_coded_and_uncodable_differ():
    marks = build_marks(
        TURNS,
        codings(("P1", 1, "A", "denial", "present"), ("P1", 2, "A", "denial", "uncodable")),
        coverage(*looked("P1", "A")),
        BOOK,
    )
    assert state(marks, 1, "denial", "A") == PRESENT
    assert state(marks, 2, "denial", "A") == UNCODABLE
    assert state(marks, 1, "minimal", "A") == ABSENT
    assert state(marks, 0, "denial", "A") == NOT_CODED  # the therapist's turn
    assert state(marks, 3, "denial", "A") == NOT_CODED  # a session that A did not code


def test_coverage_is_of_one_label_and_one_speaker():
    marks = build_marks(TURNS, codings(), coverage(("P1", "A", "rationale", "therapist")), BOOK)
    assert state(marks, 0, "rationale", "A") == ABSENT
    assert (marks.states == ABSENT).sum() == 1


def test_a_run_of_turns_marks_each_of_them():
    marks = build_marks(
        TURNS, codings(("P1", 1, 2, "A", "denial", "present")), coverage(*looked("P1", "A")), BOOK
    )
    assert [state(marks, row, "denial", "A") for row in (1, 2)] == [PRESENT, PRESENT]


def test_what_is_present_once_stays_present():
    rows = [("P1", 1, "A", "denial", s) for s in ("present", "absent", "uncodable")]
    marks = build_marks(TURNS, codings(*rows), coverage(*looked("P1", "A")), BOOK)
    assert state(marks, 1, "denial", "A") == PRESENT


def test_a_turn_left_out_is_not_coded_in_spite_of_coverage():
    marks = build_marks(
        TURNS,
        codings(
            ("P1", 1, "A", "denial", "not_coded"),
            ("P1", 2, "A", "denial", "not_coded"),
            ("P1", 2, "A", "minimal", "present"),
        ),
        coverage(*looked("P1", "A", (*MARKERS, "withdrawal"))),
        BOOK,
    )
    assert [state(marks, 1, name, "A") for name in (*MARKERS, "withdrawal")] == [NOT_CODED, ABSENT, NOT_CODED]
    assert [state(marks, 2, name, "A") for name in (*MARKERS, "withdrawal")] == [NOT_CODED, PRESENT, PRESENT]


def test_segments_and_sessions_are_passed_over():
    table = codings(("P1", 1, "A", "denial", "present")).assign(unit="segment")
    assert (build_marks(TURNS, table, coverage(*looked("P1", "A")), BOOK).states != PRESENT).all()


@pytest.mark.parametrize(
    ("rows", "covered", "expected"),
    [
        ([("P1", 1, "A", "denial", "present")], MARKERS, PRESENT),
        ([("P1", 1, "A", "withdrawal", "present")], (*MARKERS, "withdrawal"), PRESENT),
        ([], MARKERS, ABSENT),
        ([], ("withdrawal",), ABSENT),
        ([], ("denial",), NOT_CODED),  # the other marker may have been there
        ([], ("rationale",), NOT_CODED),
        ([("P1", 1, "A", "denial", "uncodable")], MARKERS, UNCODABLE),
        ([("P1", 1, "A", "denial", "uncodable"), ("P1", 1, "A", "minimal", "present")], MARKERS, PRESENT),
        ([("P1", 1, "A", "withdrawal", "uncodable")], MARKERS, UNCODABLE),
    ],
)
def test_families(rows, covered, expected):
    marks = build_marks(TURNS, codings(*rows), coverage(*looked("P1", "A", covered)), BOOK)
    assert state(marks, 1, "withdrawal", "A") == expected
    assert state(marks, 1, "empty", "A") == NOT_CODED


def test_a_marker_that_the_speaker_cannot_show_does_not_keep_a_family_from_being_absent():
    both = BOOK.model_copy(
        update={"labels": tuple(x.model_copy(update={"family": "withdrawal"}) for x in BOOK.labels)}
    )
    marks = build_marks(TURNS, codings(), coverage(*looked("P1", "A")), both)
    assert state(marks, 1, "withdrawal", "A") == ABSENT
    assert state(marks, 0, "withdrawal", "A") == NOT_CODED


def test_in_an_exclusive_codebook_a_label_makes_the_others_absent_and_none_says_nothing():
    book = BOOK.model_copy(update={"exclusive": True})
    marks = build_marks(
        TURNS, codings(("P1", 1, "A", "denial", "present")), coverage(*looked("P1", "A")), book
    )
    assert state(marks, 1, "denial", "A") == PRESENT
    assert state(marks, 1, "minimal", "A") == ABSENT
    assert state(marks, 1, "rationale", "A") == NOT_CODED
    assert [state(marks, 2, name, "A") for name in MARKERS] == [NOT_CODED, NOT_CODED]


def test_coded_and_soft_count_only_those_who_could_tell():
    marks = build_marks(
        TURNS,
        codings(("P1", 1, "A", "denial", "present"), ("P1", 1, "B", "denial", "uncodable")),
        coverage(*looked("P1", "A"), *looked("P1", "B"), *looked("P1", "C")),
        BOOK,
    )
    denial = marks.columns.index("denial")
    assert marks.coded()[:, denial].tolist() == [0, 2, 3, 0]
    assert marks.soft()[1:3, denial].tolist() == [0.5, 0.0]
    assert np.isnan(marks.soft()[[0, 3], denial]).all()


def test_who_may_show_what():
    columns = ("denial", "rationale", "withdrawal", "empty")
    assert eligibility(["therapist", "patient", "other"], columns, BOOK).tolist() == [
        [False, True, False, False],
        [True, False, True, False],
        [False, False, False, False],
    ]
    assert eligibility([], columns, BOOK).shape == (0, 4)
    assert eligibility(["patient"], (), BOOK).shape == (1, 0)
