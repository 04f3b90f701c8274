"""Turns to token ids: framing tokens of every kind of encoder, nothing cut, nothing added."""

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from rift.corpus.encoding import SpecialIds, encode_turns, load_tokenizer, row_ids, special_ids
from rift.errors import RiftError

BERT = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
ROBERTA = ("<s>", "<pad>", "</s>", "<unk>")
WORDS = ("patient", "therapist", ":", "hm", "[", "]", "pause", "SEP")


def made(special, post=None):
    unknown = next(token for token in special if "unk" in token.lower())
    vocabulary = {word: i for i, word in enumerate((*special, *WORDS))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=unknown))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(list(special))
    if post is not None:
        tokenizer.post_processor = post
    return tokenizer


def bert():
    return made(BERT, processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2)))


def saved(tokenizer, tmp_path):
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return load_tokenizer(tmp_path / "tokenizer.json")


@pytest.mark.parametrize(
    ("tokenizer", "expected"),
    [
        (bert(), SpecialIds(2, 3, 0)),
        (made(ROBERTA, processors.RobertaProcessing(("</s>", 2), ("<s>", 0))), SpecialIds(0, 2, 1)),
        (made(BERT), SpecialIds(2, 3, 0)),
        (made(ROBERTA), SpecialIds(0, 2, 1)),
        # Names of its own, told by the post-processor alone; nothing to pad with but the separator.
        (made(("<unk>", "<go>", "<end>"), processors.BertProcessing(("<end>", 2), ("<go>", 1))),
         SpecialIds(1, 2, 2)),
    ],
)  # fmt: skip
def test_framing_ids(tokenizer, expected):
    assert special_ids(tokenizer) == expected


def test_no_framing_tokens():
    with pytest.raises(RiftError, match="no start or no separator token"):
        special_ids(made(("<unk>",)))


def test_turns_are_speaker_words_and_separator(tmp_path):
    tokenizer = saved(bert(), tmp_path)
    ids = {word: i for i, word in enumerate((*BERT, *WORDS))}
    assert encode_turns(tokenizer, ["patient", "therapist"], ["hm [pause]", ""]) == [
        [ids["patient"], ids[":"], ids["hm"], ids["["], ids["pause"], ids["]"], 3],
        [ids["therapist"], ids[":"], 3],
    ]
    assert encode_turns(tokenizer, [], []) == []


def test_baked_in_truncation_and_padding_are_off(tmp_path):
    short = bert()
    short.enable_truncation(4)
    short.enable_padding(length=4)
    (turn,) = encode_turns(saved(short, tmp_path), ["patient"], ["hm " * 50])
    assert len(turn) == 53
    (turn,) = encode_turns(saved(short, tmp_path), ["patient"], [""])
    assert len(turn) == 3


def test_words_like_special_tokens_are_words(tmp_path):
    (turn,) = encode_turns(saved(bert(), tmp_path), ["patient"], ["[SEP]"])
    assert turn.count(3) == 1
    assert turn[-1] == 3


def test_broken_characters_are_read_as_unknown(tmp_path):
    (turn,) = encode_turns(saved(bert(), tmp_path), ["patient"], ["hm \ud800 hm"])
    assert turn == [4, 6, 7, 1, 7, 3]


def test_every_turn_needs_a_speaker(tmp_path):
    with pytest.raises(ValueError, match="zip"):
        encode_turns(saved(bert(), tmp_path), ["patient"], ["hm", "hm"])


def test_a_row_is_the_start_token_and_a_slice():
    assert row_ids([5, 6, 7, 8], 1, 3, SpecialIds(2, 3, 0)) == [2, 6, 7]


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"model": {"type": "WordLevel"}}'])
def test_a_file_that_is_no_tokenizer(tmp_path, content):
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(RiftError, match="not a tokenizer") as caught:
        load_tokenizer(tmp_path / "tokenizer.json")
    assert caught.value.where == str(tmp_path / "tokenizer.json")


def test_a_missing_tokenizer(tmp_path):
    with pytest.raises(RiftError, match="no such file"):
        load_tokenizer(tmp_path / "tokenizer.json")
