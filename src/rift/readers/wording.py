"""How counts and places are told: the first few, then how many more, never a list cut off in silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SHOWN = 40
"""Characters of a file's text that a message may show."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 row``, ``1,024 rows``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shown(text: str) -> str:
    """Return the first few words of a text in quotes."""
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= SHOWN else flat[: SHOWN - 1] + "…")


def numbers(values: Iterable[int], first: int = 5) -> str:
    """Return ascending numbers as ranges (``1-3, 7``), the first few, then how many more."""
    ranges: list[list[int]] = []
    for value in values:
        if ranges and value == ranges[-1][1] + 1:
            ranges[-1][1] = value
        else:
            ranges.append([value, value])
    texts = [str(low) if low == high else f"{low}-{high}" for low, high in ranges]
    return some(texts, first)


def some(items: Sequence[str], first: int = 5) -> str:
    """Return the first items, then how many more there are."""
    more = f" and {len(items) - first} more" if len(items) > first else ""
    return ", ".join(items[:first]) + more


def listed(items: Sequence[str], first: int = 5) -> str:
    """Return the first items on a line each, then how many more there are."""
    more = [f"and {len(items) - first} more"] if len(items) > first else []
    return "".join(f"\n  - {item}" for item in (*items[:first], *more))
