import math

import pytest

from rift.reliability.result import Statistic, undefined


def test_json_of_a_value_and_of_none():
    assert Statistic(0.5, 0.25, 0.75, 12).to_json() == {"value": 0.5, "low": 0.25, "high": 0.75, "n": 12}
    assert undefined("nobody marked it", 20).to_json() == {
        "value": None,
        "reason": "nobody marked it",
        "n": 20,
    }
    few = Statistic(0.5, None, None, 3, "no interval: 1 patient, 8 needed").to_json()
    assert few == {
        "value": 0.5,
        "low": None,
        "high": None,
        "n": 3,
        "reason": "no interval: 1 patient, 8 needed",
    }


@pytest.mark.parametrize(
    "fields",
    [
        (math.nan, None, None, 1),
        (0.5, -math.inf, 0.7, 1),
        (0.5, 0.1, None, 1),
        (None, 0.1, 0.2, 1, "why"),
        (None, None, None, 1),
    ],
    ids=["nan", "infinite bound", "half an interval", "interval around nothing", "no reason"],
)
def test_refuses_what_cannot_be_reported(fields):
    with pytest.raises(ValueError, match=r"statistic|interval"):
        Statistic(*fields)


def test_zero_is_defined():
    assert Statistic(0.0, None, None, 1).defined
    assert not undefined("x").defined
