"""An ELAN file as it stands: tiers with their attributes, annotations with their times, nothing judged."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from rift.errors import RiftError
from rift.readers.wording import counted, shown, some
from rift.readers.xml import Element, local_name, parse_xml

_WHOLE = re.compile(r"-?[0-9]{1,10}")
_FRAMES = {"milliseconds": 1.0, "ntsc-frames": 1001 / 30, "pal-frames": 40.0}
"""Milliseconds in one unit of ``TIME_UNITS``."""


@dataclass(slots=True)
class Annotation:
    """One annotation; ``parent`` is the annotation it refers to, ``key`` orders it in time."""

    id: str
    value: str
    start: float | None = None
    end: float | None = None
    parent: str | None = None
    follows: bool = False
    key: float = 0.0


@dataclass(slots=True)
class Tier:
    """One tier; ``type`` is its linguistic type, ``vocabulary`` whether that has a controlled one."""

    name: str
    participant: str
    annotator: str
    parent: str | None
    type: str
    constraint: str = ""
    vocabulary: bool = False
    annotations: list[Annotation] = field(default_factory=list)

    @property
    def values(self) -> list[str]:
        """The values that are not empty."""
        return [one.value for one in self.annotations if one.value]


@dataclass(slots=True)
class ElanFile:
    """All tiers in file order, and what the user should know."""

    tiers: list[Tier]
    warnings: list[str]


def read_elan(data: bytes, path: Path) -> ElanFile:
    """Return the tiers of an ELAN file; annotations that refer to others have the times of those.

    Raises
    ------
    RiftError
        It is no ELAN file, or its times or identifiers are damaged.
    """
    root = parse_xml(data, path)
    if local_name(root) != "ANNOTATION_DOCUMENT":
        raise RiftError(
            f"this is XML, but no ELAN file: it begins with {shown(local_name(root))}",
            where=path,
            remedy="save it in ELAN as .eaf",
        )
    parts: dict[str, list[Element]] = {}
    for element in root:
        parts.setdefault(local_name(element), []).append(element)
    origin, warnings = _origin(parts.get("HEADER", []), path)
    slots = _slots(parts, origin, path)
    entries = _vocabulary_entries(parts.get("CONTROLLED_VOCABULARY", []))
    types = {element.get("LINGUISTIC_TYPE_ID"): element for element in parts.get("LINGUISTIC_TYPE", [])}
    lost: list[str] = []
    tiers = [_tier(element, types, slots, entries, lost) for element in parts.get("TIER", [])]
    names = Counter(tier.name for tier in tiers)
    if repeated := [name for name, times in names.items() if times > 1]:
        raise RiftError(
            f"{counted(len(repeated), 'tier name')} used twice: {some([shown(name) for name in repeated])}",
            where=path,
            remedy="rename one of the tiers in ELAN",
        )
    _inherit(tiers, lost, path)
    if lost:
        warnings.append(f"{counted(len(lost), 'reference')} to what is not in the file: {some(lost)}")
    for tier in tiers:
        _order(tier)
    return ElanFile(tiers, warnings)


def _origin(headers: list[Element], path: Path) -> tuple[float, list[str]]:
    """Return where time 0 of the annotations lies in the first media file, in milliseconds."""
    media = [one for header in headers for one in header if local_name(one) == "MEDIA_DESCRIPTOR"]
    origins = [
        _whole(one.get("TIME_ORIGIN", "0").strip() or "0", "TIME_ORIGIN of a media file", path)
        for one in media
    ]
    if not any(origins):
        return 0.0, []
    told = [
        f"the first media file begins {origins[0] / 1000:g} s before the annotations (TIME_ORIGIN);"
        " times are counted from its beginning"
    ]
    if len(set(origins)) > 1:
        seconds = ", ".join(f"{origin / 1000:g}" for origin in origins)
        told.append(f"the media files begin at different times (TIME_ORIGIN: {seconds} s)")
    return float(origins[0]), told


def _slots(parts: dict[str, list[Element]], origin: float, path: Path) -> dict[str, float | None]:
    """Return the time of each slot in seconds, None for one that was never set."""
    units = next((header.get("TIME_UNITS") for header in parts.get("HEADER", [])), None) or "milliseconds"
    if units.casefold() not in _FRAMES:
        raise RiftError(
            f"the times are in {shown(units)}; milliseconds are known",
            where=path,
            remedy="save the file in a recent ELAN, which writes milliseconds",
        )
    slots: dict[str, float | None] = {}
    for element in (one for order in parts.get("TIME_ORDER", []) for one in order):
        name, written = element.get("TIME_SLOT_ID", ""), element.get("TIME_VALUE", "").strip()
        if name in slots:
            raise RiftError(
                f"time slot {shown(name)} is there twice", where=path, remedy="save it anew in ELAN"
            )
        slots[name] = None
        if written:
            time = _whole(written, f"time slot {name[:40]}", path)
            if time < 0:
                raise RiftError(
                    f"time slot {name[:40]} lies before 0", where=path, remedy="correct it in ELAN"
                )
            slots[name] = round((time * _FRAMES[units.casefold()] + origin) / 1000, 6)
    return slots


def _whole(written: str, what: str, path: Path) -> int:
    if _WHOLE.fullmatch(written) is None:
        raise RiftError(
            f"{what}: {shown(written)} is no time in whole milliseconds",
            where=path,
            remedy="save the file anew in ELAN",
        )
    return int(written)


def _vocabulary_entries(vocabularies: list[Element]) -> dict[str, str]:
    """Return the values of controlled vocabularies by their identifiers."""
    entries: dict[str, str] = {}
    for vocabulary in vocabularies:
        for entry in vocabulary:
            value = next((one for one in entry if local_name(one) == "CVE_VALUE"), None)
            if entry.get("CVE_ID") and value is not None:
                entries.setdefault(entry.get("CVE_ID"), _text(value))
    return entries


def _tier(
    element: Element,
    types: dict[str, Element],
    slots: dict[str, float | None],
    entries: dict[str, str],
    lost: list[str],
) -> Tier:
    kind = element.get("LINGUISTIC_TYPE_REF", "")
    described = types.get(kind)
    tier = Tier(
        name=element.get("TIER_ID", "").strip(),
        participant=element.get("PARTICIPANT", "").strip(),
        annotator=element.get("ANNOTATOR", "").strip(),
        parent=(element.get("PARENT_REF") or "").strip() or None,
        type=kind,
    )
    if described is not None:
        tier.constraint = described.get("CONSTRAINTS", "").casefold()
        tier.vocabulary = bool(described.get("CONTROLLED_VOCABULARY_REF"))
    for holder in element:
        for one in holder:
            if local_name(one) in {"ALIGNABLE_ANNOTATION", "REF_ANNOTATION"}:
                tier.annotations.append(_annotation(one, slots, entries, lost))
    return tier


def _annotation(
    element: Element, slots: dict[str, float | None], entries: dict[str, str], lost: list[str]
) -> Annotation:
    value = next((one for one in element if local_name(one) == "ANNOTATION_VALUE"), None)
    text = "" if value is None else _text(value)
    name = element.get("ANNOTATION_ID", "")
    found = Annotation(name, text or entries.get(element.get("CVE_REF", ""), ""))
    if local_name(element) == "REF_ANNOTATION":
        found.parent = element.get("ANNOTATION_REF", "")
        found.follows = bool(element.get("PREVIOUS_ANNOTATION"))
        return found
    for attribute in ("TIME_SLOT_REF1", "TIME_SLOT_REF2"):
        if element.get(attribute) not in slots:
            lost.append(f"time slot of annotation {name[:40]}")
    found.start = slots.get(element.get("TIME_SLOT_REF1"))
    found.end = slots.get(element.get("TIME_SLOT_REF2"))
    return found


def _inherit(tiers: list[Tier], lost: list[str], path: Path) -> None:
    """Give annotations without times of their own those of the annotation they refer to, however far up."""
    by_id: dict[str, Annotation] = {}
    twice: set[str] = set()
    for one in (one for tier in tiers for one in tier.annotations):
        if by_id.setdefault(one.id, one) is not one:
            twice.add(one.id)
    tops: dict[str, Annotation | None] = {}
    for one in (one for tier in tiers for one in tier.annotations if one.parent is not None):
        path_up: list[str] = []
        top: Annotation | None = one
        seen: set[str] = set()
        while top is not None and top.parent is not None and top.id not in tops:
            if top.id in seen or top.parent in twice:
                raise RiftError(
                    f"annotation {shown(top.parent)} refers to itself or is there twice",
                    where=path,
                    remedy="save the file anew in ELAN",
                )
            seen.add(top.id)
            path_up.append(top.id)
            above = by_id.get(top.parent)
            if above is None:
                lost.append(f"annotation {top.parent[:40]}")
            top = above
        top = top if top is None or top.parent is None else tops[top.id]
        tops.update(dict.fromkeys(path_up, top))
        if top is not None:
            one.start, one.end = top.start, top.end
    for before, after in (pair for tier in tiers for pair in pairwise(tier.annotations)):
        if after.follows and after.parent == before.parent:  # parts of one annotation share its time
            before.end = after.start = None


def _order(tier: Tier) -> None:
    """Set the keys that order annotations: the start, or where the one before it in the tier ends."""
    reached = 0.0
    for one in tier.annotations:
        one.key = reached if one.start is None else one.start
        reached = one.key if one.end is None else max(one.key, one.end)


def _text(element: Element) -> str:
    return "".join(element.itertext()).strip()
