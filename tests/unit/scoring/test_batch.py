"""Files, folders and patterns scored: bad files, resuming, tables, manifest."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rift.errors import RiftError
from rift.manifest import sha256_of
from rift.scoring import batch as batch_module
from rift.scoring.batch import score_paths
from rift.scoring.results import without_quotations
from rift.scoring.runtime import load_scorer
from rift.scoring.sources import Reading

QUIET = "T: so well\nP: silent silent\nT: feel feel\nP: rain bus\n"
ANGRY = "T: so\nP: angry angry angry\nT: rain\nP: bus\n"
STRANGER = "T: so well\nKonrad: silent angry\nT: yes\nP: rain\n"


@pytest.fixture
def new(tmp_path):
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "P01_S01.txt").write_text(QUIET)
    (folder / "P01_S02.txt").write_text(STRANGER)
    (folder / "P02_S01.txt").write_text(ANGRY)
    return folder


class Counting:
    """A network that counts the windows that it is asked for."""

    def __init__(self, network, stop_after=None):
        self.network, self.windows, self.stop_after = network, 0, stop_after

    def run(self, outputs, feed):
        if self.stop_after is not None and self.windows >= self.stop_after:
            raise KeyboardInterrupt
        self.windows += len(feed["input_ids"])
        return self.network.run(outputs, feed)


def counting(tiny, stop_after=None):
    network = Counting(tiny.scorer.network, stop_after)
    return replace(tiny.scorer, network=network), network


def test_files_of_other_kinds_in_a_folder_are_told_and_are_no_failures(tiny, new, tmp_path):
    (new / "P01_S02.txt").unlink()
    (new / "notes.md").write_text("T: so\nP: angry\n")
    result = score_paths(tiny.scorer, [new], tmp_path / "out", Reading())
    assert [s.session_id for s in result.sessions] == ["P01_S01", "P02_S01"]
    assert result.failures == ()
    (warning,) = result.warnings
    assert warning.startswith(f"{new}: 1 file of other kinds (1 .md) passed over")


def test_one_bad_file_is_told_and_the_rest_goes_on(tiny, new, tmp_path):
    steps = []
    result = score_paths(
        tiny.scorer, [new], tmp_path / "out", Reading(), lambda done, total: steps.append((done, total))
    )
    assert [(s.patient_id, s.session_id, s.reused) for s in result.sessions] == [
        ("", "P01_S01", False),
        ("", "P02_S01", False),
    ]
    (failure,) = result.failures
    assert failure.source == str(new / "P01_S02.txt")
    assert "Konrad" in str(failure.error)
    assert steps[-1] == (3, 3)
    assert sorted(p.name for p in (tmp_path / "out/sessions").iterdir()) == ["P01_S01.json", "P02_S01.json"]
    assert [s.summary.episodes["withdrawal"] for s in result.sessions] == [1, 0]


def test_tables_hold_the_probabilities_of_the_formula(tiny, new, tmp_path):
    score_paths(tiny.scorer, [new], tmp_path / "out", Reading())
    turns = pd.read_parquet(tmp_path / "out/turns.parquet")
    labels = tiny.columns
    assert turns.columns.tolist() == [
        "patient_id", "session_id", "turn", "speaker", "start_s", "end_s",
        *(f"p_{name}" for name in labels), *(f"flag_{name}" for name in labels),
    ]  # fmt: skip
    assert turns["turn"].tolist() == [0, 1, 2, 3] * 2
    assert turns["patient_id"].tolist() == [""] * 8
    (raw, _) = tiny.reference(
        [
            (["therapist", "patient"] * 2, ["so well", "silent silent", "feel feel", "rain bus"]),
            (["therapist", "patient"] * 2, ["so", "angry angry angry", "rain", "bus"]),
        ]
    )
    np.testing.assert_allclose(turns["p_withdrawal"].to_numpy()[[1, 3]], raw[[1, 3], 3], atol=1e-5)
    assert turns["p_withdrawal"].isna().tolist() == [True, False] * 4
    assert turns["flag_withdrawal"].dtype == "boolean"
    assert turns["flag_withdrawal"].tolist() == [pd.NA, True, pd.NA, False, pd.NA, False, pd.NA, False]

    episodes = pd.read_parquet(tmp_path / "out/episodes.parquet")
    assert episodes.columns.tolist() == [
        "patient_id", "session_id", "family", "first_turn", "last_turn", "start_s", "end_s", "peak",
        "markers", "answered_by",
    ]  # fmt: skip
    assert episodes["session_id"].tolist() == ["P01_S01", "P02_S01"]
    assert episodes["family"].tolist() == ["withdrawal", "confrontation"]
    assert [list(m) for m in episodes["markers"]] == [["quiet"], ["complains"]]
    assert [list(a) for a in episodes["answered_by"]] == [["explores"], []]


def test_no_words_are_written(tiny, new, tmp_path):
    score_paths(tiny.scorer, [new], tmp_path / "out", Reading())
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            for word in (b"silent", b"angry", b"Konrad", b"rain"):
                assert word not in path.read_bytes(), path


def test_the_manifest_says_what_was_scored_with_what(tiny, new, tmp_path):
    score_paths(tiny.scorer, [new], tmp_path / "out", Reading(speakers={"Klara": "patient"}))
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["model"]["name"] == "tiny"
    assert manifest["model"]["sha256"] == sha256_of(tiny.folder / "rift.json")
    assert manifest["model"]["files"]["model.onnx"] == sha256_of(tiny.folder / "model.onnx")
    assert [entry["sha256"] for entry in manifest["files"]] == [
        sha256_of(new / "P01_S01.txt"),
        sha256_of(new / "P02_S01.txt"),
    ]
    assert manifest["files"][0]["sessions"] == [
        {"patient_id": "", "session_id": "P01_S01", "file": "P01_S01.json"}
    ]
    (failure,) = manifest["failures"]
    assert failure["source"].endswith("P01_S02.txt")
    assert "'...'" in failure["problem"]
    # Names are not for the record: they may be people's.
    assert manifest["config"]["reading"]["speakers"] == {"patient": 1}
    assert manifest["config"]["batch_tokens"] == 128
    assert manifest["labels"]["confrontation"]["status"] == "not released"
    assert {"rift", "python", "onnxruntime", "tokenizers"} <= set(manifest["versions"])


def test_finished_sessions_are_not_scored_again(tiny, new, tmp_path):
    out = tmp_path / "out"
    first = score_paths(tiny.scorer, [new], out, Reading())
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    scorer, network = counting(tiny)
    again = score_paths(scorer, [new], out, Reading())
    assert network.windows == 0
    assert [s.reused for s in again.sessions] == [True, True]
    assert [s.summary for s in again.sessions] == [s.summary for s in first.sessions]
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == before

    # Only the file that changed, and the one that can be read now, are scored.
    (new / "P02_S01.txt").write_text(QUIET)
    again = score_paths(scorer, [new], out, Reading(speakers={"Konrad": "patient"}))
    assert [(s.session_id, s.reused) for s in again.sessions] == [
        ("P01_S01", True), ("P01_S02", False), ("P02_S01", False),
    ]  # fmt: skip
    assert again.failures == ()
    assert network.windows == 2
    assert again.sessions[2].summary.episodes["withdrawal"] == 1


def test_another_model_or_another_reading_scores_anew(tiny, new, tmp_path):
    out = tmp_path / "out"
    score_paths(tiny.scorer, [new / "P01_S01.txt"], out, Reading())
    other = load_scorer(tiny.write(tmp_path / "m", rift_version="1"), tiny.section)
    assert not score_paths(other, [new / "P01_S01.txt"], out, Reading()).sessions[0].reused
    assert score_paths(other, [new / "P01_S01.txt"], out, Reading()).sessions[0].reused
    swapped = Reading(speakers={"T": "patient", "P": "therapist"})
    assert not score_paths(other, [new / "P01_S01.txt"], out, swapped).sessions[0].reused


def test_a_damaged_session_file_is_scored_again(tiny, new, tmp_path):
    out = tmp_path / "out"
    score_paths(tiny.scorer, [new], out, Reading())
    path = out / "sessions/P01_S01.json"
    whole = path.read_text()
    path.write_text(whole[: len(whole) // 2])
    result = score_paths(tiny.scorer, [new], out, Reading())
    assert [s.reused for s in result.sessions] == [False, True]
    assert path.read_text() == whole


def test_an_interrupted_batch_goes_on_where_it_stopped(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(batch_module, "CHUNK_TURNS", 4)
    new = tmp_path / "new"
    new.mkdir()
    for number in range(6):
        (new / f"S{number}.txt").write_text(QUIET)
    out = tmp_path / "out"
    scorer, network = counting(tiny, stop_after=3)
    with pytest.raises(KeyboardInterrupt):
        score_paths(scorer, [new], out, Reading())
    done = sorted(path.name for path in (out / "sessions").iterdir())
    assert done == ["S0.json", "S1.json", "S2.json"]
    assert not (out / "turns.parquet").exists()

    scorer, network = counting(tiny)
    result = score_paths(scorer, [new], out, Reading())
    assert network.windows == 3
    assert [s.reused for s in result.sessions] == [True] * 3 + [False] * 3
    assert len(pd.read_parquet(out / "turns.parquet")) == 24


def test_chunks_change_nothing(tiny, new, tmp_path, monkeypatch):
    score_paths(tiny.scorer, [new], tmp_path / "whole", Reading())
    monkeypatch.setattr(batch_module, "CHUNK_TURNS", 1)
    steps = []
    score_paths(tiny.scorer, [new], tmp_path / "single", Reading(), lambda *step: steps.append(step))
    assert steps == [(1, 3), (2, 3), (3, 3)]
    for name in ("turns.parquet", "episodes.parquet"):
        whole, single = (pd.read_parquet(tmp_path / out / name) for out in ("whole", "single"))
        pd.testing.assert_frame_equal(whole, single, atol=2e-6)


def test_two_files_of_one_session_are_a_failure_of_the_second(tiny, new, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "P01_S01.txt").write_text(ANGRY)
    result = score_paths(tiny.scorer, [new / "P01_S01.txt", other], tmp_path / "out", Reading())
    assert len(result.sessions) == 1
    (failure,) = result.failures
    assert failure.source == str(other / "P01_S01.txt")
    assert "session P01_S01 is also in" in str(failure.error)
    # The first one's results stand.
    assert result.sessions[0].summary.episodes["withdrawal"] == 1


def test_ids_by_pattern(tiny, new, tmp_path):
    pattern = f"{new}/{{patient_id}}_{{session_id}}.txt"
    result = score_paths(tiny.scorer, [pattern], tmp_path / "out", Reading())
    assert [(s.patient_id, s.session_id, s.file) for s in result.sessions] == [
        ("P01", "S01", "P01_S01.json"), ("P02", "S01", "P02_S01.json"),
    ]  # fmt: skip


def test_sessions_whose_names_collide_keep_a_file_each(tiny, tmp_path):
    table = "patient,session,turn,speaker,text\n"
    rows = [("a_b", "c", "silent"), ("a", "b_c", "angry"), ("A", "b_c", "rain")]
    table += "".join(f"{p},{s},0,T,so\n{p},{s},1,P,{word}\n" for p, s, word in rows)
    path = tmp_path / "all.csv"
    path.write_text(table)
    columns = {
        "patient_id": "patient",
        "session_id": "session",
        "turn": "turn",
        "speaker": "speaker",
        "text": "text",
    }
    for _ in range(2):
        result = score_paths(tiny.scorer, [path], tmp_path / "out", Reading(columns=columns))
        assert not result.failures
        assert len({s.file.casefold() for s in result.sessions}) == 3
        for session, (patient, name, _) in zip(result.sessions, rows, strict=True):
            content = json.loads((tmp_path / "out/sessions" / session.file).read_text())
            assert (content["patient_id"], content["session_id"]) == (patient, name)
    assert [s.reused for s in result.sessions] == [True] * 3


def test_a_later_call_does_not_overwrite_another_session_of_the_same_name(tiny, tmp_path):
    table = "patient,session,turn,speaker,text\n"
    for name, patient, session in (("x.csv", "a_b", "c"), ("y.csv", "a", "b_c")):
        (tmp_path / name).write_text(f"{table}{patient},{session},0,T,so\n{patient},{session},1,P,silent\n")
        score_paths(tiny.scorer, [tmp_path / name], tmp_path / "out", Reading())
    found = [json.loads(path.read_text()) for path in (tmp_path / "out/sessions").iterdir()]
    assert {(one["patient_id"], one["session_id"]) for one in found} == {("a_b", "c"), ("a", "b_c")}


def test_a_network_that_fails_on_one_session_spares_the_others(tiny, new, tmp_path):
    class Picky:
        def run(self, outputs, feed):
            if (feed["input_ids"] == 16).any():  # "angry"
                raise RuntimeError("cannot")
            return tiny.scorer.network.run(outputs, feed)

    (new / "P01_S02.txt").unlink()
    result = score_paths(replace(tiny.scorer, network=Picky()), [new], tmp_path / "out", Reading())
    assert [s.session_id for s in result.sessions] == ["P01_S01"]
    assert [f.source for f in result.failures] == [str(new / "P02_S01.txt")]


def test_a_reader_that_breaks_stops_nothing(tiny, new, tmp_path, monkeypatch):
    from rift.scoring import sources

    read = sources.read_transcripts

    def breaking(path, *options):
        if path.name == "P02_S01.txt":
            raise IndexError("silent words of the transcript")
        return read(path, *options)

    monkeypatch.setattr(sources, "read_transcripts", breaking)
    result = score_paths(tiny.scorer, [new], tmp_path / "out", Reading())
    assert len(result.sessions) == 1
    assert "cannot be read: IndexError" in str(result.failures[-1].error)
    assert "silent" not in str(result.failures[-1].error)


def test_nothing_scored_still_leaves_sound_tables(tiny, new, tmp_path):
    result = score_paths(tiny.scorer, [new / "P01_S02.txt"], tmp_path / "out", Reading())
    assert (result.sessions, len(result.failures)) == ((), 1)
    turns = pd.read_parquet(tmp_path / "out/turns.parquet")
    assert len(turns) == 0
    assert turns["flag_quiet"].dtype == "boolean"
    assert len(pd.read_parquet(tmp_path / "out/episodes.parquet")) == 0


def test_out_that_cannot_be_written(tiny, new, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(RiftError, match="cannot be written"):
        score_paths(tiny.scorer, [new], tmp_path / "out", Reading())


def test_problems_are_written_without_what_they_quote():
    assert without_quotations("whose voice is this? 'Konrad' (1 turn), \"O'Hara\" (2 turns)") == (
        "whose voice is this? '...' (2 turns)"
    )
    assert without_quotations("there are no turns in it") == "there are no turns in it"
