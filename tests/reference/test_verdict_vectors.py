"""Reference values of the alternative annotator test and of adjusted p-values."""

import json
from pathlib import Path

import numpy as np
import pytest

from rift.reliability.alt_test import active_alt_tests, comparison_sums, standard_alt_test, unit_p_values
from rift.reliability.intervals import IntervalRule
from rift.reliability.multiplicity import benjamini_yekutieli, holm

pytestmark = pytest.mark.filterwarnings("error")

VECTORS = {
    vector["id"]: vector
    for vector in json.loads((Path(__file__).parent / "reliability_vectors.json").read_text("utf-8"))[
        "vectors"
    ]
}


def test_adjusted_p_values():
    vector = VECTORS["by_procedure"]
    found = holm(vector["input"])
    assert found.tolist() == pytest.approx(vector["expected"]["holm_adjusted"], abs=vector["tolerance"])
    rejected = benjamini_yekutieli(vector["input"]) <= 0.05
    assert rejected.tolist() == vector["expected"]["by_reject_q05"]


def test_standard_alt_test_of_its_authors():
    vector, close = VECTORS["alt_test_small"], VECTORS["alt_test_small"]["tolerance"]
    codes, model = np.array(vector["input"]["humans"]).T, np.array(vector["input"]["model"])
    for epsilon in (0.05, 0.1, 0.2):
        expected = vector["expected"][f"eps={epsilon}"]
        found = standard_alt_test(model, codes, epsilon)
        assert found.omega.value == pytest.approx(expected["winning_rate"], abs=close)
        assert found.rho.value == pytest.approx(expected["rho"], abs=close)
        assert found.verdict == ("yes" if expected["winning_rate"] >= 0.5 else "no")
    assert found.p_values == pytest.approx(vector["expected"]["p_values_eps=0.2"], abs=close)


@pytest.mark.parametrize("name", ["all_negative", "good", "trigger_happy"])
def test_the_trap_of_rare_marks(name):
    vector, expected = VECTORS["alt_test_rare_trap"], VECTORS["alt_test_rare_trap"]["expected"][name]
    given, close = vector["input"], vector["tolerance"]

    def marked(units):
        return np.isin(np.arange(given["n_units"]), units).astype(np.int8)

    codes = np.stack([marked(units) for units in given["coder_positive_units"]], axis=1)
    model = marked(given["model_positive_units"][name])
    standard = standard_alt_test(model, codes, given["epsilon"])
    assert standard.omega.value == expected["naive_winning_rate"]
    assert standard.rho.value == pytest.approx(expected["naive_rho"], abs=close)
    # Every unit its own patient: the test over patients is then the t test over units.
    units = np.arange(given["n_units"])
    rule = IntervalRule(0.95, 8)
    (active,) = active_alt_tests(model[:, None], codes[:, None], units, rule, given["epsilon"], [None])
    assert active.p_values == pytest.approx(expected["active_p"], abs=close)
    assert active.omega.value == expected["active_winning_rate"]
    assert active.rho.value == pytest.approx(expected["active_rho"], abs=close)
    assert [active.units] * 3 == expected["active_n"]
    (totals,) = comparison_sums(model, codes, np.zeros_like(units), 1, active=True)
    assert unit_p_values(totals, given["epsilon"]).tolist() == pytest.approx(expected["active_p"], abs=close)
