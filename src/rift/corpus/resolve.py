"""Codings as coders wrote them to codings of the corpus: known units, known labels, said once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rift.codebook import Codebook, Speaker
from rift.corpus.identity import SessionKey, match_sessions
from rift.errors import RiftError
from rift.readers.wording import counted, listed, some
from rift.schema import Coding

Roles = Mapping[SessionKey, Sequence[Speaker]]
"""For each session, the role of each turn's speaker."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Codings that fit the transcripts and the codebook.

    Attributes
    ----------
    codings
        With a label; its id is the codebook's. Those of turns hold one turn each.
    looked
        Without a label: the coder looked and marked nothing (absent), could not tell (uncodable), or
        left the turn out (not_coded).
    coded
        For each coder, the sessions with any coding of a turn that was not left out as not coded.
    repeated, ineligible
        How many codings were left out as said twice, or as on a speaker who may not have the label.
    warnings
        Counted, with the first places.
    """

    codings: tuple[Coding, ...]
    looked: tuple[Coding, ...]
    coded: Mapping[str, frozenset[SessionKey]]
    repeated: int
    ineligible: int
    warnings: tuple[str, ...]


def resolve_codings(codings: Sequence[Coding], roles: Roles, codebook: Codebook) -> Resolved:
    """Match codings with sessions, turns and labels, and leave out what cannot count.

    Raises
    ------
    RiftError
        Codings of unknown sessions, turns or labels; one coder's codings that contradict each
        other. Each error names the first places and the number of all.
    """
    # Beside turns, "not coded" is what no coding says anyway.
    meaning = [coding for coding in codings if coding.unit == "turn" or coding.state != "not_coded"]
    matched, warnings = match_sessions(meaning, list(roles))
    _check_units(matched, roles)
    named = _resolve_labels(matched, codebook)
    looked = [one for coding in named if coding.label is None for one in _single_turns(coding)]
    eligible, outside = _split_eligible([coding for coding in named if coding.label], roles, codebook)
    kept, repeats = _without_repeats(_said_somewhere(eligible))
    if codebook.exclusive:
        _check_exclusive(kept, codebook)
    if outside:
        warnings.append(
            f"{counted(len(outside), 'mark')} left out, on a speaker who may not show the label: "
            + some([_outside_place(coding, roles) for coding in outside])
        )
    if repeats:
        warnings.append(
            f"{counted(len(repeats), 'coding')} said twice with the same content, kept once: "
            + some([coding.place for coding in repeats])
        )
    coded = _coded_sessions(named)
    return Resolved(tuple(kept), tuple(looked), coded, len(repeats), len(outside), tuple(warnings))


def turn_key(coding: Coding) -> str:
    """Return a coding's session, and its turns where it has any, for messages."""
    session = f"{coding.patient_id}/{coding.session_id}"
    if coding.first_turn is None:
        return session
    last = coding.last_turn
    span = "" if last in {None, coding.first_turn} else f"-{last}"
    return f"{session} turn {coding.first_turn}{span}"


def _check_units(codings: Sequence[Coding], roles: Roles) -> None:
    wrong = [fault for coding in codings if (fault := _unit_fault(coding, roles))]
    if wrong:
        sessions = sorted("/".join(key) for key in roles)
        raise RiftError(
            f"{counted(len(wrong), 'coding')} of sessions or turns that no transcript has:{listed(wrong)}",
            remedy=f"correct the ids (turns count from 0) or add the transcripts;"
            f" {counted(len(sessions), 'session')} read: {some(sessions, first=8)}",
        )


def _unit_fault(coding: Coding, roles: Roles) -> str | None:
    turns = roles.get((coding.patient_id, coding.session_id))
    if turns is None:
        return f"{coding.place}: session {coding.patient_id}/{coding.session_id}"
    first = coding.first_turn
    last = first if coding.last_turn is None else coding.last_turn
    if first is None or last is None:
        return f"{coding.place}: a coding of a turn without its number" if coding.unit == "turn" else None
    if not 0 <= first <= last < len(turns):
        return f"{coding.place}: {turn_key(coding)}; the session has turns 0-{len(turns) - 1}"
    return None


def _resolve_labels(codings: Sequence[Coding], codebook: Codebook) -> list[Coding]:
    known: dict[str, str] = {}
    unknown: dict[str, list[str]] = defaultdict(list)
    reasons: dict[str, RiftError] = {}
    for code, place in ((coding.label, coding.place) for coding in codings if coding.label is not None):
        if code in known:
            continue
        if code not in reasons:
            try:
                known[code] = codebook.resolve(code, place)
                continue
            except RiftError as error:
                reasons[code] = error
        unknown[code].append(place)
    if unknown:
        faults = [
            f"{reasons[code].problem}: {counted(len(where), 'time')}, {some(where, first=3)}"
            for code, where in unknown.items()
        ]
        raise RiftError(
            f"{counted(len(unknown), 'unknown code')}:{listed(faults, first=20)}",
            remedy="correct the codes, or add them to the codebook as aliases",
        )
    return [
        coding if coding.label is None else replace(coding, label=known[coding.label]) for coding in codings
    ]


def _single_turns(coding: Coding) -> list[Coding]:
    """Return a coding of a run of turns as one coding per turn; segments and sessions stay whole."""
    if coding.unit != "turn" or coding.first_turn is None:
        return [coding]
    last = coding.first_turn if coding.last_turn is None else coding.last_turn
    return [replace(coding, first_turn=turn, last_turn=turn) for turn in range(coding.first_turn, last + 1)]


def _coded_sessions(codings: Sequence[Coding]) -> dict[str, frozenset[SessionKey]]:
    coded: dict[str, set[SessionKey]] = {}
    for coding in codings:
        if coding.unit == "turn" and coding.state != "not_coded":
            coded.setdefault(coding.coder, set()).add((coding.patient_id, coding.session_id))
    return {coder: frozenset(coded[coder]) for coder in sorted(coded)}


def _split_eligible(
    codings: Sequence[Coding], roles: Roles, codebook: Codebook
) -> tuple[list[Coding], list[Coding]]:
    """Return the codings that count, and the marks on speakers who may not show the label.

    Those that count hold one turn each; segments and sessions stay whole. In a run of turns that
    also holds eligible ones, the others were not meant. An absent label on a speaker who cannot
    show it says nothing: sheets with a column per label are full of them.
    """
    allowed = {label: frozenset(codebook.speakers(label)) for label in codebook.columns}
    kept: list[Coding] = []
    outside: list[Coding] = []
    for coding in codings:
        if coding.unit != "turn":
            kept.append(coding)
            continue
        who = roles[coding.patient_id, coding.session_id]
        fitting = [
            one for one in _single_turns(coding) if who[one.first_turn or 0] in allowed[coding.label or ""]
        ]
        kept += fitting
        if not fitting and coding.state in {"present", "uncodable"}:
            outside.append(coding)
    return kept, outside


def _outside_place(coding: Coding, roles: Roles) -> str:
    who = roles[coding.patient_id, coding.session_id][coding.first_turn or 0]
    return f"{coding.place} ({coding.label} on a {who} turn)"


def _said_somewhere(codings: Sequence[Coding]) -> list[Coding]:
    """Return the codings without the units left out in one table that the coder coded in another."""
    said = {_said_of(coding) for coding in codings if coding.state != "not_coded"}
    return [coding for coding in codings if coding.state != "not_coded" or _said_of(coding) not in said]


def _without_repeats(codings: Sequence[Coding]) -> tuple[list[Coding], list[Coding]]:
    first: dict[tuple[object, ...], Coding] = {}
    repeats: list[Coding] = []
    contradictions: list[str] = []
    for coding in codings:
        earlier = first.setdefault(_said_of(coding), coding)
        if earlier is coding:
            continue
        if (earlier.state, earlier.value) == (coding.state, coding.value):
            repeats.append(coding)
        else:
            contradictions.append(
                f"{coding.coder} on {turn_key(coding)}, {coding.label}: "
                f"{_said(earlier)} at {earlier.place}, {_said(coding)} at {coding.place}"
            )
    if contradictions:
        raise RiftError(
            f"{counted(len(contradictions), 'coding contradicts', 'codings contradict')}"
            " an earlier one of the same coder:" + listed(contradictions),
            remedy="leave one of the two codings in the files",
        )
    return list(first.values()), repeats


def _said_of(coding: Coding) -> tuple[object, ...]:
    unit = (coding.unit, coding.first_turn, coding.last_turn)
    # A turn is known by its number; only segments need their times to be told apart.
    times = (None, None) if coding.unit == "turn" else (coding.start_s, coding.end_s)
    return coding.patient_id, coding.session_id, coding.coder, coding.label, *unit, *times


def _said(coding: Coding) -> str:
    return coding.state if coding.value is None else f"{coding.state} ({coding.value:g})"


def _check_exclusive(codings: Sequence[Coding], codebook: Codebook) -> None:
    families = {family.id for family in codebook.families}
    given: dict[tuple[object, ...], Coding] = {}
    several: list[str] = []
    for coding in codings:
        if coding.unit != "turn" or coding.state != "present" or coding.label in families:
            continue
        key = (coding.patient_id, coding.session_id, coding.first_turn, coding.coder)
        earlier = given.setdefault(key, coding)
        if earlier is not coding:
            several.append(
                f"{coding.coder} on {turn_key(coding)}: "
                f"{earlier.label} at {earlier.place}, {coding.label} at {coding.place}"
            )
    if several:
        raise RiftError(
            f"codebook {codebook.id!r} allows one label per turn; "
            f"{counted(len(several), 'turn has', 'turns have')} more from one coder:{listed(several)}",
            remedy="leave one of the labels, or use a codebook with exclusive: false",
        )
