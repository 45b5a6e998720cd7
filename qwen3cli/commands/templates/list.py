"""`templates list`: every template, and whose it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.commands.templates import load_template, own_folder, template_files
from qwen3cli.render.json_output import as_json
from qwen3cli.render.tables import put_table


def run_list(environment: Environment, *, json: bool) -> None:
    """Every template, and whose it is.

    Raises:
        UsageProblem: a file is wrong; the others are listed.
    """
    own = own_folder(environment.variables)
    rows: list[dict[str, Any]] = []
    problems: list[UsageProblem] = []
    for name, path in template_files(environment.variables).items():
        try:
            about = load_template(path).description
        except UsageProblem as problem:
            problems.append(problem)
        else:
            rows.append({"name": name, "description": about, "own": path.is_relative_to(own)})
    _put(rows, environment, json=json)
    if problems:
        raise problems[0]


def _put(rows: Sequence[Mapping[str, Any]], environment: Environment, *, json: bool) -> None:
    if json:
        environment.stdout.put(as_json(rows))
        return
    table = [
        (str(row["name"]), str(row["description"]), "own" if row["own"] else "") for row in rows
    ]
    put_table(environment, ("template", "what for", ""), table)
