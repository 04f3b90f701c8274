import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rift.codebook import Codebook
from rift.corpus.marks import Marks
from rift.evaluation.bins import comparable, segments, turn_times
from rift.evaluation.markers import marker_table
from rift.evaluation.segments import NO_TIMES, segment_name, segment_table
from rift.evaluation.units import align, scored
from rift.reliability.alpha import nominal_alpha

pytestmark = pytest.mark.filterwarnings("error")

NONE = np.nan

# patient, turn, speaker, start, end, codes of a and b (None: a turn that nobody was to code), flagged
TURNS = [
    ("p1", 0, "patient", 0, 30, (0, 1), 0),
    ("p1", 1, "patient", 50, 70, (1, 0), 1),  # crosses the edge at 60
    ("p1", 2, "patient", 90, 120, (0, -2), 1),  # ends at an edge; the second coder could not tell
    ("p1", 3, "patient", 130, NONE, (1, -1), 0),  # lasts until the therapist speaks, beyond 180
    ("p1", 4, "therapist", 185, 199, None, 0),
    ("p1", 5, "patient", 200, NONE, (0, -1), 0),  # the last, in a short segment
    ("p2", 0, "patient", 0, 10, (1, 0), 0),
    ("p2", 1, "patient", 20, 30, (-1, 0), 1),  # flagged where the first coder did not look
    ("p3", 0, "patient", 0, 30, (1, 1), 1),
    ("p3", 1, "patient", NONE, NONE, (0, 0), 0),
]


def times_of(turns):
    frame = pd.DataFrame(
        [(patient, "s1", *rest) for patient, *rest in turns],
        columns=["patient_id", "session_id", "turn", "speaker", "start_s", "end_s", "codes", "flagged"],
    )
    frame[["start_s", "end_s"]] = frame[["start_s", "end_s"]].astype(float)
    return frame


@pytest.fixture
def study(make):
    """A function from turns to aligned data of one marker, and the times of all turns."""

    def known(turns=TURNS, coders=("a", "b")):
        frame = times_of(turns)
        states = np.array([codes or (-1,) * len(coders) for codes in frame["codes"]], dtype=np.int8)
        keys = frame[["patient_id", "session_id", "turn", "speaker"]]
        marks = Marks(keys, ("shrugs",), coders, states[:, None])
        flags = frame["flagged"].to_numpy()[:, None]
        scores = 0.1 + 0.6 * flags + np.arange(len(frame))[:, None] / 100
        codebook = make.codebook(["shrugs"])
        return align(marks, make.predictions(marks, scores, flags), codebook), frame

    return known


def states_of(study, minutes, rule, patient):
    data, times = study
    found = segments(comparable(data), turn_times(data, times), minutes, rule)
    rows = (found.scored.marks.turns["patient_id"] == patient).to_numpy()
    return (
        found.scored.marks.turns["turn"][rows].tolist(),
        found.scored.marks.states[rows, 0].tolist(),
        found.own_flags[rows, 0].tolist(),
    )


def test_by_onset_a_turn_counts_where_it_begins(study):
    numbers, states, flags = states_of(study(), 1, "onset", "p1")
    assert numbers == [0, 1, 2, 3]
    assert states == [[1, 1], [0, -1], [1, -1], [0, -1]]
    assert flags == [[1, 1], [1, 0], [0, 0], [0, 0]]


def test_by_overlap_a_turn_counts_wherever_it_lasts(study):
    numbers, states, flags = states_of(study(), 1, "overlap", "p1")
    # The first's marks of turns 1 and 3 reach into the next segments; turn 2 ends at 120, before [120, 180).
    assert numbers == [0, 1, 2, 3]
    assert states == [[1, 1], [1, 0], [1, -1], [1, -1]]
    assert flags == [[1, 1], [1, 1], [0, 0], [0, 0]]


def test_each_coder_is_met_on_the_turns_that_this_coder_coded(study):
    assert states_of(study(), 1, "onset", "p2") == ([0], [[1, 0]], [[0, 1]])


def test_sums_and_statistics_by_hand(study, make):
    data, times = study()
    table = segment_table(data, times, make.section(segment_minutes=[1], exploratory_support=1))
    onset = table.row("shrugs", 1, "onset")
    assert (onset.sessions, onset.sessions_without_times) == (2, 1)
    assert (table.sessions, table.sessions_without_times) == (2, 1)
    assert (onset.segments, onset.overlap, onset.patients) == (5, 2, 2)
    # p1: 1, 0, 1, 0 marked and 1, 1 flagged; p2: half marked and half flagged, by different coders.
    assert (onset.positives, onset.flags, onset.hits) == (2.5, 2.5, 1)
    assert onset.precision.value == pytest.approx(1 / 2.5)
    assert onset.recall.value == pytest.approx(1 / 2.5)
    assert onset.f1.value == pytest.approx(2 / 5)
    overlap = table.row("shrugs", 1, "overlap")
    assert (overlap.segments, overlap.overlap, overlap.positives) == (5, 3, 4)
    assert (overlap.flags, overlap.hits) == (2.5, 1.5)
    assert overlap.precision.value == pytest.approx(1.5 / 2.5)
    # On the three segments of both: the model 1 1 0 with a 1 1 1; 1 1 1 with b 1 0 0.
    assert overlap.kappa_mh.value == pytest.approx(0)
    # a 1 1 1 and b 1 0 0: agreement 1/3, expected 1/3.
    assert overlap.kappa_hh.value == pytest.approx(0)
    assert overlap.delta.value == pytest.approx(0)
    assert overlap.alpha_hh.value == pytest.approx(nominal_alpha([[1, 1], [1, 0], [1, 0]]).value)
    # By probability: .77 (half marked), .72 (half), .71, .15 and .13 (all).
    ranked = 0.5 * 0.5 + 0.5 * 1 / 2 + 2 / 3 + 3 / 4 + 4 / 5
    assert overlap.average_precision.value == pytest.approx(ranked / 4)


def test_five_minutes_make_one_segment_of_each_session(study):
    assert states_of(study(), 5, "onset", "p1") == ([0], [[1, 1]], [[1, 1]])
    assert states_of(study(), 5, "overlap", "p1") == ([0], [[1, 1]], [[1, 1]])


def test_a_probability_is_the_highest_of_the_turns_that_anybody_coded(study):
    data, times = study()
    found = segments(comparable(data), turn_times(data, times), 1, "onset").scored
    assert found.probabilities[:, 0].tolist() == pytest.approx([0.71, 0.72, 0.13, 0.15, 0.77])


def test_segments_of_one_turn_each_are_judged_like_turns(study, make):
    turns = [
        (f"p{patient}", turn, "patient", 60 * turn, 60 * turn + 59, codes, flagged)
        for patient in range(3)
        for turn, (codes, flagged) in enumerate(
            [((1, 1, -1), 1), ((0, 1, 1), 1), ((0, 0, 0), patient == 1), ((1, 0, -2), 0), ((0, -1, -1), 0)]
        )
    ]
    data, times = study(turns, ("a", "b", "c"))
    section = make.section(segment_minutes=[1])
    row = marker_table(data, section).row("shrugs")
    for rule in ("onset", "overlap"):
        own = segment_table(data, times, section).row("shrugs", 1, rule)
        assert (own.segments, own.positives, own.flags, own.hits) == (
            row.turns, row.positives, row.flags, row.hits,
        )  # fmt: skip
        assert own.support == row.support
        for name in ("precision", "recall", "f1", "average_precision", "kappa_mh", "kappa_hh", "delta"):
            known, wanted = getattr(own, name), getattr(row, name)
            assert known.value == pytest.approx(wanted.value)
            assert (known.low, known.high) == pytest.approx((wanted.low, wanted.high))


def test_order_of_the_times_does_not_matter(study, make):
    data, times = study()
    section = make.section()
    assert segment_table(data, times.iloc[::-1], section) == segment_table(data, times, section)


def test_turns_out_of_time_order_count_where_they_begin(study):
    turns = [("p1", 0, "patient", 130, NONE, (1, 1), 0), ("p1", 1, "patient", 10, 5, (0, 0), 0)]
    assert states_of(study(turns), 1, "overlap", "p1")[:2] == ([0, 2], [[0, 0], [1, 1]])


def test_a_session_is_left_out_for_a_coded_turn_without_a_start_only(study):
    turns = [
        ("p1", 0, "patient", 0, NONE, (1, 1), 0),
        ("p1", 1, "therapist", NONE, NONE, None, 0),
        ("p1", 2, "patient", 100, 110, (0, 0), 0),
    ]
    # The first lasts until the next start that is known.
    assert states_of(study(turns), 1, "overlap", "p1")[:2] == ([0, 1], [[1, 1], [1, 1]])


def test_without_any_times_the_reason_is_told(study, make):
    data, times = study()
    table = segment_table(data, times.assign(start_s=NONE, end_s=NONE), make.section())
    assert (table.sessions, table.sessions_without_times) == (0, 3)
    assert len(table.rows) == 4
    for row in table.rows:
        assert (row.segments, row.sessions, row.sessions_without_times) == (0, 0, 3)
        assert not row.precision.defined
        assert {row.precision.reason, row.delta.reason, row.alpha_hh.reason} == {NO_TIMES}
    missing = segment_table(data, times.iloc[:0], make.section())
    assert missing == table


def two_labels(make, states, probabilities, start):
    turns = pd.DataFrame({"patient_id": ["p1", "p2"], "session_id": "s1", "turn": 0, "speaker": "patient"})
    marks = Marks(turns, ("shrugs", "sighs"), ("a", "b"), np.array(states, dtype=np.int8))
    given = np.array(probabilities)
    data = scored(marks, make.codebook(["shrugs", "sighs"]), given, np.zeros((2, 2)))
    return data, turns.assign(start_s=start, end_s=NONE)


def test_each_reason_for_a_label_without_segments(make):
    coded, uncoded = [1, 0], [-1, -1]
    for states, probabilities, reason in [
        ([[coded, uncoded], [coded, uncoded]], [[0.5, 0.5], [0.5, 0.5]], "not coded"),
        ([[coded, coded], [coded, coded]], [[0.5, NONE], [0.5, NONE]], "no probability for the coded turns"),
        (
            [[coded, uncoded], [coded, coded]],
            [[0.5, 0.5], [0.5, 0.5]],
            "coded only in sessions without times",
        ),
    ]:
        table = segment_table(*two_labels(make, states, probabilities, [0.0, NONE]), make.section())
        row = table.row("sighs", 5, "onset")
        assert (row.segments, row.precision.reason) == (0, reason)
        assert table.row("shrugs", 5, "onset").segments == 1


def test_few_marks_leave_counts_only(study, make):
    data, times = study()
    section = make.section(full_support=9, exploratory_support=9)
    row = segment_table(data, times, section).row("shrugs", 1, "onset")
    assert (row.support, row.positives, row.hits) == ("Counts", 2.5, 1)
    assert row.alpha_hh.reason == row.f1.reason == "fewer than 9 flags and positives"


def test_coders_of_different_segments_cannot_be_compared(study, make):
    turns = [
        ("p1", 0, "patient", 0, 10, (1, -1), 1),
        ("p1", 1, "patient", 70, 80, (-1, 0), 0),
    ]
    data, times = study(turns)
    row = segment_table(data, times, make.section()).row("shrugs", 1, "onset")
    assert (row.segments, row.overlap) == (2, 0)
    for statistic in (row.kappa_hh, row.delta, row.alpha_hh):
        assert statistic.reason == "no segment coded by two coders"
    # Five minutes are one segment, which both coded; the flag stands on a turn of the first alone.
    longer = segment_table(data, times, make.section()).row("shrugs", 5, "onset")
    assert (longer.segments, longer.overlap, longer.flags, longer.hits) == (1, 1, 0.5, 0.5)


def test_a_speaker_who_cannot_show_the_label_is_not_compared(study):
    turns = [
        ("p1", 0, "patient", 0, 10, (0, 0), 0),
        ("p1", 1, "therapist", 20, 30, (1, 1), 1),
    ]
    assert states_of(study(turns), 1, "onset", "p1") == ([0], [[0, 0]], [[0, 0]])


def test_names_of_lengths():
    assert segment_name(1, "onset") == "1 minute, onset"
    assert segment_name(2.5, "overlap") == "2.5 minutes, overlap"


ONE_MARKER = Codebook.model_validate(
    {
        "id": "small", "name": "Small", "version": "1", "source": "none", "families": [],
        "labels": [{"id": "shrugs", "name": "Shrugs", "kind": "marker", "speakers": ["patient"],
                    "definition": "d"}],
    }
)  # fmt: skip
CODES = st.lists(st.sampled_from([1, 0, -1, -2]), min_size=2, max_size=2)
SESSIONS = st.lists(
    st.lists(st.tuples(st.floats(0, 5000), st.floats(0, 60), CODES, st.booleans()), min_size=1, max_size=6),
    min_size=1,
    max_size=4,
)


@given(sessions=SESSIONS, rule=st.sampled_from(["onset", "overlap"]))
def test_segments_longer_than_any_session_are_the_sessions(sessions, rule):
    rows = [
        (f"p{at}", "s1", turn, "patient", start, start + length, codes, flagged)
        for at, turns in enumerate(sessions)
        for turn, (start, length, codes, flagged) in enumerate(turns)
    ]
    names = ["patient_id", "session_id", "turn", "speaker", "start_s", "end_s"]
    frame = pd.DataFrame([row[:6] for row in rows], columns=names)
    states = np.array([row[6] for row in rows], dtype=np.int8)
    flags = np.array([row[7] for row in rows], dtype=float)
    marks = Marks(frame[names[:4]], ("shrugs",), ("a", "b"), states[:, None])
    data = scored(marks, ONE_MARKER, np.full((len(rows), 1), 0.5), flags[:, None])
    found = segments(comparable(data), turn_times(data, frame), 100, rule)
    assert found.scored.marks.turns["turn"].tolist() == [0] * len(sessions)
    for at in range(len(sessions)):
        own = states[data.sessions == at]
        for coder in range(2):
            codes, flagged = own[:, coder], flags[data.sessions == at]
            state = 1 if (codes == 1).any() else 0 if (codes == 0).any() else -1
            assert found.scored.marks.states[at, 0, coder] == state
            assert found.own_flags[at, 0, coder] == flagged[codes >= 0].any()
