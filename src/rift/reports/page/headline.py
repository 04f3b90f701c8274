"""What the evaluation found, in plain words, and no more than its data allow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rift.config import EvaluateSection
from rift.evaluation.averages import Average
from rift.evaluation.coders import AgreementTable
from rift.evaluation.results import Evaluation
from rift.evaluation.rows import MarkerRow
from rift.readers.wording import counted
from rift.reliability.result import Statistic, Verdict
from rift.reports.numbers import count
from rift.reports.page.wording import TIED, enumerated, figure, percents, setting

FEW_PATIENTS = 20
"""With fewer, intervals may be somewhat too narrow (`scripts/benchmark_coverage.py`)."""

PLURAL = {"marker": "markers", "strategy": "strategies", "class": "classes", "family": "families"}


@dataclass(frozen=True)
class Headline:
    """What was found.

    Attributes
    ----------
    lead
        The first sentence.
    margin
        Whether RIFT's agreement is below the coders' by no more than the margin; empty without full support.
    findings
        Of each label with full support, where there are several: its name, RIFT's precision, the
        human ceiling, and whether kappa is not worse, by that margin.
    missing
        What the data do not show.
    """

    lead: str
    margin: str
    findings: tuple[tuple[str, str, str, str], ...]
    missing: tuple[str, ...]


def headline(evaluation: Evaluation, section: EvaluateSection) -> Headline:
    """Return the headline of an evaluation.

    Only labels with full support get a sentence; where none has it, the headline says so and how
    far the nearest one is from it.
    """
    rows = [row for row in evaluation.model.rows if row.kind != "family"]
    full = [row for row in rows if row.support == "Full"]
    coders = len(working_coders(evaluation.agreement))
    return Headline(
        lead=_lead(evaluation, rows, section),
        margin=_margin(full, section),
        findings=tuple(
            (row.name, percents(row.precision), _ceiling(row), _verdict(row))
            for row in full[: 0 if len(full) == 1 else None]
        ),
        missing=tuple(_missing(evaluation, rows, section, coders)),
    )


def kappa_finding(evaluation: Evaluation) -> tuple[str, ...]:
    """Return, per kind of label, how model-coder agreement stands beside coder-coder agreement."""
    return tuple(
        _kappas(average, evaluation.model.row(average.columns[0]))
        for average in evaluation.model.averages
        if average.method == "macro" and average.columns
    )


def working_coders(table: AgreementTable) -> tuple[str, ...]:
    """Return the coders who coded any turn; others may have coded what is not judged."""
    busy = {entry.coder for row in table.rows for entry in row.counts if entry.coded}
    return tuple(coder for coder in table.coders if coder in busy)


def _lead(evaluation: Evaluation, rows: Sequence[MarkerRow], section: EvaluateSection) -> str:
    full = [row for row in rows if row.support == "Full"]
    if len(full) == 1:
        return f"{_finding(full[0])} It alone of {_many(rows)} has enough data for a statement."
    for average in evaluation.model.averages:
        if average.method == "macro" and average.columns and average.precision.defined:
            over = f"the {len(average.columns)} of {average.total} {PLURAL[average.kind]} with enough data"
            own = next(row for row in full if row.column in average.columns)
            ceiling = average.ceiling if average.ceiling and average.ceiling.defined else own.ceiling
            return (
                f"Of the turns RIFT flags, {_share(average.precision)} carry the mark of a randomly drawn"
                f" coder, averaged over {over}; {_between_coders(ceiling, 'a turn')}."
            )
    return _no_verdict(rows, section)


def _verdict(row: MarkerRow) -> Verdict:
    return "cannot tell" if row.claims is None else row.claims.non_inferiority.verdict


def _margin(full: Sequence[MarkerRow], section: EvaluateSection) -> str:
    """Return for how many labels RIFT is shown to agree with coders no worse than they do, or worse."""
    if not full:
        return ""
    margin = f"no more than {setting(-section.margin)}, the margin set beforehand, below that of two coders"
    if len(full) == 1:
        reason = full[0].claims.non_inferiority.reason if full[0].claims else None
        why = f" ({reason})" if reason else ""
        return f"Kappa of RIFT and a coder is {margin}: {_verdict(full[0])}{why}."
    said = [_verdict(row) for row in full]
    yes, no, open_ = (said.count(verdict) for verdict in ("yes", "no", "cannot tell"))
    return (
        f"Kappa of RIFT and a coder is shown to be {margin}, for {yes} of {len(full)} labels, shown to be"
        f" further below for {no}; for {open_} these data cannot tell."
    )


def _no_verdict(rows: Sequence[MarkerRow], section: EvaluateSection) -> str:
    said = f"Too little data to say how far RIFT's flags can be trusted, for any label of {_many(rows)}."
    if not any(row.turns for row in rows) and any(row.unscored for row in rows):
        return f"{said} The coded turns have no probability, so nothing was judged."
    if not any(row.flags or row.positives for row in rows):
        return f"{said} Nothing was flagged, and no coder marked anything that was to be judged."
    nearest = max(
        rows,
        key=lambda row: (
            min(row.flags / section.full_support, 1)
            + min(row.positives / section.full_support, 1)
            + min(row.positive_patients / section.full_patients, 1)
        ),
    )
    return (
        f"{said} Nearest is {nearest.name}, with {_counted(nearest.flags, 'flag')},"
        f" {_counted(nearest.positives, 'mark')} and {counted(nearest.positive_patients, 'patient')} with"
        f" marks; a statement takes {section.full_support}, {section.full_support} and"
        f" {section.full_patients}."
    )


def _finding(row: MarkerRow) -> str:
    if row.precision.value is None:
        return f"How precise flags of {row.name} are is undefined: {row.precision.reason}."
    return (
        f"Of the turns RIFT flags as {row.name}, {_share(row.precision)} carry the mark of a randomly"
        f" drawn coder; {_between_coders(row.ceiling, 'it')}."
    )


def _ceiling(row: MarkerRow) -> str:
    known = row.ceiling
    return percents(known) if known.defined else f"undefined: {known.reason}"


def _between_coders(ceiling: Statistic, what: str) -> str:
    if ceiling.value is None:
        return f"how often coders confirm one another is undefined: {ceiling.reason}"
    return f"where a coder marks {what}, another coder does so in {_share(ceiling)}"


def _missing(
    evaluation: Evaluation, rows: Sequence[MarkerRow], section: EvaluateSection, coders: int
) -> Iterator[str]:
    if coders < 2:
        yield (
            f"There is {'only one coder' if coders else 'no coder'}: how far coders agree is unknown,"
            " and so is what a model could reach."
        )
    elif not any(row.overlap for row in evaluation.agreement.rows):
        yield "No turn was coded by two coders: how far coders agree is unknown."
    if evaluation.model.patients < section.min_patients_interval:
        yield (
            f"The turns are of {counted(evaluation.model.patients, 'patient')}: too few for intervals,"
            f" which need {section.min_patients_interval}. Other patients may differ by any amount."
        )
    elif evaluation.model.patients < FEW_PATIENTS:
        yield (
            f"The intervals rest on {evaluation.model.patients} patients, which is few: in simulations with"
            f" ten, intervals of nominal 95{TIED}% held the true value in 91 to 97 of 100 corpora."
        )
    yield from _unsupported(rows, section)
    unreleased = [row.name for row in rows if row.status == "not released" and row.support == "Full"]
    if unreleased:
        yield (
            f"Not released, since the target precision is not shown: {enumerated(unreleased)}."
            " Take these flags as suggestions to reread, not as findings."
        )


def _unsupported(rows: Sequence[MarkerRow], section: EvaluateSection) -> Iterator[str]:
    coded = [row for row in rows if row.turns]
    fewer, least = section.full_support, section.exploratory_support
    reasons = {
        f"Estimates only (fewer than {fewer} flags, {fewer} marks or {section.full_patients} patients with"
        " marks)": [row for row in coded if row.support == "Exploratory"],
        f"Counts only (fewer than {least} flags and marks)": [r for r in coded if r.support == "Counts"],
        "Coded, but without any probability": [row for row in rows if not row.turns and row.unscored],
        "Not coded": [row for row in rows if not row.turns and not row.unscored],
    }
    for reason, found in reasons.items():
        if found:
            yield f"{reason}: {enumerated([row.name for row in found])}."


def _kappas(average: Average, first: MarkerRow) -> str:
    over = f"Over {len(average.columns)} of {average.total} {PLURAL[average.kind]}"
    model, human, delta = average.kappa_mh, average.kappa_hh, average.delta
    if model is None or human is None or delta is None or delta.value is None:
        # Where no label has a difference, the reason of one of them says more than the average's.
        return f"{over}, the two cannot be compared: {first.delta.reason or 'undefined for some'}."
    said = f"{over}, mean kappa is {_value(model)} between RIFT and a coder, {_value(human)} between coders"
    if delta.low is None or delta.high is None:
        return f"{said}; whether they differ cannot be told ({delta.reason})."
    bounds = f"{figure(delta.value)} [{figure(delta.low)}, {figure(delta.high)}]"
    if delta.high < 0:
        return f"{said}: RIFT agrees with coders less than they do with one another (difference {bounds})."
    if delta.low > 0:
        return f"{said}: RIFT agrees with coders more than they do with one another (difference {bounds})."
    return f"{said}; the difference of {bounds} leaves open which is higher, and does not show them equal."


def _counted(value: float, one: str) -> str:
    return f"{count(value)} {one if value == 1 else one + 's'}"


def _share(statistic: Statistic) -> str:
    """Return a share with its interval, or with the reason why it has none."""
    if statistic.value is None or not statistic.reason:
        return percents(statistic)
    return f"{percents(statistic)} ({statistic.reason})"


def _value(statistic: Statistic) -> str:
    return "undefined" if statistic.value is None else figure(statistic.value)


def _many(rows: Sequence[MarkerRow]) -> str:
    kinds = dict.fromkeys(row.kind for row in rows)
    counts = [(sum(row.kind == kind for row in rows), kind) for kind in kinds]
    return enumerated([counted(number, kind, PLURAL.get(kind, kind)) for number, kind in counts])
