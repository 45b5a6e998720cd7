"""`--version --json`: which releases work together here."""

import platform

from qwen3cli import __version__
from qwen3cli.base.environment import Environment
from qwen3cli.engine.bindings import bindings_version
from qwen3cli.render.json_output import as_json


def run_version(environment: Environment) -> None:
    """Print our release, the bindings', Python's and the system's."""
    told = {
        "qwen3": __version__,
        "llama-cpp-python": bindings_version(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    environment.stdout.put(as_json(told))
