"""`models rm`: free what a model takes of the disk."""

from qwen3cli.base.environment import Environment
from qwen3cli.base.units import bytes_text
from qwen3cli.models.library import Library
from qwen3cli.render.json_output import as_json


def run_remove(spec: str, environment: Environment, *, json: bool) -> None:
    """Free a model's files and say how much that was."""
    library = Library(environment.variables)
    ref = library.resolve(spec)
    removed = library.remove(ref)
    if json:
        kept = [str(path) for path in removed.kept]
        told = {"model": ref.name, "freed_bytes": removed.freed_bytes, "kept": kept}
        environment.stdout.put(as_json(told))
        return
    environment.stdout.put(f"{ref.name}: freed {bytes_text(removed.freed_bytes)}\n")
    for path in removed.kept:
        environment.stderr.put(
            f"{path} stays: another tool brought it, or it is in another cache\n"
        )
