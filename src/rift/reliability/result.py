"""A statistic as it is reported: a value with its interval, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["yes", "no", "cannot tell"]


@dataclass(frozen=True, slots=True)
class Statistic:
    """A value with its interval; never NaN.

    Attributes
    ----------
    value
        ``None``: undefined.
    low, high
        Bounds of the interval, both or neither.
    n
        Units (turns, or pairs of marks) that the value rests on.
    reason
        Why there is no value or, where there is one, why it has no interval or how it may not be read.

    Raises
    ------
    ValueError
        A number is not finite, half an interval, or an undefined value without a reason.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None = None

    def __post_init__(self) -> None:
        numbers = [number for number in (self.value, self.low, self.high) if number is not None]
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError(f"a statistic must be finite or None: {numbers}")
        if (self.low is None) != (self.high is None) or (self.value is None and self.low is not None):
            raise ValueError("an interval has two bounds and lies around a value")
        if self.value is None and not self.reason:
            raise ValueError("an undefined statistic needs a reason")

    @property
    def defined(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    def to_json(self) -> dict[str, Any]:
        """Return the statistic as JSON: ``{"value": null, "reason": ..., "n": ...}`` if undefined."""
        if self.value is None:
            return {"value": None, "reason": self.reason, "n": self.n}
        known: dict[str, Any] = {"value": self.value, "low": self.low, "high": self.high, "n": self.n}
        return known if self.reason is None else {**known, "reason": self.reason}


def undefined(reason: str, n: int = 0) -> Statistic:
    """Return a statistic without a value, and why."""
    return Statistic(None, None, None, n, reason)
