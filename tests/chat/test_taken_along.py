"""What is taken out of a chat (`/save-code`, `/copy`), and what it holds (`/context`)."""

import re

import pytest
from support.chatting import chat, say
from support.parrot import write_parrot

from qwen3cli.documents.languages import suffix_of

CODE = b"Here:\n```python\nprint(1)\n```\nThat is it."


@pytest.fixture
def coder(terminal, tmp_path):
    """A chat whose model answers with one block."""
    write_parrot(tmp_path / "coder.gguf", CODE)
    terminal.type("qwen3 chat -m coder.gguf --no-think")
    terminal.wait_for("coder is ready")
    say(terminal, "hi", 1)
    return terminal


def test_the_last_block_becomes_a_file_and_one_that_exists_is_kept(coder, tmp_path):
    assert "saved a.py" in say(coder, "/save-code a.py", 2)
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == "print(1)\n"
    shown = say(coder, "/save-code a.py", 3)
    assert "a.py exists already and is not touched\n  try: /save-code! a.py" in shown
    say(coder, "/save-code", 4)
    (file,) = tmp_path.glob("qwen3-*.py")
    assert file.read_text(encoding="utf-8") == "print(1)\n"


def test_the_answer_or_its_code_is_put_on_the_terminals_clipboard(coder):
    assert "copied 40 characters, by the terminal" in say(coder, "/copy", 2)
    assert coder.clipboard() == CODE.decode()
    say(coder, "/copy code", 3)
    assert coder.clipboard() == "print(1)\n"


def test_the_desktops_program_gets_it_too(terminal, tmp_path):
    program = tmp_path / "wl-copy"
    program.write_text("#!/bin/sh\ncat > copied.txt\n", encoding="utf-8")
    program.chmod(0o755)
    terminal.type('export WAYLAND_DISPLAY=w PATH="$PWD:$PATH"')
    chat(terminal, "--no-think")
    say(terminal, "Hello", 1)
    assert "by wl-copy and by the terminal" in say(terminal, "/copy", 2)
    assert (tmp_path / "copied.txt").read_text(encoding="utf-8") == "Hello! How can I help you?"


def test_without_an_answer_or_a_block_there_is_nothing_to_take(terminal):
    chat(terminal, "--no-think")
    assert "there is no answer yet" in say(terminal, "/copy", 1)
    say(terminal, "Hello", 2)
    assert "the last answer has no fenced block" in say(terminal, "/save-code", 3)
    assert "/copy takes code, or nothing" in say(terminal, "/copy all", 4)
    assert "these models read text, and see no pictures" in say(terminal, "/image a.png", 5)


def test_the_context_is_counted_and_adds_up(terminal, tmp_path):
    (tmp_path / "a.txt").write_text("one two three\n" * 20, encoding="utf-8")
    chat(terminal, "-s 'Be brief.' --think")
    say(terminal, "What is 478 + 856?", 1)
    say(terminal, "/read a.txt", 2)
    shown = say(terminal, "/context", 3).rpartition("> /context")[2]
    rows = dict(re.findall(r"^(\S+) +([\d,]+)$", shown, re.MULTILINE))
    assert list(rows) == ["system", "tools", "a.txt", "history", "thinking", "free"]
    counts = {name: int(tokens.replace(",", "")) for name, tokens in rows.items()}
    assert sum(counts.values()) == 4096
    assert (counts["a.txt"] > 60, counts["thinking"], counts["tools"]) == (True, 0, 0)
    assert "thoughts of earlier answers are left out of the next prompt" in shown


def test_a_language_has_its_suffix():
    names = ("python", "bash", "cpp", "html", "", "../x")
    assert [suffix_of(each) for each in names] == [".py", ".bash", ".cpp", ".html", ".txt", ".txt"]
