"""`templates path`: where the user's own are, or where one lies."""

from qwen3cli.base.environment import Environment
from qwen3cli.commands.templates import find_template, own_folder, template_files


def run_path(environment: Environment, name: str | None) -> None:
    """Where the user's own are, or where one lies."""
    folder, files = own_folder(environment.variables), template_files(environment.variables)
    if name is not None and name not in files:
        find_template(name, environment.variables)
    environment.stdout.put(f"{folder if name is None else files[name]}\n")
