"""The page's table of episodes, RIFT's beside the coders'."""

from __future__ import annotations

from dataclasses import replace

from rift.evaluation.episode_rows import EPISODE_STATISTICS, FALSE_ALARMS, HORIZON, EpisodeRow
from rift.evaluation.episodes import EpisodeTable
from rift.evaluation.spans import MATCHED
from rift.reports.numbers import count
from rift.reports.page.grid import Cell, Cells, Column, Grid, Group, Row
from rift.reports.page.wording import figure, fine, level

_COLUMNS = (
    Column("Sessions", "Sessions that any coder coded; below, these coders."),
    Column("Coders' episodes", "Runs of turns that a coder marked for the family, over the same gaps and of"
           " the same least length as RIFT's. Summed over coders: a session coded by two counts twice."),
    Column("RIFT's episodes", "Those with a turn that the coder coded, summed likewise."),
    Column("Matched", f"One to one: overlap (intersection over union) of {figure(MATCHED.min_iou)} or more,"
           f" and onsets within {MATCHED.onset_within:g} turns."),
    Column("Precision", "Matched over RIFT's episodes: agreement with a randomly drawn coder."),
    Column("Recall", "Matched over coders' episodes."),
    Column("F1", "Harmonic mean of precision and recall."),
    Column("F1, two coders", "Of one coder's episodes against another's, over all pairs of coders."),
    Column("Onset error", "Mean distance of the onsets of matched episodes, in turns."),
    Column("False alarms per session", "RIFT's episodes that no episode of the coder matches."),
    Column("Lead time", "Median turns from alarm to an episode's onset, if every turn gave alarm from a"
           f" threshold on: the lowest with at most {FALSE_ALARMS:g} false alarm per session, found on these"
           " very sessions, which favours RIFT a little. No interval."),
    Column("Censored", f"Episodes of which only a bound is known: alarm on for more than {HORIZON} turns"
           " before (early), or none until the end (no alarm). They count in the median as longest and"
           " shortest."),
    Column("Boundaries, RIFT–coder", "Boundary similarity: how far the beginnings and ends of episodes agree,"
           " mean over sessions; 1 where neither has any."),
    Column("Boundaries, coder–coder", "The same of two coders, over all pairs."),
)  # fmt: skip
_FACTS = 4


def episode_grid(table: EpisodeTable | None) -> Grid | None:
    """Return a row per family; None where no episodes were sought."""
    if table is None or not table.rows:
        return None
    cells = Cells()
    rows = tuple(_row(row, cells) for row in table.rows)
    return Grid(
        "episode-table",
        f"RIFT's episodes beside a coder's; intervals {level(table.level)}, over patients",
        Column("Family"),
        _COLUMNS,
        (Group("", rows),),
        cells.footnotes(),
        sortable=len(rows) > 1,
    )


def _row(row: EpisodeRow, cells: Cells) -> Row:
    coders = f"{row.coders} coder{'' if row.coders == 1 else 's'}"
    facts = (
        Cell(f"{row.sessions:,}", row.sessions, below=coders),
        *(Cell(f"{number:,}", number) for number in (row.reference, row.predicted, row.matched)),
    )
    known = [getattr(row, name) for name in EPISODE_STATISTICS]
    if not any(statistic.defined for statistic in known) and len({one.reason for one in known}) == 1:
        merged = Cell(f"undefined: {known[0].reason}", span=len(_COLUMNS) - _FACTS)
        return Row(row.name, (*facts, merged))
    return Row(row.name, (*facts, *_statistics(row, cells)))


def _statistics(row: EpisodeRow, cells: Cells) -> tuple[Cell, ...]:
    return (
        cells.interval(row.precision), cells.interval(row.recall), cells.interval(row.f1),
        cells.interval(row.human_f1), cells.amount(row.onset_error), cells.amount(row.false_alarms),
        *_lead(row, cells), cells.interval(row.boundary), cells.interval(row.human_boundary),
    )  # fmt: skip


def _lead(row: EpisodeRow, cells: Cells) -> tuple[Cell, Cell]:
    """Return the lead time with its threshold, and the censored episodes beside it."""
    lead = cells.value(row.lead)
    if row.lead.value is not None:
        turns = count(row.lead.value).replace("-", "−")
        lead = replace(lead, text=f"{turns} turn{'' if abs(row.lead.value) == 1 else 's'}")
    if row.lead_threshold is None:
        return lead, Cell("")
    at = f"threshold {fine(row.lead_threshold)}"
    censored = row.early + row.missed
    beside = Cell(str(censored), censored, below=f"{row.early} early, {row.missed} no alarm")
    return replace(lead, below=at), beside
