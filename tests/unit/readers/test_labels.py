from __future__ import annotations

import pytest

from rift.readers.labels import accepted_labels, candidate, running_bases, spoken_name


@pytest.mark.parametrize(
    ("line", "label", "text", "stamp"),
    [
        ("T: hello", "T", "hello", None),
        ("T:hello", "T", "hello", None),
        ("  Dr. Lee:  hello", "Dr. Lee", "hello", None),
        ("001  T1: hello", "T1", "hello", None),
        ("12. P: hello", "P", "hello", None),
        ("Therapist:", "Therapist", "", None),
        ("T\thello", "T", "hello", None),
        ("Anna：hello", "Anna", "hello", None),
        ("**Therapist:** hello", "Therapist", "hello", None),
        ("T: // overlapping //", "T", "// overlapping //", None),
        ("T:*hello*", "T", "*hello*", None),
        ("**T**: *hello*", "T", "*hello*", None),
        ("<P>: hello", "P", "hello", None),
        ("[00:01:02] T: hello", "T", "hello", "[00:01:02]"),
        ("T: [00:01:02] hello", "T", "hello", "[00:01:02]"),
        ("T (1:02): hello", "T", "hello", "(1:02)"),
        ("00:01:02 T: hello", "T", "hello", "00:01:02"),
        ("#00:01:02-5# T: hello", "T", "hello", "#00:01:02-5#"),
        ("T: at 3:15 I [unintelligible 00:01:18]", "T", "at 3:15 I [unintelligible 00:01:18]", None),
    ],
)
def test_lines_that_may_begin_a_turn(line: str, label: str, text: str, stamp: str | None) -> None:
    found = candidate(line)
    assert found is not None
    assert (found.label, found.text, found.stamp) == (label, text, stamp)


@pytest.mark.parametrize(
    "line",
    [
        "at 3:15 I left",
        "Um 8:15 ging ich",
        "http://example.org",
        "no colon here",
        "[long pause]",
        "Well, then: no",
        "one two three four five: no",
        "x" * 41 + ": no",
        "12: no",
        "",
    ],
)
def test_lines_that_cannot(line: str) -> None:
    assert candidate(line) is None


def labels_of(*lines: str) -> set[str]:
    return set(accepted_labels([candidate(line) for line in lines]))


def test_a_name_must_recur_unless_every_line_begins_with_one() -> None:
    assert labels_of("Anna: a", "more", "Ben: b", "Anna: c") == {"anna"}
    assert labels_of("Anna: a", "more", "Ben: b", "ANNA: c", "Ben: d") == {"anna", "ben"}
    assert labels_of("Anna: a", "Ben: b", "Anna: c") == {"anna", "ben"}
    assert labels_of("T: a", "more", "P: b") == {"t", "p"}


@pytest.mark.parametrize(
    "speech",
    ["I said: no", "She asked me: why", "And then: boom", "Also: nein", "the thing is: no", "Yes: sure"],
)
def test_speech_that_recurs_is_no_label(speech: str) -> None:
    assert labels_of("Anna: a", speech, "Ben: b", speech, "Anna: c", speech, "Ben: d") == {"anna", "ben"}
    assert labels_of("T: a", speech, "P: b", speech) == {"t", "p"}


def test_names_of_several_words_recur_in_their_own_case() -> None:
    lines = ["Dr. van der Berg: a", "x", "Female Client: b", "speaker 2: c"]
    assert labels_of(*lines, *lines) == {"dr. van der berg", "female client", "speaker 2"}


def test_entries_of_the_head_are_no_turns() -> None:
    head = ["Session: 7", "Therapist: Dr. Lee", "Patient: P07"]
    assert labels_of(*head, "T: a", "P: b", "T: c", "P: d") == {"t", "p"}
    assert labels_of("Therapist: a", "Patient: b", "Therapist: c") == {"therapist", "patient"}


def test_running_numbers_are_told_from_numbers_of_persons() -> None:
    running = running_bases(["T1", "C1", "T2", "C3", "T3", "T3", "C4"])
    assert running == {"t", "c"}
    assert [spoken_name(label, running) for label in ["T12", "C3", "Speaker 2"]] == ["T", "C", "Speaker 2"]
    assert running_bases(["T1", "C1", "T1", "C2", "T1", "C1", "C3"]) == frozenset()
    assert running_bases(["T1", "P1", "T1", "P1", "T1", "P1"]) == frozenset()


def test_very_long_lines_begin_no_turn() -> None:
    for line in [
        " " * 200_000 + "x",
        "T" + " " * 200_000 + "x",
        "a " * 100_000,
        "[0:0" * 50_000,
        "1 " * 100_000,
    ]:
        assert candidate(line) is None
