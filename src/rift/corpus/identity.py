"""Which session a coder means: ``S03``, ``3`` and ``3.0`` are one where no other fits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rift.readers.wording import counted
from rift.schema import Coding

SessionKey = tuple[str, str]

_NUMBERED = re.compile(r"(\D*?)[\s_-]*0*(\d+)(?:\.0+)?")


def match_sessions(codings: Sequence[Coding], known: Sequence[SessionKey]) -> tuple[list[Coding], list[str]]:
    """Give codings the ids of the transcripts where they are only spelled differently.

    Spreadsheets turn ``01`` into ``1`` or ``1.0`` and drop prefixes. An id that no transcript has
    is taken for the one known session that has the same numbers and no contradicting prefix
    (``P01`` is ``1``, but ``A1`` is not ``B1``); with none or several, it stays as it is.

    Returns
    -------
    codings
        In their order.
    warnings
        One per pair of spellings, with the number of codings.
    """
    exact = set(known)
    meant: dict[SessionKey, SessionKey] = {}
    for key in {(coding.patient_id, coding.session_id) for coding in codings} - exact:
        fitting = [other for other in known if same_id(key[0], other[0]) and same_id(key[1], other[1])]
        if len(fitting) == 1:
            meant[key] = fitting[0]
    changed = Counter(key for coding in codings if (key := (coding.patient_id, coding.session_id)) in meant)
    warnings = [
        f"{counted(changed[key], 'coding')} of session {'/'.join(key)} taken for {'/'.join(meant[key])}"
        for key in sorted(changed)
    ]
    return [_renamed(coding, meant) for coding in codings], warnings


def same_id(one: str, other: str) -> bool:
    """Return whether two spellings can be one id: same number, prefixes equal or one missing."""
    if one == other:
        return True
    first, second = _NUMBERED.fullmatch(one.strip()), _NUMBERED.fullmatch(other.strip())
    if first is None or second is None:
        return one.strip().casefold() == other.strip().casefold()
    prefixes = {first[1].casefold().strip(), second[1].casefold().strip()} - {""}
    return first[2] == second[2] and len(prefixes) <= 1


def _renamed(coding: Coding, meant: dict[SessionKey, SessionKey]) -> Coding:
    key = (coding.patient_id, coding.session_id)
    if key not in meant:
        return coding
    return replace(coding, patient_id=meant[key][0], session_id=meant[key][1])
