from dataclasses import replace

import pytest

from rift.config import load_config
from rift.reliability.noninferiority import NonInferiority
from rift.reliability.result import Statistic, undefined
from rift.reports.page.headline import headline, kappa_finding
from rift.reports.page.svg import Scale, element, polyline
from rift.reports.page.tables import marker_grid
from rift.reports.page.wording import (
    enumerated,
    figure,
    fine,
    level,
    number,
    number_or_reason,
    percent,
    setting,
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.714, "71 %"),
        (0, "0 %"),
        (1, "100 %"),
        (0.998, "over 99 %"),
        (0.002, "under 1 %"),
        (0.995, "over 99 %"),
    ],
)
def test_percent_never_rounds_to_all_or_none(value, written):
    assert percent(value).replace("\u00a0", " ") == written


def test_numbers():
    assert (figure(-0.034), figure(0.5), figure(1.0), fine(0.012), fine(0.12)) == (
        "−.03",
        ".50",
        "1.00",
        ".012",
        ".12",
    )
    assert (level(0.95), level(0.975)) == ("95\u00a0%", "97.5\u00a0%")
    assert number(Statistic(-0.2, -0.45, 0.05, 9)) == "−.20 [−.45, .05]"
    assert (
        number_or_reason(Statistic(0.2, None, None, 9, "no interval: 2 patients"))
        == ".20 (no interval: 2 patients)"
    )
    assert number_or_reason(undefined("nobody marked it")) == "undefined (nobody marked it)"
    assert [enumerated(list("abc")[:count]) for count in range(4)] == ["", "a", "a and b", "a, b and c"]


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        (
            Statistic(-0.2, -0.3, -0.1, 9),
            "less than they do with one another (difference −.20 [−.30, −.10]).",
        ),
        (Statistic(0.2, 0.1, 0.3, 9), "more than they do with one another (difference .20 [.10, .30])."),
        (Statistic(0.1, -0.1, 0.3, 9), "leaves open which is higher, and does not show them equal."),
        (
            Statistic(0.1, None, None, 9, "no interval: 2 patients"),
            "cannot be told (no interval: 2 patients).",
        ),
    ],
)
def test_kappas_are_compared_only_as_far_as_the_interval_allows(evaluation, delta, said):
    averages = (replace(evaluation.model.averages[0], delta=delta), *evaluation.model.averages[1:])
    found = kappa_finding(replace(evaluation, model=replace(evaluation.model, averages=averages)))
    assert found[0].startswith("Over 2 of 4 markers, mean kappa is ")
    assert found[0].endswith(said)


def test_headline_lists_what_has_full_support_and_what_has_not(evaluation):
    found = headline(evaluation, load_config().evaluate)
    full = [row.name for row in evaluation.model.rows if row.support == "Full" and row.kind != "family"]
    assert [name for name, *_ in found.findings] == full
    assert any(one.startswith("Not coded: Yawns") for one in found.missing)
    assert any(
        "Not released" in one and "Validates the patient's defensive posture" in one for one in found.missing
    )


def with_verdicts(evaluation, *verdicts):
    """The evaluation with only as many rows of full support as there are verdicts, so judged."""
    full = [row for row in evaluation.model.rows if row.support == "Full" and row.kind != "family"]
    rows = []
    for row, verdict in zip(full, verdicts, strict=False):
        said = NonInferiority(verdict, "no interval" if verdict == "cannot tell" else None, None, None, None)
        rows.append(replace(row, claims=replace(row.claims, non_inferiority=said)))
    return replace(evaluation, model=replace(evaluation.model, rows=tuple(rows)))


def test_margin_is_told_for_one_label_with_its_reason(evaluation):
    section = load_config().evaluate
    said = (
        "Kappa of RIFT and a coder is no more than .10, the margin set beforehand, below that of two coders: "
    )
    assert headline(with_verdicts(evaluation, "yes"), section).margin == f"{said}yes."
    assert headline(with_verdicts(evaluation, "cannot tell"), section).margin == (
        f"{said}cannot tell (no interval)."
    )


def test_margin_is_counted_over_several_labels(evaluation):
    found = headline(with_verdicts(evaluation, "yes", "no"), load_config().evaluate)
    assert found.margin == (
        "Kappa of RIFT and a coder is shown to be no more than .10, the margin set beforehand, below that of"
        " two coders, for 1 of 2 labels, shown to be further below for 1; for 0 these data cannot tell."
    )
    assert [verdict for *_, verdict in found.findings] == ["yes", "no"]


def test_few_patients_are_told_where_there_are_intervals(evaluation):
    def told(patients):
        model = replace(evaluation.model, patients=patients)
        return headline(replace(evaluation, model=model), load_config().evaluate).missing

    assert any(one.startswith("The intervals rest on 19 patients, which is few") for one in told(19))
    assert not any("patients" in one and "intervals" in one for one in told(20))
    assert any(one.startswith("The turns are of 7 patients: too few for intervals") for one in told(7))


def test_threshold_shows_the_bound_that_it_was_released_for(evaluation):
    cells = {row.name: row.cells[6] for group in marker_grid(evaluation).groups for row in group.rows}
    told = {row.name: (row.status, cells[row.name].below) for row in evaluation.model.rows}
    assert set(told.values()) == {("released", "precision ≥ .52"), ("not released", "not released")}
    assert told["Validates the patient's defensive posture"][0] == "not released"


def test_scale_puts_what_lies_outside_on_its_edge():
    scale = Scale(0, 1, 10, 110)
    assert [scale(value) for value in (-1, 0, 0.5, 2)] == [10, 10, 60, 110]
    assert Scale(0, 1, 0, 100, 0.5)(0.25) == 50


def test_elements_are_escaped():
    assert element("text", "<b>", class_='a"b', x=1.26) == '<text class="a&#34;b" x="1.3">&lt;b&gt;</text>'


def test_points_on_one_spot_are_drawn_once():
    assert polyline([(0, 0), (0.1, 0.1), (3, 0)], "curve").count(",") == 2
    assert polyline([], "curve") == '<polyline points="" class="curve"></polyline>'


@pytest.mark.parametrize(
    ("value", "written"), [(-0.1, "−.10"), (0.2, ".20"), (-0.075, "−.075"), (0.125, ".125"), (0, ".00")]
)
def test_a_setting_keeps_its_digits(value, written):
    assert setting(value) == written
