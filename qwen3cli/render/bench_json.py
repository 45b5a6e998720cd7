"""A report of `bench` as JSON, and back: what `--json` prints is what `--compare` reads."""

import json
import math
from pathlib import Path
from typing import Any

from qwen3cli import __version__
from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.shapes import OTHER_FORM
from qwen3cli.render.json_output import as_json
from qwen3cli.turn.bench import Figure, Report, Unit

_DIGITS = 4
_MOST_BYTES = 2**20  # a report has some KiB


def report_json(report: Report, before: Report | None) -> str:
    """The report, each figure beside what it was before."""
    return as_json(
        {
            "date": report.date,
            "qwen3": __version__,
            "model": report.model,
            "digest": report.digest,
            "machine": report.machine,
            "threads": report.threads,
            "kv_type": report.kv_type,
            "build": report.build,
            "figures": [
                _figure_json(each, before.of(each.name) if before is not None else None)
                for each in report.figures
            ],
        }
    )


def read_report(path: Path) -> Report:
    """The report in a file.

    Raises:
        UsageProblem: there is none in it.
    """
    try:
        with path.open("rb") as file:
            return _report(json.loads(file.read(_MOST_BYTES)))
    except OSError as problem:
        reason = problem.strerror or str(problem)
    except OTHER_FORM:
        reason = "it is no report of qwen3 bench"
    raise UsageProblem(
        f"cannot compare with {path}: {reason}", "qwen3 bench --json > BEFORE.json makes one"
    )


def _report(said: dict[str, Any]) -> Report:
    return Report(
        date=str(said["date"]),
        model=str(said["model"]),
        digest=str(said["digest"]),
        machine=str(said["machine"]),
        threads=int(said["threads"]),
        kv_type=str(said["kv_type"]),
        build=str(said["build"]),
        figures=tuple(_figure(each) for each in said["figures"]),
    )


def _figure(said: dict[str, Any]) -> Figure:
    runs = tuple(float(each) for each in said["runs"])
    if not runs or not all(0 < each < math.inf for each in runs):
        raise ValueError("no figures")
    return Figure(str(said["name"]), Unit(said["unit"]), runs, float(said["warm_up"]))


def _figure_json(figure: Figure, before: Figure | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": figure.name,
        "unit": figure.unit.value,
        "median": round(figure.median, _DIGITS),
        "lowest": round(figure.lowest, _DIGITS),
        "highest": round(figure.highest, _DIGITS),
        "warm_up": round(figure.warm_up, _DIGITS),
        "runs": [round(each, _DIGITS) for each in figure.runs],
    }
    if before is not None:
        told["before"] = round(before.median, _DIGITS)
        told["ratio"] = round(figure.median / before.median, _DIGITS)
        told["is_outside_spread"] = figure.is_apart_from(before)
    return told
