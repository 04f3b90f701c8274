"""Azure speech-to-text JSON: of batch transcription and of fast transcription."""

from __future__ import annotations

from rift.readers.contract import Source
from rift.readers.json_fields import Fields, fields, name_of, objects, seconds_of, text_of
from rift.readers.wording import counted, numbers
from rift.readers.words import untold
from rift.schema import Transcript, Turn

names: tuple[str, ...] = ("azure", "azure_speech")
suffixes: tuple[str, ...] = (".json",)


_TICK = 1e-7
_MILLI = 1e-3


def sniff(source: Source) -> float:
    """Return 0.95 for recognised phrases, or for phrases with offsets in milliseconds."""
    whole = fields(source.json)
    fast = objects(whole.get("phrases"))
    if "recognizedPhrases" in whole or any("offsetMilliseconds" in phrase for phrase in fast):
        return 0.95
    return 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one transcript: a turn per phrase, in the order of time over all channels."""
    whole = fields(source.json)
    phrases = objects(whole.get("recognizedPhrases")) or objects(whole.get("phrases"))
    failed = [number for number, phrase in enumerate(phrases) if not _text(phrase)]
    several = len({phrase.get("channel") for phrase in phrases if name_of(phrase.get("channel"))}) > 1
    turns = [_turn(phrase, several) for phrase in phrases if _text(phrase)]
    turns.sort(key=lambda turn: (turn.start_s is None, turn.start_s or 0.0))
    warnings = untold(turns)
    if failed:
        told = f"{counted(len(failed), 'phrase')} that were not recognised left out"
        warnings.append(f"{told}: phrase {numbers(failed)} (counted from 0)")
    return [Transcript(tuple(turns), str(source.path), warnings=tuple(warnings))]


def _text(phrase: Fields) -> str:
    best = next(iter(objects(phrase.get("nBest"))), {})
    return text_of(best.get("display")) or text_of(best.get("lexical")) or text_of(phrase.get("text"))


def _turn(phrase: Fields, several_channels: bool) -> Turn:
    speaker = name_of(phrase.get("speaker"))
    if speaker is None and several_channels and (channel := name_of(phrase.get("channel"))):
        speaker = f"channel {channel}"
    start, length = _time(phrase, "offset"), _time(phrase, "duration")
    end = None if start is None or length is None else round(start + length, 6)
    return Turn(speaker, _text(phrase), start, end)


def _time(phrase: Fields, name: str) -> float | None:
    ticks = seconds_of(phrase.get(f"{name}InTicks"), _TICK)
    if ticks is not None:
        return ticks
    if f"{name}Milliseconds" in phrase:
        return seconds_of(phrase.get(f"{name}Milliseconds"), _MILLI)
    return seconds_of(phrase.get(name), _TICK)
