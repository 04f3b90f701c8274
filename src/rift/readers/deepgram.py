"""Deepgram JSON: utterances where asked for, else words, with or without speakers."""

from __future__ import annotations

from rift.readers.contract import Source
from rift.readers.json_fields import Fields, fields, name_of, objects, seconds_of, text_of
from rift.readers.words import Word, turns_of_words, untold
from rift.schema import Transcript, Turn

names: tuple[str, ...] = ("deepgram",)
suffixes: tuple[str, ...] = (".json",)


def sniff(source: Source) -> float:
    """Return 0.95 for results with channels of alternatives."""
    return 0.95 if _channels(source.json) else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one transcript: by utterances, else by words, else each channel's text as one turn."""
    channels = _channels(source.json)
    results = fields(fields(source.json).get("results"))
    several = len(channels) > 1
    turns = tuple(
        turn for one in objects(results.get("utterances")) if (turn := _utterance(one, several)).text
    )
    turns = (
        turns
        or _of_words(channels)
        or tuple(
            Turn(_channel(number, several), text)
            for number, channel in enumerate(channels)
            if (text := text_of(_best(channel).get("transcript")))
        )
    )
    return [Transcript(turns, str(source.path), warnings=tuple(untold(turns)))]


def _channels(content: object) -> list[Fields]:
    results = fields(fields(content).get("results"))
    return [channel for channel in objects(results.get("channels")) if "alternatives" in channel]


def _best(channel: Fields) -> Fields:
    return next(iter(objects(channel.get("alternatives"))), {})


def _channel(number: object, several: bool) -> str | None:
    return f"channel {number}" if several else None


def _utterance(one: Fields, several: bool) -> Turn:
    speaker = _speaker(one.get("speaker"), one.get("channel"), several)
    text = text_of(one.get("transcript"))
    return Turn(speaker, text, seconds_of(one.get("start")), seconds_of(one.get("end")))


def _speaker(speaker: object, channel: object, several: bool) -> str | None:
    name = name_of(speaker)
    if not several:
        return name
    return f"channel {channel}" if name is None else f"channel {channel}, speaker {name}"


def _of_words(channels: list[Fields]) -> tuple[Turn, ...]:
    words = []
    for number, channel in enumerate(channels):
        for one in objects(_best(channel).get("words")):
            text = text_of(one.get("punctuated_word")) or text_of(one.get("word"))
            speaker = _speaker(one.get("speaker"), number, len(channels) > 1)
            words.append(Word(text, speaker, seconds_of(one.get("start")), seconds_of(one.get("end"))))
    if len(channels) > 1:
        words.sort(key=lambda word: (word.start_s is None, word.start_s or 0.0))
    return turns_of_words(words)
