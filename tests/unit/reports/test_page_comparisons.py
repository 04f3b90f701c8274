"""The page's tables of claims, sessions and episodes: values, wording, and what is undefined."""

import re
from dataclasses import replace

import pytest

from rift.config import load_config
from rift.evaluation.details import Details
from rift.evaluation.marker_sets import SetAgreement
from rift.reliability.result import Statistic, undefined
from rift.reports.claims import SILENT_PASSES
from rift.reports.page.claim_tables import claim_grid, claim_sentences
from rift.reports.page.coder_tables import coder_grid
from rift.reports.page.episode_tables import episode_grid
from rift.reports.page.session_tables import session_grid
from rift.reports.page.wording import amounts, figure, fine, number
from rift.reports.page.write import Study, render_page

pytestmark = pytest.mark.filterwarnings("error")


def cells_of(grid, name):
    return next(row for group in grid.groups for row in group.rows if row.name == name).cells


def texts(cells):
    return [cell.text for cell in cells]


def with_rows(evaluation, change):
    rows = tuple(change(row) for row in evaluation.model.rows)
    return replace(evaluation, model=replace(evaluation.model, rows=rows))


def with_claims(evaluation, **changes):
    return with_rows(evaluation, lambda row: replace(row, claims=replace(row.claims, **changes)))


def every_cell_has_a_column(grid):
    rows = [row for group in grid.groups for row in group.rows]
    return all(sum(cell.span for cell in row.cells) == len(grid.columns) for row in rows)


def page_of(evaluation, codebook):
    details = Details(curves=evaluation.curves, confusions=(), flagged_alone=(), missed=())
    return render_page(evaluation, details, Study("s", codebook, load_config(), 5))


def section_of(html, name):
    return re.search(rf'<section id="{name}".*?</section>', html, re.DOTALL).group()


def test_claims_hold_the_numbers_of_the_evaluation(evaluation):
    row = evaluation.model.row("shrugs_[non-verbal]")
    claims = row.claims
    grid = claim_grid(evaluation)
    cells = cells_of(grid, row.name)
    assert texts(cells) == [
        number(row.delta), "yes", figure(claims.alpha_hh.value), figure(claims.alpha_mh.value),
        number(claims.alpha_delta), "55", number(claims.alt_test.rho), "1.00", "yes",
        figure(claims.alt_test_standard.rho.value),
    ]  # fmt: skip
    drawn = claims.delta_bootstrap
    assert cells[0].below == f"bootstrap [{figure(drawn.low)}, {figure(drawn.high)}]"
    assert cells[1].below == "p < .001"
    assert dict(grid.notes)[cells[8].note] == SILENT_PASSES
    assert grid.caption.startswith("RIFT beside a coder; margin −.10, epsilon .20; intervals 95\u00a0%")
    assert [group.heading for group in grid.groups] == ["Markers", "Strategies", "Families"]
    assert every_cell_has_a_column(grid)


def test_cannot_tell_has_its_reason_and_is_not_no(evaluation):
    grid = claim_grid(evaluation)
    notes = dict(grid.notes)
    sighs = cells_of(grid, "Sighs")
    assert [sighs[at].text for at in (1, 7, 8)] == ["cannot tell", "undefined", "cannot tell"]
    assert {notes[sighs[at].note] for at in (1, 7, 8)} == {"exploratory support, no verdict"}
    margin = evaluation.model.row("away").claims.non_inferiority
    away = cells_of(grid, "Moving away")
    assert (away[1].text, notes[away[1].note]) == ("cannot tell", "the margin lies within the interval")
    assert away[1].below == f"p = {margin.adjusted:.3f}".replace("0.", ".")
    posture = cells_of(grid, "Validates the patient's defensive posture")
    assert (posture[0].text, posture[0].below) == (".05", "")
    assert notes[posture[0].note] == notes[posture[1].note] == "no interval: 5 patients, 8 needed"


def test_no_is_no(evaluation):
    row = evaluation.model.row("sighs").claims
    inferior = replace(row.non_inferiority, verdict="no", reason=None, adjusted=0.9999)
    failed = replace(row.alt_test, verdict="no", omega=Statistic(0.33, None, None, 3))
    cells = cells_of(claim_grid(with_claims(evaluation, non_inferiority=inferior, alt_test=failed)), "Sighs")
    assert [(cells[at].text, cells[at].note) for at in (1, 7, 8)] == [
        ("no", None),
        (".33", None),
        ("no", None),
    ]
    assert cells[1].below == "p > .999"
    assert cells[1].key < cells_of(claim_grid(evaluation), "Sighs")[1].key


def test_a_pass_has_no_remark_where_a_silent_model_fails(evaluation):
    silent = with_claims(evaluation, silent_omega=Statistic(0.33, None, None, 3))
    grid = claim_grid(silent)
    assert cells_of(grid, "Shrugs [non-verbal]")[8].note is None
    assert SILENT_PASSES not in dict(grid.notes).values()


def test_claims_without_a_second_coder_are_one_reason(evaluation):
    alone, three = undefined("fewer than two coders"), undefined("fewer than three coders")

    def change(row):
        claims = row.claims
        test = replace(claims.alt_test, units=0, rho=three, omega=three, verdict="cannot tell")
        standard = replace(claims.alt_test_standard, rho=three, omega=three, verdict="cannot tell")
        lone = replace(
            claims, alpha_hh=alone, alpha_mh=alone, alpha_delta=alone, alt_test=test,
            alt_test_standard=standard,
        )  # fmt: skip
        return replace(row, delta=alone, claims=lone)

    grid = claim_grid(with_rows(evaluation, change))
    cells = cells_of(grid, "Sighs")
    assert texts(cells) == ["cannot tell: fewer than two coders", "0", "cannot tell: fewer than three coders"]
    assert [cell.span for cell in cells] == [5, 1, 4]
    assert every_cell_has_a_column(grid)
    assert grid.notes == ()


def test_claims_say_what_was_left_out(evaluation):
    said = claim_sentences(evaluation)
    assert len(said) == 2
    assert "less than .10 below that of two coders" in said[0]
    assert "does not say that RIFT equals the coders, nor that its flags are right" in said[0]
    assert "an epsilon of .20; this says nothing where a model that flags nothing passes too." in said[0]
    assert said[1] == (
        "“Cannot tell” is not “no”: these data leave both open. Left out, with counts only or nothing coded:"
        " 1 of 6 labels."
    )
    known = [row for row in evaluation.model.rows if row.column != "yawns"]
    full = replace(evaluation, model=replace(evaluation.model, rows=tuple(known)))
    assert claim_sentences(full)[1] == "“Cannot tell” is not “no”: these data leave both open."


def test_nothing_is_claimed_of_counts(evaluation, small_codebook):
    counts = with_rows(evaluation, lambda row: replace(row, support="Counts"))
    assert claim_grid(counts) is None
    said = claim_sentences(counts)
    assert len(said) == 1
    assert said[0].startswith("Every label has counts only or nothing coded. So nothing may be claimed")
    counts = replace(counts, model=replace(counts.model, averages=()))
    section = section_of(page_of(counts, small_codebook), "claims")
    assert "neither that RIFT is as good as a coder nor that it is not" in section
    assert "<table" not in section


def test_sessions_hold_the_numbers_of_the_evaluation(evaluation):
    row = evaluation.sessions.row("sighs")
    grid = session_grid(evaluation.sessions)
    cells = cells_of(grid, "Sighs")
    assert texts(cells) == [
        "10", "3", number(row.human), figure(row.human_average.value), figure(row.model.value),
        number(row.difference), figure(row.alpha.value), amounts(row.error),
    ]  # fmt: skip
    assert cells[3].below == "k = 3"
    assert cells[-1].text == f"{row.error.value:.2f} [{row.error.low:.2f}, {row.error.high:.2f}]"
    assert texts(cells_of(grid, "Yawns")) == ["0", "0", "undefined: not coded"]
    titles = [column.title for column in grid.columns]
    assert [title for title in titles if title.startswith("ICC")] == [
        "ICC(A,1), coders", "ICC(A,k), coders", "ICC(A,1) with RIFT",
    ]  # fmt: skip
    assert every_cell_has_a_column(grid)


def test_sessions_of_one_coder_or_patient(evaluation):
    lacking = undefined("fewer than two coders")
    sighs = evaluation.sessions.row("sighs")
    alone = replace(
        sighs, sessions=0, coders=0, averaged=None, human=lacking, human_average=lacking, model=lacking,
        difference=lacking, alpha=lacking,
    )  # fmt: skip
    few = Statistic(0.5, None, None, 3, "no interval: 1 patient, 8 needed")
    one = replace(sighs, name="One patient", human=few, difference=few)
    grid = session_grid(replace(evaluation.sessions, rows=(alone, one)))
    assert texts(cells_of(grid, "Sighs")) == [
        "0", "0", "undefined: fewer than two coders", amounts(sighs.error),
    ]  # fmt: skip
    cells = cells_of(grid, "One patient")
    assert [(cells[at].text, cells[at].note) for at in (2, 5)] == [(".50", "a")] * 2
    assert grid.notes == (("a", "no interval: 1 patient, 8 needed"),)
    assert every_cell_has_a_column(grid)


def test_episodes_hold_the_numbers_of_the_evaluation(episodes):
    row = episodes.row("away")
    grid = episode_grid(episodes)
    cells = cells_of(grid, "Moving away")
    assert texts(cells) == [
        "10", str(row.reference), str(row.predicted), str(row.matched), number(row.precision),
        number(row.recall), number(row.f1), number(row.human_f1), amounts(row.onset_error),
        amounts(row.false_alarms), "2 turns", "14", number(row.boundary), number(row.human_boundary),
    ]  # fmt: skip
    assert cells[0].below == "3 coders"
    assert (cells[10].below, cells[11].below) == (
        f"threshold {fine(row.lead_threshold)}", "10 early, 4 no alarm",
    )  # fmt: skip
    assert not grid.sortable, "one row cannot be sorted"
    assert every_cell_has_a_column(grid)


def test_a_family_without_episodes_or_coders_says_so(episodes):
    nothing, uncoded = undefined("no episodes"), undefined("not coded")
    names = (
        "precision", "recall", "f1", "human_f1", "onset_error", "false_alarms", "lead", "boundary",
        "human_boundary", "window_diff",
    )  # fmt: skip
    none = {"reference": 0, "predicted": 0, "matched": 0, "early": 0, "missed": 0, "lead_threshold": None,
            "lead_false_alarms": None}  # fmt: skip
    row = episodes.row("away")
    empty = replace(row, name="Empty", **none, f1=nothing, lead=nothing)
    nobody = replace(row, name="Nobody", sessions=0, coders=1, **none, **dict.fromkeys(names, uncoded))
    grid = episode_grid(replace(episodes, rows=(empty, nobody)))
    cells = cells_of(grid, "Empty")
    assert [cells[at].text for at in (6, 10, 11)] == ["undefined", "undefined", ""]
    assert grid.notes == (("a", "no episodes"),)
    assert texts(cells_of(grid, "Nobody")) == ["0", "0", "0", "0", "undefined: not coded"]
    assert cells_of(grid, "Nobody")[0].below == "1 coder"
    assert every_cell_has_a_column(grid)


def test_lead_after_the_onset_is_negative(episodes):
    row = replace(episodes.row("away"), lead=Statistic(-1.0, None, None, 5))
    assert cells_of(episode_grid(replace(episodes, rows=(row,))), "Moving away")[10].text == "−1 turn"


def test_what_may_exceed_one_keeps_one_precision():
    assert amounts(Statistic(2.5, 0.25, 4.75, 3)) == "2.50 [0.25, 4.75]"
    assert amounts(Statistic(12.34, 9.9, 14.75, 3)) == "12.3 [9.9, 14.8]"
    assert amounts(Statistic(-1.5, None, None, 3)) == "−1.50"
    assert amounts(undefined("why")) == "undefined"


def test_sets_of_markers_stand_below_the_coders_labels(evaluation, class_evaluation):
    sets = SetAgreement(
        turns=400, overlap=1380, patients=9, masi=Statistic(0.41, 0.3, 0.52, 380),
        jaccard=undefined("no variation: nobody marked it"),
    )  # fmt: skip
    grid = coder_grid(replace(evaluation.agreement, sets=sets))
    assert texts(cells_of(grid, "MASI distance")) == ["1,380", "9", "", "", "", "", ".41 [.30, .52]", ""]
    jaccard = cells_of(grid, "Jaccard distance")[6]
    assert dict(grid.notes)[jaccard.note] == "no variation: nobody marked it"
    assert every_cell_has_a_column(grid)
    classes = coder_grid(class_evaluation.agreement)
    assert "Set of markers" not in [group.heading for group in classes.groups]


def test_episode_section_says_why_it_is_empty(evaluation, class_evaluation, small_codebook):
    without = section_of(page_of(evaluation, small_codebook), "episodes")
    assert "No episodes were sought in this evaluation." in without
    talk = small_codebook.model_copy(update={"families": ()})
    families = section_of(page_of(evaluation, talk), "episodes")
    assert "the codebook has no families, so there are none to compare" in families
    assert episode_grid(class_evaluation.episodes) is None


def test_sections_are_linked_and_names_escaped(evaluation, episodes, small_codebook):
    evil = "<script>alert(1)</script>&"
    found = replace(
        with_rows(evaluation, lambda row: replace(row, name=evil)),
        sessions=replace(
            evaluation.sessions,
            rows=tuple(replace(row, name=evil, error=undefined(evil)) for row in evaluation.sessions.rows),
        ),
        episodes=replace(episodes, rows=(replace(episodes.row("away"), name=evil, f1=undefined(evil)),)),
    )
    html = page_of(found, small_codebook)
    for name in ("claims", "sessions", "episodes"):
        section = section_of(html, name)
        assert f'<a href="#{name}">' in html
        assert "<script" not in section
        assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;" in section
        assert '<details class="legend">' in section
    assert html.count("<script>") == 1
