"""An exam as a picture: how many answers were right over how long one took, with what that is sure to; SVG.

Knows points and their names; does not know how they were measured.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from xml.sax.saxutils import escape

from qwen3cli.base.plaintext import visible
from qwen3cli.base.units import seconds_text

# In pixels.
_WIDTH, _HEIGHT = 720, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 48, 56
_DOT, _GAP, _LETTER = 5, 10, 7
_INK, _LINE, _DOTS = "#333333", "#dddddd", "#2f6f8f"
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_STEPS = (1, 2, 5)  # between two marks of the time, times a power of ten
_MOST_MARKS = 6


@dataclass(frozen=True, slots=True)
class ExamPoint:
    """One way: seconds for a question, the share of right answers, and between what the true share lies."""

    label: str
    seconds: float
    accuracy: float
    low: float
    high: float


def exam_svg(title: str, points: Sequence[ExamPoint]) -> str:
    """The picture."""
    step = _step(max((each.seconds for each in points), default=0.0))
    longest = step * max(1, math.ceil(max((each.seconds for each in points), default=0) / step))
    parts = [*_grid(step, longest), *(line for each in points for line in _point(each, longest))]
    said = escape(visible(title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}"'
        f' viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="13" fill="{_INK}">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n<title>{said}</title>\n'
        f'<text x="{_LEFT}" y="26">{said}</text>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _step(longest: float) -> float:
    """Between two marks of the time: a round number, so that few stand there."""
    if longest <= 0:
        return 1.0
    for power in count(math.floor(math.log10(longest)) - 1):
        for each in _STEPS:
            if longest / (each * 10.0**power) <= _MOST_MARKS:
                return each * 10.0**power
    raise AssertionError  # the powers go on


def _x(seconds: float, longest: float) -> float:
    return round(_LEFT + seconds / longest * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM), 1)


def _grid(step: float, longest: float) -> Iterator[str]:
    floor = _HEIGHT - _BOTTOM
    for share in _SHARES:
        yield f'<path d="M{_LEFT} {_y(share)}H{_WIDTH - _RIGHT}" stroke="{_LINE}"/>'
        yield f'<text x="{_LEFT - _GAP}" y="{_y(share) + 4}" text-anchor="end">{share:.0%}</text>'
    for at in range(round(longest / step) + 1):
        x = _x(at * step, longest)
        text = seconds_text(at * step) if at else "0"
        yield f'<text x="{x}" y="{floor + 20}" text-anchor="middle">{text}</text>'
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    yield f'<text x="{middle}" y="{floor + 42}" text-anchor="middle">time for a question</text>'


def _point(point: ExamPoint, longest: float) -> Iterator[str]:
    """A dot with its interval and its name, which stands where there is room."""
    x, y = _x(point.seconds, longest), _y(point.accuracy)
    name = visible(point.label)
    at_left = x + _GAP + len(name) * _LETTER > _WIDTH - _RIGHT
    place, anchor = (x - _GAP, "end") if at_left else (x + _GAP, "start")
    yield f'<path d="M{x} {_y(point.low)}V{_y(point.high)}" stroke="{_DOTS}" stroke-opacity="0.5"/>'
    yield f'<circle cx="{x}" cy="{y}" r="{_DOT}" fill="{_DOTS}"/>'
    yield f'<text x="{place}" y="{y + 4}" text-anchor="{anchor}">{escape(name)}</text>'
