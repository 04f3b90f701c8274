import numpy as np
import pandas as pd
import pytest

from rift.config import load_config
from rift.modeling.baseline import baseline_probabilities, baseline_texts


def section(**changes):
    return load_config().baseline.model_copy(update=changes)


def turns():
    """Two sessions of two patients; every third turn says that it rains."""
    speakers, texts = ("therapist", "patient"), ("rain today", "sun now", "sun now")
    rows = [
        (patient, "S1", turn, speakers[turn % 2], texts[turn % 3])
        for patient in ("P1", "P2")
        for turn in range(12)
    ]
    return pd.DataFrame(rows, columns=["patient_id", "session_id", "turn", "speaker", "text"])


TRAIN = np.repeat([True, False], 12)


def rain():
    return (turns()["turn"] % 3 == 0).to_numpy(dtype=float)


def test_the_context_is_that_of_the_session_alone():
    texts = baseline_texts(turns(), context_turns=2)
    assert texts.own[1] == "patient: sun now"
    assert texts.context[0] == texts.context[12] == ""
    assert texts.context[3] == "patient: sun now\ntherapist: sun now"
    assert texts.context[13] == "therapist: rain today"


def test_it_learns_the_word_and_leaves_training_rows_empty():
    texts = baseline_texts(turns(), 2)
    targets = np.column_stack([rain(), 1 - rain()])
    found = baseline_probabilities(texts, targets, TRAIN, section())
    assert np.isnan(found[TRAIN]).all()
    raining = rain()[~TRAIN] == 1
    assert found[~TRAIN][raining, 0].min() > 0.5 > found[~TRAIN][~raining, 0].max()
    assert found[~TRAIN, 1] == pytest.approx(1 - found[~TRAIN, 0], abs=1e-3)


def test_a_label_without_examples_of_both_kinds_is_a_constant():
    texts = baseline_texts(turns(), 2)
    targets = np.column_stack([np.zeros(24), np.ones(24), np.full(24, np.nan)])
    found = baseline_probabilities(texts, targets, TRAIN, section())[~TRAIN]
    assert found[:, 0].tolist() == [0.0] * 12
    assert found[:, 1].tolist() == [1.0] * 12
    assert np.isnan(found[:, 2]).all(), "never coded: unknown, not absent"


def test_soft_targets_count_by_their_share():
    texts = baseline_texts(turns(), 0)
    hard = baseline_probabilities(texts, rain()[:, None], TRAIN, section())[~TRAIN, 0]
    soft = baseline_probabilities(texts, 0.5 + 0.2 * (rain()[:, None] - 0.5), TRAIN, section())[~TRAIN, 0]
    raining = rain()[~TRAIN] == 1
    assert hard[raining].mean() > soft[raining].mean() > 0.5 > soft[~raining].mean() > hard[~raining].mean()


def test_no_context_and_no_word_twice_are_no_faults():
    found = baseline_probabilities(
        baseline_texts(turns(), 0), rain()[:, None], TRAIN, section(context_turns=0)
    )
    assert np.isfinite(found[~TRAIN]).all()
    rare = section(min_turns=100)
    alone = baseline_probabilities(baseline_texts(turns(), 2), rain()[:, None], TRAIN, rare)[~TRAIN, 0]
    assert alone == pytest.approx(np.full(12, 4 / 12)), "nothing to go by: the share of positives"


def exclusive_targets():
    """Three classes; the first two are the patient's, the third is the therapist's."""
    speaker = turns()["speaker"].to_numpy()
    raining = rain() == 1
    targets = np.full((24, 4), np.nan)
    patient = speaker == "patient"
    targets[patient, 0] = raining[patient]
    targets[patient, 1] = ~raining[patient]
    targets[~patient, 2] = 1
    targets[patient, 3] = 1
    return targets, patient


GROUPS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]], dtype=bool)


def test_exclusive_classes_are_one_model_and_a_family_is_the_sum_of_its_members():
    targets, patient = exclusive_targets()
    found = baseline_probabilities(baseline_texts(turns(), 2), targets, TRAIN, section(), GROUPS)
    assert np.isnan(found[TRAIN]).all()
    own = found[~TRAIN]
    assert own[:, :3].sum(axis=1) == pytest.approx(np.ones(12))
    assert own[:, 3] == pytest.approx(own[:, 0] + own[:, 1])
    assert (own[~patient[~TRAIN], 2] > 0.5).all()
    raining = (rain()[~TRAIN] == 1) & patient[~TRAIN]
    assert (own[raining, 0] > own[raining, 1]).all()


def test_exclusive_classes_that_nobody_coded_in_training_are_unknown():
    targets, _ = exclusive_targets()
    targets[TRAIN] = np.nan
    found = baseline_probabilities(baseline_texts(turns(), 2), targets, TRAIN, section(), GROUPS)
    assert np.isnan(found).all()


def test_one_class_in_training_is_certain():
    targets = np.tile([1.0, 0.0, 0.0, 1.0], (24, 1))
    found = baseline_probabilities(baseline_texts(turns(), 2), targets, TRAIN, section(), GROUPS)
    assert found[~TRAIN].tolist() == [[1.0, 0.0, 0.0, 1.0]] * 12
