"""Episodes: edges, gaps, mixing, and the properties that hold for any session."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rift.codebook import Codebook, Family, Label
from rift.config import EpisodeSection
from rift.decisions.episodes import SessionTurns, answers_known, find_episodes
from rift.manifest import Decision

NAN = np.nan
COLUMNS = ("wd_a", "wd_b", "cf_a", "explore", "redirect", "withdrawal", "confrontation")


def book():
    def label(name, kind, family, speaker):
        return Label(id=name, name=name, kind=kind, family=family, speakers=(speaker,), definition="")

    return Codebook(
        id="t",
        name="t",
        version="1",
        source="",
        families=(
            Family(id="withdrawal", name="Withdrawal", definition=""),
            Family(id="confrontation", name="Confrontation", definition=""),
        ),
        labels=(
            label("wd_a", "marker", "withdrawal", "patient"),
            label("wd_b", "marker", "withdrawal", "patient"),
            label("cf_a", "marker", "confrontation", "patient"),
            label("explore", "strategy", None, "therapist"),
            label("redirect", "strategy", None, "therapist"),
        ),
    )


def decided(thresholds=None):
    thresholds = thresholds or {}
    return tuple(
        Decision(
            label=name, speakers=("patient",), status="released", rule="", threshold=thresholds.get(name, 0.5)
        )
        for name in COLUMNS
    )


def rule(**changes):
    values = {"onset": 1.0, "offset": 0.6, "max_gap": 2, "min_length": 1, "answer_within": 5}
    return EpisodeSection(**{**values, "speakers": ("patient",), **changes})


def session(withdrawal, confrontation=None, speakers=None, others=None):
    """Return a session; speakers patient throughout unless given; others: column -> {row: p}, flagged."""
    n = len(withdrawal)
    p = np.full((n, len(COLUMNS)), 0.01)
    p[:, COLUMNS.index("withdrawal")] = withdrawal
    p[:, COLUMNS.index("confrontation")] = confrontation if confrontation is not None else 0.0
    flags = np.zeros_like(p, dtype=bool)
    for name, rows in (others or {}).items():
        for row, value in rows.items():
            p[row, COLUMNS.index(name)] = value
            flags[row, COLUMNS.index(name)] = True
    return SessionTurns(
        turn=np.arange(n),
        speakers=speakers or ["patient"] * n,
        start_s=[10.0 * i for i in range(n)],
        end_s=[10.0 * i + 9 for i in range(n)],
        probabilities=p,
        flags=flags,
    )


def spans(turns, section=None, decisions=None):
    found = find_episodes(turns, decisions or decided(), book(), section or rule())
    return [(e.family, e.first_turn, e.last_turn, e.turns) for e in found]


def test_one_single_turn_is_an_episode():
    assert spans(session([0.5])) == [("withdrawal", 0, 0, (0,))]


@pytest.mark.parametrize("row", [0, 4])
def test_at_either_edge(row):
    p = [0.0] * 5
    p[row] = 0.9
    assert spans(session(p)) == [("withdrawal", row, row, (row,))]


def test_the_whole_session():
    assert spans(session([0.9] * 4)) == [("withdrawal", 0, 3, (0, 1, 2, 3))]


def test_begins_at_onset_and_goes_on_to_offset():
    # 0.4 is over offset (0.3) but under onset (0.5): it continues an episode and begins none.
    p = [0.4, 0.5, 0.4, 0.3, 0.29, 0.4, 0.0, 0.0]
    assert spans(session(p)) == [("withdrawal", 1, 3, (1, 2, 3))]


def test_gaps_are_counted_over_all_turns():
    p = [0.9, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.9]
    assert spans(session(p)) == [("withdrawal", 0, 3, (0, 3)), ("withdrawal", 7, 7, (7,))]
    assert spans(session(p), rule(max_gap=3)) == [("withdrawal", 0, 7, (0, 3, 7))]
    assert len(spans(session(p), rule(max_gap=0))) == 3
    dialogue = ["patient", "therapist"] * 4
    # Patient turns 0 and 4 carry; turn 2 does not: three turns lie between.
    p = [0.9, NAN, 0.0, NAN, 0.9, NAN, 0.0, NAN]
    assert len(spans(session(p, speakers=dialogue))) == 2
    assert len(spans(session(p, speakers=dialogue), rule(max_gap=3))) == 1


def test_other_speakers_between_carrying_turns_do_not_end_it():
    p = [0.9, NAN, 0.4, NAN, NAN, NAN, NAN, 0.9]
    speakers = ["patient", "therapist", "patient", *["therapist"] * 4, "patient"]
    assert spans(session(p, speakers=speakers), rule(max_gap=0)) == [("withdrawal", 0, 7, (0, 2, 7))]


def test_speakers_who_are_not_asked_for_carry_nothing():
    turns = session([0.9, 0.9, 0.9], speakers=["therapist", "patient", "other"])
    assert spans(turns) == [("withdrawal", 1, 1, (1,))]
    both = rule(speakers=("patient", "therapist"))
    assert spans(turns, both) == [("withdrawal", 0, 1, (0, 1))]


def test_short_episodes_are_dropped_after_merging():
    p = [0.9, 0.0, 0.9, 0.0, 0.0, 0.0, 0.9, 0.9, 0.0, 0.0, 0.0, 0.9]
    assert spans(session(p), rule(min_length=3)) == [("withdrawal", 0, 2, (0, 2))]
    assert [s[1:3] for s in spans(session(p), rule(min_length=2))] == [(0, 2), (6, 7)]


def test_the_threshold_of_the_family_scales_onset_and_offset():
    p = [0.1, 0.06, 0.05]
    assert spans(session(p), decisions=decided({"withdrawal": 0.1})) == [("withdrawal", 0, 1, (0, 1))]


def test_a_family_without_threshold_gives_none():
    turns = session([0.9, 0.9], confrontation=[0.9, 0.0])
    decisions = tuple(
        d.model_copy(update={"threshold": None}) if d.label == "withdrawal" else d for d in decided()
    )
    assert spans(turns, decisions=decisions) == [("confrontation", 0, 0, (0,))]


def test_overlapping_families_are_mixed():
    turns = session([0.9, 0.9, 0.9, 0, 0, 0, 0, 0.9, 0.9], confrontation=[0, 0, 0.6, 0.7, 0, 0, 0, 0, 0])
    assert spans(turns) == [("mixed", 0, 3, (0, 1, 2, 3)), ("withdrawal", 7, 8, (7, 8))]


def test_one_episode_can_join_two_of_the_other_family():
    turns = session([0.9, 0.9, 0, 0, 0, 0.9, 0.9], confrontation=[0, 0.8, 0.8, 0.8, 0.8, 0.8, 0])
    assert spans(turns) == [("mixed", 0, 6, (0, 1, 2, 3, 4, 5, 6))]


def test_neighbours_that_share_no_turn_stay_apart():
    turns = session([0.9, 0.9, 0, 0], confrontation=[0, 0, 0.9, 0.9])
    assert [s[0] for s in spans(turns)] == ["withdrawal", "confrontation"]


def test_overlap_in_a_bridged_gap_is_overlap():
    turns = session([0.9, 0, 0, 0.9], confrontation=[0, 0.9, 0, 0])
    assert spans(turns) == [("mixed", 0, 3, (0, 1, 3))]


def test_times_peak_markers_and_answers():
    speakers = ["patient", "therapist", "patient", "therapist", "patient", "therapist", "therapist"]
    turns = session(
        [0.6, NAN, 0.8, NAN, 0.0, NAN, NAN],
        confrontation=[0.0, NAN, 0.0, NAN, 0.0, NAN, NAN],
        speakers=speakers,
        others={
            "wd_a": {0: 0.7},
            "wd_b": {0: 0.2, 2: 0.75, 4: 0.99},
            "cf_a": {2: 0.95},
            "explore": {5: 0.6},
            "redirect": {1: 0.6},
        },
    )
    (episode,) = find_episodes(turns, decided(), book(), rule(answer_within=3))
    assert (episode.start_s, episode.end_s) == (0.0, 29.0)
    assert episode.peak == 0.8
    # Strongest first; turn 4 carries nothing; cf_a is of another family.
    assert episode.markers == ("wd_b", "wd_a")
    assert episode.answered_by == ("explore", "redirect")
    (episode,) = find_episodes(turns, decided(), book(), rule(answer_within=2))
    assert episode.answered_by == ("redirect",)
    (episode,) = find_episodes(replace(turns, flags=np.zeros_like(turns.flags)), decided(), book(), rule())
    assert (episode.markers, episode.answered_by) == ((), ())


def test_mixed_episodes_take_the_highest_peak_and_the_markers_of_both():
    turns = session([0.6, 0.6], confrontation=[0.0, 0.7], others={"wd_a": {0: 0.9}, "cf_a": {1: 0.95}})
    (episode,) = find_episodes(turns, decided(), book(), rule())
    assert (episode.family, episode.peak, episode.markers) == ("mixed", 0.7, ("cf_a", "wd_a"))


def test_times_may_be_unknown():
    turns = replace(session([0.9]), start_s=[None], end_s=[None])
    (episode,) = find_episodes(turns, decided(), book(), rule())
    assert (episode.start_s, episode.end_s) == (None, None)


def test_no_turns_no_episodes():
    assert spans(session([])) == []


def test_turns_out_of_order_are_a_programming_error():
    with pytest.raises(ValueError, match="must rise"):
        spans(replace(session([0.9, 0.9]), turn=np.array([1, 1])))


def test_answers_are_known_only_where_a_strategy_can_be_flagged():
    def without(names):
        return tuple(d.model_copy(update={"threshold": None}) if d.label in names else d for d in decided())

    assert answers_known(decided(), book())
    assert answers_known(without({"explore"}), book())
    assert not answers_known(without({"explore", "redirect"}), book())


@st.composite
def sessions(draw):
    n = draw(st.integers(0, 30))
    level = st.sampled_from([NAN, 0.0, 0.1, 0.29, 0.3, 0.4, 0.5, 0.7, 1.0])
    return session(
        draw(st.lists(level, min_size=n, max_size=n)),
        confrontation=draw(st.lists(level, min_size=n, max_size=n)),
        speakers=draw(st.lists(st.sampled_from(["patient", "therapist"]), min_size=n, max_size=n)),
    )


@st.composite
def rules(draw):
    onset = draw(st.sampled_from([0.5, 0.8, 1.0, 1.4]))
    return rule(
        onset=onset,
        offset=draw(st.sampled_from([share for share in (0.2, 0.6, 1.0) if share <= onset])),
        max_gap=draw(st.integers(0, 4)),
        min_length=draw(st.integers(1, 4)),
    )


def single(family):
    """Return decisions under which only this family gives episodes: what there is before mixing."""
    other = ({"withdrawal", "confrontation"} - {family}).pop()
    return tuple(d.model_copy(update={"threshold": None}) if d.label == other else d for d in decided())


FAMILIES = st.sampled_from(["withdrawal", "confrontation"])


@given(sessions(), rules(), FAMILIES)
def test_episodes_of_a_family_are_ordered_apart_long_enough_and_carried(turns, section, family):
    found = find_episodes(turns, single(family), book(), section)
    p = turns.probabilities[:, COLUMNS.index(family)]
    for episode in found:
        assert episode.family == family
        assert episode.turns[0] == episode.first_turn <= episode.last_turn == episode.turns[-1]
        assert list(episode.turns) == sorted(set(episode.turns))
        assert episode.last_turn - episode.first_turn + 1 >= section.min_length
        assert all(turns.speakers[t] == "patient" for t in episode.turns)
        assert all(p[t] >= section.offset * 0.5 for t in episode.turns)
        assert p[episode.first_turn] >= section.onset * 0.5
        assert episode.peak == max(p[t] for t in episode.turns)
    for before, after in pairwise(found):
        assert after.first_turn - before.last_turn - 1 > section.max_gap


@given(sessions(), rules())
def test_all_episodes_are_ordered_and_share_no_turn(turns, section):
    found = find_episodes(turns, decided(), book(), section)
    for before, after in pairwise(found):
        assert before.last_turn < after.first_turn
    carried = {turn for episode in found for turn in episode.turns}
    alone = {
        turn
        for family in ("withdrawal", "confrontation")
        for episode in find_episodes(turns, single(family), book(), section)
        for turn in episode.turns
    }
    assert carried == alone


@given(sessions(), rules(), FAMILIES)
def test_no_turn_that_begins_an_episode_is_left_out(turns, section, family):
    section = section.model_copy(update={"min_length": 1})
    found = find_episodes(turns, single(family), book(), section)
    carried = {turn for episode in found for turn in episode.turns}
    p = turns.probabilities[:, COLUMNS.index(family)]
    strong = {t for t, who in enumerate(turns.speakers) if who == "patient" and p[t] >= section.onset * 0.5}
    assert strong <= carried


@given(sessions(), rules(), st.lists(st.sampled_from([("therapist", 1.0), ("patient", 0.05)]), max_size=5))
def test_appending_turns_that_carry_nothing_changes_nothing(turns, section, more):
    n, extra = len(turns.speakers), len(more)
    p = np.zeros((extra, len(COLUMNS)))
    p[:, -2:] = [[value] * 2 for _, value in more] or np.zeros((0, 2))
    longer = SessionTurns(
        turn=np.arange(n + extra),
        speakers=[*turns.speakers, *(who for who, _ in more)],
        start_s=[*turns.start_s, *[None] * extra],
        end_s=[*turns.end_s, *[None] * extra],
        probabilities=np.vstack([turns.probabilities, p]),
        flags=np.vstack([turns.flags, np.zeros_like(p, dtype=bool)]),
    )
    section = section.model_copy(update={"offset": max(section.offset, 0.2)})
    assert find_episodes(longer, decided(), book(), section) == find_episodes(
        turns, decided(), book(), section
    )


@given(sessions(), rules(), st.floats(1.0, 3.0))
def test_raising_onset_adds_no_turn_outside_old_episodes(turns, section, factor):
    higher = section.model_copy(update={"onset": section.onset * factor})
    old = {turn for e in find_episodes(turns, decided(), book(), section) for turn in e.turns}
    new = {turn for e in find_episodes(turns, decided(), book(), higher) for turn in e.turns}
    assert new <= old


@given(sessions(), rules(), st.integers(1, 50))
def test_numbering_from_elsewhere_moves_episodes_and_no_more(turns, section, offset):
    moved = find_episodes(replace(turns, turn=turns.turn + offset), decided(), book(), section)
    back = [replace(e, first_turn=e.first_turn - offset, last_turn=e.last_turn - offset,
                    turns=tuple(t - offset for t in e.turns)) for e in moved]  # fmt: skip
    assert back == list(find_episodes(turns, decided(), book(), section))
