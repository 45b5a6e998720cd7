"""`--help` of every command: whole sentences within the terminal's width, and nothing that only Typer understands."""

import pytest
import typer

from qwen3cli.cli.app import command_tree
from qwen3cli.cli.syntax import Syntax, syntax_of


def paths(syntax: Syntax, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    return [
        path,
        *(each for name in syntax.commands for each in paths(syntax.commands[name], (*path, name))),
    ]


COMMANDS = paths(syntax_of(typer.main.get_command(command_tree())))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("columns", ["80", "200"])
def test_help_is_plain_whole_and_within_80_columns(qwen3, path, columns):
    done = qwen3(*path, "--help", COLUMNS=columns)
    lines = done.stdout.decode().splitlines()
    assert (done.code, done.stderr) == (0, "")
    assert max(map(len, lines)) <= 80
    for noise in ("<bool>", "<str>", "\b", "\x1b", "x>=", "<=x"):
        assert noise not in done.stdout.decode()
    assert not any(line.endswith("...") for line in lines if not line.startswith("Usage"))


def test_every_flag_has_its_section_and_its_help(qwen3):
    text = qwen3("ask", "--help").stdout.decode()
    titles = [
        line.rstrip(":") for line in text.splitlines() if line.endswith(":") and line[0] != " "
    ]
    assert titles == [
        "Arguments",
        "Prompt",
        "Model",
        "Thinking",
        "Tools",
        "Output",
        "Conversation",
        "Sampling",
        "Machine",
        "Options",
    ]
