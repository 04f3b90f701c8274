import json

import pytest

from rift.codebook import load_codebook
from rift.config import load_config
from rift.errors import RiftError
from rift.manifest import Decision, Manifest, load_manifest, sha256_of, whole_file, write_manifest, write_text


@pytest.fixture
def model(tmp_path):
    """A folder whose two files are what rift.json says they are."""
    folder = tmp_path / "model"
    for name in ("model.onnx", "tokenizer.json"):
        write_text(folder / name, name)
    book, config = load_codebook("annomi"), load_config()
    manifest = Manifest(
        name="m",
        rift_version="0",
        codebook=book,
        encoder="none",
        encoder_sha256="",
        windows=config.windows,
        decisions=tuple(
            Decision(label=name, speakers=book.speakers(name), status="no examples", rule="none")
            for name in book.columns
        ),
        episodes=config.episodes,
        data_sha256="",
        config_sha256="",
        config={},
        metrics={},
        versions={},
        files={name: sha256_of(folder / name) for name in ("model.onnx", "tokenizer.json")},
    )
    write_manifest(manifest, folder)
    return folder


def change(folder, **values):
    content = json.loads((folder / "rift.json").read_text())
    (folder / "rift.json").write_text(json.dumps({**content, **values}))


def test_a_manifest_comes_back_as_it_went(model):
    manifest = load_manifest(model)
    assert (manifest.format, manifest.name, manifest.codebook.id) == (1, "m", "annomi")
    assert manifest.decision("sustain").label == "sustain"


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"format": 2}, "written in format 2; this RIFT reads format 1"),
        ({"format": 7, "windows": None}, "written in format 7; this RIFT reads format 1"),
        ({"format": "one"}, "damaged: format: Input should be 1; found 'one'"),
        ({"format": True, "name": 5}, "damaged: "),
        ({"windows": None}, "damaged: windows: "),
        ({"colour": "red"}, "damaged: unknown key 'colour'"),
        ({"decisions": []}, "damaged: file: Value error, decisions do not match the codebook's labels"),
    ],
)
def test_a_manifest_that_cannot_be_used(model, values, problem):
    change(model, **values)
    with pytest.raises(RiftError) as caught:
        load_manifest(model)
    assert caught.value.problem.startswith(problem)
    assert caught.value.where == str(model / "rift.json")
    assert caught.value.remedy


def test_broken_json_is_told_without_its_content(model):
    (model / "rift.json").write_text('{"format": 1, "name": "secret"')
    with pytest.raises(RiftError, match="damaged: file: Invalid JSON") as caught:
        load_manifest(model)
    assert "secret" not in str(caught.value)


def test_files_are_checked_only_where_they_are_needed(model):
    (model / "model.onnx").write_text("other")
    assert load_manifest(model, needs=("tokenizer.json",)).name == "m"
    with pytest.raises(RiftError, match=r"model\.onnx is damaged"):
        load_manifest(model)
    (model / "model.onnx").unlink()
    with pytest.raises(RiftError, match=r"model\.onnx is missing"):
        load_manifest(model)


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "a.txt"
    write_text(path, "ä\n")
    assert path.read_text(encoding="utf-8") == "ä\n"

    def fail():
        with whole_file(path) as aside:
            aside.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text(encoding="utf-8") == "ä\n"
    assert list(path.parent.iterdir()) == [path]
