"""Files that go with a message of a chat: named in a sentence or by command, listed, dropped, completed."""

import json
import re

import pytest
from support.chatting import chat, line, prompts, saved, say

from qwen3cli.chat.mentions import mentions


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with files of many names."""
    for name in ("notes.md", "a.txt", "my notes.md", "README", "résumé.md", "名前.md", "(1).md"):
        (tmp_path / name).write_text(f"text of {name}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("see @notes.md, and (@a.txt)!", ["notes.md", "a.txt"]),
        ("@\"my notes.md\" and @'my notes.md'", ["my notes.md"]),
        ("@my\\ notes.md.", ["my notes.md"]),
        ('what does "@my notes.md" say', ["my notes.md"]),
        ("@`my notes.md`", ["my notes.md"]),
        ("`@a.txt` **@notes.md**", ["a.txt", "notes.md"]),
        ("@README? @./a.txt:12", ["README", "./a.txt"]),
        ("@notes.md's end", ["notes.md"]),
        ("看@notes.md和@名前.md。", ["notes.md", "名前.md"]),
        ("f(@a.txt,@résumé.md)", ["a.txt", "résumé.md"]),
        ("@\\(1\\).md", ["(1).md"]),
        ("@notes.md\n@a.txt", ["notes.md", "a.txt"]),
        ("@notes.md @notes.md", ["notes.md"]),
    ],
)
def test_files_are_found_as_people_write_them_in_sentences(here, message, found):
    assert list(mentions(message)) == [(name, True) for name in found]


@pytest.mark.parametrize(
    "message",
    [
        "me@notes.md and git@host:a.txt",
        "@dataclass and @param x",
        "@" + "x" * 300 + ".md",
        "@~nouser/x.md",
        "@",
        "@@",
        '@"',
        "@\0.md",
        "https://example.org/@a.txt",
    ],
)
def test_what_is_no_file_and_no_path_is_text(here, message):
    assert list(mentions(message)) == []


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("see @nothing.md.", "nothing.md"),
        ('see @"no such.md"', "no such.md"),
        ("@src/", "src/"),
        ("@notes.md.bak", "notes.md.bak"),
    ],
)
def test_a_path_that_is_not_there_is_told(here, message, name):
    assert list(mentions(message)) == [(name, False)]


def test_mentions_and_attached_files_go_with_the_message_and_say_so(terminal, here):
    chat(terminal, "--no-think")
    shown = say(terminal, "/read my notes.md", 1)
    assert "attached my notes.md (" in shown
    assert "it goes with your next message" in shown
    shown = say(terminal, "See @notes.md, (@a.txt)! @nothing.md", 2)
    assert "attached notes.md (" in shown
    assert "attached a.txt (" in shown
    assert "there is no file nothing.md: sent as it stands" in shown
    question = saved(terminal, here)[0]["content"]
    assert question.endswith("\n\nSee @notes.md, (@a.txt)! @nothing.md")
    assert [question.count(f"text of {name}") for name in ("my notes.md", "notes.md", "a.txt")] == [
        1,
        1,
        1,
    ]


def test_a_paste_mentions_no_files(terminal, here):
    chat(terminal, "--no-think")
    terminal.paste("see @notes.md\n" * 20)
    terminal.press("Enter")
    terminal.wait_for(prompts(2))
    assert "attached" not in terminal.everything()


def test_attached_files_are_listed_with_their_tokens_and_dropped(terminal, here):
    chat(terminal)
    assert "nothing is attached" in say(terminal, "/files", 1)
    say(terminal, '/read notes.md "my notes.md"', 2)
    shown = say(terminal, "/files", 3)
    next_one = r" +\d+ tokens, goes with your next message\n"
    assert re.search(rf"^notes.md{next_one}my notes.md{next_one}2 files, ", shown, re.M)
    assert "the context has 4,096, of which 0 are used" in shown
    assert "not attached any more: my notes.md" in say(terminal, "/drop my notes.md", 4)
    assert "nothing.md is not attached\n  try: /files" in say(terminal, "/drop nothing.md", 5)
    assert "1 file, " in say(terminal, "/files", 6)


def test_files_that_were_sent_are_listed_as_such_and_dropped_by_patterns_is_what_was_not(
    terminal, here
):
    chat(terminal, "--no-think")
    say(terminal, "Hello @notes.md", 1)
    say(terminal, '/read "my notes.md" notes.md', 2)
    shown = say(terminal, "/files", 3)
    assert re.search(r"^notes.md +\d+ tokens, sent\nmy notes.md +\d+ tokens, goes", shown, re.M)
    assert "not attached any more: my notes.md, notes.md" in say(terminal, "/drop *.md", 4)
    assert "note?.md was sent already\n  try: /undo" in say(terminal, "/drop note?.md", 5)


def test_a_chat_does_not_begin_with_a_file_that_the_context_cannot_hold(terminal, here):
    (here / "large.txt").write_text("12 and 34\n" * 2000, encoding="utf-8")
    terminal.type("qwen3 chat -f large.txt; echo code $?")
    shown = re.sub(r"\s+", " ", terminal.wait_for("code 8"))
    assert "large.txt 12,0" in shown
    assert "or -f large.txt#head=" in shown


def test_what_is_more_than_the_context_holds_is_told_when_it_is_attached(terminal, here):
    (here / "large.txt").write_text("12 and 34\n" * 2000, encoding="utf-8")
    chat(terminal)
    for number, command in enumerate(("/glob large*", "/read large.txt"), start=1):
        shown = re.sub(r"\s+", " ", say(terminal, command, number))
        assert re.search(
            r"not attached: the prompt has at least [\d,]+ tokens, the context holds 4,096 .*; large.txt [\d,]+",
            shown,
        )
        assert shown.count("/read large.txt#head=") == number
    assert "nothing is attached" in say(terminal, "/files", 3)
    terminal.type("Sum up @large.txt")
    shown = terminal.wait_for(
        lambda shown: shown.count("Sum up") == 2 and line("Sum up @large.txt")(shown)
    )
    assert "or /read large.txt#head=" in re.sub(r"\s+", " ", shown).split("Sum up")[1]


def test_a_pattern_attaches_in_one_line_with_the_sum_and_skips_what_cannot_be_read(terminal, here):
    (here / "bad.md").write_bytes(b"\x00\x01\xff")
    (here / "gone.md").symlink_to("nowhere")
    (here / ".hidden.md").write_text("x", encoding="utf-8")
    chat(terminal)
    shown = say(terminal, "/glob *.md", 1)
    (told,) = [each for each in shown.splitlines() if each.startswith("attached")]
    assert told.startswith("attached 5 files, ")
    assert "of which 0 are used" in shown.replace("\n", " ")
    assert "skipped: bad.md" in shown.replace("\n", " ")
    assert "hidden" not in shown


def test_a_path_with_blanks_is_completed_to_one_mention(terminal, here):
    (here / "notes.md").unlink()
    chat(terminal)
    for typed, completed in (
        ("see @my", 'see @"my notes.md"'),
        ("see @'my n", "see @'my notes.md'"),
        ("see @my\\ n", "see @my\\ notes.md"),
        ("/read my", "/read my notes.md"),
    ):
        terminal.press(typed)
        terminal.wait_for(lambda shown, typed=typed: f"> {typed}" in shown)
        terminal.press("Tab")
        terminal.wait_for(lambda shown, completed=completed: f"> {completed}" in shown)
        terminal.press("C-c")
        terminal.wait_for(line(""))


def test_a_chat_keeps_what_it_computed_for_the_next_process(terminal, qwen3, tmp_path):
    document = "\n".join(f"Line {number}: {number * 7919 % 1000} stones." for number in range(40))
    (tmp_path / "long.txt").write_text(document, encoding="utf-8")
    chat(terminal, "--no-think -f long.txt")
    say(terminal, "What is 4 + 5?", 1)
    terminal.press("C-d")
    terminal.wait_for("code 0")
    done = qwen3("ask", "--json", "--no-think", "-n", "1", "-f", "long.txt", "And 7 + 8?")
    assert json.loads(done.stdout)["usage"]["saved_tokens"] > 0


def test_a_chat_that_nears_the_end_of_its_context_is_told_before_it_is_full(terminal, tmp_path):
    (tmp_path / "long.txt").write_text("stones and words\n" * 28, encoding="utf-8")
    chat(terminal, "--no-think --ctx 512 -n 8")
    assert "nearly full" not in say(terminal, "Hello", 1)
    shown = re.sub(r"\s+", " ", say(terminal, "See @long.txt", 2))
    assert re.search(
        r"the context is nearly full: \d+ of 512 tokens are left \(long\.txt \d+, what was said \d+\)\."
        r" /context shows what fills it, /undo and /clear make room, qwen3 chat --ctx 2048 holds more",
        shown,
    )
