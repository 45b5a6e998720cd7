"""`models prune`: free what downloads have left in the cache: pieces, damaged files, locks. No model that is whole."""

from qwen3cli.base.environment import Environment
from qwen3cli.base.units import bytes_text
from qwen3cli.models.leftovers import Leftover
from qwen3cli.models.library import Library
from qwen3cli.render.json_output import as_json


def run_prune(environment: Environment, *, json: bool) -> None:
    """Remove it all, but for what another process is using, and say how much that freed."""
    found = Library(environment.variables).leftovers()
    removed = [(name, _what(each), each.remove()) for name, each in found]
    freed = sum(size or 0 for _, _, size in removed)
    if json:
        rows = [{"model": name, "what": what, "freed_bytes": size} for name, what, size in removed]
        environment.stdout.put(as_json({"freed_bytes": freed, "items": rows}))
        return
    for name, what, size in removed:
        if size is None:
            environment.stderr.put(f"{name}: another process is fetching it; it stays\n")
        elif what:
            environment.stdout.put(f"{name}: {what}, {bytes_text(size)}\n")
    environment.stdout.put(f"freed {bytes_text(freed)}\n")


def _what(leftover: Leftover) -> str:
    """What it was; empty for a lock alone, of which nobody needs to hear."""
    kinds = {
        "an unfinished download": leftover.is_unfinished,
        "a damaged file": leftover.is_damaged,
    }
    return " and ".join(kind for kind, is_there in kinds.items() if is_there)
