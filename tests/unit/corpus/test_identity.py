import pytest

from rift.corpus.identity import match_sessions, same_id
from rift.schema import Coding


def coding(patient, session):
    return Coding(patient, session, "A", "turn", "x", "present", "f.csv:2", first_turn=0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("S03", "3", True),
        ("S03", "3.0", True),
        ("S03", "s3", True),
        ("P-01", "P1", True),
        ("01", "1", True),
        ("1", "10", False),
        ("A1", "B1", False),
        ("S03", "R3", False),
        ("1.5", "1", False),
        ("anna", "Anna ", True),
        ("anna", "anne", False),
        ("0", "S00", True),
        ("P1S2", "2", False),
    ],
)
def test_same_id(one, other, same):
    assert same_id(one, other) is same
    assert same_id(other, one) is same


def ids(codings):
    return [(c.patient_id, c.session_id) for c in codings]


def test_other_spellings_are_taken_for_the_one_session_that_fits():
    codings = [coding("P01", "S03"), coding("1", "3.0"), coding("1", "3.0"), coding("P1", "S3")]
    matched, warnings = match_sessions(codings, [("P01", "S03"), ("P01", "S04"), ("P02", "S03")])
    assert ids(matched) == [("P01", "S03")] * 4
    assert warnings == [
        "2 codings of session 1/3.0 taken for P01/S03",
        "1 coding of session P1/S3 taken for P01/S03",
    ]


def test_an_exact_id_is_never_taken_for_another():
    codings = [coding("1", "1")]
    assert match_sessions(codings, [("1", "1"), ("01", "1")]) == (codings, [])


def test_two_that_fit_are_none():
    codings = [coding("1", "1")]
    assert match_sessions(codings, [("P01", "1"), ("01", "1")]) == (codings, [])


def test_a_contradicting_prefix_does_not_fit():
    codings = [coding("B1", "S1")]
    assert match_sessions(codings, [("A1", "S1")]) == (codings, [])
