"""``rift evaluate`` over made-up predictions: what it writes, with and without words."""

import shutil

import numpy as np
import pandas as pd
import pytest

from rift.cli import main
from rift.config import load_config
from rift.corpus.marks import build_marks
from rift.corpus.prepare import TURNS_NAME, data_digest, load_prepared
from rift.manifest import sha256_of
from rift.stages.evaluate import BASELINE_NAME, PREDICTIONS_NAME
from rift.stages.prepare import prepare

LINES = ["Mm.", "Let us move on to my neighbour.", "I do not want to do that.", "It went well, thank you."]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """A corpus of six patients, two coders and two markers, with predictions that follow the marks."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "transcripts").mkdir()
    (folder / "codings").mkdir()
    for coder, shift in (("ann", 0), ("bob", 1)):
        rows = ["patient_id,session_id,turn,label"]
        for patient in range(6):
            rows += [f"P{patient},S1,{2 * at + 1},minimal response" for at in range(0, 12, 4 - shift)]
            rows += [f"P{patient},S1,{2 * at + 1},denial" for at in range(1, 12, 4)]
        (folder / "codings" / f"{coder}.csv").write_text("\n".join(rows), encoding="utf-8")
    for patient in range(6):
        said = [f"T: And then {at}?\nP: {LINES[at % 4]} [{patient}-{at}]" for at in range(12)]
        (folder / "transcripts" / f"P{patient}_S1.txt").write_text("\n".join(said), encoding="utf-8")
    (folder / "corpus.yaml").write_text(
        """
name: six patients
codebook: 3rs
transcripts:
  files: "transcripts/{patient_id}_{session_id}.txt"
  speakers: {T: therapist, P: patient}
codings:
  - {files: "codings/{coder}.csv", layout: long}
coverage:
  - {coders: all, labels: [minimal_response, denial], sessions: coded, speakers: [patient]}
""",
        encoding="utf-8",
    )
    known = [
        f"prepare.corpus={folder / 'corpus.yaml'}", f"prepare.out={folder / 'processed'}", "prepare.folds=3",
        f"train.out={folder / 'model'}", f"evaluate.out={folder / 'reports'}",
    ]  # fmt: skip
    prepare(load_config(settings=known))
    corpus = load_prepared(folder / "processed")
    marks = build_marks(corpus.turns, corpus.codings, corpus.coverage, corpus.codebook)
    noise = np.random.default_rng(2).uniform(0, 0.6, size=marks.soft().shape)
    raw = np.clip(0.6 * np.nan_to_num(marks.soft()) + noise, 0.01, 0.99)
    coded = np.where(marks.coded() > 0, raw, np.nan)
    frame = corpus.turns[["patient_id", "session_id", "turn", "speaker"]].copy()
    frame["fold"] = frame["patient_id"].map(corpus.folds)
    values = pd.DataFrame({f"p_{column}": coded[:, at] for at, column in enumerate(marks.columns)})
    (folder / "model").mkdir()
    for name in (PREDICTIONS_NAME, BASELINE_NAME):
        pd.concat([frame, values], axis=1).to_parquet(folder / "model" / name)
    return folder, [part for setting in known for part in ("--set", setting)]


def page_with(settings, *options):
    folder, known = settings
    with pytest.raises(SystemExit) as end:
        main(["evaluate", *known, *options])
    assert end.value.code in (0, None)
    return (folder / "reports" / "evaluation" / "report.html").read_text("utf-8")


def test_page_quotes_the_turns_to_reread(settings, capsys):
    page = page_with(settings)
    assert "six patients" in page
    assert "And then" in page
    assert "report.html" in capsys.readouterr().err


def test_no_text_leaves_out_every_word_of_the_transcripts(settings):
    page = page_with(settings, "--no-text")
    assert "six patients" in page
    for line in ("And then", *LINES[:3]):
        assert line not in page


def card_in(settings):
    return (settings[0] / "reports" / "evaluation" / "model-card.md").read_text("utf-8")


def test_model_card_stands_beside_the_page_without_words(settings, capsys):
    page_with(settings)
    card = card_in(settings)
    assert "model-card.md" in capsys.readouterr().err
    assert card.startswith("# Model card: RIFT on six patients\n")
    assert "six patients: 6 sessions of 6 patients, 144 turns (72 patient, 72 therapist), 2 coders." in card
    assert f"Corpus as it was judged: sha256 {data_digest(settings[0] / 'processed')}." in card
    for line in ("And then", *LINES):
        assert line not in card


def other_system(settings, tmp_path, name="other.csv"):
    """Write the model's own probabilities as another system would: two labels, one in another spelling."""
    folder, _ = settings
    own = pd.read_parquet(folder / "model" / PREDICTIONS_NAME)
    table = own[["patient_id", "session_id", "turn"]].assign(
        **{"p_Minimal response": own["p_minimal_response"], "p_denial": own["p_denial"]}
    )
    path = tmp_path / name
    table.to_csv(path, index=False)
    return path, table


def test_probabilities_of_another_system_are_judged_like_a_models(settings, tmp_path):
    def rows():
        table = pd.read_csv(settings[0] / "reports" / "evaluation" / "markers.csv")
        return table[table["predictions"] == "model"].set_index("column")

    page_with(settings)
    own = rows().loc[["minimal_response", "denial"], ["flags", "precision", "recall", "kappa_mh"]]
    path, _ = other_system(settings, tmp_path)
    page_with(settings, "--predictions", str(path))
    pd.testing.assert_frame_equal(rows().loc[own.index, own.columns], own)
    card = card_in(settings)
    assert f"Probabilities: other.csv, sha256 {sha256_of(path)}." in card
    assert str(tmp_path) not in card


def test_methods_of_another_system_do_not_say_that_rift_trained_it(settings, tmp_path):
    path, _ = other_system(settings, tmp_path)
    text = page_with(settings, "--predictions", str(path)).split("Methods, ready to paste")[1]
    assert "How the system was made, and whether it had seen these patients, is not known to RIFT." in text
    assert "fine-tunes" not in text


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda t: t.assign(p_denial="often"), "'often' is no probability from 0 to 1"),
        (lambda t: pd.concat([t, t.head(2)]), "2 turns given twice: row 146-147"),
        (lambda t: t.assign(session_id="S9"), "turns not in the prepared corpus: P0/S9/0"),
        (lambda t: t.rename(columns={"p_denial": "p_joy"}), "joy"),
        (lambda t: t[["patient_id", "session_id", "turn"]], "no column of probabilities"),
        (lambda t: t.drop(columns="turn"), "column 'turn' is missing"),
    ],
)
def test_probabilities_that_do_not_fit_are_refused(settings, tmp_path, capsys, spoil, told):
    path, table = other_system(settings, tmp_path)
    spoil(table).to_csv(path, index=False)
    with pytest.raises(SystemExit) as end:
        main(["evaluate", *settings[1], "--predictions", str(path)])
    assert end.value.code == 2
    err = capsys.readouterr().err
    assert told in err
    assert "Traceback" not in err


def test_sessions_with_times_are_compared_in_segments(settings, tmp_path):
    folder, known = settings
    assert "No session has times" in page_with(settings)
    shutil.copytree(folder / "processed", tmp_path / "processed")
    turns = pd.read_parquet(folder / "processed" / TURNS_NAME)
    # A turn each twenty seconds, in all sessions but one.
    turns["start_s"] = (20.0 * turns["turn"]).where(turns["patient_id"] != "P5")
    turns.to_parquet(tmp_path / "processed" / TURNS_NAME)
    timed = [*known, "--set", f"prepare.out={tmp_path / 'processed'}"]
    page = page_with((folder, timed), "--set", "evaluate.segment_minutes=[2]")
    assert "5 sessions with times; 1 session without times left out." in page.replace("\n", " ")
    rows = pd.read_csv(folder / "reports" / "evaluation" / "segments.csv").set_index(["column", "rule"])
    denial = rows.loc[("denial", "onset")]
    # Eight minutes; every turn of the patient is coded by both.
    assert denial[["minutes", "sessions", "sessions_without_times"]].tolist() == [2, 5, 1]
    assert denial[["segments", "overlap", "positives"]].tolist() == [20, 20, 15]


def test_no_segments_where_none_are_asked_for(settings):
    page = page_with(settings, "--set", "evaluate.segment_minutes=[]")
    assert 'id="segments"' not in page
    assert pd.read_csv(settings[0] / "reports" / "evaluation" / "segments.csv").empty


def sensitivity_of(settings, *options):
    page_with(settings, *options)
    return pd.read_csv(settings[0] / "reports" / "evaluation" / "sensitivity.csv")


def test_other_trainings_and_therapists_are_varied(settings, tmp_path):
    folder, _ = settings
    seed = tmp_path / "seed2"
    seed.mkdir()
    shutil.copy(folder / "model" / PREDICTIONS_NAME, seed)
    alone = sensitivity_of(settings, "--set", f"evaluate.trainings=[{seed}]")
    trained = alone[(alone["aspect"] == "training") & (alone["column"] == "denial")].set_index("setting")
    assert list(trained.index) == ["this one", str(seed)]
    assert trained["f1"].nunique() == 1
    assert "clusters" not in set(alone["aspect"])

    shared = tmp_path / "study"
    shutil.copytree(folder, shared)
    turns = pd.read_parquet(shared / "processed" / TURNS_NAME)
    pairs = {f"P{at}": f"T{at // 2}" for at in range(6)}
    turns.assign(therapist_id=turns["patient_id"].map(pairs)).to_parquet(shared / "processed" / TURNS_NAME)
    options = [
        part
        for name, place in (("prepare.out", "processed"), ("train.out", "model"), ("evaluate.out", "reports"))
        for part in ("--set", f"{name}={shared / place}")
    ]
    found = sensitivity_of((shared, [*settings[1], *options]))
    assert set(found["aspect"]) == {"label rule", "margin", "epsilon", "clusters"}


def test_the_training_itself_is_no_other(settings, capsys):
    folder, known = settings
    with pytest.raises(SystemExit) as end:
        main(["evaluate", *known, "--set", f"evaluate.trainings=[{folder / 'model'}]"])
    assert end.value.code == 2
    assert "is the training that is evaluated" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("P0,S1,1,.5\n\nP0,S1,x,.5\n", "row 4: turn 'x' is no number of a turn"),
        ("P0,S1,1,.5\n\nP0,S1,1,.5\n", "1 turn given twice: row 4"),
        ("P0,S1,1,2\n", "column p_denial: '2' is no probability from 0 to 1"),
        ("P9,S1,1,.5\n", "1 turn not in the prepared corpus: P9/S1/1"),
    ],
)
def test_faults_in_predictions_are_told_with_their_line(settings, tmp_path, capsys, rows, told):
    path = tmp_path / "other.csv"
    path.write_text(f"patient_id,session_id,turn,p_denial\n{rows}", encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["evaluate", *settings[1], "--predictions", str(path)])
    assert end.value.code == 2
    assert told in " ".join(capsys.readouterr().err.split())
