"""Cross-fitting: no fold is judged by what was fitted on it."""

import numpy as np
import pandas as pd
import pytest

from rift.codebook import Codebook, Family, Label
from rift.config import DecisionSection
from rift.corpus.marks import ABSENT, NOT_CODED, PRESENT, Marks
from rift.decisions.apply import decide
from rift.decisions.calibration import calibrated, fit_calibration
from rift.decisions.cross_fit import cross_fit
from rift.decisions.thresholds import fit_threshold
from rift.errors import RiftError
from rift.schema import PREDICTION_KEY, TURN_KEY

SECTION = DecisionSection(target_precision=0.5, confidence=0.9, calibration_strength=1.0, min_positives=10)


def book(exclusive=False):
    def label(name, speakers):
        return Label(id=name, name=name, kind="marker", family="fam", speakers=speakers, definition="")

    return Codebook(
        id="t",
        name="t",
        version="1",
        source="",
        exclusive=exclusive,
        families=(Family(id="fam", name="Family", definition=""),),
        labels=(label("hurt", ("patient", "therapist")), label("calm", ("patient",))),
    )


def corpus(codebook, seed=0, patients=18, turns=120, folds=3):
    """Return predictions and marks: two coders, patient turns even, 'hurt' coded for patients only."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        [
            (f"P{i:02d}", "S1", turn, ("patient", "therapist")[turn % 2], i % folds)
            for i in range(patients)
            for turn in range(turns)
        ],
        columns=PREDICTION_KEY,
    )
    n = len(table)
    states = np.full((n, 3, 2), NOT_CODED, dtype=np.int8)
    patient = (table["speaker"] == "patient").to_numpy()
    latent = rng.random((n, 2)) < [0.25, 0.3]
    for column in (0, 1):
        seen = rng.random((n, 2)) < np.where(latent[:, [column]], 0.85, 0.03)
        states[patient, column] = np.where(seen, PRESENT, ABSENT)[patient]
    states[patient, 2] = states[patient][:, :2].max(axis=1)
    for column, name in enumerate(codebook.columns):
        signal = latent.any(axis=1) if column == 2 else latent[:, column]
        p = 1 / (1 + np.exp(-(rng.normal(-1, 1, n) + 3 * signal)))
        eligible = patient | (name in ("hurt", "fam"))
        table[f"p_{name}"] = np.where(eligible, p, np.nan)
    marks = Marks(table[[*TURN_KEY, "speaker"]].copy(), codebook.columns, ("A", "B"), states)
    return table, marks


@pytest.fixture(scope="module")
def fitted():
    codebook = book()
    predictions, marks = corpus(codebook)
    return predictions, marks, cross_fit(predictions, marks, SECTION, codebook)


def test_labels_of_a_fold_do_not_touch_its_own_values(fitted):
    predictions, marks, before = fitted
    states = marks.states.copy()
    own = (predictions["fold"] == 1).to_numpy()
    coded = states[own] >= 0
    states[own] = np.where(coded, 1 - states[own], states[own])
    after = cross_fit(predictions, Marks(marks.turns, marks.columns, marks.coders, states), SECTION, book())

    pd.testing.assert_frame_equal(after.predictions[own], before.predictions[own])
    assert after.fold_decisions[1] == before.fold_decisions[1]
    # The other folds and the final decisions do learn from them.
    assert after.fold_decisions[0] != before.fold_decisions[0]
    assert after.decisions != before.decisions
    assert not after.predictions[~own]["p_hurt"].equals(before.predictions[~own]["p_hurt"])


def test_each_fold_is_fitted_on_the_others(fitted):
    predictions, marks, result = fitted
    for fold in (0, 1, 2):
        inside = (predictions["fold"] == fold).to_numpy()
        raw, soft = predictions["p_hurt"].to_numpy(), marks.soft()[:, 0]
        calibration = fit_calibration(raw[~inside], soft[~inside], SECTION)
        threshold = fit_threshold(
            calibrated(raw[~inside], calibration),
            soft[~inside],
            predictions["patient_id"].to_numpy(dtype=object)[~inside],
            SECTION,
        )
        decision = result.fold_decisions[fold][0]
        assert decision.calibration == calibration
        assert (decision.threshold, decision.status) == (threshold.value, threshold.status)
        table = result.predictions[inside]
        patient = (table["speaker"] == "patient").to_numpy()
        np.testing.assert_allclose(
            table["p_hurt"].to_numpy()[patient], calibrated(raw[inside][patient], calibration)
        )
        flags = table["flag_hurt"].to_numpy(dtype=object)
        assert (flags[patient] == (table["p_hurt"].to_numpy()[patient] >= threshold.value)).all()


def test_final_decisions_use_all_folds(fitted):
    predictions, marks, result = fitted
    hurt = result.decisions[0]
    soft = marks.soft()[:, 0]
    assert [decision.label for decision in result.decisions] == ["hurt", "calm", "fam"]
    assert hurt.status == "released"
    assert hurt.calibration == fit_calibration(predictions["p_hurt"].to_numpy(), soft, SECTION)
    threshold = fit_threshold(
        result.predictions["p_hurt"].to_numpy(),
        soft,
        predictions["patient_id"].to_numpy(dtype=object),
        SECTION,
    )
    assert (hurt.threshold, hurt.precision_bound) == (threshold.value, threshold.precision_bound)
    again = decide(
        predictions[["p_hurt", "p_calm", "p_fam"]].to_numpy(), predictions["speaker"], result.decisions
    )
    assert again.flags[:, 0].sum() == pytest.approx(result.predictions["flag_hurt"].sum(), rel=0.1)


def test_speakers_are_those_whose_turns_were_coded(fitted):
    _, _, result = fitted
    # The codebook lets therapists show "hurt", but nobody looked at their turns.
    assert [decision.speakers for decision in result.decisions] == [("patient",)] * 3
    therapist = result.predictions["speaker"] == "therapist"
    assert result.predictions.loc[therapist, ["p_hurt", "flag_hurt", "flag_fam"]].isna().all(axis=None)
    assert result.predictions.loc[~therapist, ["p_hurt", "flag_hurt", "flag_fam"]].notna().all(axis=None)


def test_a_label_never_coded_has_no_examples():
    codebook = book()
    predictions, marks = corpus(codebook)
    states = marks.states.copy()
    states[:, 1] = NOT_CODED
    predictions["p_calm"] = np.nan
    result = cross_fit(
        predictions, Marks(marks.turns, marks.columns, marks.coders, states), SECTION, codebook
    )
    calm = result.decisions[1]
    assert (calm.status, calm.threshold, calm.speakers, calm.calibration) == ("no examples", None, (), None)
    assert result.predictions["p_calm"].isna().all()
    assert result.predictions["flag_calm"].isna().all()


def test_examples_in_one_fold_only_are_misses_there():
    codebook = book()
    predictions, marks = corpus(codebook)
    states = marks.states.copy()
    elsewhere = (predictions["fold"] != 2).to_numpy()
    calm = states[:, 1]
    states[:, 1] = np.where(elsewhere[:, None] & (calm == PRESENT), ABSENT, calm)
    result = cross_fit(
        predictions, Marks(marks.turns, marks.columns, marks.coders, states), SECTION, codebook
    )
    assert result.fold_decisions[2][1].status == "no examples"
    inside = (result.predictions["fold"] == 2) & (result.predictions["speaker"] == "patient")
    assert (result.predictions.loc[inside, "flag_calm"] == False).all()  # noqa: E712
    assert result.predictions.loc[inside, "p_calm"].notna().all()
    assert result.decisions[1].threshold is not None


def test_exclusive_codebooks_get_one_class_per_turn():
    codebook = book(exclusive=True)
    predictions, marks = corpus(codebook)
    result = cross_fit(predictions, marks, SECTION, codebook)
    table = result.predictions
    for fold, decisions in result.fold_decisions.items():
        inside = (table["fold"] == fold) & (table["speaker"] == "patient")
        hurt, calm = (one.class_weight for one in decisions[:2])
        expected = np.where(table["p_hurt"] * hurt >= table["p_calm"] * calm, "hurt", "calm")
        assert (table.loc[inside, "class"] == expected[inside]).all()
        assert decisions[2].class_weight is None
    assert table.loc[table["speaker"] != "patient", "class"].isna().all()
    assert max(one.class_weight for one in result.decisions[:2]) == 1.0


def test_rows_keep_their_order_and_marks_are_found_by_key(fitted):
    predictions, marks, result = fitted
    mixed = predictions.sample(frac=1, random_state=4)
    again = cross_fit(mixed, marks, SECTION, book())
    for after, before in zip(again.decisions, result.decisions, strict=True):
        assert (after.label, after.status, after.speakers) == (before.label, before.status, before.speakers)
        assert after.threshold == pytest.approx(before.threshold, abs=1e-12)
    assert again.predictions[TURN_KEY].values.tolist() == mixed[TURN_KEY].values.tolist()
    back = again.predictions.sort_values(TURN_KEY, ignore_index=True)
    pd.testing.assert_frame_equal(back, result.predictions)


def faults(predictions):
    twice = pd.concat([predictions, predictions.iloc[[0]]])
    stranger = predictions.assign(turn=predictions["turn"] + 1)
    return {
        "column 'p_calm' is missing": predictions.drop(columns="p_calm"),
        "turn P00/S1/0 stands twice": twice,
        "turn P00/S1/120 is not in the marks": stranger,
        "p_hurt of turn P00/S1/0 is 1.5, not 0-1": predictions.assign(p_hurt=1.5),
        "1 fold; decisions": predictions.assign(fold=0),
        "column fold: expected numbers, found str": predictions.assign(fold="x"),
        "column p_hurt: expected numbers, found str": predictions.assign(p_hurt="x"),
    }


def test_faulty_input_is_named(fitted):
    predictions, marks, _ = fitted
    for message, table in faults(predictions).items():
        with pytest.raises(RiftError, match=message.replace("/", r"\/")):
            cross_fit(table, marks, SECTION, book())


def test_marks_of_another_codebook_are_refused(fitted):
    predictions, marks, _ = fitted
    other = Marks(marks.turns, ("hurt", "fam", "calm"), marks.coders, marks.states)
    with pytest.raises(RiftError, match="the marks are not of codebook 't'"):
        cross_fit(predictions, other, SECTION, book())
