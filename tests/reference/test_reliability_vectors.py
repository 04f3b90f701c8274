"""Published and computed reference values of the reliability coefficients."""

import json
from pathlib import Path

import numpy as np
import pytest

from rift.reliability.alpha import alpha_of, alpha_sums, fleiss_from_counts, fleiss_kappa, nominal_alpha
from rift.reliability.gwet import gwet_ac1
from rift.reliability.intervals import IntervalRule, ratio_interval, ratio_statistic
from rift.reliability.kappa import agreement_from_table, cohen_kappa, kappa_from_table, specific_agreement
from rift.reliability.ranking import average_precision
from rift.reliability.two_by_two import bias_index, pabak, prevalence_index

pytestmark = pytest.mark.filterwarnings("error")

VECTORS = {
    vector["id"]: vector
    for vector in json.loads((Path(__file__).parent / "reliability_vectors.json").read_text("utf-8"))[
        "vectors"
    ]
}


def near(vector):
    return lambda value: pytest.approx(value, abs=vector["tolerance"])


def codes(rows):
    """Number categories from 0 in sorted order; null becomes -1."""
    known = sorted({value for row in rows for value in row if value is not None})
    return np.array([[-1 if value is None else known.index(value) for value in row] for row in rows])


def as_raters(table):
    """Return the two coders' codes that a [K, K] table counts."""
    cells = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return np.array(cells)


@pytest.mark.parametrize(
    "name", ["alpha_krippendorff_canonical", "alpha_binary_two_observers", "alpha_nominal_two_observers"]
)
def test_alpha_of_krippendorffs_examples(name):
    vector = VECTORS[name]
    assert nominal_alpha(codes(vector["input"]).T).value == near(vector)(vector["expected"]["nominal"])


def test_canonical_alpha_ignores_the_unit_coded_once():
    units = codes(VECTORS["alpha_krippendorff_canonical"]["input"]).T
    assert nominal_alpha(units).n == 11
    assert nominal_alpha(units[:-1]) == nominal_alpha(units)


def test_gwets_four_raters():
    vector, close = VECTORS["gwet_raw4raters"], near(VECTORS["gwet_raw4raters"])
    units = codes(vector["input"])
    assert fleiss_kappa(units).value == close(vector["expected"]["fleiss"])
    assert nominal_alpha(units).value == close(vector["expected"]["alpha_nominal"])


@pytest.mark.parametrize(
    ("name", "key"),
    [("fleiss_1971", "kappa"), ("gwet_distrib_6raters", "fleiss"), ("fleiss_unequal_raters", "kappa")],
)
def test_fleiss_kappa_of_counts(name, key):
    vector = VECTORS[name]
    counts = np.array(vector["input"], dtype=float)
    assert fleiss_from_counts(counts).value == near(vector)(vector["expected"][key])
    if "alpha_nominal" in vector["expected"]:
        alpha = float(alpha_of(alpha_sums(counts).sum(axis=0)))
        assert alpha == near(vector)(vector["expected"]["alpha_nominal"])


@pytest.mark.parametrize(
    ("name", "key"),
    [("cohen_1960", "kappa"), ("fleiss_cohen_everitt_1969", "kappa"), ("table_3x3_abstractors", "cohen")],
)
def test_cohens_kappa_of_tables(name, key):
    vector = VECTORS[name]
    expected = near(vector)(vector["expected"][key])
    assert kappa_from_table(vector["input"]).value == expected
    raters = as_raters(vector["input"])
    assert cohen_kappa(raters[:, 0], raters[:, 1]).value == expected


def test_abstractors_agreement_and_alpha():
    vector, close = VECTORS["table_3x3_abstractors"], near(VECTORS["table_3x3_abstractors"])
    assert agreement_from_table(vector["input"]).value == close(vector["expected"]["percent_agreement"])
    assert nominal_alpha(as_raters(vector["input"])).value == close(vector["expected"]["alpha_nominal"])


@pytest.mark.parametrize("name", [name for name in VECTORS if name.startswith(("feinstein", "edge"))])
def test_two_by_two_tables(name):
    vector, expected = VECTORS[name], VECTORS[name]["expected"]
    close = near(vector)
    # The reference puts both-marked first; a table here counts category 0, not marked, first.
    table = np.array(vector["input"])[::-1, ::-1]
    found = {
        "kappa": kappa_from_table(table).value,
        "po": agreement_from_table(table).value,
        "ppos": specific_agreement(table, 1).value,
        "pneg": specific_agreement(table, 0).value,
        "alpha_nominal": nominal_alpha(as_raters(table)).value,
        "fleiss": fleiss_kappa(as_raters(table)).value,
        "pabak": pabak(table).value,
        "PI": prevalence_index(table).value,
        "BI": bias_index(table).value,
        "ac1": gwet_ac1(as_raters(table)).value,
        "AC1": gwet_ac1(as_raters(table)).value,
    }
    for key, value in expected.items():
        assert found[key] == (None if value is None else close(value)), key


def test_nobody_marks_is_undefined_for_a_stated_reason():
    table = np.array(VECTORS["edge_nobody_marks"]["input"])[::-1, ::-1]
    for statistic in (kappa_from_table(table), specific_agreement(table, 1), nominal_alpha(as_raters(table))):
        assert statistic.value is None
        assert statistic.reason == "nobody marked it"


def test_precision_interval_over_patients():
    vector, expected = VECTORS["precision_ci_cluster"], VECTORS["precision_ci_cluster"]["expected"]
    hits, flags = vector["input"]["tp_per_patient"], vector["input"]["flags_per_patient"]
    value, low, high = ratio_interval(hits, flags, 0.95)
    close = near(vector)
    assert value == close(expected["precision"])
    assert [low, high] == [close(bound) for bound in expected["ci95_logit_t"]]
    statistic = ratio_statistic(hits, flags, IntervalRule(0.95, expected["df"] + 1), "none", 25)
    assert (statistic.low, statistic.high) == (low, high)
    few = ratio_statistic(hits, flags, IntervalRule(0.95, expected["df"] + 2), "none", 25)
    assert (few.value, few.low, few.reason) == (value, None, "no interval: 7 patients, 8 needed")


def test_average_precision():
    vector = VECTORS["average_precision"]
    found = average_precision(vector["input"]["y"], vector["input"]["p"])
    assert found.value == near(vector)(vector["expected"]["ap"])


def test_average_precision_without_positives_and_of_a_constant():
    vector = VECTORS["average_precision_edges"]
    absent = average_precision(vector["input"]["y"], vector["input"]["p"])
    assert (absent.value, absent.reason) == (vector["expected"]["ap"], "no positives")
    constant = average_precision(vector["input"]["y2"], vector["input"]["p2"])
    assert constant.value == near(vector)(vector["expected"]["ap2"])
