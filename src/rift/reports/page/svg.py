"""SVG by hand: escaped elements, scales, and pictures that say in words what they show.

Colours are classes of the page's style sheet, so that they follow light, dark and print.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """A line from ``low`` at ``start`` to ``high`` at ``end``; what lies outside is put on its edge.

    With ``power`` 0.5 the low end has more room.
    """

    low: float
    high: float
    start: float
    end: float
    power: float = 1.0

    def __call__(self, value: float) -> float:
        """Return where a value stands, in pixels."""
        part = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return float(self.start + part**self.power * (self.end - self.start))


def element(name: str, *content: str, **attributes: str | float) -> Markup:
    """Return an SVG element.

    Parameters
    ----------
    name
        Of the element.
    content
        Escaped unless it is markup already.
    attributes
        ``class_`` for class, ``text_anchor`` for text-anchor; numbers are written short.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_written(value)}"' for key, value in attributes.items()
    )
    inside = Markup("").join(content)
    # Only escaped parts are put together here.
    return Markup(f"<{name}{given}>{inside}</{name}>")


def picture(
    identifier: str, title: str, description: str, size: tuple[float, float], parts: Iterable[Markup]
) -> Markup:
    """Return an SVG image with a title and a description for those who do not see it."""
    return element(
        "svg",
        element("title", title, id=f"{identifier}-title"),
        element("desc", description, id=f"{identifier}-desc"),
        *parts,
        viewBox=f"0 0 {size[0]:g} {size[1]:g}",
        role="img",
        aria_labelledby=f"{identifier}-title {identifier}-desc",
        style=f"max-width:{size[0]:g}px",
    )


def line(start: Point, end: Point, kind: str) -> Markup:
    """Return a straight line."""
    return element("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_=kind)


def polyline(points: Sequence[Point], kind: str) -> Markup:
    """Return a line through points; those within half a pixel of the one before are left out."""
    kept = list(points[:1])
    for point in points[1:]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= 0.5:
            kept.append(point)
    return element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in kept), class_=kind)


def words(at: Point, content: str, kind: str = "", anchor: str = "start") -> Markup:
    """Return one line of text; ``anchor`` is start, middle or end."""
    return element("text", content, x=at[0], y=at[1], class_=f"words {kind}".strip(), text_anchor=anchor)


def dot(at: Point) -> Markup:
    """Return the mark of the model: a filled circle."""
    return element("circle", cx=at[0], cy=at[1], r=4.5, class_="model-mark")


def diamond(at: Point) -> Markup:
    """Return the mark of the coders: an open diamond."""
    x, y = at
    corners = ((x, y - 5.5), (x + 5.5, y), (x, y + 5.5), (x - 5.5, y))
    return element("polygon", points=" ".join(f"{a:.1f},{b:.1f}" for a, b in corners), class_="human-mark")


def _written(value: str | float) -> str:
    return str(escape(value)) if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
