from __future__ import annotations

import pytest

from rift.errors import RiftError
from rift.readers.roles import assign_roles, known_role, speaker_key, split_number
from rift.schema import Transcript, Turn


def spoken_by(*names: str | None) -> Transcript:
    return Transcript(tuple(Turn(name, "words") for name in names), "a.txt")


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("T", "therapist"),
        ("t:", "therapist"),
        ("TH", "therapist"),
        ("Th.", "therapist"),
        ("T12", "therapist"),
        ("Therapist 2", "therapist"),
        ("THERAPIST", "therapist"),
        ("Counsellor", "therapist"),
        ("Interviewer", "therapist"),
        ("Therapeut/in", "therapist"),
        ("Therapeut*in", "therapist"),
        ("מטפלת", "therapist"),
        ("P", "patient"),
        ("Pt", "patient"),
        ("Pat.", "patient"),
        ("C3", "patient"),
        ("Client", "patient"),
        ("<Patient>", "patient"),
        ("Patient(in)", "patient"),
        ("Patientin", "patient"),
        ("Klient:in", "patient"),
        ("Speaker 1", None),
        ("Anna", None),
        ("X", None),
        ("", None),
        ("12", None),
    ],
)
def test_well_known_labels(name: str, role: str | None) -> None:
    assert known_role(name) == role


def test_names_are_compared_without_case_and_outer_punctuation() -> None:
    assert speaker_key(" Dr.  LEE: ") == "dr. lee"
    assert speaker_key("\u200fAnna") == "anna"


def test_running_numbers_belong_to_codes_only() -> None:
    assert split_number("T12") == ("T", 12)
    assert split_number("Th. 3") == ("Th.", 3)
    assert split_number("K7:") == ("K", 7)
    assert split_number("Speaker 2") is None
    assert split_number("T") is None


def test_roles_in_turn_order() -> None:
    transcript = spoken_by("T", "P", None, "Mutter", "T")
    roles = assign_roles(transcript, {"MUTTER:": "other"}, "a.txt")
    assert roles == ("therapist", "patient", "other", "other", "therapist")


def test_the_mapping_wins_over_the_known_labels() -> None:
    assert assign_roles(spoken_by("C", "P"), {"c": "therapist"}, "a.txt") == ("therapist", "patient")
    mapping = {"C2": "other"}
    assert assign_roles(spoken_by("C1", "C2", "T"), mapping, "a.txt") == ("patient", "other", "therapist")
    assert assign_roles(spoken_by("K1", "T1", "K2"), {"K": "patient"}, "a.txt") == (
        "patient",
        "therapist",
        "patient",
    )


def test_all_unknown_names_are_listed_with_their_turns() -> None:
    with pytest.raises(RiftError) as caught:
        assign_roles(spoken_by("Anna", "T", "Anna", "Ben"), {}, "a.txt")
    assert caught.value.where == "a.txt"
    assert caught.value.problem == "unknown speakers: 'Anna' (2 turns), 'Ben' (1 turn)"
    assert "speakers: {Anna: patient}" in str(caught.value.remedy)
    assert "--speakers 'Anna'=patient" in str(caught.value.remedy)
    with pytest.raises(RiftError) as caught:
        assign_roles(spoken_by("P", "T", "Mother"), {}, "a.txt")
    assert caught.value.problem == "unknown speaker: 'Mother' (1 turn)"
    assert "speakers: {Mother: other}" in str(caught.value.remedy)


def test_no_speakers_at_all() -> None:
    with pytest.raises(RiftError, match="no turn has a speaker"):
        assign_roles(spoken_by(None, None), {"T": "therapist"}, "a.txt")


def test_labels_of_one_side_only_are_not_guessed() -> None:
    with pytest.raises(RiftError, match="'C', 'P' would all be the patient"):
        assign_roles(spoken_by("C", "P", "C"), {}, "a.txt")
    with pytest.raises(RiftError, match="would all be the therapist"):
        assign_roles(spoken_by("Interviewer", "T"), {}, "a.txt")
    assert assign_roles(spoken_by("C1", "C2"), {}, "a.txt") == ("patient", "patient")
    assert assign_roles(spoken_by("P"), {}, "a.txt") == ("patient",)


def test_one_name_with_two_roles() -> None:
    with pytest.raises(RiftError, match="given two roles"):
        assign_roles(spoken_by("Anna"), {"Anna": "patient", "anna:": "therapist"}, "a.txt")
