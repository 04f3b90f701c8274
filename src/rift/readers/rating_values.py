"""The judgements of one value as levels of a scale."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rift.errors import RiftError
from rift.readers.rating_cells import cell_key, has_signs, meaning, number
from rift.readers.rating_layout import Scale
from rift.readers.wording import counted, shown

UNCODABLE = -2
"""The level of a judgement that says that the unit cannot be coded."""

MOST_LEVELS = 11
"""Whole numbers that are taken for a rating scale."""

_MOST_LEVELS = 200
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_PAIRS = (("0", "1"), ("no", "yes"), ("false", "true"), ("absent", "present"), ("-", "+"))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one coder wrote of one unit, by their numbers, and in which row."""

    unit: int
    coder: int
    text: str
    row: int


@dataclass(frozen=True, slots=True)
class RatingColumn:
    """One value.

    Attributes
    ----------
    name, scale
        The heading, and the scale it is on.
    levels
        The K values in rank order, nominal ones as they first occur; of a rating scale also the whole
        numbers between the lowest and the highest that nobody gave.
    numbers
        [K], rising unless nominal; ``None`` for words.
    marked
        The two levels are absent and present, in this order.
    judgements
        Unit, coder and level of each judgement; the level is `UNCODABLE` where the coder could not
        tell. What a coder did not code is not among them.
    warnings
        What the user should know.
    """

    name: str
    scale: Scale
    levels: tuple[str, ...]
    numbers: tuple[float, ...] | None
    marked: bool
    judgements: tuple[tuple[int, int, int], ...]
    warnings: tuple[str, ...] = ()


def rating_column(
    name: str, written: Sequence[Judgement], scale: Scale | None, coders: Sequence[str], where: object
) -> RatingColumn:
    """Return a value's judgements as levels of a scale.

    Parameters
    ----------
    name
        The value's name.
    written
        What the coders wrote, in the order of rows; blank cells may be among it.
    scale
        The scale that the user names.
    coders, where
        The coders' names and the file, for messages.

    Raises
    ------
    RiftError
        A coder gives a unit two values, the scale needs numbers that are not there, a ratio scale has a
        negative one, or a nominal or ordinal one has more than 200 values.
    """
    keys = [cell_key(one.text) for one in written]
    signs = has_signs(keys)
    states = [meaning(key, signs) for key in keys]
    coded = [one for one, state in zip(written, states, strict=True) if state == "coded"]
    numeric = bool(coded) and all(number(one.text) is not None for one in coded)
    known = scale or _default_scale(coded, numeric)
    _check_scale(name, known, coded, where)
    of = {one: _level_key(one.text, numeric) for one in coded}
    levels, numbers, marked = _levels(coded, of, numeric, known)
    if known in ("nominal", "ordinal") and len(levels) > _MOST_LEVELS:
        raise RiftError(
            f"{shown(name)} has {len(levels):,} different values, too many for a {known} scale",
            where=where,
            remedy="--scale interval" if numeric else "leave it out of --values: free text is no coding",
        )
    place = {key: at for at, key in enumerate(levels)}
    spelt = _spelling(coded, of, numeric)
    given = [
        (one, UNCODABLE if state == "uncodable" else place[of[one]])
        for one, state in zip(written, states, strict=True)
        if state != "not coded"
    ]
    judgements, again = _once(name, given, coders, where)
    return RatingColumn(
        name=name,
        scale=known,
        levels=tuple(spelt.get(key, key) for key in levels),
        numbers=numbers,
        marked=marked,
        judgements=judgements,
        warnings=(
            *_missing_told(name, keys, states),
            *_words_told(name, coded, numeric),
            *_commas_told(name, coded, numeric),
            *again,
        ),
    )


def _default_scale(coded: Sequence[Judgement], numeric: bool) -> Scale:
    if not numeric:
        return "nominal"
    values = {number(one.text) for one in coded}
    if values <= {0.0, 1.0}:
        return "nominal"
    whole = all(value is not None and value.is_integer() for value in values)
    return "ordinal" if whole and len(values) <= MOST_LEVELS else "interval"


def _check_scale(name: str, scale: Scale, coded: Sequence[Judgement], where: object) -> None:
    if scale == "nominal":
        return
    for one in coded:
        value = number(one.text)
        if value is None:
            raise RiftError(
                f"{shown(one.text)} in {shown(name)} is no number, as the {scale} scale needs",
                where=f"{where}, row {one.row}",
                remedy="write ranks as numbers, or name the columns of numbers with --values",
            )
        if scale == "ratio" and value < 0:
            raise RiftError(
                f"{shown(one.text)} in {shown(name)} is negative; a ratio scale begins at 0",
                where=f"{where}, row {one.row}",
                remedy="--scale interval",
            )


def _level_key(text: str, numeric: bool) -> str:
    value = number(text) if numeric else None
    return cell_key(text) if value is None else _written(value)


def _written(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _levels(
    coded: Sequence[Judgement], of: dict[Judgement, str], numeric: bool, scale: Scale
) -> tuple[tuple[str, ...], tuple[float, ...] | None, bool]:
    """Return the keys of the levels, their numbers, and whether they are absent and present."""
    used = dict.fromkeys(of[one] for one in coded)
    if scale == "nominal":
        pair = next((pair for pair in _PAIRS if used and set(used) <= set(pair)), None)
        levels = pair or tuple(used)
        return levels, tuple(map(float, levels)) if numeric else None, pair is not None
    values = sorted({float(key) for key in used})
    whole = all(value.is_integer() for value in values)
    if scale == "ordinal" and values and whole and values[-1] - values[0] < MOST_LEVELS:
        values = [float(value) for value in range(int(values[0]), int(values[-1]) + 1)]
    return tuple(map(_written, values)), tuple(values), False


def _spelling(coded: Sequence[Judgement], of: dict[Judgement, str], numeric: bool) -> dict[str, str]:
    """Return how a word was first written, by its key."""
    first: dict[str, str] = {}
    if not numeric:
        for one in coded:
            first.setdefault(of[one], " ".join(one.text.split()))
    return first


def _once(
    name: str, given: Sequence[tuple[Judgement, int]], coders: Sequence[str], where: object
) -> tuple[tuple[tuple[int, int, int], ...], tuple[str, ...]]:
    """Return each coder's judgement of each unit once, and what is told of those given again."""
    seen: dict[tuple[int, int], tuple[Judgement, int]] = {}
    again = 0
    for one, level in given:
        before, known = seen.setdefault((one.unit, one.coder), (one, level))
        if known != level:
            raise RiftError(
                f"coder {shown(coders[one.coder])} gives one unit {shown(before.text)} and"
                f" {shown(one.text)} for {shown(name)}",
                where=f"{where}, rows {before.row} and {one.row}",
                remedy="keep one of the rows, or name more columns with --unit if these are two units",
            )
        again += before is not one
    told = f"{name}: {counted(again, 'judgement')} given again with the same value; counted once"
    judgements = tuple((unit, coder, level) for (unit, coder), (_, level) in seen.items())
    return judgements, (told,) if again else ()


def _missing_told(name: str, keys: Sequence[str], states: Sequence[str]) -> tuple[str, ...]:
    words = Counter(key for key, state in zip(keys, states, strict=True) if state == "uncodable")
    if not words:
        return ()
    told = ", ".join(f"{word!r} {counted(count, 'time')}" for word, count in words.most_common())
    return (f"{name}: {told}: uncodable, taken as missing",)


def _commas_told(name: str, coded: Sequence[Judgement], numeric: bool) -> tuple[str, ...]:
    """Return a warning of numbers whose comma may be one of thousands."""
    found = [one for one in coded if numeric and _THOUSANDS.fullmatch(one.text.strip())]
    if not found:
        return ()
    first = found[0]
    told = f"{shown(first.text)} in row {first.row} is read as {_level_key(first.text, numeric)}"
    return (f"{name}: {told}, its comma as a decimal one; if it is of thousands, take it out",)


def _words_told(name: str, coded: Sequence[Judgement], numeric: bool) -> tuple[str, ...]:
    """Return a warning of words in a column that is mostly numbers."""
    words = [] if numeric else [one for one in coded if number(one.text) is None]
    if not words or 2 * len(words) >= len(coded):
        return ()
    first = f"the first, {shown(words[0].text)}, in row {words[0].row}"
    return (f"{name}: {counted(len(words), 'cell')} among numbers, {first}; all taken as categories",)
