"""Whisper JSON: of OpenAI, WhisperX, whisper-timestamped, whisper.cpp and the transformers pipeline."""

from __future__ import annotations

from rift.readers.contract import Source
from rift.readers.json_fields import Fields, fields, name_of, objects, seconds_of, text_of
from rift.readers.words import untold
from rift.schema import Transcript, Turn

names: tuple[str, ...] = ("whisper", "whisperx")
suffixes: tuple[str, ...] = (".json",)


def sniff(source: Source) -> float:
    """Return 0.9 for a list of segments with text, under a key that a Whisper program writes."""
    return 0.9 if _segments(source.json) else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one transcript: a turn per segment, of nobody where no speaker was found for it."""
    turns = tuple(turn for segment in _segments(source.json) if (turn := _turn(segment)).text)
    return [Transcript(turns, str(source.path), warnings=tuple(untold(turns)))]


def _segments(content: object) -> list[Fields]:
    whole = fields(content)
    if "results" in whole or "utterances" in whole:
        return []
    for key in ("segments", "chunks", "transcription"):
        segments = objects(whole.get(key))
        if segments and any(isinstance(segment.get("text"), str) for segment in segments):
            return segments
    return []


def _turn(segment: Fields) -> Turn:
    start, end = segment.get("start"), segment.get("end")
    unit = 1.0
    if isinstance(stamps := segment.get("timestamp"), list) and len(stamps) == 2:
        start, end = stamps
    elif offsets := fields(segment.get("offsets")):
        start, end, unit = offsets.get("from"), offsets.get("to"), 0.001
    text = text_of(segment.get("text"))
    return Turn(_speaker(segment), text, seconds_of(start, unit), seconds_of(end, unit))


def _speaker(segment: Fields) -> str | None:
    """Return a segment's speaker; without one, that of its words if they all are one's."""
    if (own := name_of(segment.get("speaker"))) is not None:
        return own
    said = {name_of(word.get("speaker")) for word in objects(segment.get("words"))}
    return said.pop() if len(said) == 1 else None
