"""SubRip subtitles (SRT), as Amberscript, Whisper and many editors write them."""

from __future__ import annotations

from rift.readers.contract import Source
from rift.readers.cue_turns import turns_of
from rift.readers.cues import has_timing, parse_cues
from rift.schema import Transcript

names: tuple[str, ...] = ("srt", "subrip")
suffixes: tuple[str, ...] = (".srt",)


def sniff(source: Source) -> float:
    """Return 0.9 where a text has timing lines, and does not say that it is WebVTT."""
    if source.decoded is None or source.decoded.text.lstrip("\ufeff \n").startswith("WEBVTT"):
        return 0.0
    if has_timing(source.decoded.text):
        return 0.9
    return 0.4 if source.suffix in suffixes else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one transcript in an SRT file."""
    decoded = source.decode()
    turns, warnings = turns_of(parse_cues(decoded.text))
    return [Transcript(turns, str(source.path), warnings=(*decoded.warnings, *warnings))]
