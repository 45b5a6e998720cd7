"""What reaches a terminal, byte by byte: nothing raw, and no escape sequence where the cursor cannot be moved."""

import os
import pty
import re
import subprocess

import pytest

from qwen3cli.base.plaintext import VisibleText, visible

# Fills the clipboard, clears the screen, deletes, turns the direction, and never ends what it turned.
HOSTILE = "a\x1b]52;c;Zm9v\x07b\x9b2Jc\x7fd\u202ee\u2067f"
RAW = re.compile("[\x1b\x07\x7f-\x9f\u202d\u202e]")


def on_a_terminal(qwen3, *arguments, **variables) -> str:
    """All that a process writes to the terminal it runs in."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [qwen3.program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        cwd=qwen3.folder,
        env=os.environ | {"TERM": "xterm-256color", "LANG": "C.UTF-8"} | variables,
    ):
        os.close(theirs)
        written = b""
        try:
            while data := os.read(ours, 65536):
                written += data
        except OSError:  # how Linux says that the other side is closed
            pass
    os.close(ours)
    return written.decode()


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_a_terminal_that_cannot_draw_gets_plain_text_once(qwen3, term):
    shown = on_a_terminal(qwen3, "ask", "--think", "What is 478 + 856?", TERM=term)
    assert "\x1b" not in shown
    assert re.sub(r"for [\d.]+ s", "for a moment", shown.replace("\r\n", "\n")).endswith(
        "Written: 4331, turned: 1334\n▸ thought for a moment, 62 tokens\n\n478 + 856 = 1334\n"
    )
    assert shown.count("Written: 4331") == 1


@pytest.mark.parametrize("term", ["no-such-terminal", "\udcff", "x" * 5000])
def test_a_terminal_that_nobody_knows_is_taken_for_an_ordinary_one(qwen3, term):
    done = qwen3("ask", "--no-think", "--temp", "0", "Hello", TERM=term)
    assert (done.stdout, done.stderr) == (b"Hello! How can I help you?\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "--show-prompt", HOSTILE),
        ("ask", "-m", HOSTILE, "hi"),
        ("ask", "-f", HOSTILE, "hi"),
        ("fit", f"./{HOSTILE}.gguf"),
        ("models", "show", HOSTILE),
        ("pull", "--dry-run", HOSTILE),
    ],
)
def test_no_stranger_s_text_reaches_a_terminal_raw(qwen3, arguments):
    shown = on_a_terminal(qwen3, *arguments, NO_COLOR="1")
    assert "a␛]52;c;Zm9v␇b�2Jc␡d�e" in shown
    assert RAW.findall(shown.replace("\r\x1b[2K", "")) == []
    assert all(line.count("\u2067") == line.count("\u2069") for line in shown.split("\n"))


def test_what_turns_the_direction_ends_with_its_line_however_the_text_is_cut():
    text = "a\u2067b\u202ac\nd\u2066e\u2069f\n\u2069\n"
    whole = "a\u2067b\u202ac\u202c\u2069\nd\u2066e\u2069f\n\u2069\n"
    assert VisibleText().feed(text) == whole
    pieces = VisibleText()
    assert "".join(pieces.feed(character) for character in text) == whole
    assert pieces.feed("g\u2068h") + pieces.end() == "g\u2068h\u2069"
    assert visible(text + "g\u2068h") == whole + "g\u2068h\u2069"
