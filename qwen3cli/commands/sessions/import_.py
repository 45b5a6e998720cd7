"""`sessions import`: conversations of other tools, or of another machine."""

from collections.abc import Sequence
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.units import count_text
from qwen3cli.commands.sessions import opened_store
from qwen3cli.render.json_output import as_json
from qwen3cli.sessions.imports import sessions_in


def run_import(files: Sequence[Path], environment: Environment, *, json: bool) -> None:
    """Add what is in the files and not here yet. All of them are read before anything is added.

    Raises:
        UsageProblem: one of them is no export.
    """
    found = [session for file in files for session in sessions_in(file)]
    with opened_store(environment) as store:
        added = sum(store.add(session) for session in found)
    here = len(found) - added
    if json:
        environment.stdout.put(as_json({"imported": added, "already_here": here}))
        return
    already = f"; {count_text(here)} were here already" if here else ""
    environment.stdout.put(f"{count_text(added)} imported{already}\n")
