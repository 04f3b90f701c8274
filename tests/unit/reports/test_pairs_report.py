"""Pairs of coders, and sets of markers, in the terminal."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from rift.evaluation.marker_sets import SetAgreement
from rift.reliability.result import Statistic, undefined
from rift.reports.numbers import share
from rift.reports.pairs import pair_report, shared_pairs
from rift.reports.terminal import WIDTH, agreement_report

pytestmark = pytest.mark.filterwarnings("error")


def lines_of(renderable):
    stream = io.StringIO()
    Console(file=stream, width=WIDTH, no_color=True).print(renderable)
    return [line.rstrip() for line in stream.getvalue().rstrip().splitlines()]


def with_pairs(table, change):
    rows = [replace(row, pairs=tuple(change(pair) for pair in row.pairs)) for row in table.rows]
    return replace(table, rows=tuple(rows))


def test_pairs_of_families_have_their_figures(evaluation):
    table = evaluation.agreement
    lines = lines_of(agreement_report(table))
    pair = table.row("away").pairs[0]
    assert next(line for line in lines if line.startswith("  ann - bob")).split() == [
        "ann", "-", "bob", "400", share(pair.kappa.value), share(pair.positive_agreement.value),
        share(pair.negative_agreement.value), share(pair.prevalence_index.value),
        share(pair.bias_index.value), share(pair.ac1.value), share(pair.pabak.value),
    ]  # fmt: skip
    assert sum(" - " in line and line.startswith("  ") for line in lines) == 3, "labels are not shown"
    assert lines[lines.index("Pairs of coders: families") + 3] == "Moving away"
    assert any(line.endswith("Labels: coder_pairs.csv.") for line in lines)
    assert not any("left out" in line for line in lines[lines.index("Pairs of coders: families") :])


def test_pairs_that_never_met_are_left_out_and_said_to_be(evaluation):
    def apart(pair):
        return replace(pair, overlap=0) if pair.first == "bob" else pair

    table = with_pairs(evaluation.agreement, apart)
    lines = lines_of(pair_report(table))
    assert shared_pairs(table) == [0, 1]
    assert not any("bob - cyd" in line for line in lines)
    assert "1 pair of coders shared no turn: left out." in lines


def test_undefined_figures_of_a_pair_have_their_reason(evaluation):
    table = with_pairs(
        evaluation.agreement, lambda pair: replace(pair, kappa=undefined("no variation: nobody marked it"))
    )
    lines = lines_of(pair_report(table))
    assert next(line for line in lines if line.startswith("  ann - bob")).split()[4] == "-a"
    assert "a  no variation: nobody marked it" in lines


def test_no_table_of_pairs_says_where_they_are(evaluation, class_evaluation):
    # Fifteen pairs, and no families.
    assert "15 pairs of coders: label by label in coder_pairs.csv." in lines_of(
        agreement_report(class_evaluation.agreement)
    )
    two = replace(class_evaluation.agreement, coders=("a", "b"))
    two = replace(two, rows=tuple(replace(row, pairs=row.pairs[:1]) for row in two.rows))
    assert lines_of(pair_report(two)) == ["1 pair of coders: label by label in coder_pairs.csv."]
    nobody = with_pairs(evaluation.agreement, lambda pair: replace(pair, overlap=0))
    assert lines_of(pair_report(nobody)) == ["No two coders coded the same turn: no pair can be compared."]
    alone = replace(evaluation.agreement, coders=("ann",))
    alone = replace(alone, rows=tuple(replace(row, pairs=()) for row in alone.rows))
    assert lines_of(pair_report(alone)) == []


def test_sets_of_markers_stand_below_the_labels(evaluation):
    sets = SetAgreement(
        turns=400, overlap=380, patients=9, masi=Statistic(0.41, 0.3, 0.52, 380),
        jaccard=Statistic(0.46, None, None, 380, "no interval: 1 patient, 8 needed"),
    )  # fmt: skip
    lines = lines_of(agreement_report(replace(evaluation.agreement, sets=sets)))
    masi, jaccard = (line.split() for line in lines if line.startswith("Set of markers, "))
    assert masi == ["Set", "of", "markers,", "MASI", "380", "9", ".41", "[.30,", ".52]"]
    mark = jaccard[-1]
    assert jaccard == ["Set", "of", "markers,", "Jaccard", "380", "9", ".46", mark]
    assert f"{mark}  no interval: 1 patient, 8 needed" in lines
    assert any(line.startswith("Set of markers: of turns coded by two or more for every") for line in lines)


def test_sets_that_cannot_be_compared_say_why(evaluation, class_evaluation):
    lines = lines_of(agreement_report(evaluation.agreement))
    found = [line.split()[-1] for line in lines if line.startswith("Set of markers, ")]
    assert found == ["-c", "-c"]
    assert "c  no turn coded for every marker by two coders" in lines
    assert not any(
        "Set of markers" in line for line in lines_of(agreement_report(class_evaluation.agreement))
    )
