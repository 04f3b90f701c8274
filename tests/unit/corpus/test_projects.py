import pytest
import yaml

from rift.corpus.gather import gather
from rift.corpus.source import load_source
from rift.errors import RiftError
from rift.schema import Mark, Transcript, Turn
from rift.writers import elan, refi

TURNS = (Turn("T", "How was it?", 0.0, 2.0), Turn("P", "Fine.", 2.0, 3.0), Turn("T", "Fine?", 3.0, 5.0))
MARK = Mark("A", "turn", "minimal_response", "present", "here", 1, 1)


def corpus(folder, projects, transcripts="transcripts/{patient_id}_{session_id}.vtt"):
    (folder / "transcripts").mkdir()
    cues = [f"00:0{t.start_s:.3f} --> 00:0{t.end_s:.3f}\n<v {t.speaker}>{t.text}</v>\n" for t in TURNS]
    (folder / "transcripts" / "P01_S01.vtt").write_text("\n".join(["WEBVTT\n", *cues]))
    path = folder / "corpus.yaml"
    content = {
        "name": "x", "codebook": "3rs", "transcripts": {"files": transcripts},
        "coding_projects": [projects],
    }  # fmt: skip
    path.write_text(yaml.safe_dump(content))
    return load_source(path)


def session(turns=TURNS, marks=(MARK,)):
    return Transcript(turns, "P01_S01", session_id="S01", marks=marks)


def test_marks_of_turns_in_an_elan_file(tmp_path):
    elan.write(session(), tmp_path / "P01_S01.eaf")
    source = corpus(tmp_path, {"files": "{patient_id}_{session_id}.eaf"})
    (coding,) = gather(source).codings
    assert (coding.patient_id, coding.session_id, coding.coder) == ("P01", "S01", "A")
    assert (coding.unit, coding.label, coding.first_turn, coding.state) == (
        "turn",
        "minimal_response",
        1,
        "present",
    )
    assert "P01_S01.eaf, " in coding.place


def test_time_spans_become_turns_only_when_asked(tmp_path):
    span = Mark("A", "segment", "minimal_response", "present", "here", start_s=1.8, end_s=3.1)
    elan.write(session(marks=(span,)), tmp_path / "P01_S01.eaf")
    source = corpus(tmp_path, {"files": "{patient_id}_{session_id}.eaf", "times_to_turns": True})
    gathered = gather(source)
    (coding,) = gathered.codings
    assert (coding.unit, coding.first_turn, coding.last_turn) == ("turn", 1, 1)
    assert any(
        "1 mark of time spans given to the turns that they overlap" in told for told in gathered.warnings
    )
    plain = source.path.read_text().replace("true", "false")
    source.path.write_text(plain)
    (coding,) = gather(load_source(source.path)).codings
    assert (coding.unit, coding.first_turn) == ("segment", None)


def test_marks_on_other_turns_than_the_transcripts_are_refused(tmp_path):
    refi.write(session(turns=TURNS[:2]), tmp_path / "P01_S01.qdpx")
    source = corpus(tmp_path, {"files": "{patient_id}_*.qdpx"})
    with pytest.raises(RiftError, match=r"2 turns here and 3 in .* would be misplaced"):
        gather(source)


def test_without_codings_of_any_kind_there_is_nothing_to_learn(tmp_path):
    (tmp_path / "corpus.yaml").write_text("{name: x, codebook: 3rs, transcripts: {files: a.txt}}")
    with pytest.raises(RiftError, match=r"neither codings \(tables\) nor coding_projects"):
        load_source(tmp_path / "corpus.yaml")
