import io
from dataclasses import replace

import pytest
from rich.console import Console

from rift.reliability.result import Statistic, undefined
from rift.reports.numbers import Footnotes, count, footnote_mark, share
from rift.reports.terminal import (
    WIDTH,
    agreement_report,
    baseline_report,
    class_report,
    evaluation_report,
    marker_report,
)

pytestmark = pytest.mark.filterwarnings("error")


def lines_of(renderable):
    stream = io.StringIO()
    Console(file=stream, width=WIDTH, no_color=True).print(renderable)
    return stream.getvalue().splitlines()


def line_with(lines, start):
    return next(line for line in lines if line.strip().startswith(start)).split()


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.454, ".45"), (-0.034, "-.03"), (1.0, "1.00"), (0.999, "1.00"), (-1.0, "-1.00"), (0.0, ".00"),
     (-0.001, ".00"), (0.996, "1.00"), (-0.996, "-1.00"), (-1.25, "-1.25"), (0.5, ".50")],
)  # fmt: skip
def test_numbers_are_written_as_the_field_writes_them(value, text):
    assert share(value) == text


def test_counts_keep_halves():
    assert [count(value) for value in (12, 2.5, 0.3333, 1234.5, 0)] == ["12", "2.5", "0.3", "1234", "0"]


def test_footnotes_share_marks_and_run_on():
    notes = Footnotes()
    assert notes.value(undefined("nobody marked it")) == "-a"
    assert notes.interval(Statistic(0.5, None, None, 3, "no interval: 1 patient, 8 needed")) == ".50 b"
    assert notes.interval(undefined("nobody marked it")) == "-a"
    assert notes.interval(Statistic(0.5, 0.25, 0.75, 9)) == ".50 [.25, .75]"
    assert notes.value(Statistic(0.5, None, None, 3, "no interval: why")) == ".50"
    assert notes.lines() == ["a  nobody marked it", "b  no interval: 1 patient, 8 needed"]
    assert [footnote_mark(index) for index in (0, 25, 26, 27, 52)] == ["a", "z", "aa", "ab", "ba"]


def test_nothing_is_wider_than_the_terminal_or_cut(evaluation, class_evaluation):
    for known in (evaluation, class_evaluation):
        lines = lines_of(evaluation_report(known))
        assert max(len(line.rstrip()) for line in lines) <= WIDTH
        assert not any("…" in line for line in lines)


def test_marker_table_says_what_the_result_holds(evaluation):
    lines = lines_of(marker_report(evaluation.model))
    row = evaluation.model.row("sighs")
    assert row.support == "Exploratory"
    assert line_with(lines, "Sighs") == [
        "Sighs", "Expl.", count(row.positives), count(row.flags), share(row.precision.value),
        f"[{share(row.precision.low)},", f"{share(row.precision.high)}]", share(row.ceiling.value),
        share(row.recall.value), share(row.f1.value), share(row.average_precision.value),
        share(row.kappa_mh.value), share(row.kappa_hh.value),
    ]  # fmt: skip
    assert "Shrugs [non-verbal]" in "\n".join(lines)
    assert line_with(lines, "Yawns") == ["Yawns", "0", "0", *["-a"] * 7]
    assert "a  not coded" in lines
    assert line_with(lines, "macro, 2 of 4 markers")[5] == share(evaluation.model.averages[0].precision.value)
    assert any(line.startswith("macro, 1 of 1 strategies") for line in lines)
    assert any(line.startswith("defensive posture *") for line in lines)
    assert any(line.startswith("*  not released") for line in lines)


def test_released_markers_have_no_footnote_of_release(evaluation):
    rows = tuple(replace(row, status="released") for row in evaluation.model.rows)
    assert not any("*" in line for line in lines_of(marker_report(replace(evaluation.model, rows=rows))))


def test_counts_rows_show_counts_instead_of_precision(evaluation):
    reason = undefined("fewer than 10 flags and positives", 400)
    row = replace(
        evaluation.model.row("sighs"), support="Counts", hits=2.5, false_alarms=4.0, misses=0.5, unscored=3,
        precision=reason, ceiling=reason, recall=reason, f1=reason, average_precision=reason,
        kappa_mh=reason, kappa_hh=reason,
    )  # fmt: skip
    lines = lines_of(marker_report(replace(evaluation.model, rows=(row,), averages=())))
    assert line_with(lines, "Sighs")[4:] == ["2.5/4/0.5", *["-a"] * 6]
    assert any(line.startswith("Counts: x/y/z") for line in lines)
    assert any(line.startswith("3 times a turn is coded") for line in lines)


def test_baselines_stand_beside_model_and_coders(evaluation):
    lines = lines_of(baseline_report(evaluation))
    macro = evaluation.model.averages[0]
    assert line_with(lines, "model")[1] == share(macro.precision.value)
    always = evaluation.baselines[0].averages
    assert line_with(lines, "always positive")[-7:] == [
        "1.00", share(always[0].f1.value), f"[{share(always[0].f1.low)},", f"{share(always[0].f1.high)}]",
        share(always[0].average_precision.value), ".00", share(always[1].f1.value),
    ]  # fmt: skip
    human = line_with(lines, "human against the others")
    assert human[4] == share(macro.ceiling.value)
    assert human[-1] == share(macro.kappa_hh.value)
    assert any("TF-IDF" in line for line in lines)
    assert "a  no interval: follows from the rule" in lines


def test_agreement_table(evaluation):
    lines = lines_of(agreement_report(evaluation.agreement))
    row = evaluation.agreement.row("sighs")
    marked = [str(entry.marked) for entry in row.counts]
    assert line_with(lines, "Sighs")[:9] == [
        "Sighs", "400", "10", marked[0], "/", marked[1], "/", marked[2], share(row.kappa.value),
    ]  # fmt: skip
    assert line_with(lines, "Yawns")[1:3] == ["0", "0"]
    assert "n/c / n/c / n/c" in next(line for line in lines if line.startswith("Yawns"))
    assert any(line.startswith("Marked: by ann / bob / cyd") for line in lines)
    assert any(line.startswith("400 codes of a label say uncodable") for line in lines)
    assert "b  no interval: 5 patients, 8 needed" in lines


def test_many_coders_are_summed_up_and_classes_compared(class_evaluation):
    lines = lines_of(agreement_report(class_evaluation.agreement))
    marked = sorted(entry.marked for entry in class_evaluation.agreement.row("change").counts)
    assert f"{marked[0]} to {marked[-1]}" in next(line for line in lines if line.startswith("Change"))
    nominal = class_evaluation.agreement.classes
    assert share(nominal.kappa.value) in line_with(lines, "Which class (nominal)")
    lines = lines_of(class_report(class_evaluation))
    table = class_evaluation.classes["model"]
    assert line_with(lines, "turns") == ["turns", str(table.turns)]
    assert line_with(lines, "left out")[-1] == str(table.left_out)
    assert line_with(lines, "macro F1")[2] == share(table.macro_f1.value)
    assert line_with(lines, "F1 sustain")[2] == share(table.f1[2].value)
