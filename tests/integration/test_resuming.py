"""Training is reproducible, goes on where it was interrupted, and never trains a finished fold again."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.integration

# Most of the steps are averaged, so that an interruption falls among them.
AVERAGED = "train.averaged_share=0.8"


class Watch:
    """A progress callback that notes what it is told, and interrupts where it is asked to."""

    def __init__(self, task=None, done=None):
        self.seen = []
        self._stop = task, done

    def __call__(self, task, done, total, /):
        self.seen.append((task, done, total))
        if (task, done) == self._stop:
            raise KeyboardInterrupt

    def steps(self, task):
        return [done for known, done, _ in self.seen if known == task]


@pytest.fixture(scope="module")
def settings(chain, tmp_path_factory, configure):
    """Return a function: the small configuration with the model in a folder of its own."""

    def made(name, *more):
        out = tmp_path_factory.mktemp(name) / "model"
        return configure(f"train.out={out}", AVERAGED, *more)

    return made


@pytest.fixture(scope="module")
def uninterrupted(settings):
    """The folds, trained in one go: configuration and what was reported."""
    from rift.stages.train import train

    config, watch = settings("uninterrupted"), Watch()
    training = train(config, final=False, progress=watch)
    assert training.manifest is None
    return config, watch


def probabilities(config):
    table = pd.read_parquet(Path(config.train.out) / "predictions.parquet")
    return table.filter(like="p_").to_numpy()


def test_the_same_seed_gives_the_same_bytes(settings, uninterrupted):
    from rift.stages.train import train

    again = settings("again")
    train(again, final=False)
    first, _ = uninterrupted
    assert probabilities(again).tobytes() == probabilities(first).tobytes()
    one, other = (Path(c.train.out) / "predictions.parquet" for c in (first, again))
    assert one.read_bytes() == other.read_bytes()


def test_another_seed_gives_others(settings, uninterrupted):
    from rift.stages.train import train

    other = settings("other", "train.seed=2")
    train(other, final=False)
    first, _ = uninterrupted
    assert np.nanmax(np.abs(probabilities(other) - probabilities(first))) > 0.01


def test_an_interrupted_fold_goes_on_from_its_checkpoint(settings, uninterrupted):
    from rift.stages.train import train

    first, watch = uninterrupted
    total = watch.seen[-1][2]
    steps = len(watch.steps("fold 2 of 3"))
    checkpoint = steps // first.train.epochs
    assert 1 < checkpoint < steps - 1
    assert checkpoint >= steps - int(steps * 0.8), "the checkpoint holds a part of the average"

    config, stopped = settings("resumed"), Watch("fold 2 of 3", checkpoint + 2)
    with pytest.raises(KeyboardInterrupt):
        train(config, final=False, progress=stopped)
    assert not Path(config.train.out).exists(), "nothing half-done is left in the model's place"

    resumed = Watch()
    train(config, final=False, progress=resumed)
    assert resumed.steps("fold 1 of 3") == [], "a finished fold is not trained again"
    assert resumed.steps("fold 2 of 3") == list(range(checkpoint + 1, steps + 1))
    assert resumed.steps("fold 3 of 3") == list(range(1, total + 1))
    assert probabilities(config).tobytes() == probabilities(first).tobytes()
    assert not list(Path(config.train.out).parent.glob(".*")), "checkpoints are cleared away"


def test_a_checkpoint_that_was_not_written_whole_is_passed_over(settings, uninterrupted):
    from rift.stages.train import train

    first, watch = uninterrupted
    steps = len(watch.steps("fold 1 of 3"))
    config, stopped = settings("torn"), Watch("fold 1 of 3", steps // first.train.epochs + 1)
    with pytest.raises(KeyboardInterrupt):
        train(config, final=False, progress=stopped)
    unfinished = Path(config.train.out).parent / ".model-unfinished"
    (average,) = unfinished.glob("*/fold-0/checkpoint-*/average.safetensors")
    (average.parent / "optimizer.pt").write_bytes(b"half of it")
    average.unlink()

    resumed = Watch()
    train(config, final=False, progress=resumed)
    assert resumed.steps("fold 1 of 3") == list(range(1, steps + 1)), "trained from the start"
    assert probabilities(config).tobytes() == probabilities(first).tobytes()


def test_a_fold_interrupted_after_its_last_step_is_not_trained_again(settings, uninterrupted, monkeypatch):
    from rift.modeling import cross_validation
    from rift.stages.train import train

    first, _ = uninterrupted
    config = settings("late")

    def interrupted(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(cross_validation, "predict", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(config, final=False)
    resumed = Watch()
    train(config, final=False, progress=resumed)
    assert resumed.steps("fold 1 of 3") == []
    assert probabilities(config).tobytes() == probabilities(first).tobytes()


def test_other_settings_do_not_go_on_from_foreign_checkpoints(settings, uninterrupted):
    from rift.stages.train import train

    config = settings("changed")
    with pytest.raises(KeyboardInterrupt):
        train(config, final=False, progress=Watch("fold 2 of 3", 1))
    slower = config.train.model_copy(update={"learning_rate": 0.001})
    changed, watch = config.model_copy(update={"train": slower}), Watch()
    train(changed, final=False, progress=watch)
    assert watch.steps("fold 1 of 3")[0] == 1
    first, _ = uninterrupted
    assert probabilities(changed).tobytes() != probabilities(first).tobytes()


def test_no_model_predicts_a_patient_whom_it_saw(settings, uninterrupted, monkeypatch):
    from rift.modeling import cross_validation
    from rift.stages.train import train

    trained, predicted = [], []
    train_one, predict = cross_validation._train, cross_validation.predict

    def seen(material, sessions, folder, progress):
        trained.append({session.patient_id for session in sessions})
        return train_one(material, sessions, folder, progress)

    def asked(model, sessions, material):
        predicted.append({session.patient_id for session in sessions})
        return predict(model, sessions, material)

    monkeypatch.setattr(cross_validation, "_train", seen)
    monkeypatch.setattr(cross_validation, "predict", asked)
    config = settings("watched")
    train(config, final=False)
    folds = json.loads((Path(config.prepare.out) / "folds.json").read_text())
    everyone = set(folds)
    assert len(everyone) == 6
    assert predicted == [{p for p in everyone if folds[p] == fold} for fold in range(3)]
    assert trained == [everyone - inside for inside in predicted]


def test_patients_for_training_only_are_not_judged(settings, uninterrupted, tmp_path, monkeypatch):
    from rift.modeling import cross_validation
    from rift.stages.evaluate import evaluate
    from rift.stages.train import train

    trained, train_one = [], cross_validation._train

    def seen(material, sessions, folder, progress):
        trained.append({session.patient_id for session in sessions})
        return train_one(material, sessions, folder, progress)

    monkeypatch.setattr(cross_validation, "_train", seen)
    first, _ = uninterrupted
    processed = tmp_path / "processed"
    shutil.copytree(first.prepare.out, processed)
    folds = json.loads((processed / "folds.json").read_text())
    aside = next(patient for patient in folds if sum(f == folds[patient] for f in folds.values()) > 1)
    (processed / "folds.json").write_text(json.dumps({**folds, aside: -1}))
    config = settings("aside", f"prepare.out={processed}", f"evaluate.out={tmp_path / 'reports'}")
    train(config, final=False)
    assert len(trained) == 3
    assert all(aside in patients for patients in trained)
    judged = set(pd.read_parquet(Path(config.train.out) / "predictions.parquet")["patient_id"])
    assert judged == set(folds) - {aside}
    evaluation, _ = evaluate(config)
    assert {row.unscored for row in evaluation.model.rows} == {0}
    assert max(row.patients for row in evaluation.model.rows) == len(judged)


def test_out_of_fold_predictions_do_not_depend_on_the_folds_own_marks(settings, uninterrupted, tmp_path):
    """Turn every mark of one fold's patients around: what is predicted of them stays the same."""
    from rift.corpus.prepare import load_prepared
    from rift.corpus.tables import write_table
    from rift.stages.train import train

    first, _ = uninterrupted
    corpus = load_prepared(Path(first.prepare.out))
    processed = tmp_path / "processed"
    shutil.copytree(first.prepare.out, processed)
    inside = [patient for patient, fold in corpus.folds.items() if fold == 0]
    codings = corpus.codings
    rows = codings["patient_id"].isin(inside) & (codings["label"] == "objects")
    codings.loc[rows, "label"] = "falls_silent"
    assert rows.any()
    write_table(codings, processed / "codings.parquet")
    config = settings("turned", f"prepare.out={processed}")
    train(config, final=False)
    folds = pd.read_parquet(Path(config.train.out) / "predictions.parquet")["fold"].to_numpy()
    before, after = probabilities(first), probabilities(config)
    assert before[folds == 0].tobytes() == after[folds == 0].tobytes()
    assert before[folds == 1].tobytes() != after[folds == 1].tobytes()


@pytest.fixture(scope="module")
def folds_first(settings):
    """Folds only, then the final model only, in the same folder."""
    from rift.stages.train import train

    config, watch = settings("folds-first"), Watch()
    train(config, final=False)
    alone = sorted(path.name for path in Path(config.train.out).iterdir())
    train(config, folds=False, progress=watch)
    return config, alone, watch


def test_folds_only_writes_predictions_and_no_model(folds_first):
    _, alone, _ = folds_first
    assert alone == ["baseline.parquet", "predictions.parquet", "training.json"]


def test_no_folds_uses_the_folds_that_were_trained(folds_first, settings, uninterrupted):
    from rift.manifest import load_manifest
    from rift.stages.train import train

    config, _, watch = folds_first
    assert {task for task, *_ in watch.seen} == {"final model"}
    whole = settings("whole")
    training = train(whole)
    one, other = (load_manifest(Path(c.train.out)) for c in (config, whole))
    assert one.decisions == other.decisions
    assert one.metrics == other.metrics
    assert one.metrics["model"]
    assert one.files == other.files, "the weights are the same, to the byte"
    assert training.manifest == other
    first, _ = uninterrupted
    for c in (config, whole):
        assert probabilities(c).tobytes() == probabilities(first).tobytes()


def test_without_folds_nothing_is_flagged(settings, new_sessions, rift_command, tmp_path, small_config):
    config = settings("no-folds")
    out = Path(config.train.out)
    result = rift_command(
        "train", "--no-folds", "-c", small_config, "-s", f"train.out={out}", "-s", AVERAGED,
        "-s", "tracking.enabled=false",
    )  # fmt: skip
    assert result.returncode == 0
    assert "flags nothing" in result.stderr
    assert not (out / "predictions.parquet").exists()
    manifest = json.loads((out / "rift.json").read_text())
    assert {decision["status"] for decision in manifest["decisions"]} == {"not released"}
    assert {decision["threshold"] for decision in manifest["decisions"]} == {None}
    assert manifest["metrics"] == {}

    scored = rift_command("score", new_sessions[0] / "N01.txt", "--model", out, "--out", tmp_path / "scores")
    assert scored.returncode == 0
    turns = pd.read_parquet(tmp_path / "scores" / "turns.parquet")
    assert turns["p_objects"].notna().sum() == 7
    assert turns.filter(like="flag_").isna().all(axis=None), "unknown, not 'not found'"
    assert len(pd.read_parquet(tmp_path / "scores" / "episodes.parquet")) == 0

    evaluated = rift_command("evaluate", "-c", small_config, "-s", f"train.out={out}")
    assert evaluated.returncode == 2
    assert "run rift train, with folds" in evaluated.stderr


def test_folds_on_other_data_are_not_used(folds_first, settings):
    from rift.stages.train import _earlier_folds

    config, _, _ = folds_first
    out = Path(config.train.out)
    fingerprint = json.loads((out / "training.json").read_text())["fingerprint"]
    assert _earlier_folds(out, "another") is None
    found = _earlier_folds(out, fingerprint)
    assert len(found.model) == len(found.baseline) == 112


def test_folds_alone_never_take_the_place_of_a_finished_model(folds_first):
    from rift.errors import RiftError
    from rift.stages.train import train

    config, _, _ = folds_first
    before = {path: path.read_bytes() for path in Path(config.train.out).iterdir()}
    with pytest.raises(RiftError, match="holds a finished model"):
        train(config, final=False)
    assert {path: path.read_bytes() for path in Path(config.train.out).iterdir()} == before


def test_a_trained_model_is_an_encoder_to_train_further(folds_first, settings, tiny_encoder):
    """Its encoder's weights are taken over, not silently begun anew."""
    import torch
    from safetensors.torch import load_file

    from rift.modeling.network import build_classifier

    config, _, _ = folds_first
    torch.manual_seed(1)
    model = build_classifier(Path(config.train.out), 0.1, torch.ones(6))
    stored = load_file(Path(config.train.out) / "model.safetensors")
    mine = model.encoder.state_dict()
    assert {f"encoder.{name}" for name in mine} == {name for name in stored if name.startswith("encoder.")}
    assert all(torch.equal(value, stored[f"encoder.{name}"]) for name, value in mine.items())
    assert not torch.equal(model.head.weight, stored["head.weight"]), "the head starts anew"
    original = load_file(tiny_encoder / "model.safetensors")
    moved = "encoder.layer.1.output.dense.weight"
    assert not torch.equal(mine[moved], original[moved])
