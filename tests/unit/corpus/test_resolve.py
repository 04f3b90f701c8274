import pytest

from rift.codebook import Codebook
from rift.corpus.resolve import resolve_codings
from rift.errors import RiftError
from rift.schema import Coding


def label(name, speakers, family=None):
    return {
        "id": name, "name": name.title(), "kind": "marker", "family": family, "speakers": speakers,
        "definition": "", "aliases": [f"code {name}"],
    }  # fmt: skip


BOOK = Codebook.model_validate(
    {
        "id": "book", "name": "Book", "version": "1", "source": "here",
        "families": [{"id": "withdrawal", "name": "Withdrawal", "definition": ""}],
        "labels": [
            label("denial", ["patient"], "withdrawal"),
            label("minimal", ["patient"], "withdrawal"),
            label("rationale", ["therapist"]),
        ],
    }
)  # fmt: skip
EXCLUSIVE = BOOK.model_copy(update={"exclusive": True})
ROLES = {("P1", "S1"): ("therapist", "patient", "therapist", "patient"), ("P1", "S2"): ("patient",)}


def coding(name, turn=1, place="a.csv:2", **other):
    fields = {
        "patient_id": "P1", "session_id": "S1", "coder": "A", "unit": "turn", "label": name,
        "state": "present", "first_turn": turn, "last_turn": turn, "place": place, **other,
    }  # fmt: skip
    return Coding(**fields)


def segment(name, start, **other):
    return coding(name, None, unit="segment", start_s=start, end_s=start + 60, **other)


def said(resolved):
    return [(c.session_id, c.coder, c.first_turn, c.label, c.state) for c in resolved.codings]


def test_labels_are_resolved_by_any_spelling():
    resolved = resolve_codings(
        [coding("Code DENIAL"), coding("rationale", 0), coding("WITHDRAWAL", 3)], ROLES, BOOK
    )
    assert said(resolved) == [
        ("S1", "A", 1, "denial", "present"),
        ("S1", "A", 0, "rationale", "present"),
        ("S1", "A", 3, "withdrawal", "present"),
    ]
    assert resolved.warnings == ()


def test_unknown_codes_are_all_named_with_places_and_number():
    codings = [
        coding("denail", place="a.csv:2"),
        coding("denail", place="a.csv:9"),
        coding("zzz", place="b.csv:4"),
    ]
    with pytest.raises(RiftError) as caught:
        resolve_codings(codings, ROLES, BOOK)
    message = str(caught.value)
    assert "2 unknown codes" in message
    assert "code 'denail' is not in codebook 'book'; nearest: denial" in message
    assert "2 times, a.csv:2, a.csv:9" in message
    assert "'zzz'" in message
    assert "1 time, b.csv:4" in message


def test_unknown_sessions_and_turns_are_one_error():
    codings = [
        coding("denial", place="a.csv:2", patient_id="P9"),
        coding("denial", 4, place="a.csv:3"),
        coding("denial", None, place="a.csv:4"),
        coding("denial", 2, place="a.csv:5", last_turn=7),
        coding("denial", place="a.csv:6"),
    ]
    with pytest.raises(RiftError) as caught:
        resolve_codings(codings, ROLES, BOOK)
    message = str(caught.value)
    assert "4 codings of sessions or turns that no transcript has" in message
    assert "a.csv:2: session P9/S1" in message
    assert "a.csv:3: P1/S1 turn 4; the session has turns 0-3" in message
    assert "a.csv:4: a coding of a turn without its number" in message
    assert "a.csv:5: P1/S1 turn 2-7" in message
    assert "a.csv:6" not in message
    assert "2 sessions read: P1/S1, P1/S2" in message


def test_the_first_places_are_listed_and_the_rest_counted():
    with pytest.raises(RiftError, match=r"12 codings(.*\n){5}.*a.csv:4: .*\n  - and 7 more"):
        resolve_codings([coding("denial", 99, place=f"a.csv:{i}") for i in range(12)], ROLES, BOOK)


def test_a_run_of_turns_becomes_single_turns_and_keeps_the_eligible():
    resolved = resolve_codings([coding("denial", 0, last_turn=3)], ROLES, BOOK)
    assert said(resolved) == [("S1", "A", turn, "denial", "present") for turn in (1, 3)]
    assert resolved.ineligible == 0
    assert resolved.warnings == ()


def test_a_mark_on_a_speaker_who_may_not_show_it_is_left_out_and_counted():
    resolved = resolve_codings(
        [
            coding("denial", 0, place="a.csv:2"),
            coding("denial", 2, place="a.csv:3", state="uncodable"),
            coding("denial"),
        ],
        ROLES,
        BOOK,
    )
    assert said(resolved) == [("S1", "A", 1, "denial", "present")]
    assert resolved.ineligible == 2
    (warning,) = resolved.warnings
    assert warning.startswith("2 marks left out")
    assert "a.csv:2 (denial on a therapist turn), a.csv:3" in warning


def test_an_absent_label_on_such_a_speaker_says_nothing():
    resolved = resolve_codings([coding("denial", 0, state="absent")], ROLES, BOOK)
    assert (said(resolved), resolved.ineligible, resolved.warnings) == ([], 0, ())
    assert resolved.coded == {"A": {("P1", "S1")}}  # yet the session was coded


def test_the_same_said_twice_is_kept_once_and_counted():
    codings = [
        coding("denial", place="a.csv:2"),
        coding("Denial", place="a.csv:7"),
        coding("denial", coder="B"),
    ]
    resolved = resolve_codings(codings, ROLES, BOOK)
    assert said(resolved) == [("S1", "A", 1, "denial", "present"), ("S1", "B", 1, "denial", "present")]
    assert resolved.repeated == 1
    assert resolved.warnings == ("1 coding said twice with the same content, kept once: a.csv:7",)


@pytest.mark.parametrize("other", [{"state": "absent"}, {"state": "uncodable"}, {"value": 3.0}])
def test_contradicting_codings_of_one_coder_name_both_places(other):
    codings = [
        coding("denial", place="a.csv:2", value=2.0),
        coding("denial", place="b.csv:5", **{"value": 2.0, **other}),
    ]
    with pytest.raises(RiftError) as caught:
        resolve_codings(codings, ROLES, BOOK)
    assert "A on P1/S1 turn 1, denial: present (2) at a.csv:2" in str(caught.value)
    assert "at b.csv:5" in str(caught.value)


def test_overlapping_runs_contradict_only_where_they_do():
    codings = [coding("denial", 1, last_turn=3), coding("denial", 3, state="absent", place="a.csv:3")]
    with pytest.raises(
        RiftError, match=r"1 coding contradicts an earlier one of the same coder:\n.*turn 3, denial"
    ):
        resolve_codings(codings, ROLES, BOOK)


def test_segments_are_told_apart_by_their_times():
    codings = [segment("denial", 0.0), segment("denial", 60.0), segment("denial", 60.0, place="a.csv:9")]
    resolved = resolve_codings(codings, ROLES, BOOK)
    assert [c.start_s for c in resolved.codings] == [0.0, 60.0]
    assert resolved.repeated == 1
    assert resolved.coded == {}  # nobody coded turns
    with pytest.raises(RiftError, match=r"present \(2\) at a.csv:2, present \(4\) at a.csv:3"):
        resolve_codings(
            [segment("denial", 0.0, value=2.0), segment("denial", 0.0, value=4.0, place="a.csv:3")],
            ROLES,
            BOOK,
        )


def test_rows_without_a_label_are_kept_apart():
    resolved = resolve_codings([coding(None, state="absent"), coding("denial", coder="B")], ROLES, BOOK)
    assert [c.coder for c in resolved.looked] == ["A"]
    assert said(resolved) == [("S1", "B", 1, "denial", "present")]
    assert resolved.coded == {"A": {("P1", "S1")}, "B": {("P1", "S1")}}


def test_turns_left_out_pass_segments_left_out_say_nothing():
    codings = [
        coding("denial", state="not_coded"),
        segment("denial", 0.0, state="not_coded"),
        coding("minimal", 0, state="not_coded"),
    ]
    resolved = resolve_codings(codings, ROLES, BOOK)
    assert said(resolved) == [("S1", "A", 1, "denial", "not_coded")]
    assert (resolved.coded, resolved.warnings) == ({}, ())


def test_what_is_left_out_in_one_table_and_coded_in_another_is_coded():
    codings = [
        coding("denial", state="not_coded", place="a.csv:2"),
        coding("denial", place="b.csv:5", value=2.0),
        coding("minimal", state="not_coded", place="a.csv:2"),
        coding("minimal", coder="B"),
    ]
    resolved = resolve_codings(codings, ROLES, BOOK)
    assert said(resolved) == [
        ("S1", "A", 1, "denial", "present"),
        ("S1", "A", 1, "minimal", "not_coded"),
        ("S1", "B", 1, "minimal", "present"),
    ]
    assert (resolved.repeated, resolved.warnings) == (0, ())


def test_an_exclusive_codebook_allows_one_label_per_turn_and_coder():
    two = [coding("denial", place="a.csv:2"), coding("minimal", place="a.csv:3")]
    with pytest.raises(RiftError) as caught:
        resolve_codings(two, ROLES, EXCLUSIVE)
    assert "1 turn has more from one coder" in str(caught.value)
    assert "A on P1/S1 turn 1: denial at a.csv:2, minimal at a.csv:3" in str(caught.value)
    assert len(resolve_codings(two, ROLES, BOOK).codings) == 2
    allowed = [
        coding("denial"),
        coding("withdrawal"),
        coding("minimal", coder="B"),
        coding("minimal", state="absent"),
    ]
    assert len(resolve_codings(allowed, ROLES, EXCLUSIVE).codings) == 4


def test_differently_spelled_sessions_are_matched_with_a_warning():
    resolved = resolve_codings([coding("denial", patient_id="1", session_id="1.0")], ROLES, BOOK)
    assert [c.patient_id for c in resolved.codings] == ["P1"]
    assert resolved.warnings == ("1 coding of session 1/1.0 taken for P1/S1",)
