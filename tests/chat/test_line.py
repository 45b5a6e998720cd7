"""The line editor of a chat, in a real terminal: readline's keys, vi's, blocks, long pastes, and the history."""

import os
from pathlib import Path

import pytest
from support.chatting import chat, line, prompts, saved, say, set_editor

HELLO = "Hello! How can I help you?"


def test_enter_in_a_search_sends_what_was_found_and_ends_the_search(terminal):
    chat(terminal, "--no-think")
    say(terminal, "Hello", 1)
    say(terminal, "/stats", 2)
    terminal.press("C-r", "H", "e", "l")
    terminal.wait_for("> Hello\nI-search backward: Hel")
    terminal.press("Enter")
    terminal.wait_for(lambda shown: shown.count(HELLO) == 2 and prompts(4)(shown))
    terminal.press("a", "b", "c")
    terminal.wait_for(line("abc"))


def test_keys_that_end_a_search_do_what_they_do_in_readline(terminal):
    chat(terminal)
    say(terminal, "/stats", 1)
    for key, left in (("C-g", "draft"), ("C-c", ""), ("C-a", "/stats"), ("Right", "/stats")):
        terminal.press("draft", "C-r", "stats")
        terminal.wait_for("I-search backward: stats")
        terminal.press(key)
        terminal.wait_for(lambda shown: "I-search" not in shown)
        terminal.press("C-a", "x")
        terminal.wait_for(line(f"x{left}"))
        terminal.press("C-c")
        terminal.wait_for(line(""))


def test_a_search_takes_the_next_word_and_the_rest_of_what_was_found(terminal):
    chat(terminal, "--no-think")
    say(terminal, "/think off", 1)
    terminal.press("C-r", "th", "C-w")
    terminal.wait_for(lambda shown: shown.rstrip().endswith("I-search backward: think"))
    terminal.press("C-y")
    terminal.wait_for(lambda shown: shown.rstrip().endswith("I-search backward: think off"))
    terminal.press("Enter")
    terminal.wait_for(lambda shown: shown.count("thinking is off") == 2)


def test_readlines_keys_edit_as_in_readline(terminal):
    chat(terminal)
    for keys, left in (
        (("M-b", "X"), "one two Xthree"),
        (("M-b", "M-b", "X", "M-f", "Y"), "one XtwoY three"),
        (("C-w", "X"), "one two X"),
        (("C-w", "C-w", "C-y", "X"), "one two threeX"),
        (("C-u", "X", "C-y"), "Xone two three"),
        (("C-a", "M-d", "C-e", "C-y"), " two threeone"),
        (("C-a", "C-f", "C-k", "X"), "oX"),
        (("C-a", "M-f", "C-k", "C-a", "C-y", "X"), " two threeXone"),
        (("C-a", "C-f", "C-t", "X"), "noXe two three"),
        (("M-t", "X"), "one three twoX"),
        (("M-b", "M-b", "M-t", "X"), "two oneX three"),
        (("C-a", "M-t", "X"), "Xone two three"),
        (("C-h", "C-_", "X"), "one two threeX"),
        (("C-v", "C-v", "X"), "one two three^VX"),
        (("C-w", "M-BSpace", "C-a", "C-y"), "two threeone "),
        (("C-a", "M-f", "M-d", "C-u", "C-y", "X"), "one twoX three"),
        (("M-b", "C-u", "C-k", "C-y", "X"), "one two threeX"),
        (("C-w", "C-a", "C-f", "C-k", "C-y", "M-y", "X"), "othreeX"),
        (("C-w", "C-k", "C-y", "X"), "one two threeX"),
        (("C-a", "M-u", "M-c", "X"), "ONE TwoX three"),
        (("M--", "M-2", "M-u", "M-b", "M-l", "X"), "one TWO threeX"),
        (("C-a", "M-2", "M-d", "X"), "X three"),
        (("M-2", "M-b", "X"), "one Xtwo three"),
        (("M-9", "9", "C-h", "X", "C-y"), "Xone two three"),
        (("C-a", "M-4", "C-d", "M-3", "X"), "XXXtwo three"),
        (("C-a", "C-]", "w", "X"), "one tXwo three"),
        (("C-w", "X", "M-r", "Y"), "Y"),
        ((" na\u00efve-caf\u00e9", "M-BSpace", "M-b", "M-u", "X"), "one two three NA\u00cfVEX-"),
    ):
        terminal.press("one two three", *keys)
        terminal.wait_for(line(left))
        terminal.press("C-c")
        terminal.wait_for(line(""))


def test_keys_that_bring_back_earlier_lines_do_what_they_do_in_readline(terminal):
    chat(terminal, "--no-think")
    say(terminal, "Hello", 1)
    say(terminal, "/think off", 2)
    terminal.press("put aside", "M-#", "see ", "M-.", "X")
    terminal.wait_for(line("see asideX"))
    terminal.press("M-<", "X", "M-r", "Y")
    terminal.wait_for(line("HelloY"))
    terminal.press("M->", "Z")
    terminal.wait_for(line("see asideXZ"))
    terminal.press("C-u", "M-<", "C-o")
    terminal.wait_for(line("/think off"))
    terminal.press("C-o")
    terminal.wait_for(line("put aside"))
    assert terminal.everything().count(HELLO) == 2


def test_the_editor_opens_the_line_and_what_it_leaves_is_sent(terminal):
    set_editor(terminal, 'sed -i "s/Good/Hello/" $1')
    chat(terminal, "--no-think")
    terminal.press("G", "o", "o", "d", "C-x", "C-e")
    shown = terminal.wait_for(prompts(2))
    assert f"\n> Hello\n{HELLO}\n" in shown
    assert "> Good" not in shown


def test_an_editor_that_fails_leaves_the_line_as_it_was(terminal):
    set_editor(terminal, "echo changed > $1; exit 1")
    chat(terminal)
    terminal.press("d", "r", "a", "f", "t", "C-x", "C-e")
    terminal.wait_for(line("draft"))
    terminal.press("!")
    terminal.wait_for(line("draft!"))


@pytest.mark.parametrize("where", ["config.toml", "inputrc"])
def test_vi_keys_where_the_settings_say_so(terminal, home, where):
    if where == "config.toml":
        (home / ".config/qwen3").mkdir(parents=True)
        (home / ".config/qwen3/config.toml").write_text('editing-mode = "vi"\n', encoding="utf-8")
    else:
        (home / ".inputrc").write_text(
            "$if Bash\nset editing-mode emacs\n$endif\nset editing-mode vi\n$if Bash\n"
            "set editing-mode emacs\n$endif\n",
            encoding="utf-8",
        )
    chat(terminal)
    terminal.press("one two three", "Escape")
    terminal.press("0", "d", "w", "i", "X")
    terminal.wait_for(line("Xtwo three"))


def test_emacs_keys_where_the_flag_says_so_over_inputrc(terminal, home):
    (home / ".inputrc").write_text("set editing-mode vi\n", encoding="utf-8")
    chat(terminal, "--editing-mode emacs")
    terminal.press("one two", "M-b", "X")
    terminal.wait_for(line("one Xtwo"))


def test_three_quotes_begin_and_end_a_block_in_which_everything_is_text(terminal, tmp_path):
    chat(terminal, "--no-think")
    for text in ('"""', "/help", "", "  exit"):
        terminal.type(text)
    terminal.type('"""')
    terminal.wait_for("tok/s")
    assert saved(terminal, tmp_path)[0]["content"] == "/help\n\n  exit"


def test_two_slashes_send_a_text_that_begins_with_one(terminal, tmp_path):
    chat(terminal, "--no-think")
    say(terminal, "//etc/passwd holds what?", 1)
    assert saved(terminal, tmp_path)[0]["content"] == "/etc/passwd holds what?"


def test_a_long_paste_is_folded_in_the_line_and_sent_whole(terminal, tmp_path):
    text = "\n".join(f"{number}" for number in range(1, 101))
    chat(terminal, "--no-think")
    terminal.press("add ")
    terminal.paste(text)
    terminal.press("!")
    terminal.wait_for(line("add [100 lines pasted]!"))
    terminal.press("Enter")
    terminal.wait_for("tok/s")
    assert saved(terminal, tmp_path)[0]["content"] == f"add {text}!"


def test_a_long_paste_is_one_key_to_delete_and_comes_back_from_the_history(terminal, home):
    chat(terminal, "--no-think")
    terminal.paste("12\n" * 20)
    terminal.wait_for(line("[20 lines pasted]"))
    terminal.press("C-h", "x")
    terminal.wait_for(line("x"))
    terminal.press("C-h")
    terminal.paste("12\n" * 20)
    terminal.press("Enter")
    terminal.wait_for("tok/s")
    terminal.press("C-d", "Enter")
    terminal.wait_for("code 0")
    terminal.type("clear")
    chat(terminal)
    terminal.press("Up")
    terminal.wait_for(line("[20 lines]"))


def test_a_paste_opens_whole_in_the_editor(terminal):
    set_editor(terminal, "wc -l < $1 > lines; echo Hello > $1")
    chat(terminal, "--no-think")
    terminal.paste("a\nb\n" * 500)
    terminal.wait_for(line("[1,000 lines pasted]"))
    terminal.press("C-x", "C-e")
    terminal.wait_for(HELLO)
    assert (terminal.folder / "lines").read_text(encoding="utf-8").strip() == "1000"


@pytest.mark.parametrize("bracketed", [True, False])
def test_a_refused_paste_says_so_last_above_the_folded_line(terminal, bracketed):
    if not bracketed:
        terminal.type("export TERM=linux")
    chat(terminal, "--no-think")
    terminal.paste("\n".join(f"line {number}" for number in range(2200)), bracketed=bracketed)
    terminal.wait_for(lambda shown: "lines pasted]" in shown)
    terminal.press("!", "Enter")
    terminal.wait_for(
        lambda shown: "tokens, the context holds" in shown and shown.rstrip().endswith("]!")
    )
    screen = terminal.screen().rstrip().splitlines()
    assert "the prompt has" in "".join(screen[-4:-1])
    assert screen[-1].startswith("> [")


def test_a_stopped_question_of_several_lines_comes_back_into_the_line(terminal):
    chat(terminal, "--no-think")
    terminal.paste("one\ntwo")
    terminal.wait_for("two")
    terminal.press("Enter", "C-c")
    terminal.wait_for("stopped before there was an answer")
    terminal.wait_for(lambda shown: shown.rstrip().endswith("> one\n  two"))


def test_the_token_limit_is_told_as_what_it_is(terminal):
    chat(terminal, "--no-think", "-n 5")
    shown = say(terminal, "Count to 300", 1)
    assert "cut short: max_tokens were used up: /set max_tokens N" in shown.replace("\n", " ")


def damaged_history(kind: str, file: Path) -> None:
    """Put something into the history's place that is none."""
    file.parent.mkdir(parents=True)
    match kind:
        case "folder":
            file.mkdir()
        case "pipe":
            os.mkfifo(file)
        case "full disk":
            file.symlink_to("/dev/full")
        case "binary":
            file.write_bytes(bytes(range(256)) * 40)
        case "huge":
            with file.open("wb") as out:
                out.truncate(4 * 2**30)
                out.seek(0, os.SEEK_END)
                out.write(b"\n# then\n+/stats\n")
        case "no folder":
            file.parent.rmdir()
            file.parent.write_text("in the way", encoding="utf-8")


@pytest.mark.parametrize("kind", ["folder", "pipe", "full disk", "binary", "huge", "no folder"])
def test_a_history_that_cannot_be_kept_costs_nothing_but_the_history(terminal, home, kind):
    damaged_history(kind, home / ".local/state/qwen3/history")
    chat(terminal, "--no-think")
    if kind == "huge":
        terminal.press("Up")
        terminal.wait_for(line("/stats"))
        terminal.press("C-u")
    shown = say(terminal, "Hello", 1)
    assert f"> Hello\n{HELLO}\n1 token" in shown
    terminal.press("Up")
    terminal.wait_for(line("Hello"))


def test_the_history_is_kept_for_the_user_alone(terminal, home):
    chat(terminal)
    say(terminal, "/stats", 1)
    terminal.press("C-d")
    terminal.wait_for("code 0")
    file = home / ".local/state/qwen3/history"
    assert "+/stats\n" in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
