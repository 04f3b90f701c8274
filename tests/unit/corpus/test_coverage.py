import pytest

from rift.codebook import Codebook
from rift.corpus.coverage import DEFAULT_WARNING, build_coverage, check_covered, whole_turn_rows
from rift.corpus.resolve import resolve_codings
from rift.corpus.source import CoverageRule
from rift.errors import RiftError
from rift.schema import Coding


def label(name, speakers, family=None, kind="marker"):
    return {
        "id": name, "name": name.title(), "kind": kind, "family": family, "speakers": speakers,
        "definition": "",
    }  # fmt: skip


BOOK = Codebook.model_validate(
    {
        "id": "book", "name": "Book", "version": "1", "source": "here",
        "families": [{"id": "withdrawal", "name": "Withdrawal", "definition": "", "aliases": ["WD"]}],
        "labels": [
            label("denial", ["patient", "therapist"], "withdrawal"),
            label("minimal", ["patient"], "withdrawal"),
            label("rationale", ["therapist"], kind="strategy"),
        ],
    }
)  # fmt: skip
ROLES = {("P1", "S1"): ("therapist", "patient"), ("P1", "S2"): ("patient",), ("P2", "S1"): ("patient",)}


def coding(name, coder="A", patient="P1", session="S1", turn=1, **other):
    fields = {"unit": "turn", "state": "present", "place": f"{coder}.csv:2", "first_turn": turn, **other}
    return Coding(patient, session, coder, label=name, **fields)


CODINGS = [coding("denial"), coding("minimal", "B"), coding("denial", "A", "P2", turn=0)]


def rule(**fields):
    return CoverageRule.model_validate(
        {"coders": "all", "labels": "all", "sessions": "all", "speakers": "all", **fields}
    )


def resolve(codings=CODINGS, book=BOOK):
    return resolve_codings(codings, ROLES, book)


def cover(*rules, codings=CODINGS, book=BOOK):
    return build_coverage(rules or None, resolve(codings, book), ROLES, book, "corpus.yaml")


def test_the_default_is_every_label_in_the_sessions_with_codings_and_says_so():
    entries, warnings = cover()
    assert warnings == [DEFAULT_WARNING]
    assert {entry[:3] for entry in entries} == {("P1", "S1", "A"), ("P2", "S1", "A"), ("P1", "S1", "B")}
    assert [entry[3:] for entry in entries if entry[:3] == ("P1", "S1", "B")] == [
        ("denial", "patient"),
        ("denial", "therapist"),
        ("minimal", "patient"),
        ("rationale", "therapist"),
        ("withdrawal", "patient"),
        ("withdrawal", "therapist"),
    ]


def test_who_coded_only_segments_looked_in_no_turn():
    segment = coding("denial", unit="segment", turn=None, start_s=0.0, end_s=60.0)
    assert cover(codings=[segment])[0] == []
    assert cover(rule(), codings=[segment])[0] == []


def test_who_looked_and_marked_nothing_covers_by_default():
    entries, _ = cover(codings=[coding(None, state="absent")])
    assert {entry[:3] for entry in entries} == {("P1", "S1", "A")}


@pytest.mark.parametrize(
    ("labels", "speakers", "expected"),
    [
        ("strategies", "all", {("rationale", "therapist")}),
        ("markers", ["patient"], {(x, "patient") for x in ("denial", "minimal", "withdrawal")}),
        (["WD"], "patient", {("withdrawal", "patient")}),
        (["withdrawal/*"], ["therapist"], {("denial", "therapist"), ("withdrawal", "therapist")}),
        (["Minimal", "minimal", "strategies"], "all", {("minimal", "patient"), ("rationale", "therapist")}),
    ],
)
def test_labels_and_speakers_of_a_rule(labels, speakers, expected):
    entries, warnings = cover(rule(labels=labels, speakers=speakers, coders=["A"], sessions=["P1/S1"]))
    assert {entry[3:] for entry in entries} == expected
    assert {entry[:3] for entry in entries} == {("P1", "S1", "A")}
    assert warnings == []


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [
        ("all", set(ROLES)),
        ("coded", {("P1", "S1"), ("P2", "S1")}),
        (["P1/*"], {("P1", "S1"), ("P1", "S2")}),
        (["P?/S1"], {("P1", "S1"), ("P2", "S1")}),
        ([["P1", "S2"], "P2/S1"], {("P1", "S2"), ("P2", "S1")}),
    ],
)
def test_sessions_of_a_rule(sessions, expected):
    entries, _ = cover(rule(sessions=sessions, coders=["A"]))
    assert {entry[:2] for entry in entries} == expected


def test_rules_add_up_without_repetition():
    one, two = (
        rule(labels=["denial"], speakers="patient"),
        rule(labels=["minimal", "denial"], speakers="patient"),
    )
    assert cover(one, two)[0] == cover(two)[0]
    assert {entry[2] for entry in cover(one)[0]} == {"A", "B"}


def test_a_coder_without_codings_counts_as_having_found_nothing_with_a_warning():
    entries, warnings = cover(rule(coders=["A", "C"], sessions=["P1/S1"]))
    assert {entry[2] for entry in entries} == {"A", "C"}
    assert warnings == [
        "corpus.yaml: coverage names 1 coder without any coding of a turn, taken to have found nothing: C"
    ]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sessions": ["P1/S9"]}, r"corpus.yaml: coverage\[0\]: no transcript of session P1/S9"),
        ({"labels": ["denail"]}, "'denail' is not in codebook 'book'; nearest: denial"),
        ({"labels": "strategies", "speakers": ["patient"]}, "the rule covers nothing"),
        ({"labels": ["denial/*"]}, "'denial' is not a family"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_an_error(fields, message):
    with pytest.raises(RiftError, match=message):
        cover(rule(**fields))


def test_an_exclusive_codebook_is_covered_whole():
    book = BOOK.model_copy(update={"exclusive": True})
    with pytest.raises(RiftError, match="exactly one label") as caught:
        cover(rule(labels=["denial"]), book=book)
    assert "labels: all" in caught.value.remedy
    assert cover(rule(), book=book)[0] == cover(rule())[0]


class TestCheckCovered:
    def check(self, *rules, codings=CODINGS):
        resolved = resolve(codings)
        entries, _ = build_coverage(rules or None, resolved, ROLES, BOOK, "corpus.yaml")
        check_covered(resolved, entries, ROLES, BOOK, "corpus.yaml")

    def test_the_default_covers_what_was_coded(self):
        self.check()
        self.check(rule())

    def test_codings_outside_are_listed_with_the_remedy(self):
        with pytest.raises(RiftError) as caught:
            self.check(rule(labels=["denial"], sessions=["P1/S1"]))
        message = str(caught.value)
        assert "2 codings outside the declared coverage" in message
        assert "B.csv:2: B on P1/S1 turn 1 (patient), minimal" in message
        assert "A.csv:2: A on P2/S1 turn 0 (patient), denial" in message
        assert "extend coverage" in message

    def test_the_speaker_counts(self):
        codings = [coding("denial", turn=0), coding("denial", turn=1)]
        with pytest.raises(RiftError, match=r"1 coding outside.*\n.*turn 0 \(therapist\), denial"):
            self.check(rule(speakers=["patient"]), codings=codings)

    def test_a_family_alone_does_not_cover_its_markers(self):
        with pytest.raises(RiftError, match="a family alone does not cover its markers"):
            self.check(rule(labels=["withdrawal"]))
        self.check(rule(labels=["withdrawal/*"]))

    def test_a_look_at_a_session_outside(self):
        codings = [coding("denial"), coding(None, session="S2", turn=0, state="absent")]
        with pytest.raises(RiftError, match="A looked at P1/S2 turn 0"):
            self.check(rule(sessions=["P1/S1"]), codings=codings)

    def test_segments_need_no_coverage(self):
        whole = coding("denial", "C", unit="session", turn=None)
        self.check(rule(coders=["A", "B"]), codings=[*CODINGS, whole])


def test_a_turn_left_out_is_not_coded_for_each_covered_label_and_needs_no_coverage():
    codings = [
        coding("denial", turn=0),
        coding(None, state="not_coded"),
        coding(None, session="S2", turn=0, state="not_coded"),
    ]
    resolved = resolve(codings)
    assert resolved.coded == {"A": {("P1", "S1")}}
    entries, _ = build_coverage(
        [rule(labels="markers", sessions="coded")], resolved, ROLES, BOOK, "corpus.yaml"
    )
    check_covered(resolved, entries, ROLES, BOOK, "corpus.yaml")
    rows = whole_turn_rows(resolved, entries, ROLES)
    assert [(c.session_id, c.first_turn, c.label, c.state) for c in rows] == [
        ("S1", 1, name, "not_coded") for name in ("denial", "minimal", "withdrawal")
    ]


def test_a_turn_left_out_in_one_table_and_looked_at_in_another_is_looked_at():
    codings = [coding(None, state="not_coded"), coding(None, state="absent"), coding("denial")]
    resolved = resolve(codings)
    entries, _ = build_coverage([rule()], resolved, ROLES, BOOK, "corpus.yaml")
    assert whole_turn_rows(resolved, entries, ROLES) == []


def test_a_turn_uncodable_as_a_whole_is_uncodable_for_each_covered_label_not_marked():
    codings = [coding("denial"), coding(None, state="uncodable"), coding(None, "B", state="absent")]
    resolved = resolve(codings)
    entries, _ = build_coverage([rule(labels="markers")], resolved, ROLES, BOOK, "corpus.yaml")
    rows = whole_turn_rows(resolved, entries, ROLES)
    assert [(c.coder, c.first_turn, c.last_turn, c.label, c.state) for c in rows] == [
        ("A", 1, 1, "minimal", "uncodable"),
        ("A", 1, 1, "withdrawal", "uncodable"),
    ]
