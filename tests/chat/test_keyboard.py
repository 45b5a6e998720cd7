"""The keyboard of a chat, in a real terminal: what is typed is never lost and never glued, whenever it is typed."""

import os
import re
import signal
import time

import psutil
import pytest
from support.chatting import GREEDY, chat, line, prompts, saved, say, set_editor
from support.command import LIMIT_SECONDS

HELLO = "Hello! How can I help you?"


def test_lines_typed_while_it_answers_are_sent_in_turn_and_the_rest_stands_in_the_line(terminal):
    chat(terminal, "--no-think")
    terminal.type("Count to 300")
    terminal.wait_for("\n20\n")
    terminal.type("/clear")
    terminal.type("Hello")
    terminal.press("n", "e", "x", "t")
    shown = terminal.wait_for(line("next"))
    assert "\n> /clear\na new conversation begins" in shown
    assert f"\n> Hello\n{HELLO}\n" in shown


def test_lines_typed_in_one_burst_while_it_answers_are_sent_in_turn_too(terminal):
    chat(terminal, "--no-think")
    terminal.type("Count to 300")
    terminal.wait_for("\n20\n")
    terminal.press("/clear", "Enter", "Hello", "Enter")
    shown = terminal.wait_for(lambda shown: prompts(4)(shown) and HELLO in shown)
    assert f"\n> Hello\n{HELLO}\n" in shown


def test_lines_typed_before_the_model_is_there_are_sent_in_turn(terminal, tmp_path):
    terminal.type(f"qwen3 chat --no-think {GREEDY}")
    terminal.type("Hello")
    terminal.type("Bonjour")
    terminal.wait_for(lambda shown: shown.count("tok/s") == 2)
    assert [each["content"] for each in saved(terminal, tmp_path)][::2] == ["Hello", "Bonjour"]


def test_a_block_typed_ahead_stays_one_message(terminal, tmp_path):
    chat(terminal, "--no-think")
    terminal.type("Count to 300")
    terminal.wait_for("\n20\n")
    for text in ('"""', "one", "/two", '"""'):
        terminal.type(text)
    terminal.wait_for(lambda shown: shown.count("tok/s") == 2)
    assert saved(terminal, tmp_path)[2]["content"] == "one\n/two"


def test_a_paste_while_it_answers_keeps_its_lines(terminal, tmp_path):
    chat(terminal, "--no-think")
    terminal.type("Count to 300")
    terminal.wait_for("\n20\n")
    terminal.paste("one\n  two\n\tthree")
    terminal.wait_for("three")
    terminal.press("Enter")
    terminal.wait_for(lambda shown: shown.count("tok/s") == 2)
    assert saved(terminal, tmp_path)[2]["content"] == "one\n  two\n\tthree"


def test_a_paste_that_waits_in_the_terminal_survives_the_ctrl_c_that_stops_the_answer(
    terminal, tmp_path
):
    set_editor(terminal, "cp $1 kept; exit 1")
    text = "\n".join(
        f"line {number} of more than a terminal's queue holds" for number in range(200)
    )
    chat(terminal, "--no-think")
    terminal.type("Count to 300")
    terminal.wait_for("\n20\n")
    terminal.paste(text, then="C-c")
    terminal.wait_for(line("[200 lines pasted]"))
    assert "stopped" in terminal.everything()
    terminal.press("C-x", "C-e", "x")
    terminal.wait_for(line("[200 lines pasted]x"))
    assert (tmp_path / "kept").read_text(encoding="utf-8") == text


def test_what_is_typed_while_it_thinks_skips_the_thoughts_and_is_not_lost(terminal):
    chat(terminal)
    terminal.type("Think 300 steps")
    terminal.wait_for("thinking")
    terminal.press("next")
    shown = terminal.wait_for(line("next"))
    assert "skipped" in shown


def test_a_draft_waits_for_what_is_typed_ahead_of_it(terminal):
    chat(terminal, "--no-think")
    terminal.type("Count to 300")
    terminal.wait_for("\n20\n")
    terminal.type("see @picture.bin")
    terminal.type("Hello")
    (terminal.folder / "picture.bin").write_bytes(b"\x00\x01\xff")
    terminal.wait_for(lambda shown: "\n> Hello\n" in shown and line("see @picture.bin")(shown))


@pytest.mark.parametrize("when", ["at the prompt", "while it answers"])
def test_ctrl_z_suspends_with_the_terminal_as_it_was_and_fg_goes_on(terminal, when):
    terminal.type("stty -a > before")
    chat(terminal, "--no-think")
    terminal.type("Count to 300")
    terminal.wait_for("\n20\n")
    if when == "at the prompt":
        terminal.wait_for(prompts(2))
        terminal.press("a", "b", "c")
        terminal.wait_for(line("abc"))
    terminal.press("C-z")
    terminal.wait_for("Stopped")
    terminal.type("stty -a > within; cmp before within && echo as it was")
    terminal.wait_for("\nas it was\n")
    terminal.type("fg")
    expected = line("abc") if when == "at the prompt" else prompts(1)
    shown = terminal.wait_for(lambda shown: expected(shown.partition("as it was\n")[2]))
    assert [int(each) for each in shown.splitlines() if each.isdigit()][-300:] == [*range(1, 301)]


@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGSTOP])
def test_a_prompt_that_was_stopped_from_outside_is_drawn_again(terminal, number):
    process = chat_process(terminal)
    terminal.press("a", "b", "c")
    terminal.wait_for(line("abc"))
    process.send_signal(number)
    terminal.wait_for("Stopped")
    terminal.type("fg")
    terminal.wait_for(lambda shown: line("abc")(shown.partition("Stopped")[2]))
    terminal.press("Left", "X", "Enter")
    terminal.wait_for("> abXc\n")


def test_leaving_gives_the_terminal_back_as_it_was(terminal):
    terminal.type("stty -a > before")
    chat(terminal)
    terminal.press("C-d")
    terminal.wait_for("code 0")
    terminal.type("stty -a > after; cmp before after && echo as it was")
    terminal.wait_for("\nas it was\n")


def test_ctrl_c_ends_a_slash_command_and_not_the_chat(terminal, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    chat(terminal, "--no-think")
    terminal.type("/read pipe")
    terminal.wait_for("> /read pipe\n")
    terminal.press("C-c")
    terminal.wait_for("/read is stopped")
    assert HELLO in say(terminal, "Hello", 2)


def test_ctrl_c_is_heard_behind_more_than_the_terminals_queue_holds(terminal, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    chat(terminal, "--no-think")
    terminal.type("/read pipe")
    terminal.wait_for("> /read pipe\n")
    terminal.paste("line of text\n" * 3000)
    terminal.press("C-c")
    shown = terminal.wait_for("[3,000 lines pasted]")
    assert "/read is stopped" in shown


def test_ctrl_backslash_does_not_leave_a_broken_terminal_behind(terminal):
    chat(terminal, "--no-think")
    terminal.type("Count to 300")
    terminal.wait_for("\n20\n")
    terminal.press("C-\\")
    assert "\n300\n" in terminal.wait_for(prompts(2))


def test_a_terminal_that_is_closed_ends_the_chat(terminal):
    process = chat_process(terminal)
    terminal.close()
    ends = time.monotonic() + LIMIT_SECONDS
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < ends, "it is still there"
        time.sleep(0.03)


def chat_process(terminal) -> psutil.Process:
    """A chat at its prompt, as a process that can be sent signals."""
    terminal.type(f"sh -c 'echo process $$; exec qwen3 chat {GREEDY}'")
    shown = terminal.wait_for(prompts(1))
    return psutil.Process(int(re.findall(r"^process (\d+)$", shown, re.MULTILINE)[0]))
