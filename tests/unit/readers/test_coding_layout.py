from __future__ import annotations

import pytest
import yaml
from pydantic import ValidationError

from rift.readers.coding_layout import CodingLayout, spelling_key


def test_default_spellings() -> None:
    layout = CodingLayout(layout="wide_labels")
    for meaning, cells in {
        "present": ["1", "x", "X", " xx ", "yes", "TRUE", "✓", "1.0"],
        "absent": ["0", "", " ", "no", "None", "FALSE", "0,0"],
        "uncodable": ["-", "–", "n/a", "NA", "nc", "uncodable", "?"],
    }.items():
        assert [layout.meaning(cell) for cell in cells] == [meaning] * len(cells)
    assert layout.meaning("2") is None
    assert layout.meaning("maybe") is None


def test_what_is_spelled_out_leaves_the_other_defaults() -> None:
    layout = CodingLayout(layout="long", not_coded=["n/a", ""], present=["0"])
    assert layout.meaning("N/A") == "not_coded"
    assert layout.meaning("") == "not_coded"
    assert layout.meaning("0") == "present"
    assert layout.meaning("none") == "absent"
    assert layout.meaning("na") == "uncodable"
    assert layout.meaning("x") is None
    assert layout.absent == ("no", "none", "false")
    assert CodingLayout.model_validate(layout.model_dump()) == layout


def test_yaml_has_its_own_idea_of_yes_and_numbers() -> None:
    content = yaml.safe_load(
        "{layout: wide_labels, present: [yes, 1], absent: [no, 0, null], marks: [WD, 7]}"
    )
    layout = CodingLayout.model_validate(content)
    assert layout.present == ("yes", "true", "1")
    assert layout.absent == ("no", "false", "0", "")
    assert layout.marks == {"WD": "WD", "7": "7"}
    assert layout.meaning("Yes") == "present"


def test_a_blank_rating_is_not_coded_unless_listed() -> None:
    assert CodingLayout(layout="wide_labels", value_is_rating=True).meaning("") == "not_coded"
    listed = CodingLayout(layout="wide_labels", value_is_rating=True, absent=[""])
    assert listed.meaning("") == "absent"
    assert CodingLayout(layout="long", value_is_rating=True).meaning("") == "absent"


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"layout": "tall"}, "layout"),
        ({"layout": "long", "colour": "red"}, "colour"),
        ({"layout": "long", "columns": {"speaker": "x"}}, "columns names 'speaker'"),
        ({"layout": "long", "columns": {"turn": "t"}}, "needs the column of the label"),
        (
            {"layout": "long", "columns": {"label": "l", "turn": "t", "first_turn": "t"}},
            "both turn and first_turn",
        ),
        ({"layout": "long", "columns": {"label": "l", "last_turn": "t"}}, "last_turn without first_turn"),
        ({"layout": "long", "marks": ["a"]}, "marks is for wide layouts"),
        ({"layout": "wide_labels", "columns": {"label": "l"}}, "which only layout long has"),
        ({"layout": "wide_coders", "columns": {"coder": "c"}}, "leave coder out"),
        ({"layout": "wide_coders", "coder": "A"}, "leave coder out"),
        ({"layout": "wide_labels", "coder": "A", "columns": {"coder": "c"}}, "coder is given twice"),
        ({"layout": "wide_coders", "value_is_rating": True}, "value_is_rating is for"),
        ({"layout": "long", "present": ["x"], "absent": ["X"]}, "stands for both present and absent"),
        ({"layout": "long", "first_turn_number": 2}, "first_turn_number"),
    ],
)
def test_layouts_that_contradict_themselves(settings: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CodingLayout.model_validate(settings)
    assert problem in str(caught.value)


def test_spellings_are_compared_plainly() -> None:
    assert [spelling_key(cell) for cell in [" X ", "1.0", "1,00", "—", "1.5", "-1.0"]] == [
        "x",
        "1",
        "1",
        "-",
        "1.5",
        "-1",
    ]
    assert "absent: '0' '' 'no'" in CodingLayout(layout="long").spellings()
