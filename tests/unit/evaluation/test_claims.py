from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from rift.evaluation.claims import ALPHAS, BOOTSTRAPPED
from rift.evaluation.markers import claimed_table, marker_table
from rift.evaluation.results import Beside, evaluate, plain
from rift.evaluation.units import align
from rift.evaluation.verdicts import EXPLORATORY
from rift.reliability.alpha import nominal_alpha
from rift.reliability.alt_test import active_alt_tests, standard_alt_test
from rift.reliability.intervals import IntervalRule
from rift.reliability.noninferiority import Difference, non_inferiority

pytestmark = pytest.mark.filterwarnings("error")


def claims_of(corpus, section, column="shrugs", **changes):
    codebook, marks, predictions = corpus
    table, _ = claimed_table(align(marks, predictions.assign(**changes), codebook), section)
    return table.row(column).claims


@pytest.fixture
def noisy(make):
    """Three coders, fifteen patients of twenty turns; sighs as shrugs, yawns rarer, nods never coded."""
    random = np.random.default_rng(4)
    codebook = make.codebook(["shrugs", "sighs", "yawns", "nods"], family="away")
    patients = np.repeat([f"p{i:02}" for i in range(15)], 20)
    latent = random.normal(size=(300, 5)) + np.repeat(random.normal(0, 0.4, (15, 1)), 20, axis=0)
    latent[:, 1] = latent[:, 0]
    noise = random.normal(0, 0.5, (300, 5, 3))
    cuts = np.array([0.8, 0.8, 2.2, 0.0, 0.5])
    states = (latent[:, :, None] + noise > cuts[:, None]).astype(np.int8)
    states[:, 1] = states[:, 0]
    states[:, 3] = -1
    states[:40, :, 2] = -1
    marks = make.marks(codebook.columns, states, patients, coders="abc")
    scores = 1 / (1 + np.exp(-latent))
    flags = latent + random.normal(0, 0.5, (300, 5)) > cuts
    flags[:, 1] = flags[:, 0]
    return codebook, marks, make.predictions(marks, scores, flags)


@pytest.fixture
def section(make):
    return make.section(
        interval=0.95, full_support=30, exploratory_support=10, full_patients=8, min_patients_interval=8
    )


def test_alpha_with_the_model_in_the_place_of_each_coder_by_hand(small, make):
    found = claims_of(small, make.section())
    # On the seven turns that both coded; flags 1, 1, 0, 0, 1, 0, 1.
    flags = [1, 1, 0, 0, 1, 0, 1]
    a, b = [1, 1, 0, 0, 1, 0, 0], [1, 0, 0, 0, 1, 1, 0]
    human, first, second = (
        nominal_alpha(np.column_stack(pair)).value for pair in ((a, b), (flags, b), (a, flags))
    )
    assert found.alpha_hh.value == pytest.approx(human)
    assert [(one.coder, one.alpha.value) for one in found.substituted] == [
        ("a", pytest.approx(first)), ("b", pytest.approx(second)),
    ]  # fmt: skip
    assert found.alpha_mh.value == pytest.approx((first + second) / 2)
    assert found.alpha_delta.value == pytest.approx((first + second) / 2 - human)
    assert (found.alpha_hh.n, found.alpha_mh.n) == (7, 7)
    # Without p1 the three turns of p2 are left, without p2 the four of p1.
    without = [nominal_alpha(np.column_stack((a[at], b[at]))).value for at in (slice(4, 7), slice(0, 4))]
    width = student.ppf(0.8, 1) * abs(without[0] - without[1]) / 2
    assert found.alpha_hh.high == pytest.approx(min(human + width, 1))


def test_a_model_that_copies_a_coder_changes_no_alpha_of_the_other_two(noisy, section):
    _, marks, _ = noisy
    found = claims_of(noisy, section, flag_shrugs=marks.states[:, 0, 0] == 1)
    assert found.substituted[0].alpha == found.alpha_hh
    assert found.substituted[1].alpha.value > found.alpha_hh.value
    assert found.alpha_delta.value > 0


def test_a_coder_who_coded_alone_cannot_be_replaced(noisy, section):
    codebook, marks, predictions = noisy
    states = marks.states.copy()
    states[:, 0, 2] = -1
    found = claims_of((codebook, replace(marks, states=states), predictions), section)
    assert found.substituted[2].alpha.reason == "coded no turn together with another"
    assert found.alpha_mh.value == pytest.approx(np.mean([one.alpha.value for one in found.substituted[:2]]))
    assert found.alt_test.omega.reason == "fewer than three coders"
    assert found.alt_test.verdict == "cannot tell"


def test_bootstrap_stands_beside_the_jackknife(noisy, section):
    codebook, marks, predictions = noisy
    row = claimed_table(align(marks, predictions, codebook), section)[0].row("shrugs")
    for name in BOOTSTRAPPED:
        known = getattr(row.claims if name in ALPHAS else row, name)
        beside = getattr(row.claims, f"{name}_bootstrap")
        assert (beside.value, beside.n, beside.reason) == (known.value, known.n, None)
        assert beside.low < known.value < beside.high
        assert 0.6 < (beside.high - beside.low) / (known.high - known.low) < 1.2
    assert claims_of(noisy, section) == row.claims
    other = claims_of(noisy, section.model_copy(update={"seed": 2}))
    assert other.f1_bootstrap.value == row.f1.value
    assert other.f1_bootstrap.low != row.claims.f1_bootstrap.low


def test_verdicts_are_those_of_all_full_labels_of_one_kind(noisy, section):
    codebook, marks, predictions = noisy
    data = align(marks, predictions, codebook)
    table, _ = claimed_table(data, section)
    assert [row.support for row in table.rows] == ["Full", "Full", "Exploratory", "Counts", "Full"]
    plain_sums = marker_table(data, section)
    assert [replace(row, claims=None) for row in table.rows] == list(plain_sums.rows)
    shrugs, sighs, yawns, nods, away = (row.claims for row in table.rows)

    rule = IntervalRule(0.95, 8)
    states, flags = marks.states, data.flags.astype(np.int8)
    tests = active_alt_tests(flags[:, :2], states[:, :2], data.patients, rule, 0.2, [None, None])
    assert (shrugs.alt_test, sighs.alt_test) == tests
    assert (away.alt_test,) == active_alt_tests(flags[:, 4:], states[:, 4:], data.patients, rule, 0.2, [None])
    assert shrugs.alt_test_standard == standard_alt_test(flags[:, 0], states[:, 0], 0.2)
    # Two markers that can be tested; the family stands alone.
    assert shrugs.non_inferiority.adjusted == pytest.approx(2 * shrugs.non_inferiority.p_value)
    assert away.non_inferiority.adjusted == away.non_inferiority.p_value
    assert shrugs.non_inferiority.lower == pytest.approx(table.row("shrugs").delta.low)

    assert (yawns.non_inferiority.verdict, yawns.non_inferiority.reason) == ("cannot tell", EXPLORATORY)
    assert (yawns.alt_test.omega.reason, yawns.alt_test_standard.omega.reason) == (EXPLORATORY,) * 2
    assert yawns.alt_test.rho.value == pytest.approx(
        active_alt_tests(flags[:, 2:3], states[:, 2:3], data.patients, rule, 0.2, [None])[0].rho.value
    )
    for known in (nods.alpha_hh, nods.f1_bootstrap, nods.alt_test.rho, nods.alt_test_standard.omega):
        assert (known.value, known.reason) == (None, "not coded")
    assert nods.non_inferiority.reason == "not coded"


def test_margin_and_epsilon_decide(noisy, section):
    strict = claims_of(noisy, section.model_copy(update={"margin": -0.001, "epsilon": 0.0}))
    loose = claims_of(noisy, section.model_copy(update={"margin": -0.9, "epsilon": 0.9}))
    assert (loose.non_inferiority.verdict, loose.alt_test.verdict, loose.alt_test.omega.value) == (
        "yes", "yes", 1,
    )  # fmt: skip
    assert strict.non_inferiority.verdict != "yes"
    assert strict.alt_test.verdict == "no"


def test_a_useless_model_is_inferior_and_passes_the_standard_form_only(noisy, section):
    codebook, marks, predictions = noisy
    random = np.random.default_rng(1)
    useless = predictions.assign(flag_shrugs=random.random(300) < 0.15)
    found = claims_of((codebook, marks, useless), section)
    assert found.non_inferiority.verdict == "no"
    assert found.alt_test.verdict == "no"
    assert found.alt_test.rho.value < found.alt_test_standard.rho.value
    assert found.alpha_delta.high < 0


def test_a_silent_model_is_told_beside(make, section):
    # Per patient: turns marked by all three, by one alone, and by none; the model marks as all do.
    def corpus(alone):
        own = [[1, 1, 1]] * 4 + list(np.eye(3, dtype=int)) * alone + [[0, 0, 0]] * 20
        states = np.array(own * 10)[:, None]
        book = make.codebook(["shrugs"])
        marks = make.marks(
            book.columns, states, np.repeat([f"p{i}" for i in range(10)], len(own)), coders="abc"
        )
        flags = states.all(axis=2)
        return book, marks, make.predictions(marks, flags * 0.9, flags)

    often, seldom = claims_of(corpus(4), section), claims_of(corpus(1), section)
    assert (often.alt_test.verdict, often.silent_omega.value) == ("yes", 1)
    assert (seldom.alt_test.verdict, seldom.silent_omega.value) == ("yes", 0)


def test_counts_and_one_coder_say_why(small, make):
    counted = claims_of(small, make.section(full_support=9, exploratory_support=9))
    reason = "fewer than 9 flags and positives"
    for known in (
        counted.alpha_hh,
        counted.delta_bootstrap,
        counted.alt_test.rho,
        counted.alt_test_standard.rho,
    ):
        assert known.reason == reason
    assert {one.alpha.reason for one in counted.substituted} == {reason}
    assert counted.non_inferiority.reason == reason
    codebook, marks, predictions = small
    alone = make.marks(marks.columns, marks.states[:, :, :1], marks.turns["patient_id"], coders=["a"])
    found = claims_of((codebook, alone, predictions), make.section())
    assert found.alpha_hh.reason == found.delta_bootstrap.reason == "fewer than two coders"
    assert found.non_inferiority.reason == "fewer than two coders"
    assert found.alt_test.omega.reason == found.alt_test.rho.reason == "fewer than three coders"
    few = claims_of(small, make.section(min_patients_interval=8))
    assert few.non_inferiority.reason == few.f1_bootstrap.reason == "no interval: 2 patients, 8 needed"


def test_only_predictions_that_flag_each_turn_have_claims(noisy, section):
    codebook, marks, predictions = noisy
    found = evaluate(marks, predictions, codebook, section, beside=Beside({"other": predictions}))
    assert [[row.claims is None for row in table.rows] for table in found.baselines] == [
        [True] * 5, [True] * 5, [False] * 5,
    ]  # fmt: skip
    assert found.baselines[2].row("shrugs").claims == found.model.row("shrugs").claims
    known = plain(found.model)["rows"]["shrugs"]["claims"]
    assert known["non_inferiority"]["verdict"] == found.model.row("shrugs").claims.non_inferiority.verdict
    assert known["alpha_hh_bootstrap"]["low"] == found.model.row("shrugs").claims.alpha_hh_bootstrap.low
    data = align(marks, predictions, codebook)
    with pytest.raises(ValueError, match="flags of 0 or 1"):
        claimed_table(replace(data, flags=data.flags * 0.5), section)


def test_non_inferiority_is_that_of_the_interval_of_the_row(noisy, section):
    codebook, marks, predictions = noisy
    row = claimed_table(align(marks, predictions, codebook), section)[0].row("away")
    error = (row.delta.high - row.delta.low) / 2 / student.ppf(0.975, 14)
    (expected,) = non_inferiority([Difference(row.delta.value, error, 14)], section.margin)
    found = row.claims.non_inferiority
    assert (found.verdict, found.reason) == (expected.verdict, expected.reason)
    assert (found.lower, found.p_value) == pytest.approx((expected.lower, expected.p_value))
