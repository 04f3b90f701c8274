from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rift.readers.times import is_missing, parse_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("12", 12.0),
        ("12.5", 12.5),
        (" 12,5 ", 12.5),
        ("12.5s", 12.5),
        (".5", 0.5),
        ("05:30", 330.0),
        ("5:03", 303.0),
        ("75:10", 4510.0),
        ("0:00:09,8", 9.8),
        ("00:01:02.250", 62.25),
        ("1:00:04", 3604.0),
    ],
)
def test_times_in_all_spellings(text: str, seconds: float) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n/a",
        "abc",
        "-5",
        "00:09:025",
        "0:61",
        "1:60:00",
        "1:2:3:4",
        "nan",
        "inf",
        "1e3",
        "9" * 400,
        "1.2.3",
        "::",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert parse_seconds(text) is None


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_clock_times_to_the_millisecond(hours: int, minutes: int, seconds: int, ms: int) -> None:
    expected = (hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + ms) / 1000
    assert parse_seconds(f"{hours}:{minutes:02}:{seconds:02}.{ms:03}") == pytest.approx(expected, abs=1e-9)
    assert parse_seconds(f"{expected:.3f}") == pytest.approx(expected, abs=1e-9)


def test_missing_values() -> None:
    assert all(is_missing(cell) for cell in ["", " ", "NA", "n/a", "N/A", "#N/A", "NaN"])
    assert not any(is_missing(cell) for cell in ["0", "-", "none", "no", "nan."])
