"""Results as tables for a terminal of 100 columns; nothing is said by colour alone, nothing is printed."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.text import Text

from rift.evaluation.averages import Average
from rift.evaluation.coders import AgreementRow, AgreementTable, ClassAgreement
from rift.evaluation.markers import MarkerTable
from rift.evaluation.results import Evaluation
from rift.evaluation.rows import MarkerRow
from rift.manifest import write_text
from rift.reliability.result import Statistic
from rift.reports.calibration import calibration_report
from rift.reports.claims import claims_report
from rift.reports.episodes import episode_report
from rift.reports.grid import grid, texts, with_notes
from rift.reports.numbers import Footnotes, count
from rift.reports.pairs import SET_LEGEND, pair_report, set_rows
from rift.reports.segments import segment_report
from rift.reports.sensitivity import sensitivity_report
from rift.reports.session_agreement import session_report

WIDTH = 100

_SUPPORT = {"Full": "Full", "Exploratory": "Expl.", "Counts": "Counts"}
_PLURAL = {"marker": "markers", "strategy": "strategies", "class": "classes"}
_MANY_CODERS = 4


def evaluation_report(evaluation: Evaluation) -> Group:
    """Return everything a terminal shows of an evaluation, from its markers to the coders."""
    parts = [marker_report(evaluation.model), claims_report(evaluation), baseline_report(evaluation)]
    if evaluation.classes:
        parts.append(class_report(evaluation))
    parts.append(calibration_report(evaluation.calibration))
    if evaluation.segments:
        parts.append(segment_report(evaluation.segments))
    parts.append(session_report(evaluation.sessions))
    if evaluation.episodes is not None and evaluation.episodes.rows:
        parts.append(episode_report(evaluation.episodes))
    if (varied := sensitivity_report(evaluation.sensitivity)) is not None:
        parts.append(varied)
    return Group(*parts, agreement_report(evaluation.agreement))


def marker_report(table: MarkerTable) -> Group:
    """Return a row per marker and family, averages below, then what the columns mean."""
    notes = Footnotes()
    shown = grid(
        f"Markers: {table.name}",
        ("Label", 25), ("Support", 7), ("Marked", 6), ("Flags", 5),
        (f"Precision [{100 * table.level:.4g}%]", 16),
        ("Human", 5), ("Recall", 6), ("F1", 4), ("AP", 4), ("kappa\nMH", 5), ("kappa\nHH", 5),
    )  # fmt: skip
    families = [row for row in table.rows if row.kind == "family"]
    for group in ([row for row in table.rows if row.kind != "family"], families):
        for row in group:
            shown.add_row(*texts(_marker_cells(row, notes)), end_section=row is group[-1])
    for average in table.averages:
        shown.add_row(*texts(_average_cells(average, notes)))
    legend = [
        f"{table.turns} turns coded of {table.patients} patients. Marked: sum of the coders' shares.",
        "Precision: agreement of a flag with a randomly drawn coder, interval over patients. Human: a",
        "coder's precision against the other coders. MH, HH: model-coder and coder-coder kappa.",
    ]
    if any(row.support == "Counts" and row.turns for row in table.rows):
        legend.append("Counts: x/y/z are flagged and marked / flagged only / marked only (shares of coders).")
    if any(_unreleased(row) for row in table.rows):
        legend.append("*  not released: the target precision is not shown at this threshold")
    if unscored := sum(row.unscored for row in table.rows if row.kind != "family"):
        legend.append(f"{unscored} times a turn is coded for a label and has no probability: left out.")
    return with_notes(shown, legend, notes)


def baseline_report(evaluation: Evaluation) -> Group:
    """Return the macro averages of the model, the baselines and the coders, per kind of label."""
    notes = Footnotes()
    shown = grid(
        "Beside baselines: macro average over labels with full support for the model",
        ("", 30), ("Precision", 17), ("Recall", 6), ("F1", 16), ("AP", 4), ("kappa", 6), ("micro F1", 8),
    )  # fmt: skip
    tables = (evaluation.model, *evaluation.baselines)
    for place in range(0, len(evaluation.model.averages), 2):
        macro = evaluation.model.averages[place]
        shown.add_row(Text(_over(macro)))
        for table in tables:
            shown.add_row(*texts(_baseline_cells(table, place, notes)))
        human = (macro.ceiling or macro.precision, macro.kappa_hh or macro.precision)
        shown.add_row(
            *texts(["  human against the others", notes.interval(human[0]), "", "", "",
                     notes.value(human[1]), ""]),
            end_section=True,
        )  # fmt: skip
    return with_notes(shown, [], notes)


def class_report(evaluation: Evaluation) -> Group:
    """Return macro-F1, kappa and each class's F1, a column per set of predictions (exclusive codebooks)."""
    notes = Footnotes()
    tables = tuple(evaluation.classes.values())
    shown = grid(
        "Chosen class against the coders' majority",
        ("", 32), *((name, 22) for name in evaluation.classes),
    )  # fmt: skip
    rows: list[tuple[str, list[Statistic]]] = [
        ("macro F1", [table.macro_f1 for table in tables]),
        ("kappa", [table.kappa for table in tables]),
        ("accuracy", [table.accuracy for table in tables]),
        *((f"F1 {name}", [table.f1[at] for table in tables]) for at, name in enumerate(tables[0].names)),
    ]
    shown.add_row(*texts(["turns", *(str(table.turns) for table in tables)]))
    shown.add_row(*texts(["left out (no one majority class)", *(str(table.left_out) for table in tables)]))
    for name, statistics in rows:
        shown.add_row(*texts([name, *map(notes.interval, statistics)]))
    return with_notes(shown, [], notes)


def agreement_report(table: AgreementTable) -> Group:
    """Return the coders' agreement, one row per label and family, and pairs of coders on families."""
    notes = Footnotes()
    shown = grid(
        "Agreement among coders",
        ("Label", 27), ("Turns", 6), ("Patients", 8), ("Marked", 16), ("kappa", 5),
        (f"alpha [{100 * table.level:.4g}%]", 17), ("PA+", 5),
    )  # fmt: skip
    for row in table.rows:
        shown.add_row(*texts(_agreement_cells(row, notes)))
    if table.classes is not None:
        shown.add_section()
        shown.add_row(*texts(_class_agreement_cells(table.classes, notes)))
    if table.sets is not None:
        shown.add_section()
        for cells in set_rows(table.sets, notes):
            shown.add_row(*texts(cells))
    return Group(with_notes(shown, _agreement_legend(table), notes), pair_report(table))


def _marker_cells(row: MarkerRow, notes: Footnotes) -> list[str]:
    name = f"{row.name} *" if _unreleased(row) else row.name
    support = _SUPPORT[row.support] if row.turns else ""
    head = [name, support, count(row.positives), count(row.flags)]
    rest = (row.ceiling, row.recall, row.f1, row.average_precision, row.kappa_mh, row.kappa_hh)
    if row.support == "Counts" and row.turns:
        # The three counts take the place of precision, which so few cannot bear.
        precision = "/".join(count(number) for number in (row.hits, row.false_alarms, row.misses))
    else:
        precision = notes.interval(row.precision)
    return [*head, precision, *(notes.value(statistic) for statistic in rest)]


def _average_cells(average: Average, notes: Footnotes) -> list[str]:
    rest = (
        average.ceiling, average.recall, average.f1, average.average_precision, average.kappa_mh,
        average.kappa_hh,
    )  # fmt: skip
    return [
        f"{average.method}, {_over(average)}", "", "", "", notes.interval(average.precision),
        *(_optional(statistic, notes) for statistic in rest),
    ]  # fmt: skip


def _baseline_cells(table: MarkerTable, place: int, notes: Footnotes) -> list[str]:
    macro, micro = table.averages[place : place + 2]
    return [
        f"  {table.name}",
        notes.interval(macro.precision),
        notes.value(macro.recall),
        notes.interval(macro.f1),
        _optional(macro.average_precision, notes),
        _optional(macro.kappa_mh, notes),
        notes.value(micro.f1),
    ]


def _agreement_cells(row: AgreementRow, notes: Footnotes) -> list[str]:
    marked = [entry.marked for entry in row.counts if entry.coded]
    if len(row.counts) > _MANY_CODERS:
        shown = f"{min(marked)} to {max(marked)}" if marked else ""
    else:
        shown = " / ".join(str(entry.marked) if entry.coded else "n/c" for entry in row.counts)
    return [
        row.name, str(row.overlap), str(row.patients), shown,
        notes.value(row.kappa), notes.interval(row.alpha), notes.value(row.positive_agreement),
    ]  # fmt: skip


def _class_agreement_cells(classes: ClassAgreement, notes: Footnotes) -> list[str]:
    return [
        "Which class (nominal)", str(classes.overlap), str(classes.patients), "",
        notes.value(classes.kappa), notes.interval(classes.alpha), "",
    ]  # fmt: skip


def _agreement_legend(table: AgreementTable) -> list[str]:
    few = len(table.coders) <= _MANY_CODERS
    by = f"by {' / '.join(table.coders)}" if few else f"fewest to most of {len(table.coders)} coders"
    legend = [
        f"Marked: {by}; n/c: not coded. Turns and patients: coded by two or more.",
        "kappa: mean over pairs. alpha: Krippendorff's, interval over patients. PA+: agreement on marks.",
    ]
    if table.sets is not None:
        legend.append(SET_LEGEND)
    labels = [row for row in table.rows if row.kind != "family"]
    if uncodable := sum(entry.uncodable for row in labels for entry in row.counts):
        legend.append(f"{uncodable} codes of a label say uncodable: neither mark nor absence, left out.")
    return legend


def _unreleased(row: MarkerRow) -> bool:
    return row.status is not None and row.status != "released"


def _over(average: Average) -> str:
    return f"{len(average.columns)} of {average.total} {_PLURAL.get(average.kind, average.kind)}"


def _optional(statistic: Statistic | None, notes: Footnotes) -> str:
    return "" if statistic is None else notes.value(statistic)


def write_report(renderable: RenderableType, folder: Path) -> Path:
    """Write what the terminal shows as ``report.txt``, plain text 100 columns wide; return its path."""
    plain = Console(file=io.StringIO(), width=WIDTH, color_system=None, legacy_windows=False)
    with plain.capture() as captured:
        plain.print(renderable)
    path = folder / "report.txt"
    write_text(path, captured.get())
    return path
