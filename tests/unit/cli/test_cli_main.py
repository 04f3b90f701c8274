import os

import pytest

from rift import __version__, cli
from rift.cli import main
from rift.errors import RiftError


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    # Set first, so that what the command line sets is taken away again.
    for name in ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def ends(monkeypatch, error):
    """Run a command line whose verb raises, and return the exit code."""

    def verb(arguments=None):
        raise error

    monkeypatch.setattr(cli, "app", verb)
    with pytest.raises(SystemExit) as end:
        main([])
    return end.value.code


def test_a_users_mistake_is_a_message_without_a_traceback(monkeypatch, capsys):
    code = ends(monkeypatch, RiftError("two of three", where="a.csv:4", remedy="add one"))
    assert code == 2
    assert capsys.readouterr() == ("", "error: a.csv:4: two of three\n  -> add one\n")


def test_a_file_that_cannot_be_read_or_written_is_a_message(monkeypatch, capsys):
    code = ends(monkeypatch, PermissionError(13, "Permission denied", "/data/out"))
    assert code == 2
    assert capsys.readouterr().err == "error: /data/out: cannot be read or written: Permission denied\n"


def test_an_interrupt_says_that_the_work_can_go_on(monkeypatch, capsys):
    assert ends(monkeypatch, SystemExit(130)) == 130
    assert "the same command goes on from here" in capsys.readouterr().err


def test_other_exit_codes_pass_without_a_word(monkeypatch, capsys):
    assert ends(monkeypatch, SystemExit(3)) == 3
    assert capsys.readouterr() == ("", "")


def test_a_fault_of_our_own_is_not_hidden(monkeypatch):
    def verb(arguments=None):
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "app", verb)
    with pytest.raises(ZeroDivisionError):
        main([])


def test_the_version(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"rift {__version__}\n"


def test_every_verb_is_there_and_explained(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    for verb in ("prepare", "agreement", "train", "evaluate", "score"):
        assert verb in out


@pytest.mark.parametrize("arguments", [["nothing-known"], ["score"], ["train", "--folds"]])
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Usage" in err


def test_telemetry_is_off_before_any_verb_runs(monkeypatch):
    seen = {}
    monkeypatch.setattr(cli, "app", lambda arguments=None: seen.update(os.environ))
    main([])
    assert (seen["MLFLOW_DISABLE_TELEMETRY"], seen["DO_NOT_TRACK"]) == ("true", "true")
