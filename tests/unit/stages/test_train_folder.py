"""What a training does with the folder it writes: nothing is lost, nothing half-done is left."""

import pytest

from rift.config import load_config
from rift.corpus.prepare import data_digest
from rift.errors import RiftError
from rift.stages import train as stage
from rift.stages.train import train

NAMES = ("turns.parquet", "codings.parquet", "coverage.parquet", "folds.json")


@pytest.fixture
def processed(tmp_path):
    folder = tmp_path / "processed"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text(name)
    return folder


def test_the_data_hash_changes_with_each_file_that_training_reads(processed):
    first = data_digest(processed)
    assert first == data_digest(processed)
    seen = {first}
    for name in NAMES:
        (processed / name).write_text("changed")
        seen.add(data_digest(processed))
    assert len(seen) == 5
    (processed / "report.json").write_text("beside it")
    assert data_digest(processed) in seen


def test_neither_folds_nor_a_model_is_nothing_to_train():
    with pytest.raises(RiftError, match="nothing to train"):
        train(load_config(), folds=False, final=False)


@pytest.mark.parametrize("final", [True, False])
def test_a_folder_of_something_else_is_never_replaced(tmp_path, final):
    out = tmp_path / "thesis"
    stage._check_replaceable(out, final)
    out.mkdir()
    stage._check_replaceable(out, final)
    (out / "chapter1.docx").write_text("years of work")
    with pytest.raises(RiftError, match="something other than a model"):
        stage._check_replaceable(out, final)
    with pytest.raises(RiftError, match="something other than a model"):
        stage._check_replaceable(out / "chapter1.docx", final)


def test_a_model_is_replaced_by_a_model_and_by_nothing_less(tmp_path):
    (tmp_path / "rift.json").write_text("{}")
    stage._check_replaceable(tmp_path, True)
    with pytest.raises(RiftError, match="holds a finished model"):
        stage._check_replaceable(tmp_path, False)


def test_folds_are_replaced_by_folds_and_by_a_model(tmp_path):
    (tmp_path / "training.json").write_text("{}")
    stage._check_replaceable(tmp_path, False)
    stage._check_replaceable(tmp_path, True)


def test_a_finished_folder_takes_the_place_of_the_former_one_whole(tmp_path):
    out, fresh = tmp_path / "models" / "rift", tmp_path / "fresh"
    for folder, content in ((out, "old"), (fresh, "new")):
        folder.mkdir(parents=True)
        (folder / content).write_text(content)
    stage._put_in_place(fresh, out)
    assert [path.name for path in out.iterdir()] == ["new"]
    assert [path.name for path in out.parent.iterdir()] == ["rift"]
    assert not fresh.exists()


def test_what_an_earlier_call_left_aside_is_no_hindrance(tmp_path):
    out, fresh = tmp_path / "rift", tmp_path / "fresh"
    (tmp_path / ".rift-before").mkdir()
    (tmp_path / ".rift-before" / "old").write_text("old")
    fresh.mkdir()
    (fresh / "new").write_text("new")
    stage._put_in_place(fresh, out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rift"]


def test_a_record_of_folds_that_cannot_be_read_is_a_message(tmp_path):
    assert stage._earlier_folds(tmp_path, "f") is None
    (tmp_path / "training.json").write_text("{ half")
    with pytest.raises(RiftError, match="not readable as JSON") as refused:
        stage._earlier_folds(tmp_path, "f")
    assert "with folds" in refused.value.remedy


def test_folds_whose_tables_are_gone_are_a_message(tmp_path):
    (tmp_path / "training.json").write_text('{"fingerprint": "f"}')
    assert stage._earlier_folds(tmp_path, "g") is None
    with pytest.raises(RiftError, match="no such file"):
        stage._earlier_folds(tmp_path, "f")


def test_without_folds_every_label_is_undecided():
    from rift.codebook import load_codebook

    book = load_codebook("3rs")
    decisions = stage._undecided(book)
    assert tuple(decision.label for decision in decisions) == book.columns
    assert {decision.threshold for decision in decisions} == {None}
    assert {decision.status for decision in decisions} == {"not released"}
    assert [d.speakers for d in decisions] == [book.speakers(column) for column in book.columns]
