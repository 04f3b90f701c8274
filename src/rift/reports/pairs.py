"""Pairs of coders, and agreement on sets of markers, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group
from rich.text import Text

from rift.evaluation.coders import AgreementRow, AgreementTable
from rift.evaluation.marker_sets import SetAgreement
from rift.evaluation.pairs import PairRow
from rift.reports.grid import grid, texts, with_notes
from rift.reports.numbers import Footnotes

MANY_PAIRS = 6


def set_rows(sets: SetAgreement, notes: Footnotes) -> Iterator[list[str]]:
    """Yield the rows of agreement on sets of markers, under the columns of the coders' agreement."""
    for distance, alpha in (("MASI", sets.masi), ("Jaccard", sets.jaccard)):
        yield [
            f"Set of markers, {distance}", str(sets.overlap), str(sets.patients), "", "",
            notes.interval(alpha), "",
        ]  # fmt: skip


SET_LEGEND = "Set of markers: of turns coded by two or more for every marker; alpha with the distance named."


def pair_report(table: AgreementTable) -> Group | Text:
    """Return the pairs of coders on each family; where there are none to show, or too many, where they are.

    Pairs that share no turn of any family are left out, and said to be.
    """
    families = [row for row in table.rows if row.kind == "family"]
    shared = shared_pairs(table)
    if len(table.coders) < 2:
        return Text("")
    if not shared:
        return Text("No two coders coded the same turn: no pair can be compared.\n")
    if not families or len(shared) > MANY_PAIRS:
        pairs = "1 pair" if len(shared) == 1 else f"{len(shared)} pairs"
        return Text(f"{pairs} of coders: label by label in coder_pairs.csv.\n")
    return _table(families, shared, len(families[0].pairs) - len(shared))


def shared_pairs(table: AgreementTable) -> list[int]:
    """Return the places of the pairs of coders that both coded some turn for the same label."""
    count = len(table.rows[0].pairs) if table.rows else 0
    return [at for at in range(count) if any(row.pairs[at].overlap for row in table.rows)]


def _table(families: list[AgreementRow], shared: list[int], left_out: int) -> Group:
    notes = Footnotes()
    shown = grid(
        "Pairs of coders: families",
        ("Family and pair", 36), ("Turns", 6), ("kappa", 6), ("PA+", 6), ("PA-", 6), ("PI", 6), ("BI", 6),
        ("AC1", 6), ("PABAK", 6),
    )  # fmt: skip
    for row in families:
        shown.add_row(Text(row.name))
        for at in shared:
            shown.add_row(*texts(_cells(row.pairs[at], notes)), end_section=at == shared[-1])
    legend = [
        "Turns: coded by both. PA+, PA-: agreement on marks, and on no marks. PI: share marked by both less",
        "share marked by neither; BI: share marked by the first alone less by the second alone. AC1, PABAK:",
        "near 1 also where a rare mark is missed altogether, so no headline. Labels: coder_pairs.csv.",
    ]
    if left_out:
        legend.append(f"{left_out} pair{'' if left_out == 1 else 's'} of coders shared no turn: left out.")
    return with_notes(shown, legend, notes)


def _cells(pair: PairRow, notes: Footnotes) -> list[str]:
    known = (
        pair.kappa, pair.positive_agreement, pair.negative_agreement, pair.prevalence_index,
        pair.bias_index, pair.ac1, pair.pabak,
    )  # fmt: skip
    return [f"  {pair.first} - {pair.second}", str(pair.overlap), *map(notes.value, known)]
