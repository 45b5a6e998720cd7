"""A report of `bench` as a picture: bars in SVG, each with its spread, beside those of an earlier report."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from qwen3cli.base.errors import QwenError, UsageProblem
from qwen3cli.base.plaintext import visible
from qwen3cli.render.bench import circumstances, figure_text, share_of_longest
from qwen3cli.turn.bench import Figure, Report

# In pixels.
_WIDTH, _MARGIN, _NAMES, _VALUES = 720, 16, 190, 110
_ROW, _BAR, _TITLE = 30, 16, 56
_NOW, _BEFORE, _INK = "#2f6f8f", "#b9c9d1", "#333333"


def check_plot_path(path: Path) -> None:
    """Find out before anything is measured that no picture can be written there.

    Raises:
        UsageProblem: it cannot.
    """
    if path.suffix.lower() != ".svg":
        raise UsageProblem(f"--plot {path}: pictures are SVG", f"--plot {path.with_suffix('.svg')}")
    try:
        path.open("a", encoding="utf-8").close()
    except OSError as problem:
        raise UsageProblem(f"--plot {path}: {problem.strerror}", "name another file") from None


def write_plot(path: Path, report: Report, before: Report | None) -> None:
    """Draw the report into a file.

    Raises:
        QwenError: it cannot be written.
    """
    try:
        path.write_text(svg(report, before), encoding="utf-8")
    except OSError as problem:
        raise QwenError(f"cannot write {path}: {problem.strerror}", "name another file") from None


def svg(report: Report, before: Report | None) -> str:
    """The picture."""
    reports = [report] if before is None else [report, before]
    height = _TITLE + _ROW * len(report.figures) * len(reports) + _MARGIN
    rows = "".join(_rows(report, reports))
    title = escape(visible(circumstances(report)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"'
        f' viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="13" fill="{_INK}">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n'
        f"<title>{title}</title>\n"
        f'<text x="{_MARGIN}" y="{_MARGIN + 10}" font-size="11" textLength="{_WIDTH - 2 * _MARGIN}"'
        f' lengthAdjust="spacingAndGlyphs">{title}</text>\n'
        f"{rows}</svg>\n"
    )


def _rows(report: Report, reports: Sequence[Report]) -> Iterator[str]:
    top = _TITLE
    for figure in report.figures:
        for color, name, each in (
            (_NOW, figure.name, figure),
            (_BEFORE, "before", reports[-1].of(figure.name) if len(reports) > 1 else None),
        ):
            if each is not None:
                yield _bar(top, color, name, each, share_of_longest(each, reports))
                top += _ROW


def _bar(top: int, color: str, name: str, figure: Figure, share: float) -> str:
    """One bar, its spread as a line across its end, and its value."""
    left, longest = _MARGIN + _NAMES, _WIDTH - 2 * _MARGIN - _NAMES - _VALUES
    scale = longest * share / figure.median
    low, end, high = (
        left + scale * each for each in (figure.lowest, figure.median, figure.highest)
    )
    middle, line = top + _BAR / 2, top + _BAR / 2 + 4
    text = escape(visible(figure_text(figure.median, figure.unit)))
    return (
        f'<text x="{left - 8}" y="{line:.0f}" text-anchor="end">{escape(visible(name))}</text>\n'
        f'<rect x="{left}" y="{top}" width="{end - left:.1f}" height="{_BAR}" fill="{color}"/>\n'
        f'<path d="M{low:.1f} {middle}H{high:.1f}" stroke="{_INK}"/>\n'
        f'<text x="{max(end, high) + 8:.1f}" y="{line:.0f}">{text}</text>\n'
    )
