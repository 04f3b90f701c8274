"""Release of a threshold, or the honest lack of one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.config import DecisionSection
from rift.decisions.thresholds import MAX_CANDIDATES, MIN_FLAGS, MIN_PATIENTS, fit_threshold
from rift.reliability.intervals import ratio_lower_bound


def section(target=0.5, confidence=0.9, min_positives=10):
    return DecisionSection(
        target_precision=target,
        confidence=confidence,
        calibration_strength=1.0,
        min_positives=min_positives,
    )


def bound_at(value, p, s, patients, confidence=0.9):
    flag = p >= value
    names = sorted(set(patients))
    hits = [float(s[flag & (patients == name)].sum()) for name in names]
    flags = [float((flag & (patients == name)).sum()) for name in names]
    return ratio_lower_bound(hits, flags, confidence)


def ladder(hit_rate_by_rung, per_rung=20, patients=10):
    """Return turns on rungs of falling probability, each rung with its precision."""
    p, s, who = [], [], []
    for rung, rate in enumerate(hit_rate_by_rung):
        hits = round(rate * per_rung)
        for i in range(per_rung):
            p.append(0.9 - 0.1 * rung)
            s.append(1.0 if i < hits else 0.0)
            who.append(f"P{(i * 7 + rung) % patients}")
    return np.array(p), np.array(s), np.array(who, dtype=object)


def test_takes_the_lowest_rung_whose_bound_holds():
    p, s, who = ladder([1.0, 0.9, 0.6, 0.0, 0.0])
    found = fit_threshold(p, s, who, section())
    # Precision down to each rung: 1, .95, .83, .63, .5; the bound holds to the fourth at most.
    bounds = [bound_at(value, p, s, who) for value in np.unique(p)[::-1]]
    assert bounds[3] >= 0.5 > bounds[4]
    assert found.value == pytest.approx(0.6)
    assert found.status == "released"
    assert found.precision_bound == pytest.approx(bounds[3], abs=1e-12)
    assert "0.5" in found.rule
    assert "0.9" in found.rule


def test_the_search_stops_at_the_first_failure():
    p, s, who = ladder([1.0, 0.0, 0.0, *[1.0] * 6])
    found = fit_threshold(p, s, who, section())
    # The bound holds again at the lowest rungs, but the second rung failed before them.
    assert bound_at(p.min(), p, s, who) >= 0.5
    assert bound_at(np.unique(p)[-2], p, s, who) < 0.5
    assert found.value == pytest.approx(0.9)


def test_not_released_stands_at_its_best_f_half():
    p, s, who = ladder([0.4, 0.35, 0.1, 0.0])
    found = fit_threshold(p, s, who, section())
    assert (found.status, found.precision_bound) == ("not released", None)
    precision = {value: s[p >= value].mean() for value in np.unique(p)}
    recall = {value: s[p >= value].sum() / s.sum() for value in np.unique(p)}
    score = {v: 1.25 * precision[v] * recall[v] / (0.25 * precision[v] + recall[v]) for v in precision}
    assert found.value == max(score, key=score.get)
    assert found.rule == "highest F0.5: precision of 0.5 at 0.9 confidence not shown"


def test_candidates_with_few_flags_are_passed_over_and_are_no_failures():
    p, s, who = ladder([1.0, 1.0])
    wrong = MIN_FLAGS - 1
    p = np.concatenate([np.full(wrong, 0.99), p])
    s = np.concatenate([np.zeros(wrong), s])
    who = np.concatenate([np.array([f"P{i % 10}" for i in range(wrong)], dtype=object), who])
    assert bound_at(0.99, p, s, who) < 0.5
    assert fit_threshold(p, s, who, section()).status == "released"
    # One flag more and the wrong rung is tested, and fails.
    p, s = np.append(p, 0.99), np.append(s, 0.0)
    who = np.append(who, "P3")
    assert fit_threshold(p, s, who, section()).status == "not released"


def test_candidates_with_few_patients_are_passed_over():
    p, s, who = ladder([1.0, 1.0], patients=MIN_PATIENTS - 1)
    found = fit_threshold(p, s, who, section())
    assert found.status == "not released"
    assert "no threshold flags" in found.rule
    who[-1] = "P-another"
    assert fit_threshold(p, s, who, section()).value == pytest.approx(0.8)


def test_soft_labels_count_in_shares():
    p, _, who = ladder([1.0])
    s = np.resize([1 / 3, 2 / 3, 1.0], len(p))
    bound = bound_at(0.9, p, s, who)
    assert 0.5 < bound < 2 / 3
    assert fit_threshold(p, s, who, section(bound - 0.001)).status == "released"
    assert fit_threshold(p, s, who, section(bound + 0.001)).status == "not released"


def test_too_few_positives_are_never_released():
    p, s, who = ladder([1.0, 0.0])
    found = fit_threshold(p, s, who, section(min_positives=21))
    assert found.status == "not released"
    assert found.rule == "highest F0.5: 20 soft positives, 21 needed for a release"
    assert found.value == pytest.approx(0.9)


def test_no_examples():
    p, s, who = ladder([0.0, 0.0])
    found = fit_threshold(p, s, who, section())
    assert (found.value, found.status) == (None, "no examples")
    assert "no coded turn carries it" in found.rule
    found = fit_threshold(p, np.full_like(s, np.nan), who, section())
    assert (found.value, found.status) == (None, "no examples")
    assert "no turn was coded" in found.rule


def test_turns_without_probability_or_label_do_not_matter():
    p, s, who = ladder([1.0, 0.9, 0.5, 0.0])
    plus = fit_threshold(
        np.append(p, [np.nan, 0.95]),
        np.append(s, [1.0, np.nan]),
        np.append(who, ["P1", "P2"]),
        section(),
    )
    assert plus == fit_threshold(p, s, who, section())


def test_many_candidates_are_thinned_and_still_near_the_full_search():
    rng = np.random.default_rng(3)
    n = 1200
    s = (rng.random(n) < 0.1).astype(float)
    p = 1 / (1 + np.exp(-(rng.normal(0, 1, n) + 2.5 * s - 2)))
    who = np.array([f"P{i % 20}" for i in range(n)], dtype=object)
    found = fit_threshold(p, s, who, section())
    assert len(np.unique(p)) > MAX_CANDIDATES
    full = None
    for value in np.sort(p)[::-1][MIN_FLAGS - 1 :]:  # every candidate, one by one
        if bound_at(value, p, s, who) < 0.5:
            break
        full = value
    assert found.status == "released"
    flags, flags_full = (p >= found.value).sum(), (p >= full).sum()
    assert flags == pytest.approx(flags_full, rel=0.06)
    assert found.precision_bound == pytest.approx(bound_at(found.value, p, s, who), abs=1e-12)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.sampled_from([0.3, 0.5, 0.8]))
def test_a_release_holds_its_bound_and_does_not_depend_on_order(seed, patients, target):
    rng = np.random.default_rng(seed)
    n = 250
    s = rng.choice([0.0, 0.5, 1.0], n)
    p = np.round(np.clip(0.3 * s + 0.6 * rng.random(n), 0, 1), 2)
    who = np.array([f"P{i}" for i in rng.integers(0, patients, n)], dtype=object)
    found = fit_threshold(p, s, who, section(target))
    assert found.value in p
    if found.status == "released":
        assert found.precision_bound >= target
        assert found.precision_bound == pytest.approx(bound_at(found.value, p, s, who), abs=1e-9)
        assert (p >= found.value).sum() >= MIN_FLAGS
    mixed = rng.permutation(n)
    again = fit_threshold(p[mixed], s[mixed], who[mixed], section(target))
    assert (again.value, again.status) == (found.value, found.status)
