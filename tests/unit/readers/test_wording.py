from __future__ import annotations

from rift.readers.wording import counted, listed, numbers, shown, some


def test_counts_have_their_noun() -> None:
    assert counted(1, "row") == "1 row"
    assert counted(1024, "row") == "1,024 rows"
    assert counted(2, "turn has", "turns have") == "2 turns have"


def test_numbers_are_joined_to_ranges_and_the_rest_is_counted() -> None:
    assert numbers([1, 2, 3, 7]) == "1-3, 7"
    assert numbers(range(0, 20, 2), first=3) == "0, 2, 4 and 7 more"
    assert some(["a", "b"]) == "a, b"


def test_little_of_a_text_is_shown() -> None:
    assert shown("a  b\nc") == "'a b c'"
    assert len(shown("x" * 500)) == 42
    assert shown("x" * 500).endswith("…'")


def test_listed_goes_on_a_line_each_and_counts_the_rest() -> None:
    assert listed([]) == ""
    assert listed(["a", "b"]) == "\n  - a\n  - b"
    assert listed(["a", "b", "c"], first=2) == "\n  - a\n  - b\n  - and 1 more"
