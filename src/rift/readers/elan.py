"""ELAN files (``.eaf``): turns from tiers of speech, marks from tiers of coders.

`rift.readers.elan_tiers` says which tiers are which. A mark on a child tier is a mark of the turn
above it; one that begins exactly where a turn does and ends exactly where one does is a mark of
these turns; others are marks of a stretch of time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rift.readers.contract import Source
from rift.readers.elan_file import Annotation, read_elan
from rift.readers.elan_marks import read_marks
from rift.readers.elan_tiers import Reading, read_tiers
from rift.readers.wording import counted, shown, some
from rift.schema import Transcript, Turn

names: tuple[str, ...] = ("elan", "eaf")
suffixes: tuple[str, ...] = (".eaf",)

_ROOT = re.compile(r"<ANNOTATION_DOCUMENT[\s>]")
_SNIFFED = 20_000

_Spoken = tuple[Reading, Annotation]


def sniff(source: Source) -> float:
    """Return 0.95 where the root is that of an ELAN file, 0.5 by extension alone."""
    text = "" if source.decoded is None else source.decoded.text[:_SNIFFED]
    if text.lstrip().startswith("<") and _ROOT.search(text):
        return 0.95
    return 0.5 if source.suffix in suffixes else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one session in an ELAN file, with the marks of its coders."""
    file = read_elan(source.data, source.path)
    readings = read_tiers(file.tiers)
    warnings = [*file.warnings, *_told(readings)]
    spoken = _spoken(readings, warnings)
    turns = tuple(Turn(reading.who, one.value, one.start, one.end) for reading, one in spoken)
    marks, lost = read_marks(readings, [one for _, one in spoken])
    warnings += lost
    timeless = sum(turn.start_s is None for turn in turns)
    if timeless:
        warnings.append(
            f"{counted(timeless, 'turn')} without a time of the start, placed behind the one before"
        )
    backward = [one.id for _, one in spoken if None not in (one.start, one.end) and _length(one) < 0]
    if backward:
        warnings.append(f"{counted(len(backward), 'turn')} that end before they begin: {_places(backward)}")
    return [Transcript(turns, str(source.path), warnings=tuple(warnings), marks=tuple(marks))]


def _length(one: Annotation) -> float:
    return (one.end or 0.0) - (one.start or 0.0)


def _places(ids: Sequence[str]) -> str:
    return "annotation " + some([one[:40] for one in ids])


def _told(readings: Sequence[Reading]) -> list[str]:
    """Return how each tier was read, and which tiers of coders are empty."""
    filled = [reading for reading in readings if reading.tier.annotations]
    speech = [_named(reading, "speaker") for reading in filled if reading.kind == "speech"]
    codes = [_named(reading, "coder") for reading in filled if reading.kind == "codes"]
    neither = [
        f"{shown(reading.tier.name)} ({counted(len(reading.tier.annotations), 'annotation')})"
        for reading in filled
        if reading.kind == "neither"
    ]
    told = []
    if filled:
        told.append(
            f"tiers read as speech: {some(speech, 10) or 'none'};"
            f" as marks of coders: {some(codes, 10) or 'none'};"
            f" left out: {some(neither, 10) or 'none'}; to change that, rename a tier of speech speech@NAME,"
            " a tier of marks LABEL@CODER"
        )
    empty = [shown(one.tier.name) for one in readings if one.kind == "codes" and not one.tier.annotations]
    if empty:
        told.append(
            f"{counted(len(empty), 'tier')} for marks without any, which does not tell whether the coder"
            f" looked: {some(empty)}; if so, say so under coverage in corpus.yaml"
        )
    if any(reading.who is None for reading in filled if reading.kind == "codes"):
        told.append("some tiers of marks name no coder; name the tiers LABEL@CODER, or set their annotator")
    return told


def _named(reading: Reading, role: str) -> str:
    return f"{shown(reading.tier.name)} ({role} {shown(reading.who or '') if reading.who else 'unknown'})"


def _spoken(readings: Sequence[Reading], warnings: list[str]) -> list[_Spoken]:
    """Return what was said in order of time; at the same time in the order of the file."""
    said = [
        (reading, one) for reading in readings if reading.kind == "speech" for one in reading.tier.annotations
    ]
    if silent := [one.id for _, one in said if not one.value]:
        warnings.append(
            f"{counted(len(silent), 'annotation')} of speech without text left out: {_places(silent)}"
        )
    return sorted(((reading, one) for reading, one in said if one.value), key=lambda pair: pair[1].key)
