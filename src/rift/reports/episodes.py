"""The model's episodes beside the coders', as terminal tables."""

from __future__ import annotations

from rich.console import Group

from rift.evaluation.episode_rows import FALSE_ALARMS, HORIZON, EpisodeRow
from rift.evaluation.episodes import EpisodeTable
from rift.evaluation.spans import MATCHED
from rift.reports.grid import grid, texts, with_notes
from rift.reports.numbers import Footnotes, count, share


def episode_report(table: EpisodeTable) -> Group:
    """Return two tables of a row per family: how many are found again, and when and where they begin."""
    return Group(_matching(table), _times(table))


def _matching(table: EpisodeTable) -> Group:
    notes = Footnotes()
    level = f"[{100 * table.level:.4g}%]"
    shown = grid(
        "Episodes: model beside a coder",
        ("Family", 18), ("Sess-\nions", 5), ("coder / model\n/ matched", 13), (f"Precision {level}", 16),
        (f"Recall {level}", 16), (f"F1 {level}", 16), ("F1\ncoders", 6),
    )  # fmt: skip
    for row in table.rows:
        counts = " / ".join(str(number) for number in (row.reference, row.predicted, row.matched))
        shown.add_row(
            *texts([
                row.name, str(row.sessions), counts, notes.interval(row.precision),
                notes.interval(row.recall), notes.interval(row.f1), notes.value(row.human_f1),
            ])
        )  # fmt: skip
    return with_notes(shown, _MATCHING_LEGEND, notes)


_MATCHING_LEGEND = [
    "Counts are summed over coders: a session coded by two counts twice. Matched: one to one, with an",
    f"overlap (IoU) of {share(MATCHED.min_iou)} or more and onsets within"
    f" {MATCHED.onset_within:g} turns. Precision, recall: agreement with a randomly",
    "drawn coder. F1 coders: of one coder's episodes against another's, over all pairs.",
]


def _times(table: EpisodeTable) -> Group:
    notes = Footnotes()
    shown = grid(
        "Episodes: onsets, alarms and boundaries",
        ("Family", 18), ("Onset\nerror", 6), ("False\nalarms", 7), ("Lead", 6), ("at", 5),
        ("alarms", 6), ("early /\nnone", 11), ("Boundaries\nmodel", 10), ("Boundaries\ncoders", 10),
    )  # fmt: skip
    for row in table.rows:
        shown.add_row(*texts(_time_cells(row, notes)))
    return with_notes(shown, _TIMES_LEGEND, notes)


def _time_cells(row: EpisodeRow, notes: Footnotes) -> list[str]:
    return [
        row.name,
        notes.amount(row.onset_error),
        notes.amount(row.false_alarms),
        notes.value(row.lead) if row.lead.value is None else count(row.lead.value),
        "" if row.lead_threshold is None else share(row.lead_threshold),
        "" if row.lead_false_alarms is None else f"{row.lead_false_alarms:.2f}",
        "" if row.lead_threshold is None else f"{row.early} / {row.missed}",
        notes.value(row.boundary),
        notes.value(row.human_boundary),
    ]


_TIMES_LEGEND = [
    "Onset error: mean distance of matched onsets, in turns. False alarms: the model's episodes that no",
    "episode of the coder matches, per session. Lead: median turns from alarm to onset, were every turn",
    "to give alarm from the probability under `at` on, the lowest with"
    f" {FALSE_ALARMS:g} false alarm per session at",
    "most (`alarms`), found on these very sessions."
    f" Early: on for over {HORIZON} turns before; none: no alarm.",
    "Boundaries: boundary similarity of model and coder, and of coder and coder; 1 where neither has any.",
]
