import csv
import io
from dataclasses import replace

import pytest
from rich.console import Console

from rift.reliability.result import Statistic
from rift.reports.claims import SILENT_PASSES, claim_cells, claim_coders, claim_header, claims_report
from rift.reports.files import write_evaluation
from rift.reports.numbers import share
from rift.reports.terminal import WIDTH, evaluation_report

pytestmark = pytest.mark.filterwarnings("error")


def lines_of(renderable):
    stream = io.StringIO()
    Console(file=stream, width=WIDTH, no_color=True).print(renderable)
    return stream.getvalue().splitlines()


def line_with(lines, start):
    return next(line for line in lines if line.strip().startswith(start)).split()


def test_verdicts_in_the_terminal(evaluation):
    lines = lines_of(claims_report(evaluation))
    row = evaluation.model.row("shrugs_[non-verbal]")
    claims, test = row.claims, row.claims.alt_test
    assert (claims.non_inferiority.verdict, test.verdict) == ("yes", "yes")
    assert line_with(lines, "Shrugs [non-verbal]")[2:] == [
        share(row.delta.value), f"[{share(row.delta.low)},", f"{share(row.delta.high)}]", "yes",
        share(claims.alpha_hh.value), share(claims.alpha_mh.value), str(test.units), share(test.rho.value),
        share(test.omega.value), "yes", "b",
        share(claims.alt_test_standard.rho.value),
    ]  # fmt: skip
    assert f"b  {SILENT_PASSES}" in lines
    sighs = line_with(lines, "Sighs")
    mark = sighs[4].removeprefix("-")
    assert [sighs[4], *sighs[9:11]] == [f"-{mark}"] * 3
    assert f"{mark}  exploratory support, no verdict" in lines
    assert not any(line.startswith("Yawns") for line in lines)
    assert "1 of 6 rows have counts only or nothing coded: left out." in lines
    assert any("above the margin -.10," in line for line in lines)
    assert any("epsilon .20;" in line for line in lines)


def test_inferior_is_no_and_not_a_dash(evaluation):
    rows = []
    for row in evaluation.model.rows:
        inferior = replace(row.claims.non_inferiority, verdict="no", reason=None)
        failed = replace(row.claims.alt_test, verdict="no")
        rows.append(replace(row, claims=replace(row.claims, non_inferiority=inferior, alt_test=failed)))
    known = replace(evaluation, model=replace(evaluation.model, rows=tuple(rows)))
    found = line_with(lines_of(claims_report(known)), "Shrugs [non-verbal]")
    assert (found[5], found[11]) == ("no", "no")


def test_a_pass_that_a_silent_model_has_too_is_footnoted(evaluation):
    def lines(value):
        rows = [
            replace(row, claims=replace(row.claims, silent_omega=Statistic(value, None, None, 3)))
            for row in evaluation.model.rows
        ]
        return lines_of(claims_report(replace(evaluation, model=replace(evaluation.model, rows=tuple(rows)))))

    footnote = next(line for line in lines(0.67) if line.endswith(SILENT_PASSES))
    assert line_with(lines(0.67), "Shrugs [non-verbal]")[11:13] == ["yes", footnote[0]]
    assert not any(line.endswith(SILENT_PASSES) for line in lines(0.33))


def test_claims_are_part_of_the_report(evaluation):
    lines = lines_of(evaluation_report(evaluation))
    assert "Claims: model beside a coder" in [line.strip() for line in lines]
    assert max(len(line.rstrip()) for line in lines) <= WIDTH


def test_claims_in_the_marker_csv(evaluation, tmp_path):
    write_evaluation(evaluation, tmp_path)
    with (tmp_path / "markers.csv").open(encoding="utf-8", newline="") as stream:
        rows = {(row["predictions"], row["column"]): row for row in csv.DictReader(stream)}
    claims = evaluation.model.row("shrugs_[non-verbal]").claims
    found = rows["model", "shrugs_[non-verbal]"]
    assert (found["non_inferiority"], found["alt_test"], found["claim_notes"]) == ("yes", "yes", "")
    assert float(found["non_inferiority_lower"]) == claims.non_inferiority.lower
    assert float(found["non_inferiority_p_holm"]) == claims.non_inferiority.adjusted
    assert float(found["alpha_mh"]) == claims.alpha_mh.value
    assert float(found["alpha_delta_high"]) == claims.alpha_delta.high
    assert float(found["f1_boot_low"]) == claims.f1_bootstrap.low
    assert float(found["alpha_delta_boot_high"]) == claims.alpha_delta_bootstrap.high
    assert int(found["alt_units"]) == claims.alt_test.units
    assert float(found["rho_high"]) == claims.alt_test.rho.high
    assert float(found["omega_silent"]) == claims.silent_omega.value
    assert float(found["rho_standard"]) == claims.alt_test_standard.rho.value
    assert float(found["alpha, model for bob"]) == claims.substituted[1].alpha.value
    assert float(found["alt-test p adjusted cyd"]) == claims.alt_test.adjusted[2]
    sighs = rows["model", "sighs"]
    assert (sighs["non_inferiority"], sighs["omega"], sighs["alt-test p ann"]) == ("cannot tell", "", "")
    assert sighs["claim_notes"].startswith("non_inferiority: exploratory support, no verdict; omega: expl")
    assert rows["TF-IDF", "away"]["alt_test"] in ("yes", "no")
    assert rows["always positive", "away"]["non_inferiority"] == ""
    assert rows["model", "yawns"]["claim_notes"].startswith("alpha_hh: not coded; ")


def test_every_cell_has_its_column(evaluation):
    coders = claim_coders(evaluation.model)
    assert coders == ("ann", "bob", "cyd")
    header = claim_header(coders)
    assert len(set(header)) == len(header)
    for row in evaluation.model.rows:
        assert len(claim_cells(row.claims, coders)) == len(header)
    assert claim_cells(None, coders) == [None] * len(header)
    assert claim_coders(evaluation.baselines[0]) == ()
