import csv
import json
from dataclasses import replace

import pytest

from rift.errors import RiftError
from rift.evaluation.episode_rows import EpisodeRow
from rift.evaluation.episodes import EpisodeTable
from rift.reliability.result import Statistic, undefined
from rift.reports.files import headline, write_agreement, write_evaluation

pytestmark = pytest.mark.filterwarnings("error")


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def folder(evaluation, tmp_path):
    write_evaluation(evaluation, tmp_path / "reports")
    return tmp_path / "reports"


def test_writes_its_files_and_nothing_else(evaluation, tmp_path):
    paths = write_evaluation(evaluation, tmp_path / "a" / "b")
    assert sorted(path.name for path in paths) == [
        "agreement.csv", "calibration.csv", "calibration_curve.csv", "coder_pairs.csv",
        "episodes.csv", "evaluation.json", "markers.csv", "metrics.json",
        "pr.csv", "segments.csv", "sessions.csv",
    ]  # fmt: skip
    assert sorted(tmp_path.joinpath("a", "b").iterdir()) == sorted(paths)


def test_metrics_are_numbers_or_null_two_levels_down(evaluation, folder):
    found = json.loads((folder / "metrics.json").read_text("utf-8"))
    assert found["model"]["macro_marker"]["f1"] == evaluation.model.averages[0].f1.value
    assert found["model"]["away"]["precision"] == evaluation.model.row("away").precision.value
    assert found["model"]["yawns"]["precision"] is None
    assert found["always_positive"]["macro_marker"]["recall"] == 1
    assert list(found) == ["model", "always_positive", "marker_base_rate", "tf_idf"]
    assert set(found["model"]["micro_marker"]) == {"precision", "recall", "f1"}
    for section in found.values():
        for group in section.values():
            assert all(value is None or isinstance(value, float) for value in group.values())


def test_metrics_of_classes(class_evaluation):
    table = class_evaluation.classes["model"]
    assert headline(class_evaluation)["classes"]["model"] == {
        "macro_f1": table.macro_f1.value, "kappa": table.kappa.value, "accuracy": table.accuracy.value,
    }  # fmt: skip


def test_full_result_is_json_without_nan(evaluation, folder):
    text = (folder / "evaluation.json").read_text("utf-8")
    found = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert found == json.loads(json.dumps(evaluation.to_json()))
    assert found["model"]["rows"]["yawns"]["precision"] == {"value": None, "reason": "not coded", "n": 0}


def test_markers_csv(evaluation, folder):
    rows = rows_of(folder / "markers.csv")
    tables = (evaluation.model, *evaluation.baselines)
    assert len(rows) == sum(len(table.rows) + len(table.averages) for table in tables)
    sighs = next(row for row in rows if row["predictions"] == "model" and row["column"] == "sighs")
    known = evaluation.model.row("sighs")
    assert float(sighs["precision"]) == known.precision.value
    assert float(sighs["precision_low"]) == known.precision.low
    assert float(sighs["delta_high"]) == known.delta.high
    assert (sighs["support"], sighs["status"], sighs["threshold"]) == ("Exploratory", "released", "0.8")
    yawns = next(row for row in rows if row["predictions"] == "model" and row["column"] == "yawns")
    assert (yawns["precision"], yawns["prevalence"]) == ("", "")
    assert yawns["notes"].startswith("precision: not coded; ceiling: not coded;")
    macro = next(row for row in rows if row["row"] == "macro" and row["kind"] == "marker")
    assert (macro["name"], macro["column"]) == ("macro over 2 of 4", "")
    assert float(macro["f1_low"]) == evaluation.model.averages[0].f1.low
    micro = next(row for row in rows if row["row"] == "micro")
    assert micro["kappa_mh"] == ""


def test_agreement_csvs(evaluation, folder):
    known = evaluation.agreement.row("sighs")
    sighs = next(row for row in rows_of(folder / "agreement.csv") if row["column"] == "sighs")
    assert float(sighs["alpha_low"]) == known.alpha.low
    assert [int(sighs[f"marked {coder}"]) for coder in ("ann", "bob", "cyd")] == [
        c.marked for c in known.counts
    ]
    pairs = rows_of(folder / "coder_pairs.csv")
    assert len(pairs) == 3 * len(evaluation.agreement.rows)
    first = next(row for row in pairs if row["column"] == "sighs")
    assert (first["first"], first["second"], int(first["both"])) == ("ann", "bob", known.pairs[0].both)
    assert (first["name"], first["kind"], first["patients"]) == ("Sighs", "marker", "10")
    for name in ("kappa", "alpha", "prevalence_index", "bias_index", "ac1", "pabak", "negative_agreement"):
        assert float(first[name]) == getattr(known.pairs[0], name).value
    assert [float(first[f"alpha_{end}"]) for end in ("low", "high")] == [
        known.pairs[0].alpha.low, known.pairs[0].alpha.high,
    ]  # fmt: skip
    yawns = next(row for row in pairs if row["column"] == "yawns")
    assert (yawns["kappa"], yawns["overlap"]) == ("", "0")
    assert "kappa: no unit coded twice" in yawns["notes"]
    assert (yawns["ac1"], yawns["pabak"], yawns["alpha"]) == ("", "", "")
    assert "ac1: no unit coded twice" in yawns["notes"]


def test_sessions_csv(evaluation, folder):
    rows = rows_of(folder / "sessions.csv")
    assert [row["column"] for row in rows] == [row.column for row in evaluation.sessions.rows]
    known = evaluation.sessions.row("sighs")
    sighs = next(row for row in rows if row["column"] == "sighs")
    assert (sighs["measure"], int(sighs["sessions"]), int(sighs["coders"])) == (known.measure, 10, 3)
    assert float(sighs["human"]) == known.human.value
    assert float(sighs["difference_low"]) == known.difference.low
    assert float(sighs["error"]) == known.error.value
    yawns = next(row for row in rows if row["column"] == "yawns")
    assert (yawns["human"], yawns["averaged"]) == ("", "")
    assert yawns["notes"].startswith("human: not coded; human_average: not coded; model: not coded")


def test_episodes_csv_where_episodes_were_sought(evaluation, tmp_path):
    found = Statistic(0.5, 0.25, 0.75, 4)
    row = EpisodeRow(
        "away", "Moving away", sessions=3, coders=2, reference=4, predicted=4, matched=2, precision=found,
        recall=found, f1=found, human_f1=found, onset_error=found, false_alarms=found,
        lead=undefined("no episodes"), lead_threshold=None, lead_false_alarms=None, early=0, missed=1,
        boundary=found, human_boundary=found, window_diff=found,
    )  # fmt: skip
    write_evaluation(replace(evaluation, episodes=EpisodeTable(0.95, (row,))), tmp_path)
    (written,) = rows_of(tmp_path / "episodes.csv")
    assert rows_of(write_evaluation(evaluation, tmp_path / "none")[0].parent / "episodes.csv") == []
    assert (written["column"], written["matched"], written["missed"]) == ("away", "2", "1")
    assert (written["f1"], written["f1_low"], written["f1_high"]) == ("0.5", "0.25", "0.75")
    assert (written["lead"], written["lead_threshold"], written["notes"]) == ("", "", "lead: no episodes")
    everything = json.loads((tmp_path / "evaluation.json").read_text("utf-8"))
    assert everything["episodes"]["rows"]["away"]["lead"]["reason"] == "no episodes"
    assert everything["sessions"]["rows"]["yawns"]["model"]["reason"] == "not coded"


def test_curve_csv(evaluation, folder):
    rows = rows_of(folder / "pr.csv")
    assert {row["column"] for row in rows} == {"away"}
    assert [float(row["recall"]) for row in rows] == [point[2] for point in evaluation.curves["away"]]


def test_agreement_alone(evaluation, tmp_path):
    paths = write_agreement(evaluation.agreement, tmp_path)
    assert [path.name for path in paths] == ["agreement.json", "agreement.csv", "coder_pairs.csv"]
    found = json.loads((tmp_path / "agreement.json").read_text("utf-8"))
    assert found["rows"]["sighs"]["kappa"]["value"] == evaluation.agreement.row("sighs").kappa.value
    # Nobody coded yawns, so nobody gave a turn's whole set.
    reason = "no turn coded for every marker by two coders"
    assert found["sets"]["masi"] == {"value": None, "reason": reason, "n": 0}


def test_all_files_or_none(evaluation, tmp_path):
    (tmp_path / "metrics.json").write_text("before", encoding="utf-8")
    (tmp_path / "pr.csv").mkdir()
    with pytest.raises(RiftError, match=r"pr\.csv: cannot write the results: a folder has this name"):
        write_evaluation(evaluation, tmp_path)
    assert (tmp_path / "metrics.json").read_text("utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["metrics.json", "pr.csv"]


def test_folder_that_is_a_file(evaluation, tmp_path):
    (tmp_path / "reports").write_text("", encoding="utf-8")
    with pytest.raises(RiftError, match="cannot write the results"):
        write_evaluation(evaluation, tmp_path / "reports")


def test_calibration_as_rows_and_as_points_of_the_curve(evaluation, tmp_path):
    write_evaluation(evaluation, tmp_path)
    (row,) = [row for row in rows_of(tmp_path / "calibration.csv") if row["column"] == "away"]
    known = evaluation.calibration.row("away")
    bounds = (known.slope.value, known.slope.low, known.slope.high)
    assert [float(row[name]) for name in ("slope", "slope_low", "slope_high")] == pytest.approx(bounds)
    own = [one for one in rows_of(tmp_path / "calibration_curve.csv") if one["column"] == "away"]
    assert [int(one["turns"]) for one in own] == [point.observed.n for point in known.points]
    assert [float(one["predicted"]) for one in own] == [point.predicted for point in known.points]
