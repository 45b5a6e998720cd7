"""Markdown units, the live region and the plain view, on streams that a test can read."""

import io
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from support.recorded import Recorded

from qwen3cli.base.environment import Environment
from qwen3cli.dialogue.events import (
    AnswerDelta,
    Event,
    PrefillProgress,
    ThinkDelta,
    ThinkingClosed,
    ThinkingEnd,
)
from qwen3cli.render.live import LiveRenderer
from qwen3cli.render.markdown.stream import MarkdownStream
from qwen3cli.render.ornaments import ornaments
from qwen3cli.render.plain import PlainRenderer
from qwen3cli.render.renderer import Thoughts
from qwen3cli.render.status import PrefillText

SAMPLE = """# Title

A paragraph with **bold**, *emphasis*, `code` and [a link](https://example.org).
- one
  - two, which is long enough to wrap when the window is narrow
3. three

> quoted

```python
def f():
    return "x"
```

| a | b |
|---|---|
| 1 | **2** |

日本語のテキスト and العربية and 👩‍👩‍👧 [/think] :smile: a[0]
"""


def drawn(text: str, width: int = 60, size: int = 1) -> list[str]:
    """The rows of a text fed in pieces of `size` characters, drawn after each of them."""
    stream = MarkdownStream(ornaments({}))
    rows = []
    for at in range(0, len(text), size):
        stream.feed(text[at : at + size])
        rows += stream.rows(width).finished
    return [row.plain.rstrip() for row in [*rows, *stream.finish(width)]]


def test_markdown_is_drawn_line_by_line():
    assert drawn(SAMPLE, width=100) == [
        "Title",
        "",
        "A paragraph with bold, emphasis, code and a link (https://example.org).",
        "• one",
        "  • two, which is long enough to wrap when the window is narrow",
        "3. three",
        "",
        "│ quoted",
        "",
        "```python",
        "def f():",
        '    return "x"',
        "```",
        "",
        "a │ b",
        "──┼──",
        "1 │ 2",
        "",
        "日本語のテキスト and العربية and 👩‍👩‍👧 [/think] :smile: a[0]",
    ]


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_how_the_text_is_cut_changes_nothing(size):
    assert drawn(SAMPLE, size=size) == drawn(SAMPLE)


@pytest.mark.parametrize("width", [10, 24, 80])
def test_no_row_is_wider_than_the_terminal_and_no_character_is_lost(width):
    text = "word " * 30 + "日本語" * 20 + " " + "x" * 200
    rows = drawn(text, width=width)
    assert max(map(cell_len, rows)) <= width
    assert re.sub(r"\s", "", "".join(rows)) == re.sub(r"\s", "", text)


def test_a_marker_hangs_and_its_text_is_indented_behind_it():
    assert drawn("- one two three four", width=11) == ["• one two", "  three", "  four"]


def test_a_quote_has_its_bar_on_every_row():
    assert drawn("> a quote of some words", width=14) == ["│ a quote of", "│ some words"]


def test_the_columns_of_a_table_stand_as_its_rule_asks():
    table = "| a | b |\n|:-:|--:|\n| 123 | 4567 |\n| 1 | 2 |"
    assert drawn(table)[2:] == ["123 │ 4567", " 1  │    2"]


def test_an_unclosed_fence_or_emphasis_is_shown_as_it_stands():
    assert drawn("```\nx = 1") == ["```", "x = 1"]
    assert drawn("a **b") == ["a **b"]


def test_code_keeps_its_indentation_and_its_blank_lines():
    text = "```\n  one\n\n    two\n```"
    assert drawn(text)[1:4] == ["  one", "", "    two"]


def test_ornaments_are_ascii_where_the_locale_has_no_utf8():
    assert ornaments({"LANG": "C"}).bullet == "*"
    assert ornaments({"LANG": "de_DE.UTF-8"}).bullet == "•"
    assert ornaments({"LC_ALL": "de_DE.ISO-8859-1", "LANG": "C.UTF-8"}).bullet == "*"


# ---- the live view ---------------------------------------------------------------------------------------------------


class Clock:
    """Time that goes on by a second whenever it is asked for, so that every redraw happens."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@pytest.fixture
def screen():
    output = Recorded(is_terminal=True)
    return Environment(
        stdin=io.BytesIO(),
        stdout=output,
        stderr=output,
        variables={"NO_COLOR": "1", "COLUMNS": "40"},
    )


def left_on_screen(environment) -> list[str]:
    """What a terminal would show: a small reading of the few sequences we write."""
    rows, row = [""], 0
    text = environment.stdout.getvalue().decode()
    for token in re.findall(r"\x1b\[\??\d*[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
        if token == "\n":
            row += 1
            if row == len(rows):
                rows.append("")
        elif token == "\x1b[2K":
            rows[row] = ""
        elif token == "\x1b[A":
            row -= 1
        elif not token.startswith("\x1b") and token != "\r":
            rows[row] += token
    while rows and not rows[-1]:
        rows.pop()
    return [line.rstrip() for line in rows]


def play(environment, thoughts, events):
    renderer = LiveRenderer(environment, thoughts, lambda: " (hint)", Clock())
    for event in events:
        renderer.handle(event)
    renderer.close()


def streamed(kind, text):
    return [kind(text[at : at + 3]) for at in range(0, len(text), 3)]


THOUGHT = "I wonder about this for a while, and then for a little longer.\nSo."
CLOSED = ThinkingClosed(ThinkingEnd.MODEL, 21, 3.4)


def test_folded_thoughts_leave_one_line(screen):
    play(
        screen,
        Thoughts.FOLD,
        [*streamed(ThinkDelta, THOUGHT), CLOSED, *streamed(AnswerDelta, "Yes.\nNo.")],
    )
    assert left_on_screen(screen) == ["▸ thought for 3.4 s, 21 tokens", "", "Yes.", "No."]
    assert b"I wonder about" in screen.stdout.getvalue()
    assert b"(hint)" in screen.stdout.getvalue()


def test_shown_thoughts_stay(screen):
    play(
        screen,
        Thoughts.SHOW,
        [*streamed(ThinkDelta, THOUGHT), CLOSED, *streamed(AnswerDelta, "Yes.")],
    )
    assert left_on_screen(screen) == [
        "▸ thinking",
        "I wonder about this for a while, and",
        "then for a little longer.",
        "So.",
        "▸ thought for 3.4 s, 21 tokens",
        "",
        "Yes.",
    ]


def test_hidden_thoughts_never_reach_the_terminal(screen):
    play(
        screen,
        Thoughts.HIDE,
        [*streamed(ThinkDelta, THOUGHT), CLOSED, *streamed(AnswerDelta, "Yes.")],
    )
    assert left_on_screen(screen) == ["▸ thought for 3.4 s, 21 tokens", "", "Yes."]
    assert b"wonder" not in screen.stdout.getvalue()


def test_a_turn_that_is_broken_off_leaves_no_live_row_behind(screen):
    play(screen, Thoughts.FOLD, streamed(ThinkDelta, THOUGHT))
    assert left_on_screen(screen) == []


def test_the_markdown_sample_survives_being_streamed(screen):
    play(screen, Thoughts.FOLD, streamed(AnswerDelta, SAMPLE))
    assert left_on_screen(screen) == drawn(SAMPLE, width=40)


# ---- on a real terminal ----------------------------------------------------------------------------------------------

LONG = (
    "and goes on for longer than a narrow window is wide, so that it must be broken between words"
)
KINDS = ("plain", "日本語のテキスト、全角", "النص من اليمين إلى اليسار", "with 🦊🌊🎉 in it", LONG)
LINES = [f"{number} {KINDS[number % len(KINDS)]}" for number in range(1, 501)]


@pytest.mark.parametrize("sizes", [[], [(40, 10), (160, 45), (60, 24)]])
def test_every_one_of_500_lines_in_any_script_is_in_the_scrollback_once_and_in_order(
    terminal, tmp_path, sizes
):
    text = tmp_path / "answer.txt"
    text.write_text("\n".join(LINES), encoding="utf-8")
    script = Path(__file__).parents[1] / "support" / "show_answer.py"
    terminal.type(f"clear; {sys.executable} {script} {text} 1.5; echo finished")
    for size, line in zip(sizes, (50, 200, 350), strict=False):
        terminal.wait_for(f"\n{line} ")
        terminal.resize(*size)
    shown = terminal.wait_for("\nfinished\n").split("finished\n")[-2]
    rows = " ".join(shown.split())
    assert [int(number) for number in re.findall(r"\b\d+\b", rows)] == list(range(1, 501))
    assert " ".join(LINES) in rows


def test_escape_codes_of_the_model_become_visible(screen):
    play(screen, Thoughts.FOLD, [AnswerDelta("a\x1b[2Jb\x9bc\r\n"), AnswerDelta("d\u202ee")])
    assert left_on_screen(screen) == ["a␛[2Jb�c", "d�e"]


# ---- the plain view --------------------------------------------------------------------------------------------------


def test_off_a_terminal_the_answer_is_exact_to_the_byte():
    output, errors = Recorded(is_terminal=False), Recorded(is_terminal=False)
    environment = replace(
        Environment.current(),
        stdout=output,
        stderr=errors,
    )
    renderer = PlainRenderer(environment, output, show_thoughts=False)
    events: list[Event] = [ThinkDelta("why"), CLOSED, AnswerDelta("a\x1b[0m [/b] **c**\n  d")]
    for event in events:
        renderer.handle(event)
    renderer.close()
    assert output.getvalue() == b"a\x1b[0m [/b] **c**\n  d\n"
    assert errors.getvalue() == b""


def test_the_reading_of_a_long_prompt_says_how_fast_it_goes_and_how_long_it_takes():
    times = iter((10.0, 10.5, 12.0))
    text = PrefillText(lambda: next(times))
    shown = [text(PrefillProgress(done, 3000, 100)) for done in (100, 200, 600)]
    assert shown == [
        "reading the prompt: 100 of 3,000 tokens",
        "reading the prompt: 200 of 3,000 tokens",
        "reading the prompt: 600 of 3,000 tokens, 250 tok/s, 9.6 s left",
    ]
