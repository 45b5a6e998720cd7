"""Talking with `qwen3 chat` in a terminal under test."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.terminal import Terminal

READY = "demo is ready"
GREEDY = "--temp 0"


def chat(terminal: Terminal, *flags: str) -> None:
    """Start a chat with the demo model, and wait for its prompt."""
    terminal.type(f"qwen3 chat {GREEDY} {' '.join(flags)}; echo code $?")
    terminal.wait_for(READY)
    terminal.wait_for(prompts(1))


def prompts(count: int) -> Callable[[str], bool]:
    """Whether so many prompts of the editor are there, the last one empty."""
    return lambda shown: (
        len(re.findall(r"^> ?", shown, re.MULTILINE)) >= count and shown.rstrip().endswith(">")
    )


def line(text: str) -> Callable[[str], bool]:
    """Whether this text stands in the line, and nothing below it."""
    return lambda shown: shown.rstrip().endswith(f"> {text}".rstrip())


def set_editor(terminal: Terminal, script: str) -> None:
    """Make a shell script the user's editor; it is given the file as $1."""
    path = terminal.folder / "editor.sh"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    terminal.type(f"export EDITOR={path}")


def say(terminal: Terminal, text: str, number: int) -> str:
    """Send the number-th message and wait until the next prompt."""
    terminal.type(text)
    return terminal.wait_for(prompts(number + 1))


def saved(terminal: Terminal, folder: Path, name: str = "talk.json") -> list[dict[str, Any]]:
    """Save the conversation as JSON, and read its messages."""
    terminal.type(f"/save {name}")
    terminal.wait_for(f"saved {name}")
    messages: list[dict[str, Any]] = json.loads((folder / name).read_text(encoding="utf-8"))[
        "messages"
    ]
    return messages
