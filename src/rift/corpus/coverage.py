"""Who looked for what: without it, a turn without a mark says nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from rift.codebook import SPEAKERS, Codebook, Speaker
from rift.corpus.identity import SessionKey
from rift.corpus.resolve import Resolved, Roles, turn_key
from rift.corpus.source import CODED, CoverageRule
from rift.errors import RiftError
from rift.readers.wording import counted, listed, some
from rift.schema import Coding

Entry = tuple[str, str, str, str, Speaker]
"""A row of coverage.parquet: patient, session, coder, label, speaker."""

DEFAULT_RULE = CoverageRule(coders=("all",), labels=("all",), sessions=(CODED,), speakers=("all",))
"""What is taken for coverage where ``corpus.yaml`` declares none."""

DEFAULT_WARNING = (
    "no coverage is declared: each coder is taken to have looked for every label in each session in"
    " which the coder coded any turn. If a coder looked for some labels only, or in one speaker's turns,"
    " say so under coverage in corpus.yaml, as in {coders: [A], labels: markers, sessions: coded,"
    " speakers: [patient]}"
)


def build_coverage(
    rules: Sequence[CoverageRule] | None, resolved: Resolved, roles: Roles, codebook: Codebook, where: object
) -> tuple[list[Entry], list[str]]:
    """Lay the rules out as one row per session, coder, label and speaker.

    A speaker whom the codebook does not allow for a label is never covered.

    Parameters
    ----------
    rules
        Those of ``corpus.yaml``; ``None`` for `DEFAULT_RULE`.
    resolved
        The codings: who coded which session.
    roles
        The sessions of the corpus.
    codebook
        Gives the labels and their speakers; an exclusive one is always covered whole.
    where
        ``corpus.yaml``, for messages.

    Returns
    -------
    entries
        Sorted; labels in codebook order.
    warnings
        A default used, coders who are declared without any coding.

    Raises
    ------
    RiftError
        A rule names an unknown session or label, or covers nothing.
    """
    coded = resolved.coded
    warnings = [DEFAULT_WARNING] if rules is None else []
    entries: set[Entry] = set()
    for number, rule in enumerate(rules or (DEFAULT_RULE,)):
        place = f"{where}: coverage[{number}]"
        added = set(_rule_entries(rule, coded, roles, codebook, place))
        if not added and coded:
            raise RiftError(
                "the rule covers nothing",
                where=place,
                remedy="name labels that the codebook allows for these speakers, and coders who coded turns",
            )
        entries |= added
    if silent := sorted({entry[2] for entry in entries} - set(coded)):
        warnings.append(
            f"{where}: coverage names {counted(len(silent), 'coder')} without any coding of a turn, "
            f"taken to have found nothing: {', '.join(silent)}"
        )
    order = {label: i for i, label in enumerate(codebook.columns)}
    return sorted(entries, key=lambda e: (e[0], e[1], e[2], order[e[3]], SPEAKERS.index(e[4]))), warnings


def check_covered(
    resolved: Resolved, entries: Sequence[Entry], roles: Roles, codebook: Codebook, where: object
) -> None:
    """Raise RiftError if a coder coded a turn for a label that coverage says nobody looked for."""
    covered = set(entries)
    sessions = {entry[:3] for entry in entries}
    outside = [
        f"{coding.place}: {coding.coder} on {turn_key(coding)} ({who}), {coding.label}"
        for coding, who in _of_turns(resolved.codings, roles)
        if coding.state != "not_coded"
        and (coding.patient_id, coding.session_id, coding.coder, coding.label, who) not in covered
    ]
    outside += [
        f"{coding.place}: {coding.coder} looked at {turn_key(coding)}"
        for coding, _ in _of_turns(resolved.looked, roles)
        if coding.state != "not_coded"
        and (coding.patient_id, coding.session_id, coding.coder) not in sessions
    ]
    if outside:
        hint = "; a family alone does not cover its markers, FAMILY/* does" if codebook.families else ""
        raise RiftError(
            f"{counted(len(outside), 'coding')} outside the declared coverage:{listed(outside)}",
            where=where,
            remedy=f"extend coverage in corpus.yaml to these coders, sessions, labels and speakers{hint}",
        )


def whole_turn_rows(resolved: Resolved, entries: Sequence[Entry], roles: Roles) -> list[Coding]:
    """Return turns that are uncodable or not coded as a whole as one coding per covered label.

    A label that the coder did code in such a turn is left alone, and so is a turn left out in one
    table in which the coder looked in another.
    """
    labels: dict[tuple[str, str, str, Speaker], list[str]] = {}
    for patient, session, coder, label, who in entries:
        labels.setdefault((patient, session, coder, who), []).append(label)
    said = {_cell(coding, coding.label) for coding in resolved.codings if coding.unit == "turn"}
    looked = {_cell(coding, None) for coding in resolved.looked if coding.state != "not_coded"}
    rows: dict[tuple[object, ...], Coding] = {}
    for coding, who in _of_turns(resolved.looked, roles):
        left_out = coding.state == "not_coded" and _cell(coding, None) not in looked
        if left_out or coding.state == "uncodable":
            for label in labels.get((coding.patient_id, coding.session_id, coding.coder, who), ()):
                if _cell(coding, label) not in said:
                    rows.setdefault(_cell(coding, label), replace(coding, label=label, value=None))
    return list(rows.values())


def _cell(coding: Coding, label: str | None) -> tuple[object, ...]:
    return coding.patient_id, coding.session_id, coding.coder, coding.first_turn, label


def _of_turns(codings: Iterable[Coding], roles: Roles) -> Iterator[tuple[Coding, Speaker]]:
    """Yield the codings of turns, with the role of the turn's speaker."""
    for coding in codings:
        if coding.unit == "turn" and coding.first_turn is not None:
            yield coding, roles[coding.patient_id, coding.session_id][coding.first_turn]


def _rule_entries(
    rule: CoverageRule,
    coded: Mapping[str, frozenset[SessionKey]],
    roles: Roles,
    codebook: Codebook,
    place: str,
) -> Iterator[Entry]:
    labels = _labels(rule.labels, codebook, place)
    speakers = SPEAKERS if "all" in rule.speakers else rule.speakers
    for coder in sorted(coded) if "all" in rule.coders else rule.coders:
        for patient, session in _sessions(rule, coded.get(coder, frozenset()), roles, place):
            for label in labels:
                for who in codebook.speakers(label):
                    if who in speakers:
                        yield patient, session, coder, label, who


def _sessions(rule: CoverageRule, coded: frozenset[SessionKey], roles: Roles, place: str) -> list[SessionKey]:
    if CODED in rule.sessions:
        return sorted(coded)
    chosen: set[SessionKey] = set()
    for patient, session in rule.sessions:
        fitting = {key for key in roles if _fits(key[0], patient) and _fits(key[1], session)}
        if not fitting:
            known = sorted("/".join(key) for key in roles)
            raise RiftError(
                f"no transcript of session {patient}/{session}",
                where=place,
                remedy=f"sessions read: {some(known, first=8)}",
            )
        chosen |= fitting
    return sorted(chosen)


def _fits(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(name, pattern)


def _labels(items: Sequence[str], codebook: Codebook, place: str) -> list[str]:
    """Return the columns that a rule's labels stand for."""
    if "all" in items:
        return list(codebook.columns)
    if codebook.exclusive:
        raise RiftError(
            f"codebook {codebook.id!r} gives each turn exactly one label, so who looked for one looked"
            " for all",
            where=place,
            remedy="write labels: all",
        )
    return list(dict.fromkeys(label for item in items for label in _columns_of(item, codebook, place)))


def _columns_of(item: str, codebook: Codebook, place: str) -> list[str]:
    families = [family.id for family in codebook.families]
    if item == "markers":
        return [*codebook.of_kind("marker"), *families]
    if item == "strategies":
        return list(codebook.of_kind("strategy"))
    if item.endswith("/*"):
        family = codebook.resolve(item[:-2], place)
        if family not in families:
            raise RiftError(f"{item!r}: {family!r} is not a family", where=place, remedy=f"write {family}")
        return [family, *codebook.members(family)]
    return [codebook.resolve(item, place)]
