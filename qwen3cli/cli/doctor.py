"""`qwen3 doctor`: is everything here?"""

import typer

from qwen3cli.cli.options import JsonFlag, OfflineFlag
from qwen3cli.cli.settings import flag_names


def doctor(offline: OfflineFlag = False, json: JsonFlag = False) -> None:
    """Check the engine, the models, the cache and the network.

    With --offline: can I work on the plane?

    \b
    Examples:
      qwen3 doctor
      qwen3 doctor --offline --json
    """
    from qwen3cli.base.environment import Environment
    from qwen3cli.commands.doctor import run_doctor

    environment = Environment.current()
    raise typer.Exit(run_doctor(environment, flag_names(), offline=offline, json=json))
