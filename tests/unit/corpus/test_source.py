import pytest
import yaml

from rift.corpus.source import load_source
from rift.errors import RiftError

MINIMAL = {
    "name": "mine",
    "codebook": "3rs",
    "transcripts": {
        "files": "t/{patient_id}_{session_id}.txt",
        "speakers": {"T": "therapist", "P": "patient"},
    },
    "codings": [{"files": "c/{coder}.csv", "layout": "long"}],
}
RULE = {"coders": "all", "labels": "all", "sessions": "all", "speakers": "all"}


def load(tmp_path, **changes):
    path = tmp_path / "corpus.yaml"
    content = {key: value for key, value in {**MINIMAL, **changes}.items() if value is not None}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return load_source(path)


def test_a_minimal_file(tmp_path):
    source = load(tmp_path)
    assert source.folder == tmp_path
    assert source.codebook.id == "3rs"
    (transcripts,) = source.content.transcripts
    assert transcripts.files == ("t/{patient_id}_{session_id}.txt",)
    assert transcripts.speakers == {"T": "therapist", "P": "patient"}
    assert (transcripts.columns, transcripts.encoding, transcripts.format) == (None, None, None)
    assert source.content.codings[0].layout == "long"
    assert source.content.coverage is None
    assert source.content.therapists == {}


def test_several_kinds_of_files(tmp_path):
    source = load(
        tmp_path,
        transcripts=[{"files": ["a/*.txt", "b/*.txt"]}, {"files": "c.csv", "columns": {"text": "words"}}],
        codings=[{"files": "x.csv", "layout": "wide_coders", "encoding": "cp1252", "marks": ["A", "B"]}],
    )
    assert [kind.files for kind in source.content.transcripts] == [("a/*.txt", "b/*.txt"), ("c.csv",)]
    assert source.content.transcripts[1].columns == {"text": "words"}
    assert source.content.codings[0].encoding == "cp1252"
    assert source.content.codings[0].marks == {"A": "A", "B": "B"}


def test_therapists_may_be_one_or_several(tmp_path):
    source = load(tmp_path, therapists={"P01": "T1", "P02": ["T1", "T2"]})
    assert source.content.therapists == {"P01": ("T1",), "P02": ("T1", "T2")}


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [
        ("all", (("*", "*"),)),
        ("coded", (("", ""),)),
        (["P01/S01", ["P02", "S/2"]], (("P01", "S01"), ("P02", "S/2"))),
        (["P01/*"], (("P01", "*"),)),
    ],
)
def test_sessions_of_a_coverage_rule(tmp_path, sessions, expected):
    (rule,) = load(tmp_path, coverage=[{**RULE, "sessions": sessions}]).content.coverage
    assert rule.sessions == expected
    assert (rule.coders, rule.labels, rule.speakers) == (("all",), ("all",), ("all",))


def test_the_codebook_may_lie_beside_the_file(tmp_path):
    (tmp_path / "own.yaml").write_text(
        "{id: own, name: Own, version: '1', source: here, labels: [{id: x, name: X, kind: class,"
        " speakers: [patient], definition: d}]}"
    )
    assert load(tmp_path, codebook="own.yaml").codebook.columns == ("x",)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"transcript": "x"}, "unknown key 'transcript'(.*\\n).*known: name, codebook, transcripts"),
        ({"name": None}, "name: Field required"),
        ({"codings": []}, "neither codings"),
        ({"coverage": []}, "coverage: .*at least 1"),
        ({"coverage": [{"coders": "all"}]}, "Field required"),
        ({"coverage": [{**RULE, "sessions": ["P01"]}]}, "'P01' is not PATIENT/SESSION"),
        ({"coverage": [{**RULE, "speakers": ["patien"]}]}, "coverage.0.speakers"),
        ({"therapists": {"P01": ["A;B"]}}, "therapist of 'P01'.*';'"),
        ({"therapists": {1: "T1"}}, "therapists.1"),
        ({"transcripts": {"files": []}}, "transcripts.0.files"),
        ({"transcripts": {"files": "x", "speakers": {"T": "counsellor"}}}, "speakers.T"),
        ({"codings": [{"files": "x", "layout": "tall"}]}, "codings.0.layout"),
        ({"codings": [{"files": "x", "layout": "long", "colums": {}}]}, "unknown key 'codings.0.colums'"),
        ({"codebook": "4rs"}, "no codebook '4rs'"),
        ({"transcripts": {"files": "x", "format": "vhs"}}, r"corpus\.yaml: unknown format 'vhs'"),
        ({"transcripts": {"files": "x", "encoding": "utf-99"}}, r"corpus\.yaml: 'utf-99' is no encoding"),
        ({"codings": [{"files": "x", "layout": "long", "encoding": "?"}]}, "'\\?' is no encoding of text"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, changes, message):
    with pytest.raises(RiftError, match=message):
        load(tmp_path, **changes)


def test_a_missing_or_broken_file(tmp_path):
    with pytest.raises(RiftError, match="no such corpus file") as caught:
        load_source(tmp_path / "corpus.yaml")
    assert "prepare.corpus" in caught.value.remedy
    with pytest.raises(RiftError, match="a folder, not a corpus file"):
        load_source(tmp_path)
    (tmp_path / "corpus.yaml").write_text("name: x\ncodebook: a: b\n")
    with pytest.raises(
        RiftError, match="not readable as YAML: mapping values are not allowed here"
    ) as caught:
        load_source(tmp_path / "corpus.yaml")
    assert caught.value.where == f"{tmp_path / 'corpus.yaml'}, line 2, column 12"
    (tmp_path / "corpus.yaml").write_text("")
    with pytest.raises(RiftError, match=r"corpus\.yaml: file: "):
        load_source(tmp_path / "corpus.yaml")
