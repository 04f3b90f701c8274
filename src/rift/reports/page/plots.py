"""The page's plots: model beside coders row by row, precision and recall, calibration."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rift.evaluation.calibration import CalibrationPoint
from rift.evaluation.results import Curve
from rift.evaluation.rows import MarkerRow
from rift.reliability.result import Statistic
from rift.reports.page.svg import Point, Scale, diamond, dot, element, line, picture, polyline, words
from rift.reports.page.wording import figure, fine, number, number_or_reason

_LINE = 15.0
_SQUARE = (324.0, 300.0)
_NICE_ENDS = (0.04, 0.08, 0.16, 0.32, 0.48, 0.64, 0.8, 1.0)
_RARE = 0.1


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of a plot of pairs: the model's value, the coders', and what chance would give."""

    name: str
    model: Statistic
    human: Statistic
    chance: float | None = None


@dataclass(frozen=True)
class PairPlot:
    """Values of the model and of the coders, row by row.

    Attributes
    ----------
    identifier, title
        Of the picture.
    model, human
        What the two marks stand for.
    ticks
        Of the axis, from its low to its high end.
    groups
        Headings with their rows.
    """

    identifier: str
    title: str
    model: str
    human: str
    ticks: tuple[float, ...]
    groups: tuple[tuple[str, tuple[Pair, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Layout:
    width: float
    scale: Scale
    values: float
    characters: int
    above: bool


def pair_plot(plot: PairPlot, wide: bool) -> Markup:
    """Return a plot of pairs, names beside the rows (760 pixels) or above them (358, for phones)."""
    low, high = plot.ticks[0], plot.ticks[-1]
    layout = (
        _Layout(760, Scale(low, high, 284, 634), 650, 37, above=False)
        if wide
        else _Layout(358, Scale(low, high, 8, 244), 256, 52, above=True)
    )
    y, parts = 20.0, []
    for mark, text in ((dot, plot.model), (diamond, plot.human)):
        parts += [mark((14, y - 4)), words((28, y), text)]
        y += 19
    if any(pair.chance is not None for _, pairs in plot.groups for pair in pairs):
        parts += [line((14, y - 10), (14, y + 2), "chance"), words((28, y), "base rate: flagging at random")]
        y += 19
    top = y + 6
    y = top + 8
    for heading, pairs in plot.groups:
        y += 18
        parts.append(words((0, y), heading, "heading"))
        y += 8
        for pair in pairs:
            drawn, y = _pair(pair, layout, y)
            parts += drawn
    grid = [_tick(value, layout.scale(value), top, y + 6) for value in plot.ticks]
    told = "; ".join(
        f"{pair.name}: {plot.model} {number_or_reason(pair.model)},"
        f" {plot.human} {number_or_reason(pair.human)}"
        for _, pairs in plot.groups
        for pair in pairs
    )
    identifier = plot.identifier if wide else f"{plot.identifier}-narrow"
    return picture(identifier, plot.title, told, (layout.width, y + 24), [*grid, *parts])


def _tick(value: float, x: float, top: float, bottom: float) -> Markup:
    kind = "axis" if value == 0 else "grid"
    parts = (
        line((x, top), (x, bottom), kind),
        words((x, top - 3), figure(value), "tick", "middle"),
        words((x, bottom + 13), figure(value), "tick", "middle"),
    )
    return Markup("").join(parts)


def _pair(pair: Pair, layout: _Layout, y: float) -> tuple[list[Markup], float]:
    """Return a row's marks, and where the next row begins."""
    name = textwrap.wrap(pair.name, layout.characters) or [""]
    kind = "halo" if layout.above else ""
    parts = [words((0, y + _LINE * (at + 1)), text, kind) for at, text in enumerate(name)]
    first = y + _LINE * (len(name) + 1 if layout.above else 1)
    known = [s for s in (pair.model, pair.human) if s.defined]
    second = first + _LINE
    if not known and pair.model.reason == pair.human.reason:
        parts.append(_undefined(pair.model, layout, first))
        second = first
    else:
        parts += _value(pair.model, layout, first, human=False)
        parts += _value(pair.human, layout, second, human=True)
    if pair.chance is not None:
        x = layout.scale(pair.chance)
        parts.append(line((x, first - 11), (x, second + 3), "chance"))
    lowest = second if layout.above else max(second, y + _LINE * len(name))
    return parts, lowest + 9


def _value(statistic: Statistic, layout: _Layout, y: float, human: bool) -> Iterator[Markup]:
    if statistic.value is None:
        yield _undefined(statistic, layout, y)
        return
    x, middle = layout.scale(statistic.value), y - 4
    if statistic.low is not None and statistic.high is not None:
        ends = (layout.scale(statistic.low), middle), (layout.scale(statistic.high), middle)
        yield line(*ends, "human-line" if human else "model-line")
    yield diamond((x, middle)) if human else dot((x, middle))
    yield words((layout.values, y), number(statistic), "figure quiet" if human else "figure")


def _undefined(statistic: Statistic, layout: _Layout, y: float) -> Markup:
    return words((layout.scale.start + 4, y), f"undefined: {statistic.reason}", "quiet halo")


def curve_plot(identifier: str, row: MarkerRow, curve: Curve) -> Markup:
    """Return precision against recall, with the base rate and the point at which turns are flagged."""
    across, up = Scale(0, 1, 48, 314), Scale(0, 1, 254, 14)
    parts = _square(across, up, ("Recall", "Precision"), (0, 0.25, 0.5, 0.75, 1))
    described = f"Average precision {number_or_reason(row.average_precision)}."
    if row.prevalence is not None:
        y = up(row.prevalence)
        parts.append(line((48, y), (314, y), "chance"))
        described += f" Base rate {figure(row.prevalence)}."
    # From the first flagged turn on; before it there is no precision.
    parts.append(polyline([(across(recall), up(precision)) for _, precision, recall in curve], "curve"))
    if row.recall.value is not None and row.precision.value is not None:
        parts.append(dot((across(row.recall.value), up(row.precision.value))))
        described += f" Flags: precision {figure(row.precision.value)}, recall {figure(row.recall.value)}."
    return picture(identifier, f"Precision and recall: {row.name}", described, _SQUARE, parts)


def calibration_plot(identifier: str, row: MarkerRow, points: Sequence[CalibrationPoint]) -> Markup:
    """Return the share of marks against the probability, bins of equally many turns."""
    values = [share for point in points for share in (point.predicted, _highest(point.observed))]
    end = next(nice for nice in _NICE_ENDS if nice >= max(values, default=1.0))
    # A rare label's turns crowd near 0: the square root gives them room, and the diagonal stays one.
    power = 0.5 if row.prevalence is not None and row.prevalence < _RARE else 1.0
    across, up = Scale(0, end, 48, 314, power), Scale(0, end, 254, 14, power)
    ticks = tuple(end * part ** (1 / power) for part in (0, 0.25, 0.5, 0.75, 1))
    parts = _square(across, up, ("Probability RIFT gives", "Share of coders' marks"), ticks)
    parts.append(line((across(0), up(0)), (across(end), up(end)), "chance"))
    places: list[Point] = []
    for point in points:
        known = point.observed
        x = across(point.predicted)
        if known.low is not None and known.high is not None and known.value:
            parts.append(line((x, up(known.low)), (x, up(known.high)), "model-line"))
        if known.value is not None:
            places.append((x, up(known.value)))
    parts += [polyline(places, "curve thin"), *(dot(place) for place in places)]
    described = "; ".join(
        f"{figure(point.predicted)} predicted, {number(point.observed)} observed in {point.observed.n} turns"
        for point in points
    )
    return picture(identifier, f"Calibration: {row.name}", described, _SQUARE, parts)


def _highest(observed: Statistic) -> float:
    """Return how far up a point reaches; the interval of a point at 0 is not drawn."""
    return (observed.high or observed.value or 0.0) if observed.value else 0.0


def _square(across: Scale, up: Scale, labels: tuple[str, str], ticks: Sequence[float]) -> list[Markup]:
    """Return the grid of a square plot with its axes named."""
    parts = []
    for value in ticks:
        kind = "axis" if value == 0 else "grid"
        text = fine(value) if ticks[1] < 0.01 else figure(value)
        x, y = across(value), up(value)
        parts += [
            line((x, up.end), (x, up.start), kind),
            line((across.start, y), (across.end, y), kind),
            words((x, up.start + 15), text, "tick", "middle"),
            words((across.start - 5, y + 4), text, "tick", "end"),
        ]
    middle = (up.start + up.end) / 2
    parts.append(words(((across.start + across.end) / 2, up.start + 36), labels[0], "", "middle"))
    turned = element(
        "text", labels[1], transform=f"translate(12 {middle:g}) rotate(-90)", class_="words",
        text_anchor="middle",
    )  # fmt: skip
    return [*parts, turned]
