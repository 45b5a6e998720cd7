"""The words people bring to the command line: understood where they mean one thing, else told the whole command."""

import os
import shlex

import pytest
import typer

from qwen3cli.base.errors import UsageProblem
from qwen3cli.cli.app import command_tree
from qwen3cli.cli.syntax import syntax_of
from qwen3cli.cli.words import CommandLine

SYNTAX = syntax_of(typer.main.get_command(command_tree()))


def read(line: str) -> list[str]:
    return CommandLine(SYNTAX, os.environ).read(shlex.split(line))


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("", ""),
        ("ask hi", "ask hi"),
        ("--version", "--version"),
        ("version", "--version"),
        ("-V", "--version"),
        ("help", "--help"),
        ("help ask", "ask --help"),
        ("help models show", "models show --help"),
        ("help ls", "models list --help"),
        ("models help", "models --help"),
        ("list", "models list"),
        ("ls --json", "models list --json"),
        ("models ls", "models list"),
        ("templates ls", "templates list"),
        ("show 8b", "models show 8b"),
        ("rm 8b:q8_0", "models rm 8b:q8_0"),
        ("download 8b --dry-run", "pull 8b --dry-run"),
        ("'Why is the sky blue?'", "ask 'Why is the sky blue?'"),
        ("空はなぜ青い", "ask 空はなぜ青い"),
        ("--size 8b 'How are you?' --json", "ask --size 8b 'How are you?' --json"),
        ("-", "ask -"),
        ("-- '-5 + 3?'", "ask -- '-5 + 3?'"),
        ("--size 8b ask hi -- -x", "ask hi --size 8b -- -x"),
        ("--size 8b -- -x", "ask --size 8b -- -x"),
        ("--json ls", "models list --json"),
        ("--json models show 8b", "models show 8b --json"),
        ("--offline doctor", "doctor --offline"),
        ("ask -n -1 -s '- x' hi -- -y", "ask -n -1 -s '- x' hi -- -y"),
        ("ask --system=-x -n5 -s'You are' 5 - 3", "ask --system=-x -n5 -s'You are' 5 - 3"),
    ],
)
def test_words_with_one_meaning_work(line, meant):
    assert read(line) == shlex.split(meant)


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("run 8b", "qwen3 chat --size 8b"),
        ("run", "qwen3 chat"),
        ("run qwen3:8b 'Why?' -n 5", 'qwen3 ask --size qwen3:8b -n 5 "Why?"'),
        ("run 'Why is it?'", 'qwen3 ask "Why is it?"'),
        ("8b", "qwen3 chat --size 8b"),
        ("Qwen/Qwen3-8B 'Why is it?'", 'qwen3 ask --size Qwen/Qwen3-8B "Why is it?"'),
        ("'my model.gguf'", 'qwen3 chat --size "my model.gguf"'),
        ("--size 8b", "qwen3 chat --size 8b"),
        ("--size 8b hello", "qwen3 ask --size 8b hello"),
        ("-f notes.md", "qwen3 chat -f notes.md"),
        ("--dry-run", "qwen3 pull --dry-run"),
        ("aks", "qwen3 ask"),
        ("aks hi", "qwen3 ask hi; or, as a prompt: qwen3 ask aks hi"),
        ("hello", "qwen3 ask hello; qwen3 --help lists the commands"),
        ("help aks", "qwen3 ask --help"),
        ("models shwo 8b", "qwen3 models show 8b"),
        ("models 8b", "qwen3 models show 8b"),
        ("models what", "qwen3 models --help"),
        ("templates remove mine", "qwen3 templates --help"),
        ("ask '-5 + 3?'", 'qwen3 ask -- "-5 + 3?"'),
        ("'-5 + 3?'", 'qwen3 ask -- "-5 + 3?"'),
        ("ask --size 4b -5 --think", "qwen3 ask --size 4b --think -- -5"),
        ("ask '-s is what?'", 'qwen3 ask -- "-s is what?"'),
        ("chat '- one'", 'qwen3 chat -- "- one"'),
        ("ask '-5 $HOME'", "qwen3 ask -- '-5 $HOME'"),
        (
            "ask what does ls -l do",
            "qwen3 ask --help; or, if it is part of the prompt: qwen3 ask -- what does ls -l do",
        ),
        ("ask --sise=8b hi", "qwen3 ask --size=8b hi"),
        ("pull --frm modelscope 8b", "qwen3 pull --from modelscope 8b"),
        ("pull -5", "qwen3 pull --help"),
        ("--verison", "qwen3 --help"),
    ],
)
def test_words_with_two_meanings_or_none_are_told_the_whole_command(line, whole):
    with pytest.raises(UsageProblem) as refused:
        read(line)
    assert refused.value.hint == whole


def test_a_prompt_is_the_same_however_it_is_given(qwen3):
    def shown(*arguments: str, stdin: bytes = b"") -> bytes:
        done = qwen3(*arguments, "--show-prompt", stdin=stdin)
        assert done.code == 0, done.stderr
        return bytes(done.stdout)

    whole = shown("ask", "how are you")
    assert b"how are you" in whole
    assert shown("ask", "how", "are", "you") == whole
    assert shown("how are you") == whole
    assert shown("ask", "-", stdin=b"how are you\n") == whole
    assert shown("-", stdin=b"how are you\n") == whole


def test_standard_input_may_be_typed_and_ends_with_one_ctrl_d(terminal):
    terminal.type("qwen3 ask --no-think -; echo code $?")
    terminal.type("Hello")
    terminal.press("C-d")
    assert "How can I help you?" in terminal.wait_for("code 0")


def test_chat_joins_its_words_and_takes_no_standard_input(terminal, qwen3):
    terminal.type("qwen3 chat count to 3 please")
    terminal.wait_for("I am the demo")
    done = qwen3("chat", "-", stdin=b"Hello")
    assert (done.code, done.stderr.splitlines()[1]) == (2, "  try: qwen3 ask -")


def test_a_refused_word_exits_2_in_two_lines(qwen3):
    done = qwen3("run", "8b")
    assert (done.code, done.stdout) == (2, b"")
    assert done.stderr == "qwen3: no such command: run\n  try: qwen3 chat --size 8b\n"


def test_a_long_word_is_told_in_short():
    with pytest.raises(UsageProblem) as refused:
        read("aks " + "x" * 1000)
    assert len(refused.value.hint) < 300
