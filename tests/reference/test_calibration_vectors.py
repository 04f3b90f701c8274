"""Brier score and calibration errors against published values."""

import json
from pathlib import Path

import numpy as np
import pytest

from rift.reliability.calibration import brier_of, calibration_errors, calibration_sums, skill_of

VECTORS = {
    vector["id"]: vector
    for vector in json.loads((Path(__file__).parent / "reliability_vectors.json").read_text("utf-8"))[
        "vectors"
    ]
}


def sums_of(marks, p):
    return calibration_sums(marks, p, np.zeros(len(marks), dtype=int), 1).sums.sum(axis=0)


def test_brier():
    vector = VECTORS["brier"]
    found = brier_of(sums_of(vector["input"]["y"], vector["input"]["p"]))
    assert found == pytest.approx(vector["expected"]["brier"], abs=vector["tolerance"])


def test_calibration_errors():
    vector = VECTORS["ece_binary"]
    found = calibration_errors(vector["input"]["y"], vector["input"]["p"], vector["input"]["bins"])
    values = {"l1": found.mean, "l2": found.root_mean_square, "max": found.greatest}
    assert values == pytest.approx(vector["expected"], abs=vector["tolerance"])


def test_calibration_error_is_blind_where_skill_is_not():
    vector, tolerance = VECTORS["ece_trivial"], VECTORS["ece_trivial"]["tolerance"]
    given = vector["input"]
    marks = np.repeat([1.0, 0.0], [given["positives"], given["n"] - given["positives"]])
    constant = np.full(given["n"], given["constant_p"])
    sums = sums_of(marks, constant)
    assert calibration_errors(marks, constant).mean == pytest.approx(vector["expected"]["ece"], abs=tolerance)
    assert brier_of(sums) == pytest.approx(vector["expected"]["brier"], abs=tolerance)
    assert skill_of(sums) == pytest.approx(vector["expected"]["brier_skill_score"], abs=tolerance)
