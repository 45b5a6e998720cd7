"""`/save` and leaving: a conversation is kept where the user wants it, and never lost by a slip."""

import json
import re
from pathlib import Path

import pytest
from support.chatting import chat, say

OFFER = "The conversation is not saved"


def test_markdown_has_the_model_the_date_the_settings_and_on_demand_the_thoughts(
    terminal, tmp_path
):
    chat(terminal, "-s 'Be brief.'")
    say(terminal, "What is 2 + 2?", 1)
    say(terminal, "/save talk.md", 2)
    say(terminal, "/save thoughtful.md +thoughts", 3)
    text = (tmp_path / "talk.md").read_text(encoding="utf-8")
    facts, system, question, answer = re.split(r"\n\n## (?:System|You|Model)\n\n", text)
    assert re.fullmatch(
        r"- model: demo \(.+\)\n- date: \d{4}-\d\d-\d\d \d\d:\d\d [+-]\d{4}\n"
        r"- thinking: on, without a limit\n- sampling: .*top_k 20, .*temperature 0.*",
        facts,
    )
    assert (system, question) == ("Be brief.", "What is 2 + 2?")
    assert "> " not in text
    thoughtful = (tmp_path / "thoughtful.md").read_text(encoding="utf-8")
    assert "\n\n## Model\n\n> *Thoughts:*\n>\n> From the right: 2 and 2\n> 2 + 2" in thoughtful
    assert thoughtful.endswith(f"\n\n{answer}")


def test_json_has_everything(terminal, tmp_path):
    chat(terminal)
    say(terminal, "What is 2 + 2?", 1)
    say(terminal, "/save talk.json", 2)
    told = json.loads((tmp_path / "talk.json").read_text(encoding="utf-8"))
    assert list(told) == ["version", "model", "date", "thinking", "sampling", "messages"]
    assert told["messages"][1]["reasoning_content"].startswith("From the right: 2 and 2")


def test_a_file_that_exists_is_overwritten_only_with_an_exclamation_mark(terminal, tmp_path):
    file = tmp_path / "talk.md"
    file.write_text("precious", encoding="utf-8")
    file.chmod(0o640)
    chat(terminal, "--no-think")
    say(terminal, "Hello", 1)
    shown = say(terminal, "/save talk.md", 2)
    assert "talk.md exists already and is not touched\n  try: /save! talk.md" in shown
    assert file.read_text(encoding="utf-8") == "precious"
    say(terminal, "/save! talk.md", 3)
    assert "Hello! How can I help you?" in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o640
    file.write_text("precious", encoding="utf-8")
    say(terminal, "/save talk.md !", 4)
    assert "Hello! How can I help you?" in file.read_text(encoding="utf-8")


def test_a_save_that_fails_costs_no_file_and_no_conversation(terminal, tmp_path):
    (tmp_path / "folder").mkdir()
    chat(terminal, "--no-think")
    say(terminal, "Hello", 1)
    assert "cannot write folder: Is a directory" in say(terminal, "/save! folder", 2)
    assert "cannot write nowhere/talk.md: No such file" in say(terminal, "/save nowhere/talk.md", 3)
    assert "/dev/full: No space left" in say(terminal, "/save! /dev/full", 4)
    assert Path("/dev/full").is_char_device()
    assert "turns     1" in say(terminal, "/stats", 5)


@pytest.mark.parametrize(
    ("leave", "code"), [(("C-d",), 0), (("/exit", "Enter"), 0), (("C-c", "C-c"), 130)]
)
def test_leaving_with_something_that_is_kept_nowhere_offers_to_save_it_with_one_key(
    terminal, tmp_path, leave, code
):
    chat(terminal, "--no-think --no-log")
    say(terminal, "Hello", 1)
    terminal.press(*leave)
    terminal.wait_for(OFFER)
    terminal.press("s")
    terminal.wait_for(f"code {code}")
    (file,) = tmp_path.glob("qwen3-*.md")
    assert "Hello! How can I help you?" in file.read_text(encoding="utf-8")


def test_ctrl_d_twice_leaves_whatever_is_unsaved(terminal):
    chat(terminal, "--no-think --no-log")
    say(terminal, "Hello", 1)
    terminal.press("C-d", "C-d")
    terminal.wait_for("code 0")


def test_another_key_stays_and_is_the_beginning_of_the_next_line(terminal):
    chat(terminal, "--no-think --no-log")
    say(terminal, "Hello", 1)
    terminal.press("C-d")
    terminal.wait_for(OFFER)
    terminal.press("/stats", "Enter")
    terminal.wait_for("turns     1")


def test_what_is_saved_or_forgotten_is_not_offered_again(terminal):
    chat(terminal, "--no-think --no-log")
    say(terminal, "Hello", 1)
    say(terminal, "/save talk.md", 2)
    terminal.press("C-d")
    terminal.wait_for("code 0")
    terminal.type("clear")
    chat(terminal, "--no-think --no-log")
    say(terminal, "Hello", 1)
    say(terminal, "/clear", 2)
    terminal.press("C-d")
    assert OFFER not in terminal.wait_for("code 0")
