"""How the page writes statistics: as words in sentences, as numbers in cells and plots."""

from __future__ import annotations

from collections.abc import Sequence

from rift.reliability.result import Statistic
from rift.reports import numbers
from rift.reports.numbers import amount, share

TIED = "\u00a0"
"""A space at which no line is broken."""


def percent(value: float) -> str:
    """Return a share as ``71 %``; what is not quite all or none is not written as such."""
    rounded = f"{100 * value:.0f}"
    if rounded == "100" and value < 1:
        return f"over{TIED}99{TIED}%"
    return f"under{TIED}1{TIED}%" if rounded == "0" and value > 0 else f"{rounded}{TIED}%"


def percents(statistic: Statistic) -> str:
    """Return a share with its interval: ``71 % [58, 82]``, ``71 %``, ``undefined``."""
    if statistic.value is None:
        return "undefined"
    text = percent(statistic.value)
    if statistic.low is None or statistic.high is None:
        return text
    return f"{text} [{100 * statistic.low:.0f},{TIED}{100 * statistic.high:.0f}]"


def level(value: float) -> str:
    """Return the level of an interval: ``95 %``, ``97.5 %``."""
    return f"{100 * value:.4g}{TIED}%"


def figure(value: float) -> str:
    """Return a number as the field writes it, with a proper minus: ``.45``, ``−.03``."""
    return share(value).replace("-", "−")


def setting(value: float) -> str:
    """Return a setting with all of its digits and a proper minus: ``.10``, ``−.075``."""
    return numbers.setting(value).replace("-", "−")


def fine(value: float) -> str:
    """Return a rate, with three digits where two would hide a rare label, with a proper minus."""
    return numbers.fine(value).replace("-", "−")


def number(statistic: Statistic) -> str:
    """Return ``.45 [.30, .61]``, ``.45``, or ``undefined``."""
    if statistic.value is None:
        return "undefined"
    if statistic.low is None or statistic.high is None:
        return figure(statistic.value)
    return f"{figure(statistic.value)} [{figure(statistic.low)}, {figure(statistic.high)}]"


def amounts(statistic: Statistic) -> str:
    """Return the same of what may exceed 1: ``2.30 [0.40, 12.5]``."""
    if statistic.value is None:
        return "undefined"
    known = [one for one in (statistic.value, statistic.low, statistic.high) if one is not None]
    wide = any(abs(one) >= 9.995 for one in known)
    value, *bounds = (f"{one:.1f}" if wide else amount(one) for one in known)
    return (f"{value} [{', '.join(bounds)}]" if bounds else value).replace("-", "−")


def number_or_reason(statistic: Statistic) -> str:
    """Return the same, with the reason of what is undefined or lacks an interval."""
    return f"{number(statistic)} ({statistic.reason})" if statistic.reason else number(statistic)


def enumerated(items: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
