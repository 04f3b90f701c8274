"""Raw probabilities against a computation by hand; model folders that cannot be used."""

import shutil

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models

from rift.errors import RiftError
from rift.manifest import load_manifest, sha256_of, write_manifest
from rift.scoring.runtime import load_scorer

WORDS = ["so", "well", "rain", "bus", "silent", "angry", "feel", "strange", "[pause]", "Tea."]


def sessions(seed=0, count=5, longest=12):
    rng = np.random.default_rng(seed)

    def session():
        n = int(rng.integers(1, 15))
        texts = [" ".join(rng.choice(WORDS, rng.integers(0, longest))) for _ in range(n)]
        return [("patient", "therapist")[i % 2] for i in range(n)], texts

    return [session() for _ in range(count)]


@pytest.mark.parametrize("budget", [64, 128, 1000, 100_000])
def test_probabilities_are_those_of_the_formula_whatever_the_batches(tiny, budget):
    spoken = sessions()
    found = tiny.with_budget(budget).probabilities(spoken)
    assert [p.shape for p in found] == [(len(texts), 5) for _, texts in spoken]
    for own, expected in zip(found, tiny.reference(spoken), strict=True):
        np.testing.assert_allclose(own, expected, atol=1e-5)


def test_a_long_turn_takes_the_maximum_of_its_pieces(tiny):
    texts = ["so well", "rain " * 40 + "silent " * 6 + "bus " * 40, "well"]
    spoken = [(["therapist", "patient", "therapist"], texts)]
    (found,) = tiny.scorer.probabilities(spoken)
    np.testing.assert_allclose(found, tiny.reference(spoken)[0], atol=1e-5)
    # The telling words are few among 86: only a piece of the turn can show them.
    assert found[1, tiny.columns.index("quiet")] > 0.5
    assert found[0, tiny.columns.index("quiet")] < 0.2


def test_company_does_not_matter(tiny):
    spoken = sessions(seed=1, count=6)
    together = tiny.scorer.probabilities(spoken)
    for alone, own in zip(spoken, together, strict=True):
        np.testing.assert_allclose(tiny.scorer.probabilities([alone])[0], own, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), budget=st.integers(64, 400), longest=st.integers(1, 60))
def test_any_sessions_and_any_budget(tiny, seed, budget, longest):
    spoken = sessions(seed, count=3, longest=longest)
    for own, expected in zip(
        tiny.with_budget(budget).probabilities(spoken), tiny.reference(spoken), strict=True
    ):
        np.testing.assert_allclose(own, expected, atol=1e-5)


def test_empty_turns_and_empty_sessions(tiny):
    spoken = [([], []), (["patient"], [""])]
    none, one = tiny.scorer.probabilities(spoken)
    assert none.shape == (0, 5)
    np.testing.assert_allclose(one, tiny.reference(spoken)[1], atol=1e-5)
    assert tiny.scorer.probabilities([]) == []


def test_words_that_look_like_special_tokens_are_words(tiny):
    (found,) = tiny.scorer.probabilities([(["patient"], ["so [SEP] well"])])
    # Read as "[", "SEP", "]": three unknown words, not one separator.
    (expected,) = tiny.reference([(["patient"], ["so strange strange strange well"])])
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_baked_in_truncation_is_off(tiny):
    (short,) = tiny.scorer.probabilities([(["patient"], ["so well rain"])])
    (longer,) = tiny.scorer.probabilities([(["patient"], ["so well rain bus silent silent"])])
    assert longer[0, 0] > short[0, 0] + 0.3


def test_the_same_words_always_give_the_same(tiny):
    spoken = sessions(seed=2)
    for one, other in zip(tiny.scorer.probabilities(spoken), tiny.scorer.probabilities(spoken), strict=True):
        np.testing.assert_array_equal(one, other)


def copy_of(tiny, tmp_path):
    return shutil.copytree(tiny.folder, tmp_path / "copy")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named(tiny, tmp_path, name):
    folder = copy_of(tiny, tmp_path)
    (folder / name).unlink()
    with pytest.raises(RiftError, match=f"{name} is missing"):
        load_scorer(folder, tiny.section)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_damaged_file_is_named(tiny, tmp_path, name):
    folder = copy_of(tiny, tmp_path)
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: len(data) // 2])
    with pytest.raises(RiftError, match=f"{name} is damaged") as caught:
        load_scorer(folder, tiny.section)
    assert str(folder / name) in str(caught.value)


def test_a_folder_that_is_no_model(tiny, tmp_path):
    with pytest.raises(RiftError, match="not a RIFT model folder"):
        load_scorer(tmp_path, tiny.section)


def test_a_network_that_onnxruntime_refuses(tiny, tmp_path):
    made = tiny.network()
    made.opset_import[0].version = 999
    folder = tiny.write(tmp_path / "m", made)
    with pytest.raises(RiftError, match="onnxruntime cannot load it") as caught:
        load_scorer(folder, tiny.section)
    assert caught.value.where == str(folder / "model.onnx")


def test_a_network_with_other_outputs_than_labels(tiny, tmp_path):
    folder = tiny.write(tmp_path / "m", tiny.network(outputs=4))
    with pytest.raises(RiftError, match=r"4 outputs, the codebook in rift\.json 5 labels"):
        load_scorer(folder, tiny.section)


def test_a_network_of_another_kind(tiny, tmp_path):
    made = tiny.network()
    for node in made.graph.node:
        node.input[:] = ["tokens" if name == "input_ids" else name for name in node.input]
    made.graph.input[0].name = "tokens"
    folder = tiny.write(tmp_path / "m", made)
    with pytest.raises(RiftError, match="not a RIFT network: inputs attention_mask, pool, tokens"):
        load_scorer(folder, tiny.section)


def test_a_network_that_gives_no_numbers(tiny, tmp_path):
    made = tiny.network()
    for constant in made.graph.initializer:
        if constant.name == "bias":
            constant.CopyFrom(onnx.numpy_helper.from_array(np.full(5, np.nan, np.float32), "bias"))
    scorer = load_scorer(tiny.write(tmp_path / "m", made), tiny.section)
    with pytest.raises(RiftError, match="not a number"):
        scorer.probabilities([(["patient"], ["so"])])


def test_a_network_that_fails_says_on_what(tiny, tmp_path):
    made = tiny.network()
    for constant in made.graph.initializer:
        if constant.name == "table":  # too few words: the higher ids are out of range
            table = onnx.numpy_helper.to_array(constant)[:10].copy()
            constant.CopyFrom(onnx.numpy_helper.from_array(table, "table"))
    scorer = load_scorer(tiny.write(tmp_path / "m", made), tiny.section)
    with pytest.raises(RiftError, match="onnxruntime fails on a batch of 1 x 5 tokens"):
        scorer.probabilities([(["patient"], ["silent"])])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"model": {}}', "not a tokenizer of the tokenizers library"),
        (Tokenizer(models.WordLevel({"a": 0}, unk_token="a")).to_str(), "no start or no separator token"),
    ],
)
def test_a_tokenizer_that_cannot_be_used(tiny, tmp_path, content, message):
    folder = copy_of(tiny, tmp_path)
    (folder / "tokenizer.json").write_text(content)
    files = {name: sha256_of(folder / name) for name in ("model.onnx", "tokenizer.json")}
    write_manifest(tiny.scorer.manifest.model_copy(update={"files": files}), folder)
    with pytest.raises(RiftError, match=message):
        load_scorer(folder, tiny.section)


def test_the_digest_is_that_of_the_manifest(tiny, tmp_path):
    other = tiny.write(tmp_path / "m", rift_version="1")
    assert load_scorer(other, tiny.section).digest != tiny.scorer.digest
    assert load_scorer(tiny.folder, tiny.section).digest == tiny.scorer.digest
    assert load_manifest(tiny.folder) == tiny.scorer.manifest
