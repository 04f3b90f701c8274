import csv
import io
import json

import pytest
from rich.console import Console

from rift import cli
from rift.reports.ratings import rating_report
from rift.reports.terminal import WIDTH

pytestmark = pytest.mark.filterwarnings("error")

TABLE = "session_id,rater,depth,present\n" + "".join(
    f"s{at},{rater},{depth},{present}\n"
    for at in range(9)
    for rater, depth, present in (("A", at % 5 + 1, at % 2), ("B", min(at % 5 + 1 + at % 3, 5), int(at > 4)))
)


@pytest.fixture
def run(tmp_path, capsys):
    """Run rift agreement on a table; return exit code, stdout and stderr."""
    path = tmp_path / "codings.csv"

    def running(*options, text=TABLE):
        path.write_text(text or "", encoding="utf-8")
        where = ["--codings", str(path)] if text else []
        with pytest.raises(SystemExit) as end:
            cli.main(["agreement", *where, "--set", f"evaluate.out={tmp_path / 'out'}", *options])
        return end.value.code, *capsys.readouterr()

    return running


def test_the_command_shows_tells_and_writes(run, tmp_path):
    code, shown, told = run()
    assert code == 0
    assert told.splitlines()[:5] == [
        "a row per unit and coder; coder: rater", "unit: session_id", "values: depth, present",
        "cluster: session_id", "2 coders: A, B",
    ]  # fmt: skip
    folder = tmp_path / "out" / "ratings"
    assert sorted(path.name for path in folder.iterdir()) == [
        "rating_pairs.csv", "ratings.csv", "ratings.json", "report.txt",
    ]  # fmt: skip
    assert max(map(len, shown.splitlines())) <= WIDTH
    assert (folder / "report.txt").read_text("utf-8") == shown
    assert "Agreement: nominal values" in shown
    assert "ICC(A,1)" in shown


def test_files_say_the_same(run, tmp_path):
    run()
    folder = tmp_path / "out" / "ratings"
    found = json.loads((folder / "ratings.json").read_text("utf-8"))
    rows = list(csv.DictReader(io.StringIO((folder / "ratings.csv").read_text("utf-8"))))
    pairs = list(csv.DictReader(io.StringIO((folder / "rating_pairs.csv").read_text("utf-8"))))
    assert (found["coders"], found["cluster"], list(found["rows"])) == (
        ["A", "B"], "session_id", ["depth", "present"],
    )  # fmt: skip
    assert [row["column"] for row in rows] == ["depth", "present"]
    depth, present = rows
    assert float(depth["alpha_low"]) == found["rows"]["depth"]["alpha"]["low"]
    assert float(depth["icc_single"]) == found["rows"]["depth"]["icc_single"]["value"]
    assert (depth["kappa"], depth["pabak"], present["icc_single"]) == ("", "", "")
    assert present["levels"] == "0: 10, 1: 8"
    assert [(pair["column"], pair["first"], pair["second"], pair["overlap"]) for pair in pairs] == [
        ("depth", "A", "B", "9"), ("present", "A", "B", "9"),
    ]  # fmt: skip
    assert float(pairs[1]["kappa"]) == found["rows"]["present"]["kappa"]["value"]


def test_undefined_is_a_dash_with_its_reason(run):
    _, shown, _ = run(text="item,rater,v\n1,A,a\n2,A,b\n")
    line = next(line for line in shown.splitlines() if line.startswith("v") and "-a" in line)
    assert line.split() == ["v", "-a", "-a", "-a", "-a", "-a"]
    assert "a  one coder only" in shown


def test_options_reach_the_reader(run):
    text = "one,two,kind\n1,2,a\n4,4,b\n2,2,a\n"
    _, shown, told = run("--coders", "one, two", "--scale", "interval", "--cluster", "kind", text=text)
    assert told.startswith("a column per coder: one, two\nunit: each row\ncluster: kind\n")
    assert "interval" in shown


@pytest.mark.parametrize(
    ("options", "text", "message"),
    [
        (("--scale", "rank"), TABLE, "error: --scale: 'rank' is no scale\n  -> one of nominal, ordinal,"),
        (("--unit", "a,,b"), TABLE, "error: --unit: 'a,,b' lacks a name\n"),
        (("--unit", "turn"), None, "error: --unit speaks of a table of codings, and none is given\n"),
        (("--coder", "who"), TABLE, "no column is called 'who', which --coder names"),
    ],
)  # fmt: skip
def test_mistakes_are_messages(run, options, text, message, tmp_path):
    code, shown, told = run(*options, text=text)
    assert (code, shown) == (2, "")
    assert message in told
    assert not (tmp_path / "out").exists()


def test_long_names_and_many_pairs_stay_within_the_width(tmp_path):
    from rift.evaluation.ratings import rating_agreement
    from rift.readers.rating_layout import RatingLayout
    from rift.readers.rating_table import read_ratings
    from rift.reliability.intervals import IntervalRule

    name = "a value with a heading that is longer than any column of a table"
    rows = "".join(f"{at},c{at % 7},word {at % 4}\n{at},c{(at + 1) % 7},word {at % 3}\n" for at in range(60))
    path = tmp_path / "codings.csv"
    path.write_text(f"item,coder,{name}\n{rows}", encoding="utf-8")
    table = rating_agreement(read_ratings(path, RatingLayout()), IntervalRule(0.95, 8))
    stream = io.StringIO()
    Console(file=stream, width=WIDTH, no_color=True).print(rating_report(table))
    assert max(len(line) for line in stream.getvalue().splitlines()) <= WIDTH
    assert "14 of 21 pairs of coders share no unit." in stream.getvalue()


def test_one_coder_is_counted_as_one(run):
    code, shown, _ = run(text="item,coder,v\n1,A,1\n2,A,0\n")
    assert code == 0
    assert "1 coder. Clusters" in shown


def test_the_level_of_intervals_is_not_rounded(run):
    _, shown, _ = run("--set", "evaluate.interval=0.975")
    assert "alpha [97.5%]" in shown
    assert "ICC(A,1) [97.5%]" in shown
    assert "98%" not in shown
