"""WebVTT, as Zoom, Teams, Stream, YouTube and Amberscript write it."""

from __future__ import annotations

from rift.readers.contract import Source
from rift.readers.cue_turns import turns_of
from rift.readers.cues import parse_cues
from rift.schema import Transcript

names: tuple[str, ...] = ("vtt", "webvtt")
suffixes: tuple[str, ...] = (".vtt",)


def sniff(source: Source) -> float:
    """Return 0.95 where the text begins with WEBVTT."""
    if source.decoded is None:
        return 0.0
    if source.decoded.text.lstrip("\ufeff \n").startswith("WEBVTT"):
        return 0.95
    return 0.5 if source.suffix in suffixes else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one transcript in a WebVTT file."""
    decoded = source.decode()
    turns, warnings = turns_of(parse_cues(decoded.text))
    return [Transcript(turns, str(source.path), warnings=(*decoded.warnings, *warnings))]
