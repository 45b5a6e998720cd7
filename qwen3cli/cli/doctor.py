"""`qwen3 doctor`: is everything here?"""

from typing import Annotated

import typer

from qwen3cli.cli.help import OUTPUT
from qwen3cli.cli.options import JsonFlag, OfflineFlag, switch
from qwen3cli.cli.settings import flag_names, refused_variables, variable_names


def doctor(
    context: typer.Context,
    offline: OfflineFlag = False,
    report: Annotated[
        bool,
        switch(
            "--report",
            help="Print what a bug report needs, and nothing that is private.",
            panel=OUTPUT,
        ),
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Check the engine, the models, the cache and the network.

    With --offline: can I work on the plane?

    \b
    Examples:
      qwen3 doctor
      qwen3 doctor --offline --json
      qwen3 doctor --report
    """
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.doctor import KnownSettings, run_doctor
    from qwen3cli.commands.doctor_report import run_report

    tree = context.find_root().command
    known = KnownSettings(flag_names(), variable_names(tree), tuple(refused_variables(tree)))
    environment = Environment.current()
    if report:
        run_report(environment, known, json=json)
        return
    raise typer.Exit(run_doctor(environment, known, offline=offline, json=json))
