"""`qwen3 doctor`: is everything here?"""

import typer

from qwen3cli.cli.options import JsonFlag, OfflineFlag, flag_names


def doctor(offline: OfflineFlag = False, json: JsonFlag = False) -> None:
    """Check the engine, the models, the cache and the network; --offline: can I work on the plane?

    \b
    Examples:
      qwen3 doctor
      qwen3 doctor --offline --json
    """
    from qwen3cli.checkup import run_doctor
    from qwen3cli.environment import Environment

    environment = Environment.current()
    raise typer.Exit(run_doctor(environment, flag_names(), offline=offline, json=json))
