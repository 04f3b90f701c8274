"""Tables of sessions and episodes in the terminal, also where there is nothing to compare."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from rift.reliability.result import Statistic, undefined
from rift.reports.episodes import episode_report
from rift.reports.numbers import Footnotes, amount, share
from rift.reports.session_agreement import averaged, session_report
from rift.reports.terminal import WIDTH, evaluation_report

pytestmark = pytest.mark.filterwarnings("error")


def lines_of(renderable):
    stream = io.StringIO()
    Console(file=stream, width=WIDTH, no_color=True).print(renderable)
    return stream.getvalue().splitlines()


def lines_with(lines, start):
    return [line.split() for line in lines if line.strip().startswith(start)]


def bounds(known):
    return [share(known.value), f"[{share(known.low)},", f"{share(known.high)}]"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.05, "0.05"), (2.0, "2.00"), (9.994, "9.99"), (9.996, "10.0"), (12.34, "12.3"), (-0.001, "0.00"),
     (-1.5, "-1.50"), (0.0, "0.00")],
)  # fmt: skip
def test_what_may_exceed_one_keeps_its_zero(value, text):
    assert amount(value) == text
    assert Footnotes().amount(Statistic(value, None, None, 1)) == text


def test_sessions_say_what_the_result_holds(evaluation):
    lines = lines_of(session_report(evaluation.sessions))
    row = evaluation.sessions.row("sighs")
    assert lines_with(lines, "Sighs")[0] == [
        "Sighs", "10", "3", *bounds(row.human), share(row.human_average.value), share(row.model.value),
        *bounds(row.difference), share(row.alpha.value), f"{row.error.value:.2f}",
    ]  # fmt: skip
    assert lines_with(lines, "Yawns")[0] == ["Yawns", "0", "0", *["-a"] * 6]
    assert "a  not coded" in lines
    assert "(k = 1.5 to 3). Model:" in " ".join(lines)
    assert any("two-way random model, absolute" in line for line in lines)
    said = " ".join(line.strip() for line in lines)
    assert "Who agrees on how often a label occurs need not agree on the turns." in said
    assert max(len(line.rstrip()) for line in lines) <= WIDTH


def test_sessions_without_a_second_coder_still_have_their_error(evaluation):
    lacking = undefined("fewer than two coders")
    row = replace(
        evaluation.sessions.row("sighs"), sessions=0, coders=0, averaged=None, human=lacking,
        human_average=lacking, model=lacking, difference=lacking, alpha=lacking,
    )  # fmt: skip
    table = replace(evaluation.sessions, rows=(row,))
    lines = lines_of(session_report(table))
    error = f"{row.error.value:.2f}"
    assert lines_with(lines, "Sighs")[0] == ["Sighs", "0", "0", *["-a"] * 5, error]
    assert "a  fewer than two coders" in lines
    assert averaged(table) == "k: undefined"


def test_one_patient_has_no_interval_and_the_reason(evaluation):
    few = Statistic(0.5, None, None, 3, "no interval: 1 patient, 8 needed")
    row = replace(evaluation.sessions.row("sighs"), human=few, difference=few, averaged=2.0)
    table = replace(evaluation.sessions, rows=(row,))
    lines = lines_of(session_report(table))
    assert [cell for cell in lines_with(lines, "Sighs")[0] if cell in (".50", "a")] == [".50", "a"] * 2
    assert "a  no interval: 1 patient, 8 needed" in lines
    assert averaged(table) == "k = 2"


def test_episodes_say_what_the_result_holds(episodes):
    row = episodes.row("away")
    lines = lines_of(episode_report(episodes))
    matching, times = lines_with(lines, "Moving away")
    assert matching == [
        "Moving", "away", "10", str(row.reference), "/", str(row.predicted), "/", str(row.matched),
        *bounds(row.precision), *bounds(row.recall), *bounds(row.f1), share(row.human_f1.value),
    ]  # fmt: skip
    assert times == [
        "Moving", "away", f"{row.onset_error.value:.2f}", f"{row.false_alarms.value:.2f}", "2",
        share(row.lead_threshold), f"{row.lead_false_alarms:.2f}", str(row.early), "/", str(row.missed),
        share(row.boundary.value), share(row.human_boundary.value),
    ]  # fmt: skip
    assert (row.early, row.missed) == (10, 4)
    assert max(len(line.rstrip()) for line in lines) <= WIDTH


def test_families_without_episodes_have_reasons(episodes):
    nothing = undefined("no episodes")
    row = replace(
        episodes.row("away"), reference=0, predicted=0, matched=0,
        precision=undefined("no episodes predicted"),
        recall=nothing, f1=nothing, human_f1=nothing, onset_error=undefined("no episode matched"),
        lead=nothing, lead_threshold=None, lead_false_alarms=None, early=0, missed=0,
    )  # fmt: skip
    lines = lines_of(episode_report(replace(episodes, rows=(row,))))
    matching, times = lines_with(lines, "Moving away")
    assert matching[3:] == ["0", "/", "0", "/", "0", "-a", "-b", "-b", "-b"]
    assert times[2:5] == ["-a", f"{row.false_alarms.value:.2f}", "-b"]
    assert len(times) == 7, "no threshold and no censored cases are printed"
    assert [line for line in lines if line[:3] in ("a  ", "b  ", "c  ")] == [
        "a  no episodes predicted", "b  no episodes", "a  no episode matched", "b  no episodes",
    ]  # fmt: skip


def test_both_are_part_of_the_report_and_episodes_only_where_sought(evaluation, episodes, class_evaluation):
    sought = replace(evaluation, episodes=episodes)
    titles = [line.strip() for line in lines_of(evaluation_report(sought))]
    assert "Episodes: model beside a coder" in titles
    for known in (evaluation, class_evaluation):
        titles = [line.strip() for line in lines_of(evaluation_report(known))]
        assert "Sessions: marks per 100 turns of a session" in titles
        assert not any(title.startswith("Episodes") for title in titles)
