"""Praat TextGrids, long, short and chronological: a tier per speaker, an interval with a label per turn."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from rift.errors import RiftError
from rift.readers.contract import Source
from rift.readers.decode import Decoded
from rift.readers.wording import counted, shown, some
from rift.schema import Transcript, Turn

names: tuple[str, ...] = ("textgrid", "praat")
suffixes: tuple[str, ...] = (".textgrid",)

_HEAD = re.compile(r'\s*(?:File type\s*=\s*)?"ooTextFile(?: short)?"\s+(?:Object class\s*=\s*)?"TextGrid"')
_CHRONOLOGICAL = '"Praat chronological TextGrid text file"'
# As Praat does: only strings, flags and numbers that stand alone count; all else is decoration.
_TOKEN = re.compile(
    r"""!(?P<comment>[^\n]*)
    |"(?P<string>[^"]*+(?:""[^"]*+)*+)"
    |<(?P<flag>exists|absent)>
    |(?<![^\s=])(?P<number>[-+]?\d{1,18}(?:\.\d{0,30})?(?:[eE][-+]?\d{1,3})?)(?![^\s!])
    |(?P<open>")""",
    re.VERBOSE,
)
_SILENCE = frozenset({"sil", "<sil>", "sp", "<p:>"})
# Tiers below the turns: sounds, and words, which may be the same again as a tier of turns.
_SOUNDS = re.compile(r"(?:.*[\s_-])?(?:phones?|phonemes?|segments?|syllables?|KAN|MAU)", re.IGNORECASE)
_WORDS = re.compile(r"(?:.*[\s_-])?(?:words?|wörter|ORT|ORT-MAU)", re.IGNORECASE)
_SAME_SHARE = 0.8
_UTF_16 = {b"F\x00i\x00": "utf-16-le", b"\x00F\x00i": "utf-16-be"}
_SPECIAL = re.compile(r"""\\(?:([aeiouAEIOU])(["'`^])|(ss))""")
_ACCENT = {'"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302"}


@dataclass(slots=True)
class _Tier:
    """A tier: its intervals, or its points with the same time twice."""

    name: str
    points: bool
    entries: list[tuple[float, float, str]] = field(default_factory=list)


def sniff(source: Source) -> float:
    """Return 0.95 for a file that begins as Praat's TextGrids do."""
    decoded = _with_encoding(source).decoded
    if decoded is not None:
        head = decoded.text[:400].lstrip("\ufeff \n\t")
        if _HEAD.match(head) or head.startswith(_CHRONOLOGICAL):
            return 0.95
    return 0.4 if source.suffix in suffixes else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one transcript in a TextGrid, the turns of all tiers by the time they begin.

    Raises
    ------
    RiftError
        The file is damaged or cut off, or no interval in it has a label.
    """
    decoded = _with_encoding(source).decode()
    tiers = _Parser(decoded, source.path).tiers()
    spoken, told = _spoken(tiers)
    entries = [
        (start, i, Turn(tier.name or None, text, start, end if end >= start else None))
        for i, tier in enumerate(spoken)
        for start, end, text in tier.entries
        if text and text not in _SILENCE
    ]
    if not entries:
        raise RiftError(
            "no interval in this TextGrid has a label",
            where=source.path,
            remedy="give a TextGrid with an interval tier per speaker",
        )
    entries.sort(key=lambda entry: entry[:2])
    turns = tuple(turn for _, _, turn in entries)
    return [Transcript(turns, str(source.path), warnings=(*decoded.warnings, *told))]


def _with_encoding(source: Source) -> Source:
    """Return the source; UTF-16 without a mark is known by the first letters of every TextGrid."""
    codec = _UTF_16.get(source.data[:4])
    return source if codec is None or source.encoding is not None else replace(source, encoding=codec)


def _spoken(tiers: list[_Tier]) -> tuple[list[_Tier], list[str]]:
    """Return the tiers that hold turns, and what is left out."""
    filled = [tier for tier in tiers if any(text for _, _, text in tier.entries)]
    intervals = [tier for tier in filled if not tier.points]
    whole = _without_parts(intervals)
    told = []
    for kind, left in (
        ("tier of points", [tier for tier in filled if tier.points]),
        ("tier of words or sounds", [tier for tier in intervals if tier not in whole]),
    ):
        if left:
            which = some([f"{shown(tier.name)} ({counted(len(tier.entries), 'label')})" for tier in left])
            told.append(f"{counted(len(left), kind, kind.replace('tier', 'tiers', 1))} left out: {which}")
    marks = [text for tier in whole for _, _, text in tier.entries]
    if silences := sum(text in _SILENCE for text in marks):
        told.append(f"{counted(silences, 'mark')} of silence left out")
    for wrong, what in (
        (sum(end < start for tier in whole for start, end, _ in tier.entries), "ending before it begins"),
        (sum(_backward(tier) for tier in whole), "earlier than the one before in its tier, put in order"),
    ):
        if wrong:
            told.append(f"{counted(wrong, 'interval')} {what}")
    return whole, told


def _without_parts(tiers: list[_Tier]) -> list[_Tier]:
    """Return the tiers without those of sounds, and without those of words that other tiers hold too."""
    tiers = [tier for tier in tiers if not _SOUNDS.fullmatch(tier.name.strip('" '))] or tiers
    cut = [tier for tier in tiers if _WORDS.fullmatch(tier.name.strip('" '))]
    whole = [tier for tier in tiers if tier not in cut]
    known = {word for tier in whole for word in _words(tier)}
    same = [
        tier
        for tier in cut
        if (words := _words(tier)) and sum(word in known for word in words) >= _SAME_SHARE * len(words)
    ]
    return [tier for tier in tiers if tier not in same]


def _words(tier: _Tier) -> list[str]:
    texts = (text.casefold() for _, _, text in tier.entries if text not in _SILENCE)
    return [word.strip(".,;:?!\"'()[]") for text in texts for word in text.split()]


def _backward(tier: _Tier) -> int:
    starts = [start for start, _, _ in tier.entries]
    return sum(after < before for before, after in pairwise(starts))


class _Parser:
    """Reads a TextGrid's strings, flags and numbers in the order in which Praat does."""

    def __init__(self, decoded: Decoded, where: object) -> None:
        self._text = decoded.text
        self._where = where
        self._place = 0
        self._tokens = self._scan()

    def tiers(self) -> list[_Tier]:
        """Return all tiers."""
        if self._string() == _CHRONOLOGICAL.strip('"'):
            return self._chronological()
        self._string()  # the class: TextGrid
        self._number(), self._number()
        if self._next("flag") == "absent":
            return []
        return [self._tier() for _ in range(self._count())]

    def _tier(self) -> _Tier:
        tier = self._head()
        for _ in range(self._count()):
            self._entry(tier)
        return tier

    def _chronological(self) -> list[_Tier]:
        self._number(), self._number()
        tiers = [self._head() for _ in range(self._count())]
        while (number := next(self._tokens, None)) is not None:
            index = number[1] if number[0] == "number" else ""
            if not (index.isdecimal() and 1 <= int(index) <= len(tiers)):
                raise self._error("the number of a tier was expected")
            self._entry(tiers[int(index) - 1])
        return tiers

    def _head(self) -> _Tier:
        kind = self._string()
        if kind not in ("IntervalTier", "TextTier"):
            raise self._error(f"a tier was expected, not {shown(kind)}")
        name = self._string()
        self._number(), self._number()
        return _Tier(" ".join(name.split()), kind == "TextTier")

    def _entry(self, tier: _Tier) -> None:
        start = self._number()
        end = start if tier.points else self._number()
        tier.entries.append((start, end, self._string()))

    def _string(self) -> str:
        text = self._next("string").replace('""', '"')
        return _SPECIAL.sub(_special, text).strip()

    def _number(self) -> float:
        value = float(self._next("number"))
        if not math.isfinite(value):
            raise self._error("a time is no number")
        return value

    def _count(self) -> int:
        value = self._number()
        if value != int(value) or value < 0:
            raise self._error("a count is no whole number")
        return int(value)

    def _next(self, kind: str) -> str:
        found, value = next(self._tokens, ("end", ""))
        if found != kind:
            raise self._error(
                "the file is cut off" if found == "end" else f"a {kind} was expected, not a {found}"
            )
        return value

    def _scan(self) -> Iterator[tuple[str, str]]:
        for match in _TOKEN.finditer(self._text):
            self._place = match.start()
            kind = str(match.lastgroup)
            if kind == "open":
                raise self._error("a label without its closing quotation mark")
            if kind != "comment":
                yield kind, match[kind]

    def _error(self, problem: str) -> RiftError:
        line = self._text.count("\n", 0, self._place) + 1
        return RiftError(
            f"this TextGrid is damaged: {problem}",
            where=f"{self._where}, line {line}",
            remedy="open it in Praat and save it again as a text file",
        )


def _special(match: re.Match[str]) -> str:
    """Return a letter that Praat writes in ASCII: a backslash, the letter and its accent."""
    return "ß" if match[3] else unicodedata.normalize("NFC", match[1] + _ACCENT[match[2]])
