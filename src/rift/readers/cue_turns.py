"""Cues to turns: who speaks, in voice tags or before a colon, and captions that roll upward."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rift.readers.cues import Cue, Cues
from rift.readers.labels import may_name
from rift.readers.roles import known_role, speaker_key
from rift.readers.wording import counted, shown, some
from rift.schema import Turn

_VOICE = re.compile(r"<v(?:\.[^\s>]{0,80})?(?:\s+([^>\n]{0,200}))?>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:c|i|b|u|v|lang|ruby|rt|font)(?:[.\s][^<>]{0,200})?>|<\d[\d:.]{2,15}>", re.IGNORECASE
)
_ASS = re.compile(r"\{\\[^{}]{0,80}\}")
_PREFIX = re.compile(
    r"\s*(?:>>\s*)?(?:\[(?P<bracketed>[^\[\]:]{1,60})\]|(?P<plain>[^:：\[\]]{1,60}?))\s*[:：](?=\s|$)\s*"
)
_MAX_WORDS = 6
_ROLLING_SHARE = 0.4
"""Captions roll where so many cues begin with the last line of the one before."""


@dataclass(frozen=True, slots=True)
class _Said:
    """Words of a cue: by whom (None: not said in this cue) and when."""

    speaker: str | None
    text: str
    start_s: float | None
    end_s: float | None


def turns_of(cues: Cues) -> tuple[tuple[Turn, ...], tuple[str, ...]]:
    """Return the turns of a file of cues, and warnings.

    Voice tags (``<v Name>``) tell the speaker; without any in the file, names before a colon do. A cue
    without a speaker in a file that has some goes on the speaker before. In a file without any every cue
    is a turn of nobody.
    """
    whole = _without_rolling(cues.cues)
    tagged = any(_VOICE.search(line) for cue in whole for line in cue.text)
    said, once = _voiced(whole) if tagged else _prefixed(whole)
    warnings = list(cues.warnings)
    if len(whole) < len(cues.cues):
        warnings.append(
            f"captions that roll upward: {counted(len(cues.cues) - len(whole), 'cue')} that only repeat"
            " the one before left out"
        )
    if once:
        names = some([shown(name) for name in once])
        warnings.append(
            f"{counted(len(once), 'name')} read before a colon only once, perhaps speech: {names}"
        )
    return tuple(_continued(said)), tuple(warnings)


def _continued(said: Sequence[_Said]) -> Iterator[Turn]:
    named = any(one.speaker is not None for one in said)
    last: Turn | None = None
    for one in said:
        if last is not None and named and one.speaker is None and last.speaker is not None:
            last = replace(last, text=f"{last.text} {one.text}", end_s=one.end_s)
            continue
        if last is not None:
            yield last
        last = Turn(one.speaker, one.text, one.start_s, one.end_s)
    if last is not None:
        yield last


def _voiced(cues: Sequence[Cue]) -> tuple[list[_Said], list[str]]:
    said = []
    for cue in cues:
        parts = _VOICE.split("\n".join(cue.text))
        voices = [(None, parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
        for name, text in voices:
            if plain := _plain(text):
                speaker = html.unescape(name).strip() if name else ""
                said.append(_Said(speaker or None, plain, cue.start_s, cue.end_s))
    return said, []


def _prefixed(cues: Sequence[Cue]) -> tuple[list[_Said], list[str]]:
    """Read names before a colon, at the start of a cue or of any line in it."""
    lines = [(cue, _plain(line)) for cue in cues for line in cue.text]
    found = [_prefix(line) for _, line in lines]
    times = Counter(speaker_key(name[0]) for name in found if name)
    accepted = {speaker_key(name[0]): name[0] for name in found if name and _is_name(name[0], times)}
    said: list[_Said] = []
    before: Cue | None = None
    for (cue, line), name in zip(lines, found, strict=True):
        speaker, text = None, line
        if name and speaker_key(name[0]) in accepted:
            speaker, text = name
        elif cue is before and said:
            said[-1] = replace(said[-1], text=f"{said[-1].text} {line}".strip())
            continue
        before = cue
        said.append(_Said(speaker, text, cue.start_s, cue.end_s))
    once = [
        name
        for key, name in accepted.items()
        if times[key] == 1 and not known_role(name) and name.replace(" ", "").isalpha()
    ]
    # With few cues everybody speaks once; a name said once among many is the doubtful one.
    recur = any(times[key] > 1 for key in accepted)
    return [one for one in said if one.text], once if recur else []


def _prefix(line: str) -> tuple[str, str] | None:
    match = _PREFIX.match(line)
    if match is None:
        return None
    name = (match["bracketed"] or match["plain"]).strip()
    if not name or not name[0].isalpha() or len(name.split()) > _MAX_WORDS:
        return None
    return name, line[match.end() :]


def _is_name(name: str, times: Counter[str]) -> bool:
    if known_role(name):
        return True
    return may_name(name) and (times[speaker_key(name)] > 1 or any(sign.isupper() for sign in name))


def _plain(text: str) -> str:
    """Return a line's words without markup; what only looks like a tag, as <inaudible>, stays."""
    return " ".join(html.unescape(_ASS.sub("", _TAG.sub("", text))).split())


def _without_rolling(cues: Sequence[Cue]) -> list[Cue]:
    """Return cues without the lines that they repeat from the one before, if captions roll."""
    plain = [tuple(text for line in cue.text if (text := _plain(line))) for cue in cues]
    repeats = sum(bool(b and a and b[0] == a[-1]) for a, b in pairwise(plain))
    if len(cues) < 4 or repeats < _ROLLING_SHARE * len(cues):
        return list(cues)
    kept: list[Cue] = []
    for at, cue in enumerate(cues):
        shared = _overlap(plain[at - 1], plain[at]) if at else 0
        if lines := plain[at][shared:]:
            kept.append(replace(cue, text=tuple(html.escape(line, quote=False) for line in lines)))
    return kept


def _overlap(before: Sequence[str], after: Sequence[str]) -> int:
    """Return how many first lines of ``after`` are the last lines of ``before``."""
    for number in range(min(len(before), len(after)), 0, -1):
        if list(before[-number:]) == list(after[:number]):
            return number
    return 0
