"""A figure's numbers as a picture: which form suits them, and where its strokes go.

Knows numbers and their labels; colours and fonts are the style sheet's.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from qwen3cli.render.page.values import Figure

# The drawing area of a line, in the units of its view box: about as many pixels as it gets, so that letters keep their size.
WIDTH, HEIGHT = 320, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 12, 30
_MOST_LABELS = 5  # that stand side by side under a line
_STEPS = (1, 2, 2.5, 5, 10)  # between two marks of an axis, times a power of ten
_YEAR = re.compile(r"(?<!\d)(1[0-9]|20|21)\d\d(?!\d)")
_WHOLE, _ROUNDING = (
    100.0,
    1.0,
)  # percents that are the parts of one thing add up to that, give or take
_MOST_SLICES = 6  # as many as have a colour of their own


class Form(StrEnum):
    """What a figure is drawn as."""

    NUMBER = "number"
    LINE = "line"
    SHARES = "shares"
    BARS = "bars"


def form_of(figure: Figure) -> Form:
    """One number stands large; parts of a whole make a ring, years a line, and everything else bars."""
    numbers = [value for _, value in figure.values]
    if len(numbers) == 1:
        return Form.NUMBER
    if _are_years([label for label, _ in figure.values]):
        return Form.LINE
    is_share = figure.unit.strip() in ("%", "٪", "percent") and min(numbers) >= 0
    if is_share and len(numbers) <= _MOST_SLICES and abs(sum(numbers) - _WHOLE) <= _ROUNDING:
        return Form.SHARES
    return Form.BARS


def _are_years(labels: Sequence[str]) -> bool:
    found = [_YEAR.search(label) for label in labels]
    years = [int(each[0]) for each in found if each]
    return len(years) == len(labels) >= 3 and years == sorted(years) and years[0] < years[-1]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in percent of the room for all of them."""

    label: str
    value: float
    start: float
    length: float


def bars(figure: Figure) -> list[Bar]:
    """A bar for each number, from zero, to the left where it is below."""
    numbers = [value for _, value in figure.values]
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    span = (high - low) or 1.0

    def percent(value: float) -> float:
        return round(value / span * 100, 2)

    return [
        Bar(label, value, percent(min(value, 0.0) - low), percent(abs(value)))
        for label, value in figure.values
    ]


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of a ring, in percent of it; `start` is where it begins."""

    label: str
    value: float
    start: float
    length: float


def slices(figure: Figure) -> list[Slice]:
    """The parts of a ring, each from where the one before ended."""
    total = sum(value for _, value in figure.values) or 1.0
    at, found = 0.0, []
    for label, value in figure.values:
        share = round(value / total * 100, 2)
        found.append(Slice(label, value, round(at, 2), share))
        at += share
    return found


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis, or a point of the line, with what stands there; `shown` is whether there is room to say it."""

    x: float
    y: float
    label: str
    value: float
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A line through its points, over the marks of its axis."""

    points: tuple[Mark, ...]
    marks: tuple[Mark, ...]

    @property
    def path(self) -> str:
        """The points as SVG has them."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)

    @property
    def area(self) -> str:
        """The same, closed along the bottom."""
        floor = HEIGHT - _BOTTOM
        return f"{self.points[0].x},{floor} {self.path} {self.points[-1].x},{floor}"


def line(figure: Figure) -> Line:
    """The line of a figure."""
    numbers = [value for _, value in figure.values]
    ticks = _ticks(min(numbers), max(numbers))
    low, span = ticks[0], (ticks[-1] - ticks[0]) or 1.0
    inner_width, inner_height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    last = len(numbers) - 1

    def down(value: float) -> float:
        return round(_TOP + (1 - (value - low) / span) * inner_height, 1)

    every = math.ceil(last / (_MOST_LABELS - 1))
    points = tuple(
        Mark(
            round(_LEFT + at / last * inner_width, 1),
            down(value),
            label,
            value,
            shown=at == last or (at % every == 0 and last - at >= every),
        )
        for at, (label, value) in enumerate(figure.values)
    )
    return Line(points, tuple(Mark(_LEFT, down(tick), "", tick) for tick in ticks))


def _ticks(low: float, high: float) -> list[float]:
    """Three to six round numbers that hold all others between them; from zero where that is not far."""
    low = min(low, 0.0) if low < (high - low) * 2 else low
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next(power * each for each in _STEPS if power * each * 4 >= span)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [at * step for at in range(first, max(last, first + 1) + 1)]
