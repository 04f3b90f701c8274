from dataclasses import replace

import numpy as np
import pytest

from rift.evaluation.markers import claimed_table, evaluate_markers
from rift.evaluation.sensitivity import Variations, sensitivity_table
from rift.evaluation.sensitivity_rows import CASELOADS, LABEL_RULES, PATIENTS
from rift.evaluation.units import align
from rift.reliability.intervals import IntervalRule, ratio_statistic

pytestmark = pytest.mark.filterwarnings("error")

NOTHING = Variations({}, {})


def table_of(corpus, section, given=NOTHING):
    codebook, marks, predictions = corpus
    data = align(marks, predictions, codebook)
    table, sums = claimed_table(data, section)
    return sensitivity_table(data, table.rows, sums, section, given), table


@pytest.fixture
def three(make):
    """Three coders on six turns of two patients; marked by 3, 2, 1, 0, one of two, and 1 of 1."""
    states = np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1], [0, 0, 0], [1, 0, -1], [1, -1, -1]])[:, None]
    codebook = make.codebook(["shrugs"])
    marks = make.marks(["shrugs"], states, ["p1"] * 3 + ["p2"] * 3, coders="abc")
    flags = np.array([[1], [1], [1], [0], [1], [0]])
    return codebook, marks, make.predictions(marks, flags * 0.8 + 0.1, flags == 1)


@pytest.fixture
def many(make):
    """Sixteen patients of 25 turns, three coders, one honest marker and one that nobody gave."""
    random = np.random.default_rng(5)
    codebook = make.codebook(["shrugs", "sighs"])
    latent = random.normal(size=400)
    states = np.zeros((400, 2, 3), dtype=np.int8)
    states[:, 0] = latent[:, None] + random.normal(0, 0.6, (400, 3)) > 0.8
    marks = make.marks(
        codebook.columns, states, np.repeat([f"p{at:02}" for at in range(16)], 25), coders="abc"
    )
    scores = np.stack([1 / (1 + np.exp(-2 * (latent - 0.8))), np.full(400, 0.01)], axis=1)
    return codebook, marks, make.predictions(marks, scores, scores > 0.5)


@pytest.fixture
def section(make):
    return make.section(
        interval=0.95, full_support=30, exploratory_support=10, full_patients=8, min_patients_interval=4
    )


def test_label_rules_by_hand(three, make):
    found = table_of(three, make.section())[0].of("shrugs", "label rule")
    assert tuple(found) == LABEL_RULES
    assert {rule: (row.turns, row.left_out) for rule, row in found.items()} == {
        "random coder": (6, 0), "majority": (5, 1), "any coder": (6, 0), "every coder": (6, 0),
    }  # fmt: skip
    assert [found[rule].precision.value for rule in LABEL_RULES] == pytest.approx(
        [(1 + 2 / 3 + 1 / 3 + 1 / 2) / 4, 2 / 3, 1.0, 1 / 4]
    )
    assert [found[rule].recall.value for rule in LABEL_RULES] == pytest.approx(
        [2.5 / 3.5, 2 / 3, 4 / 5, 1 / 2]
    )
    assert [row.chosen for row in found.values()] == [True, False, False, False]


def test_the_own_rule_is_the_tables(many, section):
    found, table = table_of(many, section)
    row, own = table.row("shrugs"), found.of("shrugs", "label rule")["random coder"]
    assert (own.precision, own.recall, own.f1) == (row.precision, row.recall, row.f1)
    assert found.of("shrugs", "margin")["-0.1"].verdict == row.claims.non_inferiority.verdict
    assert found.of("shrugs", "epsilon")["0.2"].omega == row.claims.alt_test.omega


def test_a_stricter_margin_or_epsilon_is_never_easier(many, section):
    found, _ = table_of(many, replace_section(section, margin=-0.2, epsilon=0.3))
    margins, epsilons = found.of("shrugs", "margin"), found.of("shrugs", "epsilon")
    assert list(margins) == ["-0.05", "-0.1", "-0.15", "-0.2"]
    assert list(epsilons) == ["0.3", "0.2", "0.1", "0.05"]
    order = ["no", "cannot tell", "yes"]
    ranks = [order.index(row.verdict) for row in margins.values()]
    assert ranks == sorted(ranks)
    omegas = [row.omega.value for row in epsilons.values()]
    assert omegas == sorted(omegas, reverse=True)
    assert [row.setting for row in found.rows if row.chosen and row.aspect in ("margin", "epsilon")] == [
        "-0.2", "0.3",
    ]  # fmt: skip


def replace_section(section, **changes):
    return section.model_copy(update=changes)


def test_caseloads_are_the_clusters_of_their_patients_sums(many, section):
    caseloads = {f"p{at:02}": at // 2 for at in range(16)}
    found, table = table_of(many, section, Variations(caseloads, {}))
    both = found.of("shrugs", "clusters")
    assert both[PATIENTS].precision == table.row("shrugs").precision
    codebook, marks, predictions = many
    own = align(marks, predictions, codebook)
    soft, flags = own.marks.soft()[:, 0], own.flags[:, 0]
    hits, flagged = ((flags * part).reshape(8, 50).sum(axis=1) for part in (soft, np.ones(400)))
    expected = ratio_statistic(hits, flagged, IntervalRule(0.95, 4), "", round(flagged.sum()))
    assert both[CASELOADS].precision == expected
    assert both[CASELOADS].delta.value == pytest.approx(table.row("shrugs").delta.value)
    assert both[CASELOADS].delta.low != table.row("shrugs").delta.low


def test_few_caseloads_have_no_interval_and_say_so(many, section):
    caseloads = {f"p{at:02}": at % 3 for at in range(16)}
    found = table_of(many, section, Variations(caseloads, {}))[0].of("shrugs", "clusters")[CASELOADS]
    assert (found.precision.low, found.delta.low) == (None, None)
    assert found.precision.reason == found.delta.reason == "no interval: 3 caseloads, 4 needed"


def test_what_cannot_be_varied_is_told(many, section):
    nobody = table_of(many, section)[0]
    assert nobody.untried[0] == "clusters: no therapist is known"
    assert nobody.untried[1].startswith("training: no other was given")
    alone = table_of(many, section, Variations({f"p{at:02}": at for at in range(16)}, {}))[0]
    assert alone.untried[0] == "clusters: no two patients share a therapist"
    assert nobody.settings("clusters") == nobody.settings("training") == ()


def test_other_trainings_stand_beside_this_one(many, section):
    codebook, marks, predictions = many
    other = evaluate_markers(marks, predictions.assign(flag_shrugs=True), codebook, section)
    found, table = table_of(many, section, Variations({}, {"seed 2": other}))
    both = found.of("shrugs", "training")
    assert list(both) == ["this one", "seed 2"]
    assert both["this one"].f1 == table.row("shrugs").f1
    assert both["seed 2"].f1 == other.row("shrugs").f1
    assert [row.chosen for row in both.values()] == [True, False]
    assert not any(text.startswith("training") for text in found.untried)


def test_labels_with_counts_only_have_no_rows(many, section):
    found, _ = table_of(many, section)
    assert {row.column for row in found.rows} == {"shrugs"}


def test_exploratory_labels_get_estimates_and_no_verdict(many, section):
    found, _ = table_of(many, replace_section(section, full_support=500))
    assert {row.verdict for row in found.of("shrugs", "margin").values()} == {"cannot tell"}
    assert {row.omega.value for row in found.of("shrugs", "epsilon").values()} == {None}
    assert found.of("shrugs", "label rule")["majority"].precision.defined


def test_nested_by_label(many, section):
    found, _ = table_of(many, section)
    assert found.by_label()["labels"]["shrugs"]["margin"]["-0.1"] is found.of("shrugs", "margin")["-0.1"]
    assert replace(found, rows=()).by_label()["labels"] == {}
