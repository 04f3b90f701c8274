from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.reliability.events import MatchRule, Watched, event_scores, iou, lead_times, match_events, runs

pytestmark = pytest.mark.filterwarnings("error")

RULE = MatchRule(0.5, 2)

spans = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 6)).map(lambda at: (at[0], at[0] + at[1])), max_size=4
)


def watched(scores, events, turns=None):
    numbers = np.arange(len(scores)) if turns is None else np.asarray(turns)
    return Watched(numbers, np.asarray(scores, dtype=float), np.array(events).reshape(-1, 2))


def plain_iou(one, other):
    first, second = set(range(*one)), set(range(*other))
    return len(first & second) / len(first | second)


def plain_matches(reference, predicted, rule):
    """The most matches that any assignment gives."""
    few, many = sorted((reference, predicted), key=len)
    best = 0
    for chosen in permutations(many, len(few)):
        good = sum(
            plain_iou(one, other) >= rule.min_iou and abs(one[0] - other[0]) <= rule.onset_within
            for one, other in zip(few, chosen, strict=True)
        )
        best = max(best, good)
    return best


def test_onset_and_overlap_must_both_fit():
    # Of the first all ten turns but the onset three late; of the second onset alike, a third shared.
    assert len(match_events([[0, 10], [20, 29]], [[3, 10], [20, 23]], RULE)) == 0
    assert match_events([[0, 10], [20, 29]], [[2, 10], [20, 25]], RULE).tolist() == [[0, 0], [1, 1]]


def test_of_equal_matchings_the_one_of_most_overlap():
    assert match_events([[0, 10]], [[1, 8], [0, 9]], RULE).tolist() == [[0, 1]]


def test_onset_errors_are_signed():
    found = event_scores([[10, 20], [30, 40]], [[12, 20], [29, 40]], RULE)
    assert found.pairs == ((0, 0), (1, 1))
    assert found.onset_errors == (2, -1)
    assert (found.precision.value, found.recall.value, found.f1.value) == (1, 1, 1)


def test_without_events_shares_are_undefined():
    nothing = event_scores([], [], RULE)
    assert [nothing.precision.reason, nothing.recall.reason, nothing.f1.reason] == [
        "no episodes predicted", "no episodes", "no episodes",
    ]  # fmt: skip
    missed = event_scores([[0, 3]], [], RULE)
    assert (missed.precision.value, missed.recall.value, missed.f1.value) == (None, 0, 0)


def test_an_event_without_length_is_refused():
    with pytest.raises(ValueError, match="end after it begins"):
        iou([[3, 3]], [[0, 1]])


@given(spans, spans, st.sampled_from([0.3, 0.5, 0.8]), st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_matching_is_one_to_one_and_the_largest(reference, predicted, least, within):
    rule = MatchRule(least, within)
    found = match_events(reference, predicted, rule)
    assert len(found) == plain_matches(reference, predicted, rule)
    assert len(set(found[:, 0])) == len(set(found[:, 1])) == len(found)
    for one, other in found:
        assert plain_iou(reference[one], predicted[other]) >= least
        assert abs(reference[one][0] - predicted[other][0]) <= within
    assert len(match_events(predicted, reference, rule)) == len(found)


@given(spans, spans)
@settings(max_examples=60, deadline=None)
def test_f1_is_symmetric_and_swaps_precision_and_recall(reference, predicted):
    there, back = event_scores(reference, predicted, RULE), event_scores(predicted, reference, RULE)
    assert there.f1 == back.f1
    assert (there.precision.value, there.recall.value) == (back.recall.value, back.precision.value)


def test_runs_pass_over_turns_without_a_score():
    turns = np.array([0, 2, 4, 6, 8])
    assert runs(turns, np.array([True, True, False, False, True])).tolist() == [[0, 3], [8, 9]]
    assert runs(turns, np.zeros(5, dtype=bool)).tolist() == []


def test_lead_time_by_hand():
    # An alarm from 4 to an event at 6 and 7; a false one at 0, which 0.6 lets through.
    first = watched([0.6, 0, 0, 0, 0.7, 0.8, 0.9, 0.9, 0], [[6, 8]])
    # Found one turn late; turns 5 and 9 are more than a horizon of 3 apart.
    second = watched([0, 0, 0, 0.9, 0, 0, 0, 0, 0, 0], [[2, 5]])
    found = lead_times([first, second], horizon=3, max_false_alarms=0.5)
    assert (found.threshold, found.false_alarms) == (0.6, 0.5)
    assert (found.leads, found.early, found.missed) == ((2, -1), 0, 0)
    assert (found.lead.value, found.lead.n) == (0.5, 2)
    strict = lead_times([first, second], horizon=3, max_false_alarms=0)
    assert (strict.threshold, strict.false_alarms, strict.leads) == (0.7, 0, (2, -1))


def test_censored_events_are_counted_and_not_averaged():
    early = watched([0.9] * 10, [[8, 10]])
    missed = watched([0.1] * 9 + [0.9], [[4, 6]])
    known = watched([0.1, 0.1, 0.1, 0.9, 0.9], [[4, 5]])
    found = lead_times([early, missed, known], horizon=3)
    # Turns 0 to 4 of the first come before its horizon: two alarms of three turns. One in the second.
    assert (found.threshold, found.false_alarms) == (0.9, 1)
    assert (found.leads, found.early, found.missed) == ((1,), 1, 1)
    assert found.lead.value == 1
    lost = lead_times([missed, missed, known], 3, max_false_alarms=0.9).lead
    assert lost.reason == "half of the episodes or more have no alarm"
    late = lead_times([early, early, known], 3, max_false_alarms=1.4).lead
    assert (late.value, late.reason) == (None, "half of the alarms or more began over 3 turns before")


def test_an_alarm_that_never_ends_is_no_warning():
    always = watched([0.5] * 30, [[20, 25]])
    assert lead_times([always], horizon=5).threshold is None
    found = lead_times([always], horizon=5, max_false_alarms=4)
    # Turns 0 to 14 take three alarms of five turns, turns 25 to 29 one.
    assert (found.false_alarms, found.early, found.leads) == (4, 1, ())


@given(
    st.lists(st.integers(0, 5), min_size=8, max_size=30), st.integers(0, 4), st.sampled_from([0.0, 1.0, 2.0])
)
@settings(max_examples=100, deadline=None)
def test_the_threshold_is_the_lowest_allowed(scores, horizon, allowed):
    session = watched(scores, [[5, 7]])
    found = lead_times([session], horizon, allowed)
    lower = [score for score in set(scores) if found.threshold is None or score < found.threshold]
    for score in lower:
        only = watched([float(one >= score) for one in scores], [[5, 7]])
        assert lead_times([only], horizon, allowed).threshold is None
    if found.threshold is not None:
        assert found.false_alarms <= allowed


def test_without_a_threshold_or_events_it_says_so():
    noisy = watched([0.9, 0, 0.9, 0, 0.9, 0, 0, 0, 0, 0, 0, 0.1], [[11, 12]])
    none = lead_times([noisy], horizon=2)
    assert none.lead.reason == "more than 1 false alarm per session at every threshold"
    assert (none.threshold, none.missed) == (None, 0)
    assert lead_times([watched([0.9], [])], 2).lead.reason == "no episodes"
