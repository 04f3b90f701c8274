"""What each tier of an ELAN file is: speech, a coder's marks, or neither. The first rule that holds decides.

1. A name with ``@``: what is behind it did it. ``tx@Anna``, with a word for speech before it, is
   Anna's speech; ``WD@Anna`` are Anna's marks.
2. A word in the tier's name, else in its linguistic type's: notes, translations and the like are
   neither; codes, ratings, ruptures are marks; transcript, utterance, or a well-known speaker (T,
   Patient) are speech.
3. A controlled vocabulary: marks.
4. The values: marks if all are short (four words at most, no mark of a sentence), and either single
   words or mostly repeated, or all empty; else speech. A participant who is a well-known speaker speaks.

Behind ``codes@`` are marks that name their labels themselves, behind ``session codes@`` those of the
whole session; a tier ``speech`` names nobody. RIFT writes such tiers.

A tier below one of speech is never speech again: it is a version or a part of it. A tier of mere
numbers above one of speech gives that its times only. Every reading is told to the user.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rift.readers.code_values import is_label
from rift.readers.elan_file import Tier
from rift.readers.roles import known_role

Kind = Literal["speech", "codes", "neither"]

_SIDE_WORDS = """
    note notes comment comments remark remarks notiz notizen kommentar kommentare translation translations
    übersetzung gloss glosses pos language languages lang morph morphs lemma phon phonetic token tokens gaze
    gesture gestures ref id
"""
_CODING_WORDS = """
    code codes coding codings coder coders rater raters rating ratings annotator marker markers rupture
    ruptures resolution resolutions 3rs wd cf withdrawal confrontation label labels kodierung kodierer
    kodiererin event events episode episodes model rift observer
"""
_SPEECH_WORDS = """
    tx txt text texts speech spoken transcript transcripts transcription utterance utterances utt words
    phrase phrases orthography transkript sprache says turn turns
"""
_CODER_WORDS = "coder rater annotator observer kodierer kodiererin"
_SIDE = frozenset(_SIDE_WORDS.split())
_CODING = frozenset(_CODING_WORDS.split())
_SPEECH = frozenset(_SPEECH_WORDS.split())
_GENERIC = frozenset({"code", "codes", "coding", "codings", "session"})
_CODER = frozenset(_CODER_WORDS.split())
_WORD = re.compile(r"\d*[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")
_SENTENCE = re.compile(r"[.?!,;…。？！](?:\s|$)")
_MAX_WORDS = 4
_MAX_LENGTH = 40


@dataclass(slots=True)
class Reading:
    """How a tier is read; ``sure`` if more than its values tells; ``who`` speaks or coded."""

    tier: Tier
    kind: Kind
    sure: bool
    base: str
    who: str | None = None


def read_tiers(tiers: Sequence[Tier]) -> list[Reading]:
    """Return how each tier is read, in file order."""
    readings = {tier.name: _alone(tier) for tier in tiers}
    above = {tier.name: tier.parent for tier in tiers}
    frames = set()
    for reading in readings.values():
        if reading.kind == "speech":
            frames |= {
                name
                for name in _ancestors(reading.tier.name, above)
                if name in readings and not readings[name].sure and _mere_numbers(readings[name].tier)
            }
    for name in frames:
        readings[name].kind = "neither"
    speech = {
        name for name, reading in readings.items() if reading.kind == "speech" and reading.tier.annotations
    }
    for name, reading in readings.items():
        if speech.intersection(_ancestors(name, above)) and (
            reading.kind == "speech" or (not reading.sure and "subdivision" in reading.tier.constraint)
        ):
            reading.kind = "neither"
    _name_speakers([reading for reading in readings.values() if reading.kind == "speech"])
    _name_coders(list(readings.values()))
    return list(readings.values())


def of_session(reading: Reading) -> bool:
    """Return whether a tier's marks are of the whole session."""
    return reading.kind == "codes" and _words(reading.tier.name.partition("@")[0]) == ["session", "codes"]


def _ancestors(name: str, above: dict[str, str | None]) -> list[str]:
    found: list[str] = []
    parent = above.get(name)
    while parent is not None and parent not in found and len(found) < 20:
        found.append(parent)
        parent = above.get(parent)
    return found


def _alone(tier: Tier) -> Reading:
    """Return the reading of a tier by its own name, type and values."""
    base, at, who = tier.name.partition("@")
    if at and who.strip():
        kind = _kind_of_words(_words(base))
        base = _label(base)
        return Reading(tier, kind if kind in {"speech", "neither"} else "codes", True, base, who.strip())
    kind = _kind_of_words(_words(tier.name))
    if kind is None and known_role(tier.name) and not _empty(tier):
        kind = "speech"
    kind = kind or _kind_of_words(_words(tier.type))
    if kind is None and tier.vocabulary:
        kind = "codes"
    if kind is None and known_role(tier.participant) and any(is_label(value) for value in tier.values):
        kind = "speech"  # short answers of a known speaker, no crosses
    if kind is not None:
        return Reading(tier, kind, True, _label(tier.name))
    return Reading(tier, "codes" if _like_codes(tier) else "speech", False, tier.name)


def _label(name: str) -> str:
    """Return the label that a tier's name stands for, '' if it only says that there are codes."""
    words = _words(name)
    return "" if words and _GENERIC.issuperset(words) else name.strip()


def _words(name: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(_CAMEL.sub(" ", name))]


def _kind_of_words(words: Sequence[str]) -> Kind | None:
    if _SIDE.intersection(words):
        return "neither"
    if _CODING.intersection(words):
        return "codes"
    if _SPEECH.intersection(words) or (len(words) > 1 and any(len(w) > 2 and known_role(w) for w in words)):
        return "speech"
    return None


def _empty(tier: Tier) -> bool:
    return bool(tier.annotations) and not tier.values


def _like_codes(tier: Tier) -> bool:
    values = tier.values
    if not values:
        return bool(tier.annotations)
    if any(len(v) > _MAX_LENGTH or len(v.split()) > _MAX_WORDS or _SENTENCE.search(v) for v in values):
        return False
    return all(len(value.split()) == 1 for value in values) or len(set(values)) * 2 <= len(values)


def _mere_numbers(tier: Tier) -> bool:
    values = tier.values
    return not values or (
        len(set(values)) == len(values) and all(any(c.isdigit() for c in v) for v in values)
    )


def _name_speakers(readings: Sequence[Reading]) -> None:
    """Name speakers by participant, or by tier where one participant stands for tiers of several."""
    filled = [reading for reading in readings if reading.tier.annotations]
    shared = {reading.tier.participant for reading in filled if reading.who is None}
    only = next(iter(shared)) if len(shared) == 1 and len(filled) > 1 else ""
    by_tier = bool(only) and not all(only in reading.tier.name for reading in filled)
    for reading in readings:
        given = "" if by_tier else reading.tier.participant
        named = "" if _words(reading.tier.name) == ["speech"] else reading.tier.name
        reading.who = reading.who or given or named or None


def _name_coders(readings: Sequence[Reading]) -> None:
    """Name coders: behind the @, the annotator, the participant who does not speak, the tier."""
    speakers = {reading.tier.participant for reading in readings if reading.kind == "speech"}
    speakers |= {reading.who or "" for reading in readings if reading.kind == "speech"}
    nameless: list[Reading] = []
    for reading in readings:
        if reading.kind != "codes" or reading.who:
            continue
        tier = reading.tier
        reading.who = tier.annotator or (tier.participant if tier.participant not in speakers else "") or None
        if reading.who is None and _CODER.intersection(_words(tier.name)):
            reading.who, reading.base = tier.name, ""
        if reading.who is None:
            nameless.append(reading)
    # Tiers that use the same codes are of several coders: one coder would put a code into one tier.
    uses = Counter(value for reading in nameless for value in set(reading.tier.values) if is_label(value))
    for reading in nameless:
        if _CODING.intersection(_words(reading.tier.name)):
            continue
        if any(uses[value] > 1 for value in reading.tier.values):
            reading.who, reading.base = reading.tier.name, ""
