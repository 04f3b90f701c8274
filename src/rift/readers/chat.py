"""CHAT (``.cha``), the format of TalkBank and CLAN: main lines as turns, with their time bullets.

Words, fillers (``&-um``), pauses and notes stay; what CHAT writes to say how words belong together
(overlaps, retracings, corrections, language codes) goes.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from rift.errors import RiftError
from rift.readers.contract import Source
from rift.readers.wording import counted, numbers, shown
from rift.schema import Transcript, Turn

names: tuple[str, ...] = ("chat", "cha")
suffixes: tuple[str, ...] = (".cha",)

_BEGIN = re.compile(r"^@(?:UTF8|Begin|Font:|PID:|Window:)[^\n]*\n", re.MULTILINE)
_MAIN_LINE = re.compile(r"^\*[^\s:*][^:\n]{0,40}:[ ]{0,9}\t", re.MULTILINE)
_HEAD_CHARACTERS = 2000
_LINE = re.compile(r"(?P<kind>[*%@])(?P<name>[^:\n]{1,60}?)[ \t]*(?::(?P<text>.*))?")
# Copied from CLAN's window, the bullets around times are dots; older files name the recording.
_BULLET = re.compile(r"[\x15•·](?:%\w{1,9}:)?(?:\"?[^\x15•·\"\n]{0,200}\"?_)??(\d{1,9})_(\d{1,9})-?[\x15•·]")
_PICTURE = re.compile(r"[\x15•·]%\w{1,9}:[^\x15•·\n]{0,200}[\x15•·]|\x15")
_CODE = re.compile(r"\[([^\[\]\n]{1,300})\]")
_DROPPED = re.compile(
    r"""/{1,3}[-?]?|[<>]\d*|\?|!{1,2}|\*.*|::?\s.*|\^.*|"|'|e|\#.*|=\?.*|-\s.*|\+\s.*|[%$].*""", re.VERBOSE
)
_NOTE = re.compile(r"(?:=!|=|%)\s*(?P<note>.+)")
_LINKER = re.compile(r'\+[<"^+,≋≈]\s*')
_ENDINGS = (
    (re.compile(r"\+\.\.\.(?=\s|$)"), "..."),
    (re.compile(r"\+\.\.\?(?=\s|$)"), "...?"),
    (re.compile(r'\+(?:/{1,2}|"/?)?\.(?=\s|$)'), "."),
    (re.compile(r"\+/{1,2}\?(?=\s|$)"), "?"),
    (re.compile(r"\+!\?(?=\s|$)"), "!?"),
)
_GROUP = re.compile("[<>]")
_SPECIAL_FORM = re.compile(
    r"(?<=\w)@(?:fp|fs|lp|nv|sas|si|sl|wp|s:\w{1,9}|[abcdefgiklnopqstuxz])(?::\w{1,9})?(?=[\s.,?!>]|$)"
)


@dataclass(slots=True)
class _Tier:
    """A line with the lines that go on with it; ``number`` is where it begins."""

    kind: str
    name: str
    text: str
    number: int


def sniff(source: Source) -> float:
    """Return 0.95 where the file begins as CHAT does, 0.9 where most of it are main lines."""
    if source.decoded is None:
        return 0.0
    text = source.decoded.text.lstrip("\ufeff")
    main = _MAIN_LINE.search(text)
    head = text[:_HEAD_CHARACTERS]
    if head.lstrip().startswith("@") and _BEGIN.search(head) and (main or "@Begin" in head):
        return 0.95
    if main and source.suffix in suffixes:
        return 0.9
    return 0.4 if source.suffix in suffixes else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one transcript in a CHAT file; speakers are its codes, as ``PAT``.

    Raises
    ------
    RiftError
        It has no main lines.
    """
    decoded = source.decode()
    tiers, loose = _tiers(decoded.text)
    main = [tier for tier in tiers if tier.kind == "*"]
    if not main:
        raise RiftError(
            "there is no line of a speaker (*PAT: ...) in this CHAT file",
            where=source.path,
            remedy="check that it is a transcript and complete",
        )
    turns, told = _turns(main)
    warnings = [*decoded.warnings, *told, *_left_out(tiers, loose)]
    if not any(tier.kind == "@" and tier.name == "End" for tier in tiers):
        warnings.append("the line @End is missing: the file may be cut off")
    return [Transcript(tuple(turns), str(source.path), warnings=tuple(warnings))]


def _tiers(text: str) -> tuple[list[_Tier], list[tuple[int, str]]]:
    """Return the tiers of a file, and lines that are of none."""
    tiers: list[_Tier] = []
    parts: list[list[str]] = []
    loose: list[tuple[int, str]] = []
    for number, line in enumerate(text.lstrip("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        match = None if line[0] in " \t" else _LINE.fullmatch(line.rstrip())
        if match is not None and (match["text"] is not None or match["kind"] == "@"):
            tiers.append(_Tier(match["kind"], match["name"].strip(), "", number))
            parts.append([match["text"] or ""])
        elif line[0] in " \t" and tiers:
            parts[-1].append(line)
        else:
            loose.append((number, line))
    for tier, pieces in zip(tiers, parts, strict=True):
        tier.text = " ".join(piece.strip() for piece in pieces)
    return tiers, loose


def _turns(main: list[_Tier]) -> tuple[list[Turn], list[str]]:
    turns: list[Turn] = []
    wrong: list[int] = []
    silent: list[int] = []
    codes = 0
    for tier in main:
        bullets = [(int(match[1]), int(match[2])) for match in _BULLET.finditer(tier.text)]
        start, end = (bullets[0][0] / 1000, bullets[-1][1] / 1000) if bullets else (None, None)
        if start is not None and end is not None and end < start:
            wrong.append(tier.number)
        codes += len(re.findall(r"\[\+ ", tier.text))
        text = _spoken(tier.text)
        if not text:
            silent.append(tier.number)
        turns.append(Turn(tier.name, text, start, end))
    told = []
    if wrong:
        told.append(f"{counted(len(wrong), 'time')} ending before it begins: line {numbers(wrong)}")
    if silent:
        told.append(f"{counted(len(silent), 'turn')} without words: line {numbers(silent)}")
    if codes:
        told.append(f"{counted(codes, 'code')} of utterances ([+ ...]) left out")
    return turns, told


def _spoken(text: str) -> str:
    """Return a main line without time bullets and CHAT's own marks."""
    text = _PICTURE.sub(" ", _BULLET.sub(" ", text))
    text = _LINKER.sub("", text.strip(), count=1) if text.lstrip().startswith("+") else text
    text = _CODE.sub(_code, text)
    text = _GROUP.sub("", text)
    for pattern, ending in _ENDINGS:
        text = pattern.sub(ending, text)
    return " ".join(_SPECIAL_FORM.sub("", text).split())


def _code(match: re.Match[str]) -> str:
    content = match[1].strip()
    note = _NOTE.fullmatch(content)
    if note and not content.startswith("=?"):
        return f"[{note['note']}]"
    return "" if _DROPPED.fullmatch(content) else match[0]


def _left_out(tiers: list[_Tier], loose: list[tuple[int, str]]) -> list[str]:
    told = []
    dependent = Counter(tier.name for tier in tiers if tier.kind == "%")
    if dependent:
        kinds = ", ".join(f"%{name} {count:,}" for name, count in sorted(dependent.items())[:8])
        told.append(f"{counted(sum(dependent.values()), 'line')} below the speakers' left out: {kinds}")
    comments = [tier.number for tier in tiers if tier.kind == "@" and tier.name == "Comment"]
    if comments:
        told.append(f"{counted(len(comments), 'comment')} left out: line {numbers(comments)}")
    if loose:
        places = numbers(number for number, _ in loose)
        told.append(
            f"{counted(len(loose), 'line')} of no speaker left out: line {places}, {shown(loose[0][1])}"
        )
    return told
