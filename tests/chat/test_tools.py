"""Tools in a chat: the user is asked, what was decided for good is remembered, and nobody else can answer."""

import json
import sys
from pathlib import Path

import pytest
from support.chatting import chat

SERVER = Path(__file__).parents[1] / "support" / "mcp_city.py"
WEATHER = "Use the tool get_weather with city Paris."
FLAGS = "--size demo --mcp city.json --temp 0 --no-think"
QUESTION = "y yes, n no, a always for this tool, v never?"


@pytest.fixture
def city(tmp_path):
    """A configuration with one server, and what that writes down."""
    log = tmp_path / "log.txt"
    told = {"command": sys.executable, "args": [str(SERVER), "--log", str(log)]}
    (tmp_path / "city.json").write_text(
        json.dumps({"mcpServers": {"city": told}}), encoding="utf-8"
    )
    return log


def begin(terminal):
    chat(terminal, FLAGS)


def test_a_call_is_shown_in_full_and_runs_when_the_user_says_yes(terminal, city):
    begin(terminal)
    terminal.type(WEATHER)
    shown = terminal.wait_for(QUESTION)
    assert "The model wants to call get_weather of city:" in shown
    assert '  |   "city": "Paris"' in shown
    assert not city.exists()
    terminal.press("y")
    terminal.wait_for("The tool get_weather says: sunny")
    assert city.read_text(encoding="utf-8") == "get_weather Paris\n"


def test_a_call_that_the_user_denies_is_not_made_and_the_chat_goes_on(terminal, city):
    begin(terminal)
    terminal.type(WEATHER)
    terminal.wait_for(QUESTION)
    terminal.press("n")
    terminal.wait_for("denied: the user said no to this call")
    assert not city.exists()


def test_always_is_remembered_in_the_next_chat_and_a_result_can_be_seen_again(terminal, city):
    begin(terminal)
    terminal.type(WEATHER)
    terminal.wait_for(QUESTION)
    terminal.press("a")
    terminal.wait_for("The tool get_weather says: sunny")
    terminal.type("/tool 1")
    terminal.wait_for("  | sunny")
    terminal.type("/exit")
    terminal.wait_for("code 0")
    terminal.type(f"qwen3 chat {FLAGS}")
    terminal.wait_for(lambda shown: shown.count("is ready") == 2)
    terminal.type(WEATHER)
    terminal.wait_for(lambda shown: shown.count("The tool get_weather says: sunny") == 2)
    assert terminal.everything().count(QUESTION) == 1


def test_a_picture_is_saved_and_drawn_where_it_came(terminal, city, home):
    begin(terminal)
    terminal.type("Use the tool draw_cat with name Tom.")
    terminal.wait_for(QUESTION)
    terminal.press("y")
    terminal.wait_for("▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀")
    (path,) = home.rglob("tool-files/1.png")
    assert path.stat().st_mode & 0o077 == 0
