import json

import numpy as np
import pytest

from rift.errors import RiftError
from rift.evaluation.results import Beside, evaluate

pytestmark = pytest.mark.filterwarnings("error")


def statistics_in(value):
    if isinstance(value, dict):
        if "value" in value and "n" in value:
            yield value
        for item in value.values():
            yield from statistics_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from statistics_in(item)


def test_json_says_why_and_holds_no_nan(small, make):
    codebook, marks, predictions = small
    silent = predictions.assign(flag_shrugs=False)
    result = evaluate(marks, silent, codebook, make.section(), (), Beside({"TF-IDF": predictions}))
    text = json.dumps(result.to_json(), allow_nan=False)
    found = json.loads(text)
    row = found["model"]["rows"]["shrugs"]
    assert row["precision"] == {"value": None, "reason": "nothing flagged", "n": 0}
    assert row["recall"]["value"] == 0
    assert found["baselines"]["TF-IDF"]["rows"]["shrugs"]["precision"]["value"] == 0.625
    assert found["agreement"]["rows"]["shrugs"]["kappa"]["value"] == pytest.approx(10 / 24)
    assert found["meta"]["coders"] == ["a", "b"]
    assert found["meta"]["coded_turns"] == 8
    everything = list(statistics_in(found))
    assert len(everything) > 50
    assert all(known["value"] is not None or known["reason"] for known in everything)


def test_baselines_are_averaged_over_the_models_full_markers(small, make):
    codebook, marks, predictions = small
    never = predictions.assign(flag_shrugs=False)
    result = evaluate(marks, predictions, codebook, make.section(), (), Beside({"TF-IDF": never}))
    assert [table.name for table in result.baselines] == ["always positive", "marker base rate", "TF-IDF"]
    for table in result.baselines:
        assert table.averages[0].columns == ("shrugs",)
    assert result.baselines[2].averages[0].f1.value == 0
    assert result.baselines[2].averages[0].precision.reason == "undefined for every marker"


def test_a_baseline_that_does_not_fit_is_refused(small, make):
    codebook, marks, predictions = small
    with pytest.raises(RiftError, match="coded turns have no prediction"):
        evaluate(marks, predictions, codebook, make.section(), (), Beside({"TF-IDF": predictions.iloc[:3]}))


def test_curves_per_label_without_families_and_thinned(small, make):
    codebook, marks, predictions = small
    curve = evaluate(marks, predictions, codebook, make.section()).curves["shrugs"]
    assert curve[0] == (0.95, 1, pytest.approx(1 / 3))
    assert curve[2] == (0.8, pytest.approx(2.5 / 3), pytest.approx(2.5 / 3))
    assert [point[0] for point in curve] == sorted(predictions["p_shrugs"], reverse=True)
    assert curve[-1] == (0.05, 3 / 8, 1)
    many = make.marks(codebook.columns, np.ones((1200, 1, 2)), ["p1"] * 1200)
    scores = np.linspace(0, 1, 1200)[:, None]
    long = evaluate(many, make.predictions(many, scores, scores > 0.5), codebook, make.section()).curves[
        "shrugs"
    ]
    assert (len(long), long[0][0], long[-1][0]) == (500, 1.0, 0.0)


def test_curves_per_family(small, make):
    _, marks, predictions = small
    codebook = make.codebook(["shrugs"], family="away")
    both = make.marks(codebook.columns, np.repeat(marks.states, 2, axis=1), marks.turns["patient_id"])
    frame = predictions.assign(p_away=predictions["p_shrugs"], flag_away=predictions["flag_shrugs"])
    assert list(evaluate(both, frame, codebook, make.section()).curves) == ["away"]


def test_classes_only_for_an_exclusive_codebook(small, make):
    codebook, marks, predictions = small
    assert evaluate(marks, predictions, codebook, make.section()).classes == {}
    exclusive = make.codebook(["shrugs"], exclusive=True)
    result = evaluate(marks, predictions, exclusive, make.section(), (), Beside({"TF-IDF": predictions}))
    assert list(result.classes) == ["model", "TF-IDF"]
    assert result.model.averages[0].kind == "class"


def test_a_corpus_of_many_patients_has_full_support(make):
    random = np.random.default_rng(1)
    names = [f"marker{i}" for i in range(16)]
    codebook = make.codebook(names)
    patients = np.repeat([f"p{i:03d}" for i in range(100)], 100)
    latent = random.normal(size=(10000, 16))
    states = (latent[:, :, None] + random.normal(size=(10000, 16, 2)) > 2).astype(np.int8)
    marks = make.marks(names, states, patients)
    scores = 1 / (1 + np.exp(-latent))
    frame = make.predictions(marks, scores, scores > 0.85)
    result = evaluate(marks, frame, codebook, make.section(interval=0.95))
    assert len(result.model.averages[0].columns) == 16
    assert result.model.averages[0].f1.low < result.model.averages[0].f1.value
