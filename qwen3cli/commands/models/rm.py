"""`models rm`: free what a model takes of the disk."""

from qwen3cli.base.environment import Environment
from qwen3cli.base.units import bytes_text
from qwen3cli.models.library import Library
from qwen3cli.render.envelope import as_json


def run_remove(spec: str, environment: Environment, *, json: bool) -> None:
    """Free a model's files and say how much that was."""
    library = Library(environment.variables)
    ref = library.resolve(spec)
    freed = library.remove(ref)
    text = f"{ref.name}: freed {bytes_text(freed)}\n"
    environment.stdout.put(as_json({"model": ref.name, "freed_bytes": freed}) if json else text)
