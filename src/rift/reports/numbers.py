"""How statistics are written in tables, and the footnotes that say why one is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rift.reliability.result import Statistic

MISSING = "-"


def share(value: float) -> str:
    """Return a number between -1 and 1 as the field writes it: ``.45``, ``-.03``, ``1.00``."""
    text = f"{value:.2f}"
    if text in {"-0.00", "0.00"}:
        return ".00"
    return text.replace("0.", ".", 1) if abs(value) < 1 and "1.00" not in text else text


def setting(value: float) -> str:
    """Return a setting with all of its digits, two at least: ``.10``, ``-.075``."""
    return share(value) if round(value, 2) == value else f"{value:g}".replace("0.", ".", 1)


def fine(value: float) -> str:
    """Return a rate, with three digits where two would hide a rare label: ``.012``, ``.45``."""
    return f"{value:.3f}".replace("0.", ".", 1) if 0 < value < 0.1 else share(value)


def amount(value: float) -> str:
    """Return what may exceed 1, such as a number of turns: ``0.05``, ``2.00``, ``12.5``."""
    text = f"{value:.2f}" if abs(value) < 9.995 else f"{value:.1f}"
    return "0.00" if text == "-0.00" else text


def count(value: float) -> str:
    """Return a count; of a soft one, the half or third too: ``12``, ``12.5``."""
    return f"{value:.1f}".removesuffix(".0") if value < 1000 else f"{value:.0f}"


def footnote_mark(index: int) -> str:
    """Return the mark of the footnote at this place: a ... z, aa, ab ..."""
    letter = chr(ord("a") + index % 26)
    return letter if index < 26 else footnote_mark(index // 26 - 1) + letter


@dataclass
class Footnotes:
    """Collects the reasons of one table; equal reasons share a mark."""

    reasons: list[str] = field(default_factory=list)

    def mark(self, reason: str) -> str:
        """Return the mark of a reason, new or known."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        return footnote_mark(self.reasons.index(reason))

    def value(self, statistic: Statistic, written: Callable[[float], str] = share) -> str:
        """Return the value alone, or a dash with its footnote: ``.45``, ``-a``."""
        if statistic.value is None:
            return MISSING + self.mark(statistic.reason or "")
        return written(statistic.value)

    def amount(self, statistic: Statistic) -> str:
        """Return the same of what may exceed 1."""
        return self.value(statistic) if statistic.value is None else amount(statistic.value)

    def interval(self, statistic: Statistic) -> str:
        """Return value and interval, footnoted where there is none: ``.45 [.30, .61]``, ``.45 a``."""
        text = self.value(statistic)
        if statistic.low is not None and statistic.high is not None:
            return f"{text} [{share(statistic.low)}, {share(statistic.high)}]"
        if statistic.value is not None and statistic.reason:
            return f"{text} {self.mark(statistic.reason)}"
        return text

    def lines(self) -> list[str]:
        """Return the footnotes, one a line."""
        return [f"{footnote_mark(index)}  {reason}" for index, reason in enumerate(self.reasons)]
