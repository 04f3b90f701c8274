import pytest

from rift.cli.options import load, pairs, roles
from rift.errors import RiftError


def test_pairs_are_cut_at_the_last_equals_sign():
    assert pairs(["T=therapist", "a = b=patient"], "--speakers") == {"T": "therapist", "a = b": "patient"}
    assert pairs(None, "--speakers") == {}


@pytest.mark.parametrize("text", ["T", "=patient", "T=", ""])
def test_half_a_pair_is_an_error_that_names_the_option(text):
    with pytest.raises(RiftError, match="not NAME=VALUE") as refused:
        pairs([text], "--columns")
    assert refused.value.where == "--columns"


def test_roles_are_the_three_that_there_are():
    assert roles(["Mia=patient", "Dr. K=therapist", "X=other"]) == {
        "Mia": "patient",
        "Dr. K": "therapist",
        "X": "other",
    }
    with pytest.raises(RiftError, match="'client' is no role") as refused:
        roles(["Mia=client"])
    assert refused.value.remedy == "one of patient, therapist, other"


def test_configs_and_settings_lie_over_the_base_in_order(tmp_path):
    overlay = tmp_path / "mine.yaml"
    overlay.write_text("train: {epochs: 7, seed: 5}\n")
    config = load([overlay], ["train.epochs=9"])
    assert (config.train.epochs, config.train.seed, config.train.warmup_share) == (9, 5, 0.1)
    assert load(None, None).train.seed == 1
