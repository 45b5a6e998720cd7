"""`qwen3 doctor`: is everything here?"""

import typer

from qwen3cli.cli.options import JsonFlag, OfflineFlag
from qwen3cli.cli.settings import flag_names, refused_variables, variable_names


def doctor(context: typer.Context, offline: OfflineFlag = False, json: JsonFlag = False) -> None:
    """Check the engine, the models, the cache and the network.

    With --offline: can I work on the plane?

    \b
    Examples:
      qwen3 doctor
      qwen3 doctor --offline --json
    """
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.doctor import KnownSettings, run_doctor

    tree = context.find_root().command
    known = KnownSettings(flag_names(), variable_names(tree), tuple(refused_variables(tree)))
    raise typer.Exit(run_doctor(Environment.current(), known, offline=offline, json=json))
