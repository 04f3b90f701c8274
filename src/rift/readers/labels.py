"""Which words at the start of a line are a speaker's label, and which are speech.

A label ends with a colon or a tab. It is known to everyone (T, Pat., Therapist), or it recurs at
line starts and has the form of a name; ``I said: no`` and ``at 3:15`` are speech.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rift.readers.roles import known_role, speaker_key, split_number

MAX_LENGTH = 40
MAX_WORDS = 4
MIN_RECURRENCE = 2
MIN_RUNNING_NUMBERS = 3

_TIME = r"\d{1,3}:\d{1,2}(?::\d{1,2})?(?:[.,]\d{1,3})?"
_BRACKETED = rf"[\[({{]\s*{_TIME}\s*[\])}}]"
_F4 = r"[#]\d{1,2}:\d{2}:\d{2}(?:[-.,]\d{1,3})?[#]"  # a bare # would begin a comment below
# Runs of blanks are bounded: an unbounded one beside another would make long lines slow.
_LINE = re.compile(
    rf"""\s*
    (?:\d{{1,6}}[.)]?\s+)?                                   # line or turn number
    (?:(?P<before>{_BRACKETED}|{_F4}|{_TIME}(?=\s))\s{{0,9}}(?:[-–]\s{{1,9}})?)?
    (?P<open>[*_<\[(]{{1,3}})?                               # **T:** or <T>
    (?P<label>[^\W\d_][^:：\t\n]{{0,58}}?)\s{{0,9}}
    [*_>\])]{{0,3}}
    (?:(?P<within>{_BRACKETED}|{_F4})\s{{0,9}})?
    (?:[:：]|\t)(?(open)[*_]{{0,3}})\s*
    (?:(?P<after>{_BRACKETED}|{_F4})\s*)?
    (?P<text>.*)""",
    re.VERBOSE,
)
_DIVIDER = re.compile("[:：\\t]")
_NAME = re.compile(r"[^\W\d_][\w .'’\-–/*&()#·]*")
_PARTICLE_WORDS = "and of the und der die von van de da di du la le el al bin ibn"
_SPEECH_WORDS = """
    i he she it we they you one and but or so because then now well yes no okay ok oh um uh like that this
    what who why how when where there here if for example note also maybe still just question answer sorry
    ich er sie es wir ihr du man und aber oder denn dann nun jetzt na ja nein gut naja also halt dass das was
    wer wie wo wann warum weil wenn beispiel zitat frage antwort im am um at in on
"""
_SAYING_WORDS = """
    said says say saying asked asks told tells thought think thinking goes went like was is are were feel
    felt wrote answered replied sagte sagt sagen gesagt fragte fragt meinte meint dachte denke schrieb war ist
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_SPEECH = frozenset(_SPEECH_WORDS.split())
_SAYING = frozenset(_SAYING_WORDS.split())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that may begin a turn; ``stamp`` is the time written beside the label, if any."""

    label: str
    text: str
    stamp: str | None
    spaced: bool


def candidate(line: str) -> Candidate | None:
    """Return a line's possible label and the rest, or None if it cannot begin a turn."""
    match = _LINE.fullmatch(line) if _DIVIDER.search(line) else None
    if match is None:
        return None
    label, text = match["label"].strip(), match["text"].strip()
    spaced = not text or line[match.start("text") - 1] != ":"
    if not _has_form(label):
        return None
    if not spaced and (text.startswith("//") or (text[0].isdigit() and label[-1].isdigit())):
        return None  # an address, or a time of day
    return Candidate(label, text, match["before"] or match["within"] or match["after"], spaced)


def accepted_labels(candidates: Sequence[Candidate | None]) -> frozenset[str]:
    """Return the keys (`label_key`) of the labels that a file uses.

    Parameters
    ----------
    candidates
        One entry per line that is not blank, None for a line that cannot begin a turn.
    """
    found = [one for one in candidates if one is not None]
    running = running_bases(one.label for one in found)
    keys = [None if one is None else label_key(one.label, running) for one in candidates]
    times = Counter(key for key, one in zip(keys, candidates, strict=True) if one is not None and one.spaced)
    role = {key: known_role(one.label) for key, one in zip(keys, candidates, strict=True) if one is not None}
    names = {key for key, one in zip(keys, candidates, strict=True) if one is not None and _may_name(one)}
    recurring = {key for key in names if times[key] >= MIN_RECURRENCE}
    known = {key for key in role if role[key]}
    accepted = (known | recurring) - _head_entries(keys, role, recurring)
    # A file in which every line begins with a label needs no label to recur.
    first = next((i for i, key in enumerate(keys) if key in accepted), 0)
    if len(keys) > first + 1 and all(key in names or key in known for key in keys[first:]):
        accepted |= set(keys[first:])
    return frozenset(key for key in accepted if key is not None)


def _head_entries(
    keys: Sequence[str | None], role: Mapping[str | None, str | None], recurring: set[str | None]
) -> set[str | None]:
    """Return labels that only head the file: ``Patient: P07`` above turns of ``P`` and ``T``."""
    first = next((i for i, key in enumerate(keys) if key in recurring), len(keys))
    voices = {role[key] for key in recurring}
    counts = Counter(keys)
    return {key for key in keys[:first] if counts[key] == 1 and role.get(key) and role[key] in voices}


def label_key(label: str, running: frozenset[str]) -> str:
    """Return what a label is compared by: without case, and without its running number."""
    return speaker_key(spoken_name(label, running))


def spoken_name(label: str, running: frozenset[str]) -> str:
    """Return the speaker's name as in the file, without a running number (``T12`` is ``T``)."""
    numbered = split_number(label)
    if numbered is None or speaker_key(numbered[0]) not in running:
        return label
    return numbered[0].strip()


def running_bases(labels: Iterable[str]) -> frozenset[str]:
    """Return the labels that carry running numbers rather than numbers of persons.

    Turns are numbered where the numbers only rise and mostly differ (T1, C1, T2, C3); two clients
    C1 and C2 come back to each other.
    """
    seen: dict[str, list[int]] = defaultdict(list)
    for label in labels:
        if numbered := split_number(label):
            seen[speaker_key(numbered[0])].append(numbered[1])
    rising = {
        base: len(set(values)) * 2 > len(values)
        for base, values in seen.items()
        if all(a <= b for a, b in pairwise(values))
    }
    if any(rising.get(base) and len(set(seen[base])) >= MIN_RUNNING_NUMBERS for base in seen):
        return frozenset(base for base, mostly_new in rising.items() if mostly_new)
    return frozenset()


def is_name_like(label: str) -> bool:
    """Return whether a label that was not accepted still looks like somebody's name."""
    return label[0].isupper() and not _speech_like(label)


def may_name(label: str) -> bool:
    """Return whether words before a colon may be a name at all, rather than speech."""
    return not _speech_like(label)


def _has_form(label: str) -> bool:
    return len(label) <= MAX_LENGTH and len(label.split()) <= MAX_WORDS and _NAME.fullmatch(label) is not None


def _may_name(one: Candidate) -> bool:
    return one.spaced and not _speech_like(one.label)


def _speech_like(label: str) -> bool:
    words = [word.strip(".'’") for word in label.split()]
    folded = [word.casefold() for word in words]
    if folded[0] in _SPEECH or any(word in _SAYING for word in folded):
        return True
    if len(words) == 1 or any(known_role(word) and len(word) > 3 for word in folded):
        return False
    if words[-1].isdigit() and len(words) == 2:
        return False  # speaker 2
    return any(word[:1].isalpha() and word.islower() and word not in _PARTICLES for word in words)
