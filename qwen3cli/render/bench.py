"""A report of `bench` for people: a table with bars, and what it was measured on."""

from collections.abc import Sequence

from qwen3cli.base.environment import Environment
from qwen3cli.base.plaintext import visible
from qwen3cli.base.units import bytes_text
from qwen3cli.render.ornaments import ornaments
from qwen3cli.render.tables import put_table
from qwen3cli.turn.bench import Figure, Report, Unit

_BAR_COLUMNS = 16
_DIGEST_SHOWN = 12


def put_report(environment: Environment, report: Report, before: Report | None) -> None:
    """The table on standard output, the circumstances on standard error."""
    headings = ["", "median", "spread", ""]
    if before is not None:
        headings[3:3] = ["before", "change"]
    block = ornaments(environment.variables).block
    rows = [_row(each, report, before, block) for each in report.figures]
    put_table(environment, headings, rows, right=(1, 2, 3) if before is not None else (1, 2))
    environment.stderr.put(visible(circumstances(report)) + "\n")


def circumstances(report: Report) -> str:
    """What a report was measured on."""
    threads = f"{report.threads} thread{'s' if report.threads > 1 else ''}"
    return (
        f"{report.model} ({report.digest[:_DIGEST_SHOWN]}), {threads} of {report.machine},"
        f" KV cache {report.kv_type}, {report.build}"
    )


def figure_text(value: float, unit: Unit) -> str:
    """A value with its unit, as short as it is sure."""
    if unit is Unit.BYTES:
        return bytes_text(round(value))
    number = f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
    return f"{number} {unit.value}"


def change_text(figure: Figure, before: Figure) -> str:
    """How it has changed since; in a word, if that is more than its spread."""
    percent = f"{round(100 * (figure.median / before.median - 1)):+d}%"
    if not figure.is_apart_from(before):
        return percent
    is_more = figure.median > before.median
    words = {
        Unit.RATE: ("faster", "slower"),
        Unit.SECONDS: ("slower", "faster"),
        Unit.BYTES: ("more", "less"),
    }[figure.unit]
    return f"{percent} {words[0] if is_more else words[1]}"


def share_of_longest(figure: Figure, reports: Sequence[Report]) -> float:
    """How long its bar is beside the longest one of its unit."""
    medians = [
        each.median for report in reports for each in report.figures if each.unit is figure.unit
    ]
    return figure.median / max(medians)


def _row(figure: Figure, report: Report, before: Report | None, block: str) -> Sequence[str]:
    columns = round(_BAR_COLUMNS * share_of_longest(figure, [report]))
    spread = "-".join(
        figure_text(each, figure.unit).partition(" ")[0] for each in (figure.lowest, figure.highest)
    )
    row = [figure.name, figure_text(figure.median, figure.unit), spread, block * max(1, columns)]
    if before is not None:
        was = before.of(figure.name)
        told = (
            ("", "")
            if was is None
            else (figure_text(was.median, was.unit), change_text(figure, was))
        )
        row[3:3] = told
    return row
