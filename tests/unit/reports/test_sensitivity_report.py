import io
from dataclasses import replace

import pytest
from rich.console import Console

from rift.evaluation.sensitivity import SensitivityTable
from rift.evaluation.sensitivity_rows import CASELOADS, PATIENTS, SensitivityRow
from rift.reliability.result import Statistic, undefined
from rift.reports.calibration import calibration_report
from rift.reports.page.calibration_tables import calibration_grid
from rift.reports.page.sensitivity_tables import sensitivity_grid
from rift.reports.sensitivity import sensitivity_report

pytestmark = pytest.mark.filterwarnings("error")


def row(aspect, setting, **found):
    return SensitivityRow("sighs", "Sighs", "marker", aspect, setting, False, **found)


def precise(value, low=None, high=None):
    return Statistic(value, low, high, 40)


ROWS = (
    row("label rule", "random coder", turns=90, left_out=0, precision=precise(0.5, 0.4, 0.6)),
    row("label rule", "majority", turns=78, left_out=12, precision=precise(0.55)),
    row("label rule", "any coder", turns=90, left_out=0, precision=precise(0.7)),
    row("label rule", "every coder", turns=90, left_out=0, precision=undefined("nothing flagged")),
    row("margin", "-0.05", verdict="no", delta=precise(-0.1)),
    row("margin", "-0.1", verdict="cannot tell", delta=precise(-0.1)),
    row("epsilon", "0.2", verdict="yes", omega=precise(1.0)),
    row("clusters", PATIENTS, precision=precise(0.5, 0.4, 0.6), delta=precise(-0.1, -0.2, 0.0)),
    row("clusters", CASELOADS, precision=precise(0.5, 0.3, 0.7), delta=precise(-0.1, -0.3, 0.1)),
    row("training", "this one", f1=precise(0.5)),
    row("training", "models/seed2", f1=precise(0.45)),
)
TABLE = SensitivityTable(0.95, ROWS, ("training: no other was given",))


def printed(renderable):
    console = Console(file=io.StringIO(), width=100, color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def test_terminal_has_precision_by_rule_and_verdicts():
    text = printed(sensitivity_report(TABLE))
    (line,) = [line for line in text.splitlines() if line.startswith("Sighs")]
    assert line.split() == ["Sighs", ".50", ".55", ".70", "-a", "no", "-", "yes"]
    assert "a  nothing flagged" in text
    assert "Not varied: training: no other was given." in text


def test_page_has_a_column_per_setting():
    grid = sensitivity_grid(TABLE)
    assert [column.title for column in grid.columns] == [
        "Precision, random coder", "Precision, majority", "Precision, any coder", "Precision, every coder",
        "Margin −.05", "Margin −.10", "Epsilon .20",
        "Precision by caseload", "Kappa difference by caseload", "F1, this one", "F1, models/seed2",
    ]  # fmt: skip
    ((group,), (only,)) = grid.groups, grid.groups[0].rows
    assert group.heading == "Markers"
    assert [cell.text for cell in only.cells] == [
        ".50", ".55", ".70", "undefined", "no", "cannot tell", "yes", ".50 [.30, .70]", "−.10 [−.30, .10]",
        ".50", ".45",
    ]  # fmt: skip
    assert [cell.below for cell in only.cells[:2]] == ["", "12 tied"]
    assert only.cells[6].below == "1.00"
    assert grid.notes == (("a", "nothing flagged"),)


def test_nothing_to_vary():
    empty = replace(TABLE, rows=())
    assert sensitivity_report(empty) is None
    assert sensitivity_grid(empty) is None


def test_calibration_in_the_terminal_and_on_the_page(evaluation):
    known = evaluation.calibration.row("away")
    text = printed(calibration_report(evaluation.calibration))
    (line,) = [line for line in text.splitlines() if line.startswith("Moving away")]
    slope = f"{known.slope.value:.2f} [{known.slope.low:.2f}, {known.slope.high:.2f}]".replace("0.", ".")
    assert slope in line
    counts = [row for row in evaluation.calibration.rows if row.support == "Counts"]
    assert counts
    assert f"{len(counts)} of {len(evaluation.calibration.rows)} rows have counts only" in text
    grid = calibration_grid(evaluation.calibration)
    shown = {row.name: row.cells for group in grid.groups for row in group.rows}
    assert shown["Moving away"][-1].text == slope
    assert shown[counts[0].name][-1].text == f"undefined: {counts[0].brier.reason}"
    assert shown[counts[0].name][-1].span == 4
