"""What the model card says of the corpus: how much there is, how it was split, what is amiss with it."""

from __future__ import annotations

from collections.abc import Iterator

from rift.corpus.folds import TRAINING_ONLY
from rift.corpus.report import DataReport
from rift.readers.wording import counted
from rift.reports.page.wording import enumerated


def corpus_facts(report: DataReport, folds: int) -> Iterator[str]:
    """Yield size and split of a corpus, then its limits; no names of patients, coders or files."""
    speakers = ", ".join(f"{number:,} {who}" for who, number in report.speakers.items() if number)
    yield (
        f"{report.corpus}: {counted(report.sessions, 'session')} of {counted(report.patients, 'patient')},"
        f" {counted(report.turns, 'turn')} ({speakers}), {counted(len(report.coders), 'coder')}."
    )
    two = report.overlap["2"] + report.overlap["3+"]
    yield (
        f"{counted(two, 'turn')} coded by two or more coders, {report.overlap['1']:,} by one,"
        f" {report.overlap['0']:,} by nobody."
    )
    therapists = (
        "patients known to share a therapist are in one fold"
        if report.therapists
        else "therapists are not known, so one therapist's words may be in several folds"
    )
    yield f"Patients were split into {counted(folds, 'fold')}, each with all its turns; {therapists}."
    for fold in report.folds:
        if fold.fold == TRAINING_ONLY:
            patients, turns = counted(len(fold.patients), "patient"), counted(fold.turns, "turn")
            yield f"{patients} with {turns}: for training only, never judged."
    yield from _limits(report)


def _limits(report: DataReport) -> Iterator[str]:
    if not report.coverage_declared:
        yield "Who coded what was not declared, but taken from the codings."
    names = {count.label: count.name for count in report.labels}
    for what, labels in (("Nobody looked for", report.not_looked_for), ("Nobody gave", report.unused)):
        if labels:
            yield f"{what}: {enumerated([names.get(label, label) for label in labels])}."
    rare = [count.name for count in report.labels if count.too_few and count.marked_turns]
    if rare:
        yield f"Fewer than {report.min_examples} marked turns: {enumerated(rare)}."
    if others := report.units["segment"] + report.units["session"]:
        yield f"{counted(others, 'coding')} of segments or sessions, not of turns: not in the tables below."
    if report.shared_texts:
        across = sum(text.across_folds for text in report.shared_texts)
        yield (
            f"{counted(len(report.shared_texts), 'text')} of six words or more said by several patients,"
            f" {across:,} of them in two folds: the split does not keep these words apart."
        )
    if report.warnings:
        yield f"The preparation gave {counted(len(report.warnings), 'warning')}: see its report.json."
