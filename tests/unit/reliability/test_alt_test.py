import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import ttest_1samp

from rift.reliability.alt_test import (
    active_alt_tests,
    advantage_of,
    comparison_sums,
    patient_p_values,
    standard_alt_test,
    unit_p_values,
)
from rift.reliability.intervals import IntervalRule

pytestmark = pytest.mark.filterwarnings("error")

RULE = IntervalRule(0.95, 2)

tables = st.integers(1, 25).flatmap(
    lambda units: st.tuples(
        arrays(np.int8, units, elements=st.integers(-1, 1)),
        arrays(np.int8, (units, 3), elements=st.integers(-2, 1)),
        arrays(np.int64, units, elements=st.integers(0, 4)),
    )
)


def plain_indicators(model, codes, active):
    """Per coder the units with what coder and model score against the others, one by one."""
    found = []
    for coder in range(codes.shape[1]):
        rows = []
        for unit, said in enumerate(codes):
            others = [said[c] for c in range(len(said)) if c != coder and said[c] >= 0]
            if said[coder] < 0 or not others or model[unit] < 0:
                continue
            if active and 1 not in said and model[unit] != 1:
                continue
            human = np.mean([other == said[coder] for other in others])
            machine = np.mean([other == model[unit] for other in others])
            rows.append((unit, int(human >= machine), int(machine >= human)))
        found.append(rows)
    return found


@given(tables, st.booleans())
@settings(max_examples=150, deadline=None)
def test_agrees_with_a_plain_implementation(table, active):
    model, codes, patients = table
    sums = comparison_sums(model, codes, patients, 5, active=active)
    plain = plain_indicators(model, codes, active)
    totals = sums.sum(axis=0)
    assert totals[:, 0].tolist() == [len(rows) for rows in plain]
    shares = [np.mean([machine for _, _, machine in rows]) for rows in plain if rows]
    assert advantage_of(totals) == pytest.approx(np.mean(shares) if shares else np.nan, nan_ok=True)
    p_values = unit_p_values(totals, 0.15, 2)
    for found, rows in zip(p_values, plain, strict=True):
        leads = [human - machine for _, human, machine in rows]
        if len(rows) < 2:
            assert np.isnan(found)
        elif len(set(leads)) == 1:
            assert found == (0 if leads[0] < 0.15 else 1)
        else:
            assert found == pytest.approx(ttest_1samp(leads, 0.15, alternative="less").pvalue)


@given(tables, st.permutations(range(3)), st.permutations(range(5)))
@settings(max_examples=80, deadline=None)
def test_names_of_coders_patients_and_codes_do_not_matter(table, coders, names):
    model, codes, patients = table
    sums = comparison_sums(model, codes, patients, 5, active=False)
    again = comparison_sums(model, codes[:, coders], np.array(names)[patients], 5, active=False)
    assert again[np.array(names)].tolist() == sums[:, coders].tolist()
    flipped = comparison_sums(
        np.where(model >= 0, 1 - model, -1), np.where(codes >= 0, 1 - codes, -1), patients, 5, active=False
    )
    assert flipped.tolist() == sums.tolist()
    for active in (False, True):
        known = comparison_sums(model, codes, patients, 5, active=active).sum(axis=0)
        assert np.isnan(advantage_of(known)) or 0 <= advantage_of(known) <= 1


def test_one_unit_per_patient_is_the_standard_test_and_clusters_are_wider():
    random = np.random.default_rng(2)
    truth = np.repeat(random.random(12) < 0.5, 6)
    codes = (random.random((72, 3)) < np.where(truth, 0.8, 0.2)[:, None]).astype(np.int8)
    model = (random.random(72) < np.where(truth, 0.7, 0.4)).astype(np.int8)
    alone = comparison_sums(model, codes, np.arange(72), 72, active=True)
    assert patient_p_values(alone, 0.2, 2) == pytest.approx(unit_p_values(alone.sum(axis=0), 0.2, 2))
    # By hand: the ratio of sums and its linearised error over the twelve patients.
    clustered = comparison_sums(model, codes, np.arange(72) // 6, 12, active=True)
    units, lead = clustered[:, 0, 0], clustered[:, 0, 2]
    ratio = lead.sum() / units.sum()
    residuals = lead - ratio * units
    # The t of twelve values whose mean and standard error are those of the ratio.
    values = residuals / units.mean() + ratio
    expected = ttest_1samp(values, 0.2, alternative="less").pvalue
    assert patient_p_values(clustered, 0.2, 2)[0] == pytest.approx(expected)


def test_markers_at_once_are_markers_one_by_one():
    random = np.random.default_rng(5)
    codes, model = random.integers(-1, 2, (60, 4, 3)), random.integers(-1, 2, (60, 4))
    patients = np.arange(60) // 5
    together = comparison_sums(model, codes, patients, 12, active=True)
    for at in range(4):
        alone = comparison_sums(model[:, at], codes[:, at], patients, 12, active=True)
        assert together[:, at].tolist() == alone.tolist()


def rare_marks(patients=20):
    """Turns of which each patient has 2 marked by all coders, 3 by one of them, and 45 by none."""
    codes = np.zeros((patients, 50, 3), dtype=np.int8)
    codes[:, :2] = 1
    codes[:, [2, 3, 4], [0, 1, 2]] = 1
    return codes.reshape(-1, 3), np.repeat(np.arange(patients), 50)


def test_an_all_negative_model_passes_the_standard_form_alone():
    codes, patients = rare_marks()
    silent = np.zeros(len(codes), dtype=np.int8)
    assert standard_alt_test(silent, codes, 0.2).omega.value == 1
    (found,) = active_alt_tests(silent[:, None], codes[:, None], patients, RULE, 0.2, [None])
    # Of five active units the coder is closer on the two that all marked, the model on the coder's own.
    assert (found.omega.value, found.verdict, found.units) == (0, "no", 100)
    assert found.rho.value == pytest.approx(3 / 5)
    assert found.p_values == (1, 1, 1)


def test_a_model_that_marks_what_all_mark_passes_both():
    codes, patients = rare_marks()
    model = codes.all(axis=1).astype(np.int8)
    assert standard_alt_test(model, codes, 0.2).verdict == "yes"
    (found,) = active_alt_tests(model[:, None], codes[:, None], patients, RULE, 0.2, [None])
    assert (found.omega.value, found.omega.n, found.verdict, found.rho.value) == (1, 3, "yes", 1)


def test_adjusted_over_all_markers_and_coders():
    random = np.random.default_rng(8)
    codes = random.integers(0, 2, (300, 2, 3))
    # The first marker's model contradicts the majority of the coders, the second's is with them.
    most = codes.sum(axis=2) >= 2
    model = np.column_stack([~most[:, 0], most[:, 1]]).astype(int)
    patients = np.arange(300) // 10
    first, second = active_alt_tests(model, codes, patients, RULE, 0.2, [None, None])
    (alone,) = active_alt_tests(model[:, 1:], codes[:, 1:], patients, RULE, 0.2, [None])
    refused, kept = active_alt_tests(model, codes, patients, RULE, 0.2, ["exploratory support", None])
    assert (first.omega.value, second.omega.value) == (0, 1)
    assert alone.p_values == second.p_values
    assert kept == alone
    assert all(one > other for one, other in zip(second.adjusted, alone.adjusted, strict=True) if other)
    assert (refused.omega.reason, refused.rho, refused.p_values) == (
        "exploratory support",
        first.rho,
        (None,) * 3,
    )
    assert refused.verdict == "cannot tell"
    assert first.rho.low < first.rho.value < first.rho.high


def test_reasons():
    codes, patients = rare_marks(9)
    model = codes.all(axis=1).astype(np.int8)

    def active(codes, model=model, rule=RULE):
        return active_alt_tests(model[:, None], codes[:, None], patients, rule, 0.2, [None])[0]

    two = active(codes[:, :2])
    assert (two.omega.reason, two.rho.reason) == ("fewer than three coders",) * 2
    idle = codes.copy()
    idle[:, 2] = -1
    assert (active(idle).omega.reason, active(idle).rho.reason) == ("fewer than three coders",) * 2
    assert standard_alt_test(model, idle, 0.2).omega.reason == "fewer than three coders"
    nobody = active(np.zeros_like(codes), np.zeros_like(model))
    assert (nobody.omega.reason, nobody.rho.reason) == ("nothing marked or flagged",) * 2
    few = active(codes, rule=IntervalRule(0.95, 10))
    assert few.omega.reason == "fewer than three coders with 10 patients with marks or flags"
    assert (few.rho.value, few.rho.low, few.rho.reason) == (1, None, "no interval: 9 patients, 10 needed")
    short = standard_alt_test(model[:29], codes[:29], 0.2)
    assert short.omega.reason == "fewer than three coders with 30 turns coded by others too"
    assert (short.rho.value, short.units, short.p_values) == (None, 29, (None,) * 3)
