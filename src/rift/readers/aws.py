"""Amazon Transcribe JSON: items with times as text, speakers in a list beside them or as channels."""

from __future__ import annotations

from rift.readers.contract import Source
from rift.readers.json_fields import Fields, fields, name_of, objects, seconds_of, text_of
from rift.readers.words import Word, turns_of_words, untold
from rift.schema import Transcript

names: tuple[str, ...] = ("aws", "amazon_transcribe")
suffixes: tuple[str, ...] = (".json",)


def sniff(source: Source) -> float:
    """Return 0.95 for results that hold items with alternatives."""
    return 0.95 if _items(source.json) else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one transcript: a turn for every run of words of one speaker or channel."""
    results = fields(fields(source.json).get("results"))
    channels = objects(fields(results.get("channel_labels")).get("channels"))
    words = _of_channels(channels) if channels else _of_speakers(results)
    turns = turns_of_words(words)
    return [Transcript(turns, str(source.path), warnings=tuple(untold(turns)))]


def _items(content: object) -> list[Fields]:
    items = objects(fields(fields(content).get("results")).get("items"))
    return [item for item in items if "alternatives" in item]


def _of_channels(channels: list[Fields]) -> list[Word]:
    """Return the words of all channels in the order of their times."""
    words: list[tuple[float, int, Word]] = []
    for number, channel in enumerate(channels):
        name = name_of(channel.get("channel_label")) or f"ch_{number}"
        last = 0.0
        for item in objects(channel.get("items")):
            word = _word(item, name)
            last = last if word.start_s is None else word.start_s
            words.append((last, number, word))
    return [word for *_, word in sorted(words, key=lambda entry: entry[:2])]


def _of_speakers(results: Fields) -> list[Word]:
    segments = objects(fields(results.get("speaker_labels")).get("segments"))
    at = {
        text_of(item.get("start_time")): name_of(item.get("speaker_label") or segment.get("speaker_label"))
        for segment in segments
        for item in objects(segment.get("items"))
    }
    return [
        _word(item, name_of(item.get("speaker_label")) or at.get(text_of(item.get("start_time"))))
        for item in objects(results.get("items"))
    ]


def _word(item: Fields, speaker: str | None) -> Word:
    best = next(iter(objects(item.get("alternatives"))), {})
    attached = item.get("type") == "punctuation"
    start, end = seconds_of(item.get("start_time")), seconds_of(item.get("end_time"))
    return Word(text_of(best.get("content")), speaker, start, end, attached)
