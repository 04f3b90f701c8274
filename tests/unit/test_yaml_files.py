import pytest

from rift.errors import RiftError
from rift.yaml_files import parse_yaml, read_yaml


def test_values_are_those_of_yaml():
    assert parse_yaml("{a: [1, x], b: {a: yes}}", "here") == {"a": [1, "x"], "b": {"a": True}}
    assert parse_yaml("base: &b {x: 1}\nmore: {<<: *b, y: 2}", "here")["more"] == {"x": 1, "y": 2}
    assert parse_yaml("", "here") is None


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("a: 1\nb: c: d\n", "here, line 2, column 5", "mapping values are not allowed here"),
        ("a: [1,\n", "here, line 2, column 1", "expected the node content"),
        ("a: 1\nb:\n  T: x\n  T: y\n", "here, line 4, column 3", "key 'T' stands twice"),
        ("a: !!python/object:os.system {}", "here, line 1, column 4", "could not determine a constructor"),
        ("a: \x00", "here", "unacceptable character #x0000"),
    ],
)
def test_faults_have_a_line(text, place, problem):
    with pytest.raises(RiftError) as caught:
        parse_yaml(text, "here")
    assert caught.value.where == place
    assert caught.value.problem.startswith(f"not readable as YAML: {problem}")
    assert caught.value.remedy


def test_files_that_cannot_be_read(tmp_path):
    def fault(path):
        with pytest.raises(RiftError) as caught:
            read_yaml(path, "corpus", "name another")
        assert caught.value.where == str(path)
        assert caught.value.remedy
        return caught.value.problem

    (tmp_path / "a.yaml").write_bytes("Größe: 1".encode("cp1252"))
    assert fault(tmp_path / "a.yaml") == "byte 3 is not UTF-8"
    assert fault(tmp_path / "b.yaml") == "no such corpus file"
    assert fault(tmp_path) == "this is a folder, not a corpus file"
    assert fault(tmp_path / "a.yaml" / "b") == "cannot be read: Not a directory"
    (tmp_path / "c.yaml").write_text("\ufeffa: 1", encoding="utf-8")
    assert read_yaml(tmp_path / "c.yaml", "corpus", "") == {"a": 1}
