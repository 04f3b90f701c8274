import pandas as pd
import pytest

from rift.corpus.tables import read_table, write_table
from rift.errors import RiftError


def test_a_table_comes_back_as_it_went(tmp_path):
    table = pd.DataFrame(
        {
            "patient_id": pd.Series(["01", None], dtype="str"),
            "first_turn": pd.Series([3, None], dtype="Int64"),
            "value": [0.5, float("nan")],
        }
    )
    path = tmp_path / "new" / "codings.parquet"
    write_table(table, path)
    pd.testing.assert_frame_equal(read_table(path, ["patient_id", "value"], "again"), table)
    assert [p.name for p in path.parent.iterdir()] == ["codings.parquet"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "turns.parquet"
    write_table(pd.DataFrame({"turn": [0]}), path)
    before = path.read_bytes()
    with pytest.raises(Exception, match=r"mixed|object"):
        write_table(pd.DataFrame({"turn": [0, object()]}), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(RiftError, match="no such file") as caught:
        read_table(tmp_path / "turns.parquet", [], "run rift prepare")
    assert caught.value.remedy == "run rift prepare"
    assert str(tmp_path / "turns.parquet") in str(caught.value)


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "turns.parquet"
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(RiftError, match="not a readable parquet file"):
        read_table(path, [], "run rift prepare")


def test_a_missing_column_is_named(tmp_path):
    path = tmp_path / "turns.parquet"
    write_table(pd.DataFrame({"turn": [0]}), path)
    with pytest.raises(RiftError, match="column 'text' is missing"):
        read_table(path, ["turn", "text", "speaker"], "run rift prepare")
