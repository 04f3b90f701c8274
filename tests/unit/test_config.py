import pytest

from rift.config import load_config
from rift.errors import RiftError


def fault(overlays=(), settings=()):
    with pytest.raises(RiftError) as caught:
        load_config(overlays, settings)
    assert caught.value.remedy
    return caught.value.where, caught.value.problem


@pytest.fixture
def overlay(tmp_path):
    def write(text, name="over.yaml"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def test_overlays_and_settings_are_laid_over_in_order(overlay):
    one = overlay("train: {epochs: 2, seed: 5}\n")
    other = overlay("train:\n  epochs: 3\n", "other.yaml")
    config = load_config([one, other], ["train.seed=7", "episodes.speakers=[patient, therapist]"])
    assert (config.train.epochs, config.train.seed) == (3, 7)
    assert config.episodes.speakers == ("patient", "therapist")
    assert config.prepare == load_config().prepare
    assert load_config([overlay("")]) == load_config()


def test_a_wrong_value_names_where_it_was_set_last(overlay):
    one, other = overlay("train: {dropout: 2}\n"), overlay("train: {epochs: 1}\n", "other.yaml")
    assert fault([one, other], ["score.threads=1"]) == (
        str(one),
        "train.dropout: Input should be less than 1; found '2'",
    )
    place, _ = fault([one], ["train.dropout=3", "score.threads=1"])
    assert place == "--set train.dropout=3"


def test_values_that_do_not_fit_each_other_name_every_place(overlay):
    one = overlay("windows: {max_tokens: 100}\n")
    place, problem = fault([one], ["windows.left_context_tokens=60", "score.threads=1"])
    assert place == f"{one}, --set windows.left_context_tokens=60"
    assert "left_context_tokens may be at most half of max_tokens" in problem


def test_a_length_of_segments_is_named_once():
    _, problem = fault(settings=["evaluate.segment_minutes=[1, 5, 1.0]"])
    assert "segment_minutes must not name a length twice" in problem


@pytest.mark.parametrize(
    ("setting", "place", "problem"),
    [
        ("train.epochs", "--set", "'train.epochs' is not section.key=value"),
        ("epochs=3", "--set", "'epochs=3' is not section.key=value"),
        ("train.epochs=[", "--set train.epochs=[, line 1, column 2", "not readable as YAML"),
        ("train.epoch=3", "--set train.epoch=3", "section 'train' has no key 'epoch'"),
        ("trian.epochs=3", "--set trian.epochs=3", "unknown section 'trian'"),
        ("evaluate.segment_minutes=[1, 0]", "--set evaluate.segment_minutes=[1, 0]",
         "evaluate.segment_minutes.1: Input should be greater than 0"),
        ("train.epochs=many", "--set train.epochs=many", "train.epochs: Input should be a valid integer"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant(setting, place, problem):
    where, found = fault(settings=[setting, "score.threads=1"])
    assert where == place
    assert found.startswith(problem)


def test_overlays_that_cannot_be_meant(overlay, tmp_path):
    assert fault([tmp_path / "no.yaml"])[1] == "no such configuration file"
    assert fault([tmp_path])[1] == "this is a folder, not a configuration file"
    assert fault([overlay("- train\n")])[1] == "expected sections with keys, found a list"
    assert fault([overlay("train: 3\n")])[1] == "section 'train' needs keys with values"
    assert fault([overlay("train: {epochs: 1}\ntrain: {epochs: 2}\n")])[1].endswith(
        "key 'train' stands twice"
    )
