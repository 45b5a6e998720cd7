"""`templates list`: every template, and whose it is."""

from qwen3cli.base.environment import Environment
from qwen3cli.commands.templates import load_template, own_folder, template_files
from qwen3cli.render.json_output import as_json
from qwen3cli.render.tables import put_table


def run_list(environment: Environment, *, json: bool) -> None:
    """Every template, and whose it is."""
    own = own_folder(environment.variables)
    rows = [
        {
            "name": name,
            "description": load_template(path).description,
            "own": path.is_relative_to(own),
        }
        for name, path in template_files(environment.variables).items()
    ]
    if json:
        environment.stdout.put(as_json(rows))
        return
    table = [
        (str(row["name"]), str(row["description"]), "own" if row["own"] else "") for row in rows
    ]
    put_table(environment, ("template", "what for", ""), table)
