"""`templates show`: a template's file."""

from qwen3cli.base.environment import Environment
from qwen3cli.commands.templates import find_template, template_files


def run_show(environment: Environment, name: str) -> None:
    """A template's file as it is."""
    find_template(name, environment.variables)  # says what is wrong with it
    path = template_files(environment.variables)[name]
    environment.stdout.put(path.read_text(encoding="utf-8-sig"))
