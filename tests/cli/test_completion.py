"""Completing sizes and quantizations, as each shell asks for it."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = {
    "bash": "complete -o default -F _qwen3_completion qwen3",
    "zsh": "compdef _qwen3_completion qwen3",
    "fish": "complete --command qwen3",
    "powershell": "Register-ArgumentCompleter -Native -CommandName qwen3",
}
EIGHT = ["8b:q4_k_m", "8b:q5_0", "8b:q5_k_m", "8b:q6_k", "8b:q8_0"]


def bash(*words: str) -> dict[str, str]:
    return {
        "_QWEN3_COMPLETE": "complete_bash",
        "COMP_WORDS": "\n".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }


def zsh(line: str) -> dict[str, str]:
    return {"_QWEN3_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line}


def fish(line: str) -> dict[str, str]:
    return {
        "_QWEN3_COMPLETE": "complete_fish",
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }


def powershell(line: str) -> dict[str, str]:
    return {
        "_QWEN3_COMPLETE": "complete_powershell",
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_WORD_TO_COMPLETE": line.split(" ")[-1],
    }


def completed(qwen3, variables: dict[str, str]) -> list[str]:
    text = qwen3(**variables).stdout.decode()
    return [line.strip(' "').replace("\\", "").partition(":::")[0] for line in text.splitlines()]


@pytest.mark.parametrize(
    "ask",
    [
        lambda: bash("qwen3", "pull", "3"),
        lambda: fish("qwen3 pull 3"),
        lambda: powershell("qwen3 pull 3"),
    ],
)
def test_a_size_is_completed(qwen3, ask):
    sizes = ["32b", "30b-a3b", "30b-a3b-instruct-2507", "30b-a3b-thinking-2507"]
    assert completed(qwen3, ask()) == sizes or completed(qwen3, ask()) == sorted(sizes)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: fish("qwen3 chat --size 8b:"), EIGHT),
        (lambda: powershell("qwen3 chat --size 8b:"), EIGHT),
        (lambda: bash("qwen3", "chat", "--size", "8b", ":", "q5"), ["q5_0", "q5_k_m"]),
        (lambda: bash("qwen3", "chat", "--size", "8b", ":"), [each[3:] for each in EIGHT]),
        (lambda: bash("qwen3", "pull", "8b", ":", "q8"), ["q8_0"]),
    ],
)
def test_a_quantization_is_completed_behind_the_colon(qwen3, ask, expected):
    assert completed(qwen3, ask()) == expected


def test_zsh_gets_its_colons_escaped(qwen3):
    shown = qwen3(**zsh("qwen3 models show 8b:q5")).stdout.decode()
    assert shown.count('"8b\\\\:q5') == 2


@pytest.mark.parametrize("shell", SCRIPTS)
def test_every_shell_gets_its_script(qwen3, shell):
    done = qwen3(_QWEN3_COMPLETE=f"source_{shell}")
    assert SCRIPTS[shell] in done.stdout.decode()


def test_bash_itself_completes_a_quantization(tmp_path):
    program = Path(sys.executable).with_name("qwen3")
    script = (
        f'PATH="{program.parent}:$PATH"; source <(_QWEN3_COMPLETE=source_bash qwen3);'
        "COMP_WORDS=(qwen3 pull 8b : q8); COMP_CWORD=4; _qwen3_completion qwen3; echo ${COMPREPLY[@]}"
    )
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, encoding="utf-8", check=True, cwd=tmp_path
    )
    assert done.stdout == "q8_0\n"
