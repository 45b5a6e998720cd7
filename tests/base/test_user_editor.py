"""The user's own editor, through the commands that open it."""

import pytest


@pytest.mark.parametrize(
    "command", [["config", "edit"], ["templates", "edit", "summary"], ["templates", "edit", "new"]]
)
def test_no_editor_is_started_without_a_terminal_and_nothing_is_written(qwen3, home, command):
    refused = qwen3(*command, EDITOR="touch")
    assert refused.code == 2
    assert refused.stderr.startswith("qwen3: an editor needs a terminal\n")
    assert not (home / ".config").exists()


@pytest.mark.parametrize(
    ("editor", "says"),
    [
        ("nothing-of-this-name -w", "cannot start nothing-of-this-name: No such file or directory"),
        ('ed "x', "EDITOR has a quote that is not closed"),
        ("sh -c 'exit 3'", "sh ended with code 3"),
        ("sh -c 'kill -9 $$'", "sh was ended by signal 9"),
        ("/etc", "cannot start /etc: Permission denied"),
    ],
)
def test_an_editor_that_cannot_be_had_or_fails_is_told(terminal, editor, says):
    terminal.type(f"export EDITOR={_quoted(editor)}; clear")
    terminal.type("qwen3 config edit; echo code $?")
    assert says in terminal.wait_for("code 2")


@pytest.mark.parametrize(
    "variables",
    [
        "EDITOR=\"'my tools/ed' --flag 'a b'\"",
        'EDITOR="my tools/ed"',
        'VISUAL="  " EDITOR="my\\ tools/ed"',
    ],
)
def test_an_editor_may_have_blanks_in_its_path_and_its_arguments(terminal, variables):
    folder = terminal.folder / "my tools"
    folder.mkdir()
    editor = folder / "ed"
    editor.write_text(
        '#!/bin/sh\nfor last; do :; done; echo "top-k = 7" > "$last"\n', encoding="utf-8"
    )
    editor.chmod(0o755)
    terminal.type(f"{variables} qwen3 config edit; qwen3 config get top-k; echo code $?")
    assert "\n7\n" in terminal.wait_for("code 0")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
