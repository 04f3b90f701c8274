from pathlib import Path

from rich.table import Table

from rift.cli import terminal


def test_progress_in_a_pipe_is_told_in_quarters(capsys):
    with terminal.progress_bar() as progress:
        for done in range(1, 101):
            progress("fold 1 of 5", done, 100)
        progress("files", 1, 1)
        progress("files", 1, 1)
    assert capsys.readouterr() == (
        "",
        "fold 1 of 5: 25 of 100\nfold 1 of 5: 50 of 100\nfold 1 of 5: 75 of 100\nfold 1 of 5: 100 of 100\n"
        "files: 1 of 1\n",
    )


def test_work_of_nothing_is_told_once_or_not_at_all(capsys):
    with terminal.progress_bar() as progress:
        progress("files", 0, 0)
        progress("steps", 3, 5)
        progress("steps", 5, 5)
    assert capsys.readouterr().err == "steps: 3 of 5\nsteps: 5 of 5\n"


def test_progress_at_a_terminal_is_a_bar(monkeypatch):
    class Terminal(list):
        encoding = "utf-8"

        def write(self, text):
            self.append(text)

        def flush(self):
            pass

        def isatty(self):
            return True

    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with terminal.progress_bar() as progress:
        progress("fold 1 of 5", 1, 4)
        progress("fold 1 of 5", 4, 4)
    assert "fold 1 of 5" in "".join(stream)
    assert "4/4" in "".join(stream)


def test_results_go_to_stdout_and_messages_to_stderr(capsys):
    table = Table("label", "precision")
    table.add_row("withdrawal", ".71")
    terminal.show(table)
    terminal.say(["one warning"])
    terminal.wrote([Path("reports/metrics.json")])
    out, err = capsys.readouterr()
    assert "withdrawal" in out
    assert "\x1b" not in out, "no colour in a pipe"
    assert err == "one warning\nwrote reports/metrics.json\n"
