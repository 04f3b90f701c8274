"""``rift evaluate`` over made-up predictions: what it writes, with and without words."""

import numpy as np
import pandas as pd
import pytest

from rift.cli import main
from rift.config import load_config
from rift.corpus.marks import build_marks
from rift.corpus.prepare import load_prepared
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
