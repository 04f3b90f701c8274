"""Published and computed reference values of weighted, multi-coder and set coefficients."""

import json
from pathlib import Path

import numpy as np
import pytest

from rift.reliability.alpha import category_counts, fleiss_kappa
from rift.reliability.distances import level_alpha
from rift.reliability.gwet import (
    agreement_sums,
    brennan_prediger,
    brennan_prediger_of,
    gwet_ac1,
    gwet_ac2,
    gwet_of,
    table_agreement_sums,
)
from rift.reliability.sets import set_alpha, set_distances
from rift.reliability.weighted import (
    agreement_weights,
    conger_kappa,
    weighted_kappa,
    weighted_kappa_from_table,
)

pytestmark = pytest.mark.filterwarnings("error")

VECTORS = {
    vector["id"]: vector
    for vector in json.loads((Path(__file__).parent / "reliability_vectors.json").read_text("utf-8"))[
        "vectors"
    ]
}


def expected(name, key):
    return pytest.approx(VECTORS[name]["expected"][key], abs=VECTORS[name]["tolerance"])


def ratings(rows):
    return np.array([[np.nan if value is None else value for value in row] for row in rows], dtype=float)


def as_raters(table):
    """Return the two coders' codes that a [K, K] table counts."""
    cells = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return np.array(cells)


def states_of(units, labels):
    """Return [T, L, C] states of units that list each coder's labels; null is not coded."""
    return np.array(
        [
            [[-1 if given is None else int(label in given) for given in unit] for label in labels]
            for unit in units
        ]
    )


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_of_krippendorffs_example_on_every_scale(level):
    found = level_alpha(ratings(VECTORS["alpha_krippendorff_canonical"]["input"]).T, level)
    assert found.value == expected("alpha_krippendorff_canonical", level)
    assert found.n == 11


def test_gwets_four_raters():
    name = "gwet_raw4raters"
    rows = ratings(VECTORS[name]["input"])
    units = np.where(np.isnan(rows), -1, rows - 1).astype(int)
    assert gwet_ac1(units).value == expected(name, "AC1")
    assert conger_kappa(units).value == expected(name, "conger")
    assert brennan_prediger(units).value == expected(name, "brennan_prediger")
    pairable, agreed, *_ = agreement_sums(category_counts(units), np.eye(5)).sum(axis=0)
    assert agreed / pairable == expected(name, "percent_agreement")
    for weighting in ("linear", "quadratic", "ordinal"):
        found = gwet_ac2(units, agreement_weights(5, weighting))
        assert found.value == expected(name, f"AC2_{weighting}")
        assert found.n == 11


def test_abstractors():
    name = "table_3x3_abstractors"
    raters = as_raters(VECTORS[name]["input"])
    assert gwet_ac1(raters).value == expected(name, "AC1")
    assert brennan_prediger(raters).value == expected(name, "brennan_prediger")
    assert fleiss_kappa(raters).value == expected(name, "scott")
    assert conger_kappa(raters).value == expected(name, "cohen")
    sums = table_agreement_sums(np.array(VECTORS[name]["input"], dtype=float), np.eye(3))
    assert float(gwet_of(sums, np.eye(3))) == expected(name, "AC1")


def test_counts_of_six_raters():
    counts = np.array(VECTORS["gwet_distrib_6raters"]["input"], dtype=float)
    sums = agreement_sums(counts, np.eye(5)).sum(axis=0)
    assert float(gwet_of(sums, np.eye(5))) == expected("gwet_distrib_6raters", "AC1")
    found = float(brennan_prediger_of(sums, np.eye(5)))
    assert found == expected("gwet_distrib_6raters", "brennan_prediger")
    all_units = agreement_sums(np.array(VECTORS["fleiss_1971"]["input"], dtype=float), np.eye(5))
    free = float(brennan_prediger_of(all_units.sum(axis=0), np.eye(5)))
    assert free == expected("fleiss_1971", "randolph_free")


def test_weighted_kappa_of_cohen():
    table = VECTORS["cohen_1960"]["input"]
    disagreement = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    found = weighted_kappa_from_table(table, 1 - disagreement / 6)
    assert found.value == expected("cohen_1960", "weighted_kappa_cohen1968")
    first, second = as_raters(table).T
    for weighting, key in (
        ("nominal", "kappa"),
        ("linear", "kappa_linear"),
        ("quadratic", "kappa_quadratic"),
    ):
        known = weighted_kappa(first, second, agreement_weights(3, weighting))
        assert known.value == expected("cohen_1960", key)
        assert known.n == 200


def test_weighted_kappa_of_fleiss_cohen_and_everitt():
    vector = VECTORS["fleiss_cohen_everitt_1969"]
    found = weighted_kappa_from_table(vector["input"], vector["expected"]["agreement_weights"])
    assert found.value == expected("fleiss_cohen_everitt_1969", "weighted_kappa")


@pytest.mark.parametrize("distance", ["masi", "jaccard"])
def test_distances_of_sets(distance):
    pairs = VECTORS["masi_jaccard"]["input"]
    found = [
        set_distances([[label in one for label in (1, 2, 3, 4)] for one in pair], distance)[0, 1]
        for pair in pairs
    ]
    assert found == expected("masi_jaccard", distance)


@pytest.mark.parametrize("distance", ["masi", "jaccard"])
def test_alpha_of_sets(distance):
    states = states_of(VECTORS["alpha_masi_multilabel"]["input"], (1, 2, 3, 4))
    found = set_alpha(states, distance)
    assert found.value == expected("alpha_masi_multilabel", f"alpha_{distance}")
    assert found.n == 8
