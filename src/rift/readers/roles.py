"""Names in a transcript to roles: by the user's mapping, then by the labels everyone uses."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from rift.codebook import Speaker
from rift.errors import RiftError
from rift.readers.wording import counted, shown
from rift.schema import Transcript

_THERAPIST = """
    t th ther therap therapist psychotherapist counsellor counselor clinician interviewer psychologist
    therapeut therapeutin psychotherapeut psychotherapeutin berater beraterin interviewerin
    psychologe psychologin
    thérapeute terapeuta psychologue מטפל מטפלת
"""
_PATIENT = """
    p pt pat patient c cl clt client interviewee
    patientin klient klientin
    patiente cliente paciente paziente cliënt מטופל מטופלת
"""
Side = Literal["patient", "therapist"]

_KNOWN: Mapping[str, Side] = {
    **dict.fromkeys(_THERAPIST.split(), "therapist"),
    **dict.fromkeys(_PATIENT.split(), "patient"),
}
_CODE_LETTERS = 4
"""A name of so few letters may carry a running number: K12."""

_STANDS_OUT = 1.5
"""Times the questions of the next speaker, to be named as the likely therapist."""

_REMEMBERED = 1024
"""A session has few names and many turns."""

_GENDERED = re.compile(r"(?<=\w)[/:*_(·]-?in\b\)?")  # Patient/in, Patient*in, Patient(in)
_NUMBERED = re.compile(r"(?P<base>.*?[^\W\d_][.)]?)[\s_#-]*(?P<number>\d{1,5})")
_EDGES = " \t.,:;!?-–—…·()[]<>{}\"'«»„“”*_#/"
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@lru_cache(maxsize=_REMEMBERED)
def speaker_key(name: str) -> str:
    """Return a name without case and without punctuation at its ends: what names are compared by."""
    plain = _BIDI.sub("", unicodedata.normalize("NFKC", name)).casefold()
    return " ".join(plain.strip(_EDGES).split())


@lru_cache(maxsize=_REMEMBERED)
def split_number(name: str) -> tuple[str, int] | None:
    """Return a label and its running number (``T12`` is T and 12), or None.

    Only well-known labels and short codes carry one: ``Speaker 2`` is a name.
    """
    match = _NUMBERED.fullmatch(name.strip().rstrip(".:"))
    if match is None:
        return None
    key = speaker_key(match["base"])
    if _known(key) is None and (len(key) > _CODE_LETTERS or not key.isalpha()):
        return None
    return match["base"], int(match["number"])


@lru_cache(maxsize=_REMEMBERED)
def known_role(name: str) -> Side | None:
    """Return the role that a well-known label stands for, running number or not; else None."""
    if found := _known(speaker_key(name)):
        return found
    numbered = split_number(name)
    return None if numbered is None else _known(speaker_key(numbered[0]))


def assign_roles(transcript: Transcript, roles: Mapping[str, Speaker], where: object) -> tuple[Speaker, ...]:
    """Return the role of each turn's speaker.

    A name is looked up in ``roles``, then among the well-known labels. Nothing is guessed. A turn
    without a speaker is 'other'; the reader has warned of it.

    Parameters
    ----------
    transcript
        With the names as in the file.
    roles
        Names to roles; case and punctuation at the ends do not matter.
    where
        The file, for messages.

    Raises
    ------
    RiftError
        A name is unknown (all are listed with their turns), no turn has a speaker, or two
        well-known labels leave nobody on the other side (C and P without a T).
    """
    spoken = Counter(turn.speaker for turn in transcript.turns if turn.speaker is not None)
    if not spoken:
        raise RiftError(
            "no turn has a speaker",
            where=where,
            remedy="begin each turn with a label, such as 'T: ...' and 'P: ...',"
            " or name the column of the speakers",
        )
    mapped = _folded(roles, where)
    found = {name: _mapped_role(name, mapped) or known_role(name) for name in spoken}
    unknown = [name for name in spoken if found[name] is None]
    if unknown:
        told = ", ".join(f"{shown(name)} ({counted(spoken[name], 'turn')})" for name in unknown)
        both = {"patient", "therapist"} <= set(found.values())
        raise RiftError(
            f"unknown {'speaker' if len(unknown) == 1 else 'speakers'}: {told}",
            where=where,
            remedy=_advice(unknown[0], "other" if both else "patient"),
        )
    _check_sides(found, mapped, where)
    assigned: dict[str | None, Speaker] = {name: role for name, role in found.items() if role is not None}
    return tuple(assigned.get(turn.speaker, "other") for turn in transcript.turns)


def likely_therapist(transcript: Transcript) -> tuple[str, float] | None:
    """Return who asks most questions and the share of all questions; None where nobody stands out.

    A suggestion for a person to confirm: nothing is ever read by it.
    """
    asked = Counter(turn.speaker for turn in transcript.turns if turn.speaker and "?" in turn.text)
    if len({turn.speaker for turn in transcript.turns}) < 2 or not asked:
        return None
    (name, most), *others = asked.most_common(2)
    if others and most < _STANDS_OUT * others[0][1]:
        return None
    return name or "", most / asked.total()


def _known(key: str) -> Side | None:
    return _KNOWN.get(key) or _KNOWN.get(_GENDERED.sub("in", key))


def _folded(roles: Mapping[str, Speaker], where: object) -> dict[str, Speaker]:
    folded: dict[str, Speaker] = {}
    for name, role in roles.items():
        if folded.setdefault(speaker_key(name), role) != role:
            raise RiftError(
                f"speaker {shown(name)} is given two roles",
                where=where,
                remedy="names are compared without case and without punctuation at the ends",
            )
    return folded


def _mapped_role(name: str, mapped: Mapping[str, Speaker]) -> Speaker | None:
    if found := mapped.get(speaker_key(name)):
        return found
    numbered = split_number(name)
    return None if numbered is None else mapped.get(speaker_key(numbered[0]))


def _check_sides(found: Mapping[str, Speaker | None], mapped: Mapping[str, Speaker], where: object) -> None:
    """Refuse labels that read as one side only: C and P may be counsellor and patient."""
    sides = {role for role in found.values() if role is not None and role != "other"}
    guessed = [name for name in found if _mapped_role(name, mapped) is None]
    bases = {speaker_key((split_number(name) or (name, 0))[0]) for name in guessed}
    if len(sides) == 1 and len(bases) > 1:
        raise RiftError(
            f"{', '.join(shown(name) for name in guessed)} would all be the {min(sides)}",
            where=where,
            remedy=_advice(guessed[0], "therapist" if "patient" in sides else "patient"),
        )


def _advice(name: str, role: Speaker) -> str:
    return (
        "say who speaks (patient, therapist or other):"
        f" in corpus.yaml as 'speakers: {{{name[:40]}: {role}}}',"
        f" or with --speakers {shown(name)[1:-1]!r}={role}"
    )
