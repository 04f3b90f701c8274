from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import elan, text
from rift.readers.code_values import CodeValue, parse_code, write_code
from rift.readers.contract import Source
from rift.readers.registry import read_file
from rift.schema import Mark, Transcript, Turn

Span = tuple[object, object, str]


def tier(name: str, *spans: Span, **attributes: str) -> str:
    """Return a tier; a span is (slot, slot, value), or (annotation, None, value) for a reference."""
    said = "".join(
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="{name}{i}" ANNOTATION_REF="{one}">'
        f"<ANNOTATION_VALUE>{escape(value)}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
        if two is None
        else f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{name}{i}" TIME_SLOT_REF1="{one}"'
        f' TIME_SLOT_REF2="{two}"><ANNOTATION_VALUE>{escape(value)}</ANNOTATION_VALUE>'
        "</ALIGNABLE_ANNOTATION></ANNOTATION>"
        for i, (one, two, value) in enumerate(spans)
    )
    given = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    kind = "" if "LINGUISTIC_TYPE_REF" in attributes else ' LINGUISTIC_TYPE_REF="default-lt"'
    return f"<TIER TIER_ID={quoteattr(name)}{kind}{given}>{said}</TIER>"


def eaf(*tiers: str, slots: dict[str, object] | None = None, header: str = "", types: str = "") -> bytes:
    times = {f"s{i}": 1000 * i for i in range(10)} if slots is None else slots
    order = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{name}"/>'
        if time is None
        else f'<TIME_SLOT TIME_SLOT_ID="{name}" TIME_VALUE="{time}"/>'
        for name, time in times.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT>'
        f'<HEADER TIME_UNITS="milliseconds">{header}'
        f"</HEADER><TIME_ORDER>{order}</TIME_ORDER>{''.join(tiers)}{types}</ANNOTATION_DOCUMENT>"
    ).encode()


def source(data: bytes) -> Source:
    return Source(Path("a.eaf"), data)


def read(data: bytes) -> Transcript:
    (transcript,) = elan.read(source(data))
    return transcript


def told(transcript: Transcript, part: str) -> str:
    return next(warning for warning in transcript.warnings if part in warning)


PATIENT = tier("Patient", ("s0", "s1", "I came back."), ("s2", "s4", "It went fine, I guess."))
THERAPIST = tier("Therapist", ("s1", "s3", "How was it?"))


def test_turns_of_all_speech_tiers_in_order_of_time() -> None:
    transcript = read(eaf(PATIENT, THERAPIST))
    assert transcript.turns == (
        Turn("Patient", "I came back.", 0.0, 1.0),
        Turn("Therapist", "How was it?", 1.0, 3.0),
        Turn("Patient", "It went fine, I guess.", 2.0, 4.0),
    )
    assert transcript.marks == ()
    assert "as speech: 'Patient' (speaker 'Patient'), 'Therapist'" in transcript.warnings[0]


def test_the_participant_names_the_speaker_unless_all_tiers_have_the_same() -> None:
    own = read(eaf(tier("tier 1", ("s0", "s1", "Oh no."), PARTICIPANT="Ms A"))).turns
    assert [turn.speaker for turn in own] == ["Ms A"]
    shared = eaf(
        tier("Patient", ("s0", "s1", "Oh no."), PARTICIPANT="case 7"),
        tier("Therapist", ("s1", "s2", "Oh yes."), PARTICIPANT="case 7"),
    )
    assert [turn.speaker for turn in read(shared).turns] == ["Patient", "Therapist"]


def test_marks_of_coders_named_behind_the_at_sign() -> None:
    marks = read(
        eaf(
            PATIENT,
            tier("WD@Anna", ("s0", "s1", ""), ("s1", "s5", "denial")),
            tier("3RS@Ben", ("s2", "s4", "CF"), ("s5", "s6", "none"), ("s7", "s8", "n/a")),
        )
    ).marks
    place = "annotation {} in tier {!r}".format
    assert marks == (
        Mark("Anna", "turn", "WD", "present", place("WD@Anna0", "WD@Anna"), 0, 0, 0.0, 1.0),
        Mark("Anna", "segment", "denial", "present", place("WD@Anna1", "WD@Anna"), None, None, 1.0, 5.0),
        Mark("Ben", "turn", "CF", "present", place("3RS@Ben0", "3RS@Ben"), 1, 1, 2.0, 4.0),
        Mark("Ben", "segment", None, "absent", place("3RS@Ben1", "3RS@Ben"), None, None, 5.0, 6.0),
        Mark("Ben", "segment", None, "uncodable", place("3RS@Ben2", "3RS@Ben"), None, None, 7.0, 8.0),
    )


def test_a_tier_of_crosses_and_ratings_is_named_for_its_label() -> None:
    marks = read(eaf(tier("CF@B", ("s0", "s1", "x"), ("s1", "s2", "0"), ("s2", "s3", "-")))).marks
    assert [(mark.label, mark.state, mark.value) for mark in marks] == [
        ("CF", "present", None),
        ("CF", "absent", None),
        ("CF", "uncodable", None),
    ]
    rated = read(eaf(tier("CF@B", ("s0", "s1", "3"), ("s1", "s2", "2,5")))).marks
    assert [(mark.label, mark.value) for mark in rated] == [("CF", 3.0), ("CF", 2.5)]


def test_coders_by_annotator_participant_and_tier() -> None:
    def coders(*tiers: str) -> list[str | None]:
        return [mark.coder for mark in read(eaf(PATIENT, *tiers)).marks]

    assert coders(tier("WD", ("s5", "s6", ""), ANNOTATOR="Anna", PARTICIPANT="Ben")) == ["Anna"]
    assert coders(tier("WD", ("s5", "s6", ""), PARTICIPANT="Ben")) == ["Ben"]
    assert coders(tier("WD", ("s5", "s6", ""), PARTICIPANT="Patient")) == [None]
    assert coders(tier("Coder A", ("s5", "s6", "WD"))) == ["Coder A"]
    assert coders(tier("Anna", ("s5", "s6", "S")), tier("Ben", ("s6", "s7", "S"))) == ["Anna", "Ben"]
    assert coders(tier("Alpha", ("s5", "s6", "x")), tier("Beta", ("s6", "s7", "x"))) == [None, None]


def test_child_tiers_mark_the_turn_above_them() -> None:
    transcript = read(
        eaf(
            PATIENT,
            tier("WD@Anna", ("Patient1", None, "denial"), PARENT_REF="Patient"),
            tier("certainty@Anna", ("WD@Anna0", None, "4"), PARENT_REF="WD@Anna"),
            tier("Deutsch", ("Patient0", None, "Ich bin wieder da, glaube ich."), PARENT_REF="Patient"),
        )
    )
    assert [(mark.label, mark.unit, mark.first_turn, mark.value) for mark in transcript.marks] == [
        ("denial", "turn", 1, None),
        ("certainty", "turn", 1, 4.0),
    ]
    assert len(transcript.turns) == 2
    assert "left out: 'Deutsch' (1 annotation)" in transcript.warnings[0]


def test_speech_below_a_tier_of_numbers_takes_its_times() -> None:
    transcript = read(
        eaf(
            tier("ref@A", ("s0", "s1", "001"), ("s1", "s2", "002")),
            tier("tx@A", ("ref@A0", None, "Hello there."), ("ref@A1", None, "Bye."), PARENT_REF="ref@A"),
        )
    )
    assert transcript.turns == (Turn("A", "Hello there.", 0.0, 1.0), Turn("A", "Bye.", 1.0, 2.0))
    plain = read(
        eaf(
            tier("Kim", ("s0", "s1", "001")),
            tier("Kim-b", ("Kim0", None, "Hello there."), PARENT_REF="Kim"),
        )
    )
    assert plain.turns == (Turn("Kim-b", "Hello there.", 0.0, 1.0),)
    assert plain.marks == ()


def test_a_controlled_vocabulary_makes_marks_and_gives_their_values() -> None:
    types = (
        '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="k" CONTROLLED_VOCABULARY_REF="v"/>'
        '<CONTROLLED_VOCABULARY CV_ID="v"><CV_ENTRY_ML CVE_ID="c1"><CVE_VALUE>A long label, it is</CVE_VALUE>'
        "</CV_ENTRY_ML></CONTROLLED_VOCABULARY>"
    )
    data = eaf(tier("alliance", ("s0", "s1", ""), LINGUISTIC_TYPE_REF="k"), types=types)
    data = data.replace(b'ANNOTATION_ID="alliance0"', b'ANNOTATION_ID="alliance0" CVE_REF="c1"')
    assert [mark.label for mark in read(data).marks] == ["A long label, it is"]


def test_marks_over_whole_turns_are_marks_of_them() -> None:
    transcript = read(
        eaf(
            PATIENT,
            THERAPIST,
            tier(
                "codes@A",
                ("s0", "s3", "WD"),
                ("s0", "s2", "CF"),
                ("s1", "s4", "WD (uncodable, 2)"),
                ("s3", "s4", ""),
            ),
            tier("session codes@A", ("s0", "s9", "RES (absent)")),
        )
    )
    assert [(m.unit, m.label, m.state, m.first_turn, m.last_turn, m.value) for m in transcript.marks] == [
        ("turn", "WD", "present", 0, 1, None),
        ("segment", "CF", "present", None, None, None),
        ("turn", "WD", "uncodable", 1, 2, 2.0),
        ("session", "RES", "absent", None, None, None),
    ]
    assert told(transcript, "1 mark without a label left out: annotation codes@A3")


def test_time_origin_moves_times_to_the_beginning_of_the_recording() -> None:
    header = '<MEDIA_DESCRIPTOR MEDIA_URL="a.wav" TIME_ORIGIN="2500"/><MEDIA_DESCRIPTOR MEDIA_URL="b.mp4"/>'
    transcript = read(eaf(PATIENT, tier("WD@A", ("s0", "s1", "")), header=header))
    assert (transcript.turns[0].start_s, transcript.marks[0].end_s) == (2.5, 3.5)
    assert "begins 2.5 s before" in transcript.warnings[0]
    assert "2.5, 0 s" in transcript.warnings[1]


def test_slots_without_time_leave_times_open_and_keep_the_order() -> None:
    slots = {"a": 0, "b": None, "c": 4000, "d": 1000, "e": 2000}
    transcript = read(
        eaf(
            tier("Patient", ("a", "b", "one."), ("b", "c", "two.")),
            tier("Therapist", ("d", "e", "three.")),
            tier("WD@A", ("b", "c", "")),
            slots=slots,
        )
    )
    assert transcript.turns == (
        Turn("Patient", "one.", 0.0, None),
        Turn("Patient", "two.", None, 4.0),
        Turn("Therapist", "three.", 1.0, 2.0),
    )
    assert transcript.marks == ()
    assert told(transcript, "1 mark without times left out: annotation WD@A0")
    assert told(transcript, "1 turn without a time of the start")


def test_what_is_left_out_is_told() -> None:
    transcript = read(
        eaf(tier("T", ("s0", "s1", ""), ("s1", "s2", "Yes")), tier("WD@B"), tier("Notes", ("s0", "s1", ".")))
    )
    assert [turn.text for turn in transcript.turns] == ["Yes"]
    assert told(transcript, "1 annotation of speech without text left out: annotation T0")
    assert told(transcript, "1 tier for marks without any")
    assert "left out: 'Notes' (1 annotation)" in transcript.warnings[0]


def test_known_by_its_content(tmp_path: Path) -> None:
    assert elan.sniff(source(eaf(PATIENT))) == 0.95
    assert elan.sniff(Source(Path("a.xml"), eaf(PATIENT))) == 0.95
    assert elan.sniff(source(b"\x00\x01")) == 0.5
    assert elan.sniff(Source(Path("a.txt"), b"T: <ANNOTATION_DOCUMENT > is what I wrote\nP: ok")) == 0
    assert text.sniff(source(eaf(PATIENT))) == 0
    path = tmp_path / "s.eaf"
    path.write_bytes(eaf(PATIENT))
    assert read_file(path).format == "elan"


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "damaged"),
        (b"<ANNOTATION_DOCUMENT><TIER", "damaged"),
        (b"<html/>", "no ELAN file"),
        (eaf(PATIENT, slots={"s0": "soon"}), "no time"),
        (eaf(PATIENT, slots={"s0": -5}), "before 0"),
        (eaf(PATIENT, slots={"s0": 10**15}), "no time"),
        (eaf(PATIENT, PATIENT), "used twice"),
        (eaf(PATIENT).replace(b"milliseconds", b"fortnights"), "fortnights"),
        (eaf(tier("a", ("a1", None, "x"), ("a0", None, "y"))), "refers to itself"),
    ],
)
def test_damaged_files_are_refused(data: bytes, part: str) -> None:
    with pytest.raises(RiftError, match=part):
        read(data)


def test_references_to_nothing_are_told() -> None:
    transcript = read(eaf(tier("Patient", ("s0", "zz", "Well.")), tier("WD@A", ("gone", None, ""))))
    assert transcript.turns == (Turn("Patient", "Well.", 0.0, None),)
    assert told(transcript, "2 references to what is not in the file")


@given(st.integers(0, 5000), st.binary(max_size=6))
def test_any_damage_ends_in_an_error_or_a_transcript(position: int, piece: bytes) -> None:
    data = eaf(PATIENT, THERAPIST, tier("WD@A", ("Patient0", None, "x"), PARENT_REF="Patient"))
    position %= len(data)
    damaged = data[:position] + piece + data[position + len(piece) :]
    assert 0 <= elan.sniff(source(damaged)) <= 1
    try:
        read(damaged)
    except RiftError:
        return


_LABELS = st.none() | st.text("WDx0-( )absent,3", min_size=1, max_size=12).map(str.strip).filter(bool)


@settings(max_examples=200)
@given(
    _LABELS,
    st.sampled_from(["present", "absent", "uncodable", "not_coded"]),
    st.none() | st.floats(-1e6, 1e6, allow_nan=False),
)
def test_what_is_written_of_a_mark_reads_back(label, state, rating) -> None:  # type: ignore[no-untyped-def]
    assert parse_code(write_code(label, state, rating)) == CodeValue(label, state, rating)
