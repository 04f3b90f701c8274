from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from rift.codebook import Codebook, Family, Label
from rift.config import WindowSection, load_config
from rift.corpus.encoding import SpecialIds
from rift.corpus.marks import ABSENT, NOT_CODED, PRESENT, UNCODABLE, Marks
from rift.modeling.examples import (
    Session,
    build_sessions,
    collate,
    positive_weights,
    training_examples,
)

SPECIAL = SpecialIds(start=1, separator=2, padding=0)
WINDOWS = WindowSection(max_tokens=32, left_context_tokens=8)


def codebook():
    def label(name, speakers, family=None):
        return Label(id=name, name=name, kind="marker", family=family, speakers=speakers, definition="")

    return Codebook(
        id="b",
        name="B",
        version="1",
        source="",
        families=(Family(id="f", name="f", definition=""),),
        labels=(label("quiet", ("patient",), "f"), label("asks", ("therapist",))),
    )


def session_of(lengths, first_id=100, labels=2, coded=None):
    """A session whose tokens are all different, so that every one can be found again."""
    ends = first_id + np.cumsum(lengths)
    tokens = [list(range(end - length, end)) for end, length in zip(ends, lengths, strict=True)]
    weights = np.zeros((len(lengths), labels), dtype=np.float32)
    weights[list(range(len(lengths))) if coded is None else coded] = 1
    targets = weights * (np.arange(len(lengths), dtype=np.float32)[:, None] % 2)
    return Session("P", np.arange(len(lengths)), tokens, targets, weights)


def epochs_of(examples, tokens):
    """Cut the data set into epochs: each holds every token once."""
    found, epoch, count = [], [], 0
    for example in examples:
        epoch.append(example)
        count += len(example["input_ids"]) - 1
        if count == tokens:
            found.append(epoch)
            epoch, count = [], 0
    assert not epoch
    return found


lengths_of_sessions = st.lists(st.lists(st.integers(1, 80), min_size=1, max_size=12), min_size=1, max_size=4)


@given(lengths_of_sessions, st.integers(0, 5))
def test_every_token_of_every_turn_is_trained_once_an_epoch(lengths, seed):
    """In a window that holds it, under its own turn's targets; a long turn in pieces."""
    sessions = [session_of(own, first_id=1000 * (n + 1)) for n, own in enumerate(lengths)]
    section = load_config().train.model_copy(update={"epochs": 3, "seed": seed})
    examples = training_examples(sessions, WINDOWS, section, SPECIAL)
    turn_of = {t: (n, i) for n, s in enumerate(sessions) for i, turn in enumerate(s.tokens) for t in turn}
    epochs = epochs_of(examples, len(turn_of))
    assert len(epochs) == 3
    for epoch in epochs:
        seen = Counter()
        for example in epoch:
            ids = example["input_ids"]
            assert ids[0] == SPECIAL.start
            assert len(ids) <= WINDOWS.max_tokens
            for (start, stop), targets, weights in zip(
                example["spans"], example["targets"], example["weights"], strict=True
            ):
                (turn,) = {turn_of[token] for token in ids[start:stop]}
                assert targets == sessions[turn[0]].targets[turn[1]].tolist()
                assert weights == sessions[turn[0]].weights[turn[1]].tolist()
                seen.update(ids[start:stop])
        assert seen == Counter(dict.fromkeys(turn_of, 1))


def test_windows_start_elsewhere_in_each_epoch():
    session = session_of([1] * 1000)
    section = load_config().train.model_copy(update={"epochs": 4})
    wide = WindowSection(max_tokens=256, left_context_tokens=8)
    epochs = epochs_of(training_examples([session], wide, section, SPECIAL), 1000)
    starts = [frozenset(example["input_ids"][1] for example in epoch) for epoch in epochs]
    assert len(set(starts)) == 4


def test_the_seed_alone_decides_on_windows_and_their_order():
    sessions = [session_of([5] * 30, first_id=1000 * n) for n in range(1, 4)]

    def laid(seed):
        section = load_config().train.model_copy(update={"epochs": 2, "seed": seed})
        return training_examples(sessions, WINDOWS, section, SPECIAL).to_list()

    assert laid(1) == laid(1)
    assert laid(1) != laid(2)
    order = [example["input_ids"][1] // 1000 for example in laid(1)]
    assert order != sorted(order), "windows of all sessions are mixed"


@given(st.lists(st.integers(1, 60), min_size=1, max_size=40), st.integers(1, 6))
def test_the_windows_of_a_step_are_of_like_length(lengths, size):
    """Sorted within an epoch, at most one step per bin boundary and epoch mixes two bins."""
    sessions = [session_of([length], first_id=1000 * (n + 1)) for n, length in enumerate(lengths)]
    section = load_config().train.model_copy(update={"epochs": 3, "windows_per_step": size})
    wide = WindowSection(max_tokens=256, left_context_tokens=8)
    examples = training_examples(sessions, wide, section, SPECIAL)
    bins = [len(example["input_ids"]) // 32 for example in examples]
    steps = [bins[at : at + size] for at in range(0, len(bins), size)]
    mixed = sum(len(set(step)) > 1 for step in steps)
    boundaries = len(set(bins)) - 1
    assert mixed <= 3 * boundaries + 2, "and those that span two epochs"


def test_windows_without_any_coded_turn_are_left_out_and_no_others():
    session = session_of([10] * 9, coded=[4])
    section = load_config().train.model_copy(update={"epochs": 5})
    examples = training_examples([session], WINDOWS, section, SPECIAL)
    assert len(examples) == 5, "one window an epoch holds the one coded turn"
    for example in examples:
        assert np.array(example["weights"]).sum() == 2
        assert set(session.tokens[4]) <= set(example["input_ids"])


def test_collate_pads_tokens_and_turns_and_pools_each_turn():
    examples = [
        {"input_ids": [1, 5, 6, 7], "spans": [[1, 3], [3, 4]], "targets": [[1, 0], [0, 1]],
         "weights": [[1, 1], [1, 0]]},
        {"input_ids": [1, 8], "spans": [[1, 2]], "targets": [[0, 0]], "weights": [[0, 1]]},
    ]  # fmt: skip
    batch = collate(examples)
    assert batch["input_ids"].tolist() == [[1, 5, 6, 7], [1, 8, 0, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1], [1, 1, 0, 0]]
    assert batch["pool"].tolist() == [[[0, 0.5, 0.5, 0], [0, 0, 0, 1]], [[0, 1, 0, 0], [0, 0, 0, 0]]]
    assert batch["targets"].tolist() == [[[1, 0], [0, 1]], [[0, 0], [0, 0]]]
    assert batch["weights"].tolist() == [[[1, 1], [1, 0]], [[0, 1], [0, 0]]]


def test_targets_are_real_numbers_even_where_all_are_whole():
    """A logistic loss refuses integers, or reads them as classes."""
    section = load_config().train.model_copy(update={"epochs": 1})
    examples = training_examples([session_of([5, 5])], WINDOWS, section, SPECIAL)
    batch = collate(list(examples))
    assert {batch[name].dtype for name in ("targets", "weights", "pool")} == {torch.float32}
    assert {batch[name].dtype for name in ("input_ids", "attention_mask")} == {torch.int64}
    whole = [{"input_ids": [1, 5], "spans": [[1, 2]], "targets": [[1]], "weights": [[1]]}]
    assert collate(whole)["targets"].dtype == torch.float32


def turns_and_marks(states):
    turns = pd.DataFrame(
        {
            "patient_id": ["P1", "P1", "P1", "P2"],
            "session_id": ["S1"] * 4,
            "turn": [0, 1, 2, 0],
            "speaker": ["therapist", "patient", "patient", "patient"],
            "text": ["so", "well yes", "rain", "tea"],
        }
    )
    columns = codebook().columns
    key = turns[["patient_id", "session_id", "turn", "speaker"]]
    return turns, Marks(key, columns, tuple("abc")[: states.shape[2]], states)


@pytest.fixture(scope="module")
def tokenizer():
    words = [
        "[PAD]",
        "[CLS]",
        "[SEP]",
        "[UNK]",
        "patient",
        "therapist",
        ":",
        "so",
        "well",
        "yes",
        "rain",
        "tea",
    ]
    made = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return made


def test_soft_targets_are_shares_of_the_coders_who_could_tell(tokenizer):
    states = np.full((4, 3, 3), NOT_CODED, dtype=np.int8)
    states[1, 0] = [PRESENT, ABSENT, ABSENT]
    states[2, 0] = [PRESENT, UNCODABLE, ABSENT]
    states[3, 0] = [PRESENT, NOT_CODED, NOT_CODED]
    sessions = build_sessions(*turns_and_marks(states), codebook(), tokenizer)
    assert [s.patient_id for s in sessions] == ["P1", "P2"]
    assert [s.rows.tolist() for s in sessions] == [[0, 1, 2], [3]]
    targets = np.concatenate([s.targets for s in sessions])
    weights = np.concatenate([s.weights for s in sessions])
    assert targets[:, 0].tolist() == pytest.approx([0, 1 / 3, 1 / 2, 1])
    assert weights[:, 0].tolist() == [0, 1, 1, 1], "one coder or three: a cell weighs the same"
    assert targets.dtype == weights.dtype == np.float32
    assert not weights[:, 1:].any()


def test_what_is_not_coded_not_codable_or_not_eligible_weighs_nothing(tokenizer):
    states = np.full((4, 3, 1), NOT_CODED, dtype=np.int8)
    states[0, 0] = PRESENT  # the therapist's turn: "quiet" is the patient's alone
    states[1, 0] = UNCODABLE
    states[0, 1] = PRESENT
    states[1, 1] = PRESENT  # the patient's turn: "asks" is the therapist's alone
    states[2, 0] = ABSENT
    sessions = build_sessions(*turns_and_marks(states), codebook(), tokenizer)
    weights = np.concatenate([s.weights for s in sessions])
    targets = np.concatenate([s.targets for s in sessions])
    assert weights.tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 0], [0, 0, 0]]
    assert targets.tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_turns_are_read_with_their_speaker_and_a_separator(tokenizer):
    states = np.zeros((4, 3, 1), dtype=np.int8)
    first, second = build_sessions(*turns_and_marks(states), codebook(), tokenizer)
    assert first.tokens == [[5, 6, 7, 2], [4, 6, 8, 9, 2], [4, 6, 10, 2]]
    assert second.tokens == [[4, 6, 11, 2]]


def weighted(targets, weights=None):
    targets = np.array(targets, dtype=np.float32)
    weights = np.ones_like(targets) if weights is None else np.array(weights, dtype=np.float32)
    return Session("P", np.arange(len(targets)), [[9]] * len(targets), targets * weights, weights)


def test_positive_weights_are_odds_to_a_power(section):
    # Ten coded turns: 2 soft positives (1 + 1/2 + 1/2), 8 negatives; then 5 and 5; then none; then all.
    targets = np.zeros((10, 4))
    targets[0, 0], targets[1:3, 0] = 1, 0.5
    targets[:5, 1] = 1
    targets[:, 3] = 1
    found = positive_weights([weighted(targets[:4]), weighted(targets[4:])], section(), exclusive=False)
    # sqrt(8 / 2), sqrt(5 / 5), sqrt(10 / 1) for want of any, and at least 1.
    assert found.tolist() == pytest.approx([2.0, 1.0, 10**0.5, 1.0])
    assert found.dtype == torch.float32


def test_positive_weights_have_a_limit_and_a_power(section):
    targets = np.zeros((401, 1))
    targets[0] = 1
    own = [weighted(targets)]
    assert positive_weights(own, section(), False).tolist() == [10.0], "sqrt(400) is 20"
    assert positive_weights(own, section(positive_weight_max=50.0), False).tolist() == [20.0]
    assert positive_weights(own, section(positive_weight_power=0.0), False).tolist() == [1.0]
    assert positive_weights(own, section(positive_weight_power=1.0), False).tolist() == [10.0]


def test_what_is_not_coded_counts_neither_as_negative_nor_as_positive(section):
    targets = np.zeros((10, 1))
    targets[0] = 1
    weights = np.zeros((10, 1))
    weights[:5] = 1
    found = positive_weights([weighted(targets, weights)], section(), False)
    assert found.tolist() == [2.0], "sqrt(4 / 1), not sqrt(9 / 1)"


def test_class_weights_are_inverse_shares_to_a_power_with_mean_one(section):
    targets = np.zeros((20, 2))
    targets[:16, 0] = 1
    targets[16:, 1] = 1
    found = positive_weights([weighted(targets)], section(), exclusive=True).numpy()
    # sqrt(20 / 16) and sqrt(20 / 4), over their mean (16 of the one, 4 of the other).
    raw = np.sqrt([1.25, 5.0])
    assert found == pytest.approx(raw / ((16 * raw[0] + 4 * raw[1]) / 20))
    assert (16 * found[0] + 4 * found[1]) / 20 == pytest.approx(1.0)
