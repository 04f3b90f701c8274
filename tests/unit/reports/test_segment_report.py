"""Segments as they are shown: in the terminal, in files and on the page."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from rift.config import load_config
from rift.corpus.marks import Marks
from rift.evaluation.details import evaluation_details
from rift.evaluation.results import evaluate
from rift.evaluation.segments import segment_table
from rift.evaluation.units import align
from rift.reports.files import write_evaluation
from rift.reports.page.segment_tables import segment_grid, segment_sentences
from rift.reports.page.write import Study, render_page
from rift.reports.segments import segment_report
from rift.reports.terminal import WIDTH, evaluation_report

pytestmark = pytest.mark.filterwarnings("error")

SETTINGS = ["evaluate.full_support=20", "evaluate.full_patients=8", "evaluate.segment_minutes=[1, 5]"]
CONFIG = load_config(settings=SETTINGS)


@pytest.fixture(scope="module")
def study(small_codebook):
    """Ten patients of forty turns, a turn each twenty seconds; one marker often, one seldom, one uncoded."""
    columns, chance = small_codebook.columns, np.random.default_rng(3)
    turns = pd.DataFrame({"patient_id": [f"p{at // 40}" for at in range(400)], "session_id": "s1"})
    turns["turn"] = turns.groupby("patient_id").cumcount()
    turns["speaker"] = "patient"
    true = chance.random((400, len(columns))) < np.array([0.2, 0.01, 0.2, 0.0, 0.15, 0.3])
    states = (true[:, :, None] ^ (chance.random((400, len(columns), 2)) < 0.02)).astype(np.int8)
    states[:, 3] = -1
    marks = Marks(turns, columns, ("ann", "bob"), states)
    scores = np.clip(0.6 * true + 0.4 * chance.random(true.shape), 0, 1)
    frame = turns.copy()
    for at, column in enumerate(columns):
        frame[f"p_{column}"], frame[f"flag_{column}"] = scores[:, at], scores[:, at] > 0.5
    times = turns.assign(start_s=20.0 * turns["turn"], end_s=np.nan)
    return marks, frame, times


@pytest.fixture(scope="module")
def evaluated(study, small_codebook):
    marks, frame, times = study
    section = CONFIG.evaluate
    found = evaluate(marks, frame, small_codebook, section)
    return replace(found, segments=segment_table(align(marks, frame, small_codebook), times, section))


@pytest.fixture
def untimed(study, small_codebook):
    marks, frame, times = study
    return segment_table(align(marks, frame, small_codebook), times.assign(start_s=np.nan), CONFIG.evaluate)


def lines_of(renderable):
    stream = io.StringIO()
    Console(file=stream, width=WIDTH, no_color=True).print(renderable)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_terminal_shows_families_and_full_labels_of_every_length(evaluated):
    lines = lines_of(segment_report(evaluated.segments))
    assert max(map(len, lines)) <= WIDTH
    starts = [line.strip() for line in lines if line.strip() in
              {"1 minute, onset", "1 minute, overlap", "5 minutes, onset", "5 minutes, overlap"}]  # fmt: skip
    assert starts == ["1 minute, onset", "1 minute, overlap", "5 minutes, onset", "5 minutes, overlap"]
    assert sum("Moving away" in line for line in lines) == 4
    known = evaluated.segments.row("sighs", 1, "onset")
    assert known.support == "Full"
    line = next(line for line in lines if line.startswith("  Sighs")).split()
    assert line[1] == str(known.segments) == "140"
    assert line[4] == f"{known.precision.value:.2f}".removeprefix("0")
    # Seldom marked, and not coded at all.
    assert not any("Shrugs" in line or "Yawns" in line for line in lines)
    assert "10 sessions with times. All 24 rows, every label: segments.csv." in lines


def test_terminal_tells_how_many_sessions_are_left_out(evaluated, study, small_codebook):
    marks, frame, times = study
    some = times.copy()
    some.loc[[0, 40], "start_s"] = np.nan
    data = align(marks, frame, small_codebook)
    lines = lines_of(segment_report(segment_table(data, some, CONFIG.evaluate)))
    assert "8 sessions with times; 2 without times left out. All 24 rows" in " ".join(lines)


def test_one_sentence_where_no_session_has_times(untimed):
    (line,) = [line for line in lines_of(segment_report(untimed)) if line]
    assert line == "Segments: no session has times, so none could be compared."
    assert segment_grid(untimed) is None
    assert segment_sentences(untimed) == ("No session has times, so there are no segments to compare.",)


def test_evaluation_report_has_segments_where_they_were_asked_for(evaluated):
    title = "Segments: equal stretches of a session"
    assert title in lines_of(evaluation_report(evaluated))
    assert title not in lines_of(evaluation_report(replace(evaluated, segments=None)))


def test_files_have_every_row(evaluated, tmp_path):
    write_evaluation(evaluated, tmp_path)
    with (tmp_path / "segments.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["column"], float(row["minutes"]), row["rule"]) for row in rows] == [
        (row.column, row.minutes, row.rule) for row in evaluated.segments.rows
    ]
    known = evaluated.segments.row("sighs", 1, "overlap")
    sighs = next(
        row for row in rows if (row["column"], row["minutes"], row["rule"]) == ("sighs", "1.0", "overlap")
    )
    for name in ("precision", "kappa_hh", "alpha_hh"):
        statistic = getattr(known, name)
        assert float(sighs[name]) == statistic.value
        assert float(sighs[f"{name}_low"]) == statistic.low
    yawns = next(row for row in rows if row["column"] == "yawns")
    assert (yawns["segments"], yawns["precision"]) == ("0", "")
    assert yawns["notes"].startswith("precision: not coded; recall: not coded")
    found = json.loads((tmp_path / "evaluation.json").read_text("utf-8"))["segments"]
    assert (found["sessions"], found["sessions_without_times"]) == (10, 0)
    own = found["segments"]["1 minute, overlap"]["sighs"]
    assert own["alpha_hh"]["value"] == known.alpha_hh.value
    assert set(found["segments"]) == {
        f"{m}, {rule}" for m in ("1 minute", "5 minutes") for rule in ("onset", "overlap")
    }


def test_grid_of_the_page(evaluated):
    grid = segment_grid(evaluated.segments)
    assert [group.heading for group in grid.groups] == [
        "1 minute, onset", "1 minute, overlap", "5 minutes, onset", "5 minutes, overlap",
    ]  # fmt: skip
    family = next(row for row in grid.groups[0].rows if row.name == "Moving away")
    known = evaluated.segments.row("away", 1, "onset")
    assert family.cells[0].text == "140"
    assert family.cells[0].below == "140 coded twice"
    assert family.cells[4].key == known.precision.value
    assert family.cells[-1].key == known.alpha_hh.value
    for group in grid.groups:
        for row in group.rows:
            assert sum(cell.span for cell in row.cells) == len(grid.columns)


def page_of(evaluation, study, codebook):
    marks, frame, _ = study
    details = evaluation_details(marks, frame, codebook, evaluation.model)
    return render_page(evaluation, details, Study("ten patients", codebook, CONFIG, 5))


def test_page_has_a_section_of_segments(evaluated, untimed, study, small_codebook):
    page = page_of(evaluated, study, small_codebook)
    assert page.count('<section id="segments"') == 1
    assert 'href="#segments"' in page
    assert 'id="segments-table"' in page
    told = page_of(replace(evaluated, segments=untimed), study, small_codebook)
    assert "No session has times, so there are no segments to compare." in told
    assert 'id="segments-table"' not in told
    without = page_of(replace(evaluated, segments=None), study, small_codebook)
    assert 'id="segments' not in without
    assert 'href="#segments"' not in without
