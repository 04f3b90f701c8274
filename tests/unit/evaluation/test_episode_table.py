import numpy as np
import pandas as pd
import pytest

from rift.config import EpisodeSection
from rift.corpus.marks import Marks
from rift.evaluation.episodes import episode_table
from rift.evaluation.spans import coder_session, compared
from rift.manifest import Decision

pytestmark = pytest.mark.filterwarnings("error")

RULE = EpisodeSection(onset=1.0, offset=0.6, max_gap=2, min_length=1, answer_within=5, speakers=("patient",))
TURNS = 30


def turns_of(*spans):
    """1 on the turns of these half-open spans."""
    marked = np.zeros(TURNS)
    for first, end in spans:
        marked[first:end] = 1
    return marked


def corpus(make, *patients):
    """A patient is (probabilities, marks of a, marks of b); one session each, codes -1 not coded."""
    names = [f"p{at}" for at in range(len(patients))]
    turns = pd.DataFrame({"patient_id": np.repeat(names, TURNS), "session_id": "s1", "speaker": "patient"})
    turns["turn"] = turns.groupby("patient_id").cumcount()
    states = np.concatenate([np.stack(codes[1:], axis=1) for codes in patients]).astype(np.int8)
    codebook = make.codebook(["shrugs"], family="away")
    marks = Marks(turns, codebook.columns, ("a", "b"), np.repeat(states[:, None], 2, axis=1))
    p = np.repeat(np.concatenate([codes[0] for codes in patients])[:, None], 2, axis=1)
    frame = make.predictions(marks, p, p > 0.5)
    frame["flag_away"] = frame["flag_away"].astype("boolean")
    return marks, frame, codebook


def table_of(make, *patients, threshold=0.5, **changes):
    marks, frame, codebook = corpus(make, *patients)
    decisions = tuple(
        Decision(label=name, speakers=("patient",), status="released", rule="", threshold=threshold)
        for name in codebook.columns
    )
    return episode_table(marks, frame, {0: decisions}, codebook, make.section(**changes), RULE)


HUMAN = turns_of((5, 10), (20, 23))
# The first found a turn late, the second missed, one too many at 15.
FOUND = 0.9 * turns_of((6, 10), (15, 16))


def test_counts_by_hand(make):
    row = table_of(make, (FOUND, HUMAN, turns_of((5, 10))), (0 * FOUND, 0 * HUMAN, 0 * HUMAN)).row("away")
    assert (row.sessions, row.coders) == (2, 2)
    # Against a: 1 of 2 found, 1 of 2 matched; against b: 1 of 1; the second session has none.
    assert (row.reference, row.predicted, row.matched) == (3, 4, 2)
    assert row.precision.value == pytest.approx(2 / 4)
    assert row.recall.value == pytest.approx(2 / 3)
    assert row.f1.value == pytest.approx(4 / 7)
    assert row.onset_error.value == 1
    assert row.false_alarms.value == pytest.approx(2 / 4)
    assert row.human_f1.value == pytest.approx(2 / 3)


def test_boundaries_by_hand(make):
    row = table_of(make, (0.9 * HUMAN, HUMAN, turns_of((5, 10))), (0 * FOUND, 0 * HUMAN, 0 * HUMAN)).row(
        "away"
    )
    # The second session has no boundary: 1. In the first 1 with a, and two of four boundaries with b.
    assert row.boundary.value == pytest.approx((1 + 0.5 + 1 + 1) / 4)
    assert row.human_boundary.value == pytest.approx((0.5 + 1) / 2)
    assert row.window_diff.value > 0


def test_gaps_and_hysteresis_join_as_for_the_model(make):
    # Two marked runs two turns apart are one episode; so are two of the model's.
    gap = turns_of((5, 7), (9, 11))
    row = table_of(make, (0.9 * gap, gap, gap)).row("away")
    assert (row.reference, row.predicted, row.matched) == (2, 2, 2)
    wide = turns_of((5, 7), (10, 12))
    assert table_of(make, (0.9 * wide, wide, wide)).row("away").reference == 4


def test_episodes_that_a_coder_did_not_code_are_not_false_alarms(make):
    part = np.where(np.arange(TURNS) < 12, turns_of((5, 10)), -1)
    row = table_of(make, (FOUND, part, part)).row("away")
    assert (row.reference, row.predicted, row.matched) == (2, 2, 2)
    assert row.false_alarms.value == 0
    alone = table_of(make, (FOUND, HUMAN, -np.ones(TURNS))).row("away")
    assert (alone.coders, alone.predicted) == (1, 2)
    assert alone.human_f1.reason == "fewer than two coders"


def test_lead_time_of_rising_probabilities(make):
    early = 0.6 * turns_of((2, 5)) + 0.9 * turns_of((5, 10))
    row = table_of(make, (early, turns_of((5, 10)), turns_of((5, 10)))).row("away")
    assert (row.lead.value, row.lead_threshold, row.early, row.missed) == (3, 0.6, 0, 0)
    assert row.lead_false_alarms == 0


def test_intervals_are_over_patients(make):
    patients = [
        (FOUND, HUMAN, HUMAN), (0.9 * HUMAN, HUMAN, turns_of((5, 10))), (0 * FOUND, HUMAN, HUMAN),
    ]  # fmt: skip
    row = table_of(make, *patients, min_patients_interval=3).row("away")
    for known in (row.recall, row.f1, row.human_f1, row.boundary, row.false_alarms):
        assert known.low <= known.value <= known.high
    few = table_of(make, *patients, min_patients_interval=4).row("away")
    assert (few.f1.value, few.f1.low) == (row.f1.value, None)
    assert few.f1.reason == "no interval: 3 patients, 4 needed"


def test_undefined_says_why(make):
    nobody = table_of(make, (FOUND, -np.ones(TURNS), -2 * np.ones(TURNS))).row("away")
    for known in (nobody.precision, nobody.recall, nobody.f1, nobody.human_f1, nobody.lead, nobody.boundary):
        assert (known.value, known.reason) == (None, "not coded")
    empty = table_of(make, (0 * FOUND, 0 * HUMAN, 0 * HUMAN)).row("away")
    assert empty.precision.reason == "no episodes predicted"
    assert empty.recall.reason == empty.f1.reason == empty.lead.reason == "no episodes"
    assert empty.onset_error.reason == "no episode matched"
    assert (empty.boundary.value, empty.false_alarms.value, empty.window_diff.value) == (1, 0, 0)
    without = table_of(make, (FOUND, HUMAN, HUMAN), threshold=None).row("away")
    assert (without.predicted, without.recall.value) == (0, 0)


def test_therapists_turns_do_not_part_a_coders_episode():
    turns = np.arange(8)
    known = coder_session(turns, np.array([0, 1, -1, 1, -1, 0, 0, 1]), max_gap=1, min_length=1)
    assert known.spans.tolist() == [[1, 4], [7, 8]]
    assert known.carried == (frozenset({1, 3}), frozenset({7}))
    longer = coder_session(turns, np.array([0, 1, -1, 1, -1, 0, 0, 1]), max_gap=1, min_length=2)
    assert longer.spans.tolist() == [[1, 4]]
    assert coder_session(turns, np.full(8, -1), 1, 1) is None


def test_what_is_compared_is_one_row_of_sums():
    turns = np.arange(10)
    one = coder_session(turns, turns_of((2, 6))[:10], 2, 1)
    other = coder_session(turns, turns_of((3, 6))[:10], 2, 1)
    # One match a turn late; of three boundaries one is a near miss: 1 - .5 / 2.
    assert compared(one, other)[:7].tolist() == [1, 1, 1, 1, 1, pytest.approx(0.75), 1]
