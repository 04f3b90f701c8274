"""AssemblyAI JSON: utterances with times in milliseconds, else words, else the text alone."""

from __future__ import annotations

from rift.readers.contract import Source
from rift.readers.json_fields import Fields, fields, name_of, objects, seconds_of, text_of
from rift.readers.words import Word, turns_of_words, untold
from rift.schema import Transcript, Turn

names: tuple[str, ...] = ("assemblyai",)
suffixes: tuple[str, ...] = (".json",)


_MILLI = 1e-3


def sniff(source: Source) -> float:
    """Return 0.95 for a transcript object: its words or utterances beside its own text and status."""
    whole = fields(source.json)
    own = "text" in whole and ("audio_duration" in whole or "audio_url" in whole or "acoustic_model" in whole)
    spoken = objects(whole.get("utterances")) or objects(whole.get("words"))
    if spoken and (own or any("speaker" in one and "text" in one for one in spoken)):
        return 0.95
    return 0.9 if own and text_of(whole.get("text")) else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one transcript."""
    whole = fields(source.json)
    turns = tuple(turn for one in objects(whole.get("utterances")) if (turn := _utterance(one)).text)
    turns = turns or turns_of_words([_word(one) for one in objects(whole.get("words"))])
    if not turns and (text := text_of(whole.get("text"))):
        turns = (Turn(None, text),)
    return [Transcript(turns, str(source.path), warnings=tuple(untold(turns)))]


def _utterance(one: Fields) -> Turn:
    start, end = seconds_of(one.get("start"), _MILLI), seconds_of(one.get("end"), _MILLI)
    return Turn(_speaker(one), text_of(one.get("text")), start, end)


def _word(one: Fields) -> Word:
    start, end = seconds_of(one.get("start"), _MILLI), seconds_of(one.get("end"), _MILLI)
    return Word(text_of(one.get("text")), _speaker(one), start, end)


def _speaker(one: Fields) -> str | None:
    name, channel = name_of(one.get("speaker")), name_of(one.get("channel"))
    return name if name is not None or channel is None else f"channel {channel}"
