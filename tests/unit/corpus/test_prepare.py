import json

import pandas as pd
import pytest

from rift.config import PrepareSection
from rift.corpus.coverage import DEFAULT_WARNING
from rift.corpus.folds import TRAINING_ONLY
from rift.corpus.marks import ABSENT, NOT_CODED, PRESENT, build_marks
from rift.corpus.prepare import load_prepared, prepare, write_prepared
from rift.corpus.report import describe
from rift.errors import RiftError
from rift.schema import CODING_COLUMNS, COVERAGE_COLUMNS, TURN_COLUMNS

NAMES = ["codebook.json", "codings.parquet", "coverage.parquet", "folds.json", "report.json", "turns.parquet"]


def run(lab, folds=3, **other):
    section = {
        "corpus": str(lab.path),
        "out": "unused",
        "patients": "all",
        "folds": folds,
        "min_examples": 2,
        "seed": 1,
        **other,
    }
    return prepare(PrepareSection.model_validate(section))


def marks_of(prepared):
    return build_marks(prepared.turns, prepared.codings, prepared.coverage, prepared.codebook)


def state(prepared, patient, session, turn, label, coder):
    marks = marks_of(prepared)
    key = marks.turns[["patient_id", "session_id", "turn"]]
    (row,) = key.index[(key == [patient, session, turn]).all(axis=1)]
    return marks.states[row, marks.columns.index(label), marks.coders.index(coder)]


def test_the_turns(lab):
    turns = run(lab).turns
    assert list(turns.columns) == TURN_COLUMNS
    assert len(turns) == 10
    row = turns.iloc[1]
    assert (row["patient_id"], row["session_id"], row["turn"], row["speaker"]) == ("P1", "S1", 1, "patient")
    assert (row["text"], row["therapist_id"]) == ("[long pause] Fine.", "T1")
    assert turns["start_s"].isna().all()


def test_a_part_of_the_patients(lab):
    whole, part = run(lab), run(lab, folds=2, patients=["P2", "P1"])
    assert set(whole.folds) > set(part.folds) == {"P1", "P2"}
    for name in ("turns", "codings", "coverage"):
        before, after = getattr(whole, name), getattr(part, name)
        expected = before[before["patient_id"].isin(["P1", "P2"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(after, expected)
    with pytest.raises(RiftError, match="1 patient without a transcript: P9") as refused:
        run(lab, patients=["P1", "P9"])
    assert "P2" in refused.value.remedy


def test_patients_for_training_only_are_in_no_fold(lab):
    lab.spec["training_only"] = ["P[3-9]"]
    prepared = run(lab, folds=2)
    assert prepared.folds["P3"] == TRAINING_ONLY
    assert sorted(prepared.folds[p] for p in ("P1", "P2")) == [0, 1]
    assert prepared.judged.tolist() == (prepared.turns["patient_id"] != "P3").tolist()
    assert any(
        "training only: 1 patient, 2 turns; 0: 1 patient" in line for line in describe(prepared.report)
    )
    lab.spec["training_only"] = ["P3", "E*"]
    with pytest.raises(RiftError, match=r"training_only: no patient is called 'E\*'"):
        run(lab, folds=2)


def test_the_codings(lab):
    codings = run(lab).codings
    assert list(codings.columns) == CODING_COLUMNS
    said = codings[["patient_id", "session_id", "coder", "first_turn", "last_turn", "label", "state"]]
    assert said.to_numpy().tolist() == [
        ["P1", "S1", "A", 1, 1, "denial", "present"],
        ["P1", "S1", "A", 1, 1, "minimal_response", "present"],
        ["P1", "S1", "B", 1, 1, "minimal_response", "present"],
        ["P1", "S2", "A", 1, 1, "complaint_progress", "present"],
        ["P2", "S1", "B", 0, 0, "complaint_therapist", "present"],
    ]
    assert codings["value"].tolist()[3] == 3.0
    assert codings["value"].isna().sum() == 4


def test_the_coverage_respects_the_codebook(lab):
    prepared = run(lab)
    coverage = prepared.coverage
    assert list(coverage.columns) == COVERAGE_COLUMNS
    book = prepared.codebook
    per_session = sum(len([w for w in book.speakers(x) if w != "other"]) for x in book.columns)
    assert len(coverage) == 4 * 2 * per_session
    strategies = coverage[coverage["label"].isin(book.of_kind("strategy"))]
    assert set(strategies["speaker"]) == {"therapist"}


def test_absent_and_not_coded_stay_apart(lab):
    lab.spec["coverage"] = [
        {"coders": ["A"], "labels": "markers", "sessions": "all", "speakers": ["patient"]},
        {"coders": ["B"], "labels": "markers", "sessions": ["P1/S1", "P2/S1"], "speakers": ["patient"]},
    ]
    prepared = run(lab)
    assert state(prepared, "P1", "S1", 1, "denial", "A") == PRESENT
    assert state(prepared, "P1", "S1", 1, "denial", "B") == ABSENT
    assert state(prepared, "P1", "S1", 1, "withdrawal", "B") == PRESENT
    assert state(prepared, "P3", "S1", 1, "denial", "A") == ABSENT
    assert state(prepared, "P3", "S1", 1, "denial", "B") == NOT_CODED
    assert state(prepared, "P1", "S1", 0, "denial", "A") == NOT_CODED
    assert prepared.report.coverage_declared


def test_cells_not_coded_inside_a_covered_session_stay_not_coded(lab):
    """Two tables of one coder: ratings with a blank, and labels with a word for turns left out."""
    lab.spec["codings"] = [
        {
            "files": "ratings/{coder}.csv",
            "layout": "wide_labels",
            "marks": ["Denial", "Minimal response"],
            "value_is_rating": True,
        },
        {"files": "strategies/{coder}.csv", "layout": "long", "not_coded": ["later"]},
    ]
    lab.spec["coverage"] = [
        {
            "coders": "all",
            "labels": ["denial", "minimal_response"],
            "sessions": "coded",
            "speakers": "patient",
        },
        {"coders": "all", "labels": "strategies", "sessions": "coded", "speakers": "therapist"},
    ]
    lab.write(
        "ratings/A.csv",
        "patient_id,session_id,turn,Denial,Minimal response\nP1,S1,1,3,\nP1,S1,3,,1\nP1,S2,1,,\n",
    )
    lab.write(
        "strategies/A.csv",
        "patient_id,session_id,turn,label\nP1,S1,0,later\nP1,S1,2,invites_feelings\n",
    )
    prepared = run(lab)
    said = {
        turn: [state(prepared, "P1", "S1", turn, x, "A") for x in ("denial", "minimal_response")]
        for turn in (1, 3)
    }
    assert said == {1: [PRESENT, NOT_CODED], 3: [NOT_CODED, ABSENT]}
    strategies = [state(prepared, "P1", "S1", turn, "redirects", "A") for turn in (0, 2)]
    assert strategies == [NOT_CODED, ABSENT]
    assert state(prepared, "P1", "S1", 2, "invites_feelings", "A") == PRESENT
    # Blank throughout: A did not code this session at all.
    assert state(prepared, "P1", "S2", 1, "denial", "A") == NOT_CODED
    assert set(prepared.coverage["session_id"]) == {"S1"}
    assert prepared.report.units == {"turn": 3, "segment": 0, "session": 0}
    marks = marks_of(prepared)
    assert marks.coded()[:, marks.columns.index("denial")].tolist() == [0, 1, 0, 0] + [0] * 6


def test_without_declared_coverage_a_warning_says_what_was_taken(lab):
    del lab.spec["coverage"]
    prepared = run(lab)
    assert DEFAULT_WARNING in prepared.report.warnings
    assert not prepared.report.coverage_declared
    # A's row without a label counts as a look at P2/S1; nobody coded P3.
    assert state(prepared, "P2", "S1", 0, "denial", "A") == ABSENT
    assert state(prepared, "P3", "S1", 1, "denial", "A") == NOT_CODED


def test_the_folds_and_the_report(lab):
    prepared = run(lab)
    assert list(prepared.folds) == ["P1", "P2", "P3"]
    assert sorted(prepared.folds.values()) == [0, 1, 2]
    report = prepared.report
    assert (report.corpus, report.turns, report.sessions, report.patients) == ("small", 10, 4, 3)
    assert report.coders == ("A", "B")
    assert report.therapists == ("T1", "T2", "T3")
    assert report.units == {"turn": 5, "segment": 0, "session": 0}
    minimal = next(count for count in report.labels if count.label == "minimal_response")
    assert (minimal.marks, minimal.marked_turns, minimal.too_few) == ({"A": 1, "B": 1}, 1, True)


def test_patients_of_one_therapist_are_one_group(lab):
    lab.spec["therapists"] = {"P1": "T1", "P2": ["T1", "T2"], "P3": "T9"}
    prepared = run(lab, folds=2)
    assert prepared.folds["P1"] == prepared.folds["P2"] != prepared.folds["P3"]
    assert prepared.turns.loc[prepared.turns["patient_id"] == "P2", "therapist_id"].unique() == ["T1;T2"]
    assert prepared.report.two_caseloads == ("P2",)
    with pytest.raises(RiftError, match="3 folds, 2 groups"):
        run(lab, folds=3)


def test_more_folds_than_patients(lab):
    with pytest.raises(RiftError, match="4 folds, 3 patients"):
        run(lab, folds=4)


def test_segments_and_sessions_are_kept_and_counted(lab):
    lab.codings(
        "C",
        ["P1,S1,segment,,0,300,denial,4", "P1,S1,session,,,,withdrawal,2"],
        header="patient_id,session_id,unit,turn,start_s,end_s,label,value",
    )
    prepared = run(lab)
    assert prepared.report.units == {"turn": 5, "segment": 1, "session": 1}
    kept = prepared.codings[prepared.codings["coder"] == "C"]
    assert kept["first_turn"].isna().all()
    assert kept[["unit", "label", "value"]].to_numpy().tolist() == [
        ["segment", "denial", 4.0],
        ["session", "withdrawal", 2.0],
    ]
    assert "C" not in set(prepared.coverage["coder"])


def test_marks_outside_coverage_and_repeats(lab):
    lab.codings("B", ["P1,S1,1,denial,", "P1,S1,1,Denial,", "P1,S1,1,gives_rationale,"])
    prepared = run(lab)
    assert (prepared.report.repeated_codings, prepared.report.ineligible_marks) == (1, 1)
    assert len(prepared.codings[prepared.codings["coder"] == "B"]) == 1
    lab.spec["coverage"][0]["speakers"] = ["therapist"]
    with pytest.raises(RiftError, match="outside the declared coverage"):
        run(lab)


def test_an_exclusive_codebook(lab):
    lab.spec["codebook"] = "annomi"
    lab.codings("A", ["P1,S1,1,change,", "P1,S2,1,sustain,"])
    lab.codings("B", ["P1,S1,1,neutral,"])
    prepared = run(lab)
    assert state(prepared, "P1", "S1", 1, "neutral", "A") == ABSENT
    assert state(prepared, "P1", "S1", 3, "neutral", "A") == NOT_CODED
    lab.codings("A", ["P1,S1,1,change,", "P1,S1,1,sustain,"])
    with pytest.raises(RiftError, match="one label per turn"):
        run(lab)


def test_writing_twice_gives_the_same_bytes(lab, tmp_path):
    for name in ("one", "two"):
        write_prepared(run(lab), tmp_path / name)
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == NAMES
    for name in NAMES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_row_order_in_the_files_does_not_matter(lab):
    before = run(lab)
    path = lab.folder / "codings" / "A.csv"
    header, *rows = path.read_text().splitlines()
    lab.codings("A", rows[::-1], header)
    after = run(lab)
    pd.testing.assert_frame_equal(before.codings, after.codings)
    assert before.folds == after.folds


def test_what_was_written_comes_back(lab, tmp_path):
    lab.codings("C", ["P1,S1,,withdrawal,2"], header="patient_id,session_id,note,label,value")
    prepared = run(lab)
    write_prepared(prepared, tmp_path / "out")
    loaded = load_prepared(tmp_path / "out")
    for name in ("turns", "codings", "coverage"):
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(prepared, name))
    assert loaded.folds == prepared.folds
    assert loaded.codebook == prepared.codebook
    assert loaded.report == prepared.report


def test_an_empty_coverage_keeps_its_columns(lab, tmp_path):
    del lab.spec["coverage"]
    lab.spec["codings"] = [{"files": "codings/A.csv", "layout": "long", "coder": "A", "unit": "session"}]
    lab.codings("A", ["P1,S1,denial,2"], header="patient_id,session_id,label,value")
    write_prepared(run(lab), tmp_path / "out")
    loaded = load_prepared(tmp_path / "out")
    assert list(loaded.coverage.columns) == COVERAGE_COLUMNS
    assert len(loaded.coverage) == 0
    assert (marks_of(loaded).states == NOT_CODED).all()


def test_a_file_in_place_of_the_folder(lab, tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(RiftError, match="a file, not a folder"):
        write_prepared(run(lab), tmp_path / "out")


class TestLoading:
    @pytest.fixture
    def out(self, lab, tmp_path):
        write_prepared(run(lab), tmp_path / "out")
        return tmp_path / "out"

    def test_a_folder_that_is_none(self, tmp_path):
        with pytest.raises(RiftError, match="not a prepared corpus") as caught:
            load_prepared(tmp_path / "nowhere")
        assert "rift prepare" in caught.value.remedy

    def test_an_unfinished_run(self, out, lab, monkeypatch):
        prepared = run(lab)
        monkeypatch.setattr(
            "rift.corpus.prepare.write_text", lambda *_: (_ for _ in ()).throw(OSError("full"))
        )
        with pytest.raises(RiftError, match="cannot be written: full"):
            write_prepared(prepared, out)
        with pytest.raises(RiftError, match="did not finish"):
            load_prepared(out)

    @pytest.mark.parametrize("name", NAMES)
    def test_a_missing_file(self, out, name):
        (out / name).unlink()
        with pytest.raises(RiftError) as caught:
            load_prepared(out)
        assert "rift prepare" in str(caught.value)

    @pytest.mark.parametrize("name", NAMES)
    def test_a_damaged_file(self, out, name):
        (out / name).write_text('{"P1"')
        with pytest.raises(RiftError, match=name.replace(".", r"\.")):
            load_prepared(out)

    def test_a_patient_without_fold(self, out):
        (out / "folds.json").write_text(json.dumps({"P1": 0, "P2": 1}))
        with pytest.raises(RiftError, match="patient 'P3' has no fold"):
            load_prepared(out)

    def test_a_fold_that_is_no_number(self, out):
        (out / "folds.json").write_text(json.dumps({"P1": 0, "P2": 1, "P3": "x"}))
        with pytest.raises(RiftError, match="number of a fold"):
            load_prepared(out)
