"""JSON of speech recognisers: the shapes that each service writes, and what breaks parsers."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rift.errors import RiftError
from rift.readers import assemblyai, aws, azure, deepgram, google, revai, whisper
from rift.readers.contract import Reader, Source
from rift.readers.json_fields import name_of, seconds_of
from rift.readers.registry import BUILT_IN
from rift.schema import Transcript, Turn

READERS: tuple[Reader, ...] = (whisper, aws, google, azure, revai, deepgram, assemblyai)


def source(content: Any) -> Source:
    return Source(Path("a.json"), json.dumps(content).encode())


def read(reader: Reader, content: Any) -> Transcript:
    (transcript,) = reader.read(source(content))
    return transcript


WHISPERX = {
    "segments": [
        {"start": 0.5, "end": 2.0, "text": " How was it?", "speaker": "SPEAKER_00", "words": []},
        {"start": 2.0, "end": 3.0, "text": " Fine.", "words": [{"word": "Fine."}]},
        {"text": " I guess.", "words": [{"word": "I", "speaker": "B"}, {"word": "guess.", "speaker": "B"}]},
        {"start": None, "end": 4.0, "text": "  "},
    ],
    "word_segments": [],
}  # fmt: skip


def test_whisperx_keeps_words_without_speaker_or_time() -> None:
    transcript = read(whisper, WHISPERX)
    assert transcript.turns == (
        Turn("SPEAKER_00", "How was it?", 0.5, 2.0),
        Turn(None, "Fine.", 2.0, 3.0),
        Turn("B", "I guess.", None, None),
    )
    assert transcript.warnings == ("1 turn without a time: turn 2 (counted from 0)",)


def test_whisper_of_other_programs() -> None:
    pipeline = {
        "text": "a",
        "chunks": [{"timestamp": [0.0, 1.5], "text": "Hello"}, {"timestamp": [1.5, None], "text": "you"}],
    }
    assert read(whisper, pipeline).turns == (Turn(None, "Hello", 0.0, 1.5), Turn(None, "you", 1.5, None))
    cpp = {
        "transcription": [
            {"timestamps": {"from": "00:00:00,000"}, "offsets": {"from": 0, "to": 1500}, "text": " Hello"}
        ]
    }
    assert read(whisper, cpp).turns == (Turn(None, "Hello", 0.0, 1.5),)


def item(start: str | None, content: str, **more: Any) -> dict[str, Any]:
    times = {} if start is None else {"start_time": start, "end_time": str(float(start) + 0.5)}
    kind = "pronunciation" if start else "punctuation"
    return {**times, "type": kind, "alternatives": [{"confidence": "1", "content": content}], **more}


def test_aws_speakers_in_a_list_beside_the_items() -> None:
    labels = [
        {"start_time": "0.0", "speaker_label": "spk_0"},
        {"start_time": "1.0", "speaker_label": "spk_1"},
    ]
    content = {
        "results": {
            "transcripts": [{"transcript": "Hi, you."}],
            "speaker_labels": {"segments": [{"speaker_label": "spk_0", "items": labels}]},
            "items": [item("0.0", "Hi"), item(None, ","), item("1.0", "you"), item(None, ".")],
        }
    }
    assert read(aws, content).turns == (Turn("spk_0", "Hi,", 0.0, 0.5), Turn("spk_1", "you.", 1.0, 1.5))


def test_aws_channels_are_one_conversation() -> None:
    channels = [
        {"channel_label": "ch_0", "items": [item("0.0", "Hi"), item(None, "."), item("3.0", "Bye")]},
        {"channel_label": "ch_1", "items": [item("1.0", "Yes"), item(None, "?")]},
    ]
    content = {"results": {"channel_labels": {"channels": channels}, "items": channels[0]["items"]}}
    assert [(turn.speaker, turn.text) for turn in read(aws, content).turns] == [
        ("ch_0", "Hi."), ("ch_1", "Yes?"), ("ch_0", "Bye"),
    ]  # fmt: skip


def test_google_repeats_all_words_in_the_last_result() -> None:
    plain = [
        {"startTime": "0s", "endTime": "0.5s", "word": "Hello"},
        {"startTime": "1.5s", "endTime": "2s", "word": "yes"},
    ]
    tagged = [{**plain[0], "speakerTag": 1}, {**plain[1], "speakerTag": 2}]
    content = {
        "results": [
            {"alternatives": [{"transcript": "Hello yes", "words": plain}]},
            {"alternatives": [{"words": tagged}]},
        ]
    }
    assert read(google, content).turns == (Turn("1", "Hello", 0.0, 0.5), Turn("2", "yes", 1.5, 2.0))


def test_google_without_speakers_has_a_turn_per_result() -> None:
    word = {"startTime": {"seconds": "1", "nanos": 500_000_000}, "endTime": {"seconds": "2"}, "word": "Hello"}
    content = {"results": [{"alternatives": [{"transcript": " Hello ", "words": [word]}]}]}
    assert read(google, content).turns == (Turn(None, "Hello", 1.5, 2.0),)


def test_azure_in_order_of_time_and_failures_told() -> None:
    phrases = [
        {
            "speaker": 2,
            "offset": "PT3.2S",
            "duration": "PT0.8S",
            "nBest": [{"display": "Fine."}, {"display": "Mine."}],
        },
        {
            "speaker": 1,
            "offsetInTicks": 5_000_000.0,
            "durationInTicks": 12_500_000.0,
            "nBest": [{"display": "How?"}],
        },
        {"recognitionStatus": "Failure", "nBest": []},
    ]
    transcript = read(azure, {"recognizedPhrases": phrases})
    assert transcript.turns == (Turn("1", "How?", 0.5, 1.75), Turn("2", "Fine.", 3.2, 4.0))
    assert transcript.warnings == ("1 phrase that were not recognised left out: phrase 2 (counted from 0)",)


def test_azure_fast_transcription_by_channels() -> None:
    phrases = [
        {"channel": 0, "offsetMilliseconds": 500, "durationMilliseconds": 1000, "text": "How?"},
        {"channel": 1, "offsetMilliseconds": 2000, "durationMilliseconds": 500, "text": "Fine."},
    ]
    found = read(azure, {"durationMilliseconds": 9, "phrases": phrases}).turns
    assert found == (Turn("channel 0", "How?", 0.5, 1.5), Turn("channel 1", "Fine.", 2.0, 2.5))


def test_revai_punctuation_and_notes_as_they_stand() -> None:
    elements = [
        {"type": "unknown", "value": "<inaudible>"}, {"type": "punct", "value": " "},
        {"type": "text", "value": "fine", "ts": 2.0, "end_ts": 2.4}, {"type": "punct", "value": "."},
    ]  # fmt: skip
    content = {"monologues": [{"speaker": 1, "elements": elements}], "speakers": [{"id": 1, "name": "Ann"}]}
    assert read(revai, content).turns == (Turn("Ann", "<inaudible> fine.", 2.0, 2.4),)


def channel(*words: dict[str, Any], transcript: str = "") -> dict[str, Any]:
    return {"alternatives": [{"transcript": transcript, "words": list(words)}]}


def test_deepgram_utterances_words_and_text_alone() -> None:
    said = {"start": 0.1, "end": 1.0, "speaker": 0, "channel": 0, "transcript": "Hi."}
    whole = {"results": {"channels": [channel(transcript="Hi.")], "utterances": [said]}}
    assert read(deepgram, whole).turns == (Turn("0", "Hi.", 0.1, 1.0),)
    words = [
        {"word": "hi", "punctuated_word": "Hi.", "start": 0.1, "end": 1.0, "speaker": 0},
        {"word": "yes", "start": 1.1, "end": 1.2, "speaker": 1},
    ]
    assert read(deepgram, {"results": {"channels": [channel(*words)]}}).turns == (
        Turn("0", "Hi.", 0.1, 1.0), Turn("1", "yes", 1.1, 1.2),
    )  # fmt: skip
    both = {"results": {"channels": [channel(transcript="Hi."), channel(transcript="Yes.")]}}
    assert read(deepgram, both).turns == (Turn("channel 0", "Hi."), Turn("channel 1", "Yes."))


def test_assemblyai_in_milliseconds() -> None:
    content = {"text": "Hi.", "status": "completed", "audio_duration": 2, "words": [], "utterances": [
        {"speaker": "A", "start": 170, "end": 1250, "text": "Hi."},
    ]}  # fmt: skip
    assert read(assemblyai, content).turns == (Turn("A", "Hi.", 0.17, 1.25),)
    words = [
        {"text": "Hi.", "start": 0, "end": 500, "speaker": "A"},
        {"text": "Yes.", "start": 600, "end": 900, "speaker": "B"},
    ]
    assert read(assemblyai, {**content, "utterances": None, "words": words}).turns == (
        Turn("A", "Hi.", 0.0, 0.5), Turn("B", "Yes.", 0.6, 0.9),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.5", 1.5), ("1.5s", 1.5), ("PT1M2.5S", 62.5), (True, None), (float("nan"), None), (-1, None),
     ("x", None), ({"seconds": "2"}, 2.0), (None, None), ([], None)],
)  # fmt: skip
def test_times_of_any_type(value: Any, expected: float | None) -> None:
    assert seconds_of(value) == expected


def test_speakers_of_any_type() -> None:
    assert [name_of(value) for value in (0, 1.0, "A", "", None, True, [])] == [
        "0",
        "1",
        "A",
        None,
        None,
        None,
        None,
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.sampled_from(["", "1.5", "a", "PT1S"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([
            "results", "items", "alternatives", "words", "segments", "text", "speaker", "channels",
            "utterances", "monologues", "elements", "recognizedPhrases", "phrases", "nBest", "start",
            "speaker_labels", "transcript",
        ]), inner, max_size=4),
    max_leaves=25,
)  # fmt: skip


@given(json_values)
def test_nothing_but_rift_errors(content: Any) -> None:
    for reader in READERS:
        own = source(content)
        assert 0 <= reader.sniff(own) <= 1
        with suppress(RiftError):
            reader.read(own)


@pytest.mark.parametrize("reader", READERS)
def test_each_is_told_from_all_others(reader: Reader) -> None:
    content = {
        whisper: WHISPERX,
        aws: {"results": {"items": [item("0.0", "Hi")]}},
        google: {"results": [{"alternatives": [{"transcript": "Hi"}]}]},
        azure: {"recognizedPhrases": []},
        revai: {"monologues": [{"elements": []}]},
        deepgram: {"results": {"channels": [channel()]}},
        assemblyai: {"text": "Hi", "audio_url": "x", "words": [{"text": "Hi"}]},
    }[reader]
    own = source(content)
    assert max(BUILT_IN, key=lambda one: one.sniff(own)) is reader
