"""Reference values of the alternative annotator test and of adjusted p-values."""

import json
from pathlib import Path

import pytest

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
