"""`qwen3 bench`: how fast a model is here."""

from pathlib import Path
from typing import Annotated

from qwen3cli.base.environment import Environment
from qwen3cli.base.ranges import Range
from qwen3cli.cli.help import OUTPUT
from qwen3cli.cli.model_flags import ModelFlags
from qwen3cli.cli.options import JsonFlag, grouped, named_path, option, within

_RUNS = Range(2, 100)  # one run has no spread


@grouped
def bench(
    environment: Environment,
    model: ModelFlags,
    runs: Annotated[
        int,
        option(
            "--runs",
            callback=within(_RUNS),
            metavar="N",
            help="Measure each figure N times.",
            panel=OUTPUT,
        ),
    ] = 5,
    compare: Annotated[
        Path | None,
        option(
            "--compare",
            metavar="BEFORE.json",
            parser=named_path,
            help="Show what has changed since a --json of before.",
            panel=OUTPUT,
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        option(
            "--plot",
            metavar="FILE.svg",
            parser=named_path,
            help="Draw the figures too.",
            panel=OUTPUT,
        ),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Measure how fast a model is here.

    \b
    Examples:
      qwen3 bench --size 4b
      qwen3 bench --size 4b --json > before.json
      qwen3 bench --size 4b --compare before.json --plot speed.svg
    """
    from qwen3cli.cli.requests import load_options
    from qwen3cli.commands.bench import checked_request, run_bench
    from qwen3cli.commands.selection import find_or_fetch
    from qwen3cli.models.sources import network

    request = checked_request(runs, compare, plot, json=json)
    allowed = network(model.offline, model.source, model.yes)
    choice = find_or_fetch(model.size, environment, allowed)
    run_bench(request, choice, load_options(model), environment)
