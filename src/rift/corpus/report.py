"""The data report: what `rift.corpus.checks` counted, as data and in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from rift.codebook import first_problem
from rift.corpus.folds import TRAINING_ONLY
from rift.errors import RiftError
from rift.readers.wording import counted

TurnName = tuple[str, str, int]
"""Patient, session, turn."""


@dataclass(frozen=True)
class SessionCount:
    """One session: ``coders`` coded any of its turns, ``marked_turns`` carry a label of any coder."""

    patient_id: str
    session_id: str
    turns: int
    speakers: dict[str, int]
    coders: tuple[str, ...]
    marked_turns: int


@dataclass(frozen=True)
class LabelCount:
    """One label or family, by codings of turns.

    Attributes
    ----------
    kind
        marker, strategy, class or family.
    marks
        For each coder, the turns marked.
    uncodable
        Turns that some coder called uncodable for it.
    marked_turns, patients
        Turns that any coder marked, and whose they are.
    soft_positives
        Sum over turns of marks / coders who coded the turn.
    coded_turns
        Turns that at least one coder looked at for it and could tell.
    prevalence
        ``soft_positives / coded_turns``, 0-1; ``None`` where nobody coded it.
    too_few
        Fewer marked turns than prepare.min_examples.
    """

    label: str
    name: str
    kind: str
    marks: dict[str, int]
    uncodable: int
    marked_turns: int
    soft_positives: float
    patients: int
    coded_turns: int
    prevalence: float | None
    too_few: bool


@dataclass(frozen=True)
class FoldCount:
    """One fold."""

    fold: int
    patients: tuple[str, ...]
    turns: int


@dataclass(frozen=True)
class SharedText:
    """Turns of different patients with the same words; the words themselves are not kept."""

    turns: tuple[TurnName, ...]
    across_folds: bool


@dataclass(frozen=True)
class DataReport:
    """Everything that was counted.

    Attributes
    ----------
    speakers
        Turns of patient, therapist, other.
    overlap
        Turns coded by ``0``, ``1``, ``2`` and ``3+`` coders.
    unused
        Labels that somebody looked for and nobody gave, in any unit.
    not_looked_for
        Labels that nobody looked for in any turn.
    units
        Codings of ``turn``, ``segment``, ``session``; training uses those of turns.
    same_speaker_turns
        Turns that follow a turn by the same speaker.
    backward_times
        Turns that start before the turn before them, or end before they start.
    shared_texts
        Turns of six words or more that two patients have in common.
    shared_therapists
        Therapists with several patients.
    two_caseloads
        Patients with several therapists.
    repeated_codings, ineligible_marks
        Codings left out: said twice, or on a speaker who may not show the label.
    coverage_declared
        Whether ``corpus.yaml`` says who coded what.
    warnings
        What the readers and the preparation have to tell.
    """

    corpus: str
    codebook: str
    turns: int
    sessions: int
    patients: int
    coders: tuple[str, ...]
    therapists: tuple[str, ...]
    folds: tuple[FoldCount, ...]
    per_session: tuple[SessionCount, ...]
    speakers: dict[str, int]
    overlap: dict[str, int]
    labels: tuple[LabelCount, ...]
    min_examples: int
    unused: tuple[str, ...]
    not_looked_for: tuple[str, ...]
    units: dict[str, int]
    same_speaker_turns: int
    backward_times: int
    shared_texts: tuple[SharedText, ...]
    shared_therapists: dict[str, tuple[str, ...]]
    two_caseloads: tuple[str, ...]
    repeated_codings: int
    ineligible_marks: int
    coverage_declared: bool
    warnings: tuple[str, ...]

    def to_json(self) -> str:
        """Return the report as JSON text, the same for the same report."""
        return _ADAPTER.dump_json(self, indent=2).decode() + "\n"

    @classmethod
    def from_json(cls, text: str | bytes, where: object = None) -> DataReport:
        """Return the report that `to_json` wrote; RiftError if it is not one."""
        try:
            return _ADAPTER.validate_json(text)
        except ValidationError as error:
            raise RiftError(
                f"not a data report: {first_problem(error)}", where=where, remedy="run rift prepare again"
            ) from None


_ADAPTER = TypeAdapter(DataReport)


def describe(report: DataReport) -> list[str]:
    """Return the report in plain sentences for the terminal; those to act on begin with "warning:"."""
    return [*_facts(report), *(f"warning: {text}" for text in _warnings(report))]


def _facts(report: DataReport) -> Iterator[str]:
    speakers = ", ".join(f"{n:,} {who}" for who, n in report.speakers.items() if n)
    yield (
        f"{report.corpus}: {counted(report.turns, 'turn')} ({speakers}) in"
        f" {counted(report.sessions, 'session')} of {counted(report.patients, 'patient')},"
        f" {counted(len(report.coders), 'coder')}: {', '.join(report.coders) or 'none'}"
    )
    two = report.overlap["2"] + report.overlap["3+"]
    yield (
        f"{counted(two, 'turn')} coded by two or more coders, {report.overlap['1']:,} by one,"
        f" {report.overlap['0']:,} by nobody"
    )
    yield "folds by patient: " + "; ".join(
        f"{'training only' if fold.fold == TRAINING_ONLY else fold.fold}:"
        f" {counted(len(fold.patients), 'patient')}, {counted(fold.turns, 'turn')}"
        for fold in report.folds
    )
    units = report.units
    others = units["segment"] + units["session"]
    yield (
        f"codings: {units['turn']:,} of turns, {units['segment']:,} of segments, {units['session']:,} of"
        f" sessions; training uses turn units and leaves out {counted(others, 'other')}"
    )
    if report.same_speaker_turns:
        yield f"{counted(report.same_speaker_turns, 'turn')} after a turn by the same speaker"
    if report.backward_times:
        yield f"{counted(report.backward_times, 'turn')} with a time that runs backward; file order is kept"
    for therapist, patients in report.shared_therapists.items():
        yield f"therapist {therapist} has {', '.join(patients)}: kept in one fold"


def _warnings(report: DataReport) -> Iterator[str]:
    if not report.units["turn"]:
        yield "no codings of turns: nothing to train on"
    elif not report.overlap["2"] + report.overlap["3+"]:
        yield "no turn is coded by two coders: agreement between coders cannot be measured"
    yield from _label_warnings(report)
    if report.two_caseloads:
        yield (
            f"{counted(len(report.two_caseloads), 'patient')} in two or more caseloads, which are therefore"
            f" in one fold: {', '.join(report.two_caseloads)}"
        )
    yield from _shared_text_warnings(report.shared_texts)
    yield from report.warnings


def _label_warnings(report: DataReport) -> Iterator[str]:
    if report.not_looked_for:
        yield f"nobody looked in turns for: {', '.join(report.not_looked_for)}"
    if report.unused:
        yield f"nobody gave: {', '.join(report.unused)}"
    rare = [count for count in report.labels if count.too_few and count.marked_turns]
    if rare:
        yield (
            f"{counted(len(rare), 'label')} with fewer than {report.min_examples} marked turns, too few to"
            f" learn from: {', '.join(f'{count.label} ({count.marked_turns})' for count in rare)}"
        )


def _shared_text_warnings(shared: Sequence[SharedText]) -> Iterator[str]:
    if shared:
        across = sum(text.across_folds for text in shared)
        one = shared[0].turns[0]
        other = next(name for name in shared[0].turns if name[0] != one[0])
        first = " and ".join("/".join(map(str, name)) for name in (one, other))
        yield (
            f"{counted(len(shared), 'text')} of six words or more said by two patients (first: {first}),"
            f" {across:,} of them in two folds, where the model is tested on words it has seen;"
            " a session may be filed under two patients (see shared_texts in report.json)"
        )
