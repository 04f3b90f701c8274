"""ELAN files (``.eaf``): turns from tiers of speech, marks from tiers of coders.

`rift.readers.elan_tiers` says which tiers are which. A mark on a child tier is a mark of the turn
above it, and so is one with the very time of one turn; others are marks of a stretch of time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rift.readers.code_values import is_label, parse_code
from rift.readers.contract import Source
from rift.readers.elan_file import Annotation, read_elan
from rift.readers.elan_tiers import Reading, read_tiers
from rift.readers.wording import counted, shown, some
from rift.schema import Mark, State, Transcript, Turn

names: tuple[str, ...] = ("elan", "eaf")
suffixes: tuple[str, ...] = (".eaf",)

_ROOT = re.compile(r"<ANNOTATION_DOCUMENT[\s>]")
_SNIFFED = 20_000
_MAX_DEPTH = 20

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
    marks = _marks(readings, spoken, warnings)
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


def _marks(readings: Sequence[Reading], spoken: Sequence[_Spoken], warnings: list[str]) -> list[Mark]:
    by_id = {one.id: one for reading in readings for one in reading.tier.annotations}
    turn_of = {one.id: turn for turn, (_, one) in enumerate(spoken)}
    spans = Counter((one.start, one.end) for _, one in spoken)
    turn_at = {
        (one.start, one.end): turn
        for turn, (_, one) in enumerate(spoken)
        if spans[one.start, one.end] == 1 and None not in (one.start, one.end)
    }
    marks: list[Mark] = []
    unnamed: list[str] = []
    nowhere: list[str] = []
    for reading in (reading for reading in readings if reading.kind == "codes"):
        crosses = bool(reading.base) and not any(is_label(value) for value in reading.tier.values)
        rated = any((parse_code(value).rating or 0) not in (0, 1) for value in reading.tier.values)
        for one in reading.tier.annotations:
            turn = _turn_above(one, by_id, turn_of)
            turn = turn_at.get((one.start, one.end)) if turn is None and one.parent is None else turn
            if turn is None and (one.start is None or one.end is None):
                nowhere.append(one.id)
                continue
            label, state, rating = _said(reading, one, crosses)
            if label is None and state == "present":
                unnamed.append(one.id)
                continue
            value = rating if rated or one.value.endswith(")") else None
            place = f"annotation {one.id[:40]} in tier {shown(reading.tier.name)}"
            marks.append(
                Mark(
                    reading.who,
                    "segment" if turn is None else "turn",
                    label,
                    state,
                    place,
                    turn,
                    turn,
                    one.start,
                    one.end,
                    value,
                )
            )
    if unnamed:
        warnings.append(f"{counted(len(unnamed), 'mark')} without a label left out: {_places(unnamed)}")
    if nowhere:
        warnings.append(f"{counted(len(nowhere), 'mark')} without times left out: {_places(nowhere)}")
    return marks


def _said(reading: Reading, one: Annotation, crosses: bool) -> tuple[str | None, State, float | None]:
    """Return label, state and rating; the tier names the label of crosses and of empty marks."""
    code = parse_code(one.value)
    takes_base = code.label is None and (crosses or (code.state == "present" and reading.base))
    label = (reading.base or None) if takes_base else code.label
    return label, code.state, code.rating


def _turn_above(one: Annotation, by_id: dict[str, Annotation], turn_of: dict[str, int]) -> int | None:
    """Return the turn that an annotation of a child tier refers to, however far up."""
    above: Annotation | None = one
    for _ in range(_MAX_DEPTH):
        if above is None or above.parent is None:
            return None
        if above.parent in turn_of:
            return turn_of[above.parent]
        above = by_id.get(above.parent)
    return None
