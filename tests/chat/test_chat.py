"""`qwen3 chat` in a real terminal: what a user types, and what is on the screen."""

import json
import re

import pytest
from support.chatting import GREEDY, chat, line, prompts, saved, say, set_editor

from qwen3cli.chat.slash.help import COLUMNS, HELP_COLUMNS, KEYS, NAME_COLUMNS, overview
from qwen3cli.chat.slash.registry import COMMANDS


def test_a_conversation_shows_the_folded_thoughts_the_answer_and_a_line_of_figures(terminal):
    chat(terminal)
    shown = say(terminal, "What is 478 + 856?", 1)
    assert re.search(r"▸ thought for \d+\.\d+ s, \d+ tokens\n\n478 \+ 856 = 1334\n", shown)
    assert re.search(
        r"^\d+ tokens after \d+ of thought \(\d\.\d+ s\), .* tok/s, context \d+ of 4,096$",
        shown,
        re.MULTILINE,
    )
    assert "write 4, carry" not in shown
    terminal.type("/thoughts")
    assert "8 + 6 + 0 = 14: write 4, carry 1" in terminal.wait_for("write 4, carry 1")


def test_leaving_by_command_by_word_and_by_key(terminal):
    for count, way in enumerate(("/exit", "/bye", "/quit", "exit"), start=1):
        chat(terminal)
        terminal.type(way)
        terminal.wait_for(lambda shown, count=count: shown.count("code 0") == count)
    chat(terminal)
    terminal.press("C-d")
    terminal.wait_for(lambda shown: shown.count("code 0") == 5)


def test_two_ctrl_c_at_the_prompt_leave_with_130(terminal):
    chat(terminal)
    terminal.press("C-c")
    terminal.wait_for("Ctrl-D or /exit leaves")
    terminal.press("C-c", "C-c")
    terminal.wait_for("code 130")


def test_two_ctrl_c_while_it_answers_stop_the_answer_and_leave_the_chat_alone(terminal):
    chat(terminal, "--no-think")
    terminal.type("Count to 300")
    terminal.wait_for("\n20\n")
    terminal.press("C-c", "C-c")
    terminal.wait_for("stopped")
    terminal.type("/stats")
    terminal.wait_for("turns     1")


def test_ctrl_c_on_a_line_with_text_clears_it_and_never_leaves(terminal):
    chat(terminal)
    for _ in range(3):
        terminal.press("a", "b", "c")
        terminal.wait_for(lambda shown: shown.rstrip().endswith("> abc"))
        terminal.press("C-c")
        terminal.wait_for(prompts(1))
    assert "code" not in terminal.screen().replace("echo code", "")


def test_nothing_that_is_typed_ends_the_conversation(terminal):
    odd = (
        "/think --5",
        "/think ²",
        "/glob **x",
        "/glob .",
        "/glob /",
        "/save ~nouser/x",
        "/read ~nouser/x",
    )
    chat(terminal, "--no-think")
    say(terminal, "Hello", 1)
    for count, text in enumerate(odd, start=2):
        say(terminal, text, count)
    for count, text in enumerate(("ping @~nouser please", "ping @" + "x" * 300), start=9):
        assert "cannot be done" not in say(terminal, text, count)
    terminal.type("/stats")
    assert "turns     3" in terminal.wait_for("turns     ")


def test_an_answer_done_again_attaches_nothing_anew(terminal, tmp_path):
    (tmp_path / "secret").write_text("do not read me", encoding="utf-8")
    (tmp_path / "notes.md").write_text("see @secret", encoding="utf-8")
    chat(terminal, "--no-think")
    say(terminal, "Hello @notes.md", 1)
    say(terminal, "/regen", 2)
    terminal.type("/save talk.json")
    terminal.wait_for("saved talk.json")
    messages = json.loads((tmp_path / "talk.json").read_text(encoding="utf-8"))["messages"]
    assert messages[0]["content"].count("see @secret") == 1
    assert "do not read me" not in messages[0]["content"]
    assert len(messages) == 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("  /STATS", "turns     0"),
        ("/ls", "nothing is attached"),
        ("/think\x16\toff", "thinking is off"),
        ("/undo 3", "nothing stands behind /undo, and 3 does"),
        ("/stat", "perhaps /stats?"),
        ("/set nothink", "try: /think off"),
        ("/set parameter num_ctx 4096", "try: /set NAME VALUE"),
        ("/read .", "attached 4 files"),
    ],
)
def test_what_is_typed_out_of_habit_is_understood_or_answered_with_the_command(
    terminal, tmp_path, typed, told
):
    for number in range(4):
        (tmp_path / f"{number}.md").write_text("x", encoding="utf-8")
    chat(terminal)
    assert told in say(terminal, typed, 1)


def test_a_line_that_is_no_command_is_told_and_not_sent(terminal):
    chat(terminal)
    shown = say(terminal, "/hepl me", 1)
    assert "/hepl is no command, and was not sent" in shown
    assert "thought for" not in shown


def test_thinking_is_switched_and_bounded_by_command(terminal):
    chat(terminal)
    assert "thinking is off" in say(terminal, "/think off", 1)
    assert "thought for" not in say(terminal, "What is 2 + 2?", 2)
    assert "thinking is on: at most 12 tokens" in say(terminal, "/think 12", 3)
    assert "budget used up" in say(terminal, "Think 300 steps", 4)
    assert "/think takes on, off, low, medium, high or a number" in say(terminal, "/think hard", 5)


def test_a_key_while_it_thinks_brings_the_answer(terminal):
    chat(terminal)
    terminal.type("Think 300 steps")
    terminal.wait_for("thinking")
    terminal.press("x")
    shown = terminal.wait_for(prompts(2))
    assert "skipped" in shown
    assert "I counted" in shown


def test_ctrl_c_stops_the_answer_and_keeps_what_came(terminal):
    chat(terminal, "--no-think")
    terminal.type("Count to 300")
    terminal.wait_for("\n20\n")
    terminal.press("C-c")
    shown = terminal.wait_for(prompts(2))
    assert "stopped" in shown
    assert "\n300\n" not in shown
    terminal.type("/save kept.json")
    terminal.wait_for("saved kept.json")


def test_keys_typed_ahead_stand_in_the_next_line(terminal):
    chat(terminal, "--no-think")
    terminal.type("Count to 300")
    terminal.wait_for("\n20\n")
    terminal.press("n", "e", "x", "t")
    shown = terminal.wait_for(lambda shown: shown.rstrip().endswith("> next"))
    assert "\n299\n300\n" in shown


@pytest.mark.parametrize("resize", [False, True])
def test_every_line_of_a_tall_answer_is_in_the_scrollback_once_and_in_order(terminal, resize):
    chat(terminal, "--no-think")
    terminal.type("Count to 300")
    if resize:
        terminal.wait_for("\n40\n")
        terminal.resize(50, 12)
        terminal.wait_for("\n150\n")
        terminal.resize(100, 30)
    shown = terminal.wait_for(prompts(2))
    numbers = [int(line) for line in shown.splitlines() if line.isdigit()]
    assert numbers == list(range(1, 301))


def test_a_paste_of_several_lines_stays_one_message(terminal):
    chat(terminal)
    terminal.paste("What is\n2 + 2?\n", bracketed=True)
    terminal.press("Enter")
    shown = terminal.wait_for(lambda shown: "tok/s" in shown)
    assert len(re.findall("tok/s", shown)) == 1


@pytest.mark.parametrize("variable", ["TERM=linux", "STY=1.tty; unset TMUX"])
def test_a_paste_stays_one_message_too_where_the_terminal_does_not_mark_it(terminal, variable):
    terminal.type(f"export {variable}")
    chat(terminal)
    terminal.paste("one\ntwo\nthree", bracketed=False)
    terminal.wait_for("three")
    assert "tok/s" not in terminal.screen()


def test_lines_that_a_script_types_at_once_are_sent_in_turn(terminal, tmp_path):
    chat(terminal, "--no-think")
    terminal.paste("Hello\n/stats\n2 + 2\n4 +", bracketed=False)
    terminal.wait_for(line("4 +"))
    terminal.press("C-u")
    assert [each["content"] for each in saved(terminal, tmp_path)][::2] == ["Hello", "2 + 2"]


def test_undo_regen_and_clear_change_the_conversation(terminal, tmp_path):
    chat(terminal, "--no-think")
    say(terminal, "Hello", 1)
    say(terminal, "Bonjour", 2)
    terminal.type("/undo")
    terminal.wait_for("the last exchange is forgotten")
    terminal.press("C-u")
    assert [each["content"] for each in saved(terminal, tmp_path, "one.json")] == [
        "Hello",
        "Hello! How can I help you?",
    ]
    terminal.type("/regen")
    terminal.wait_for(lambda shown: shown.count("tok/s") == 3)
    assert len(saved(terminal, tmp_path, "two.json")) == 2
    terminal.type("/clear")
    terminal.wait_for("a new conversation begins")
    assert saved(terminal, tmp_path, "three.json") == []


def test_settings_are_shown_changed_and_refused(terminal):
    chat(terminal)
    assert "temperature       0" in say(terminal, "/set", 1)
    assert "temperature: 0.5" in say(terminal, "/set temperature 0.5", 2)
    assert "temperature takes a number from 0 to 5, not warm" in say(
        terminal, "/set temperature warm", 3
    )
    assert "there is no setting warmth" in say(terminal, "/set warmth 1", 4)
    for number, (typed, told) in enumerate(_OUT_OF_BOUNDS, start=5):
        assert told in re.sub(r"\s+", " ", say(terminal, typed, number))


_OUT_OF_BOUNDS = (
    ("/set temp=-1", "temperature takes a number from 0 to 5, not -1"),
    ("/set top_k 1e400", "top_k takes a whole number from 0 to 1000000, not inf"),
    ("/set seed 1.5", "seed takes a whole number from 0 to 4294967294, not 1.5"),
    ("/set max_tokens nan", "max_tokens takes a whole number from 1 on, not nan"),
    ("/set temprature 1", "there is no setting temprature, perhaps temperature?"),
    ("/think 99999999999", "/think takes a whole number from -1 to 1000000 as a number of tokens"),
    ("/think -2", "not -2"),
    ("/think maybe", "/think takes on, off, low, medium, high or a number of tokens"),
    ("/regen temperature 9", "temperature takes a number from 0 to 5, not 9"),
    ("/regen warmth 1", "there is no setting warmth"),
    ("/regen temperature", "/regen takes names with their values"),
    ("/regen think 1e9", "/think takes on, off, low, medium, high or a number of tokens"),
    ("/regen", "there is no answer yet to do again"),
    ("/clear Go on", "nothing stands behind /clear, and Go on does"),
)


def test_an_answer_is_done_again_with_other_settings_for_this_once(terminal, tmp_path):
    chat(terminal, "--no-think")
    say(terminal, "2 + 2", 1)
    assert "thought for" in say(terminal, "/regen think on seed=7", 2)
    assert "thinking is off" in say(terminal, "/think", 3)
    assert "seed              not set" in say(terminal, "/set", 4)
    assert len(saved(terminal, tmp_path)) == 2


def test_alt_up_and_alt_down_move_the_thinking_budget_at_the_prompt(terminal):
    chat(terminal, "--think")
    terminal.press("draft")
    for key, state in (
        ("M-Down", "on: at most 16,384 tokens"),
        ("M-Down", "on: at most 4,096 tokens"),
        ("M-Up", "on: at most 16,384 tokens"),
        ("M-Up", "on, without a limit"),
    ):
        terminal.press(key)
        terminal.wait_for(
            lambda shown, state=state: (
                shown.rstrip().endswith("> draft")
                and f"thinking is {state}; context 0 of 4,096" in shown
            )
        )
    terminal.press("C-u", *["M-Down"] * 5)
    terminal.wait_for("thinking is off; context 0 of 4,096")
    assert "thought" not in say(terminal, "2 + 2", 1)


def test_a_model_that_is_not_there_leaves_the_old_one_in_place(terminal):
    chat(terminal, "--no-think")
    assert "no model is called 9b" in say(terminal, "/model 9b", 1)
    assert "Hello! How can I help you?" in say(terminal, "Hello", 2)
    assert "model: demo" in say(terminal, "/model", 3)


def test_the_editor_writes_the_message(terminal):
    set_editor(terminal, "echo Hello > $1")
    chat(terminal, "--no-think")
    assert "Hello! How can I help you?" in say(terminal, "/edit", 1)


def test_help_lists_every_command_on_one_screen_and_explains_each(terminal):
    chat(terminal)
    say(terminal, "/help", 1)
    screen = terminal.screen()
    cells = [line[at : at + COLUMNS].strip() for line in screen.splitlines() for at in (0, COLUMNS)]
    assert {f"{each.name:{NAME_COLUMNS}}{each.help}" for each in COMMANDS} <= set(cells)
    assert "> /help\n" in screen
    for count, each in enumerate(COMMANDS, start=2):
        shown = say(terminal, f"/help {each.name.removeprefix('/')}", count)
        explained = " ".join(shown.rpartition("> /help")[2].split())
        assert f"{each.name} {each.argument}".strip() in explained
        assert " ".join(each.help.split()) in explained


def test_help_has_room_for_38_commands_on_one_screen_beside_the_line_that_asked_and_the_prompt():
    shown = overview([("/command", "x" * HELP_COLUMNS)] * 38, columns=80)
    lines = f"{shown}\n{KEYS}".splitlines()
    assert (len(lines), max(map(len, lines)) < 80) == (22, True)


def test_help_stands_in_one_column_on_a_narrow_terminal(terminal):
    chat(terminal)
    terminal.resize(60, 60)
    assert "\n/help       list, or explain a command\n" in say(terminal, "/help", 1)


def test_escape_codes_in_a_notice_never_reach_the_terminal(terminal):
    chat(terminal, "-s $'\\e]0;owned\\a'")
    terminal.type("/system")
    terminal.wait_for("system: ␛]0;owned␇")
    assert "owned" not in terminal.title()


def test_chat_off_a_terminal_is_refused_with_the_command_to_use(qwen3):
    done = qwen3("chat", stdin=b"hello")
    assert done.code == 2
    assert "qwen3 ask" in done.stderr


def test_ask_on_a_terminal_shows_the_thoughts_and_then_the_answer(terminal):
    terminal.type(
        f"qwen3 ask --think {GREEDY} 'How many r'\"'\"'s are in strawberry?' < /dev/null; echo code $?"
    )
    shown = terminal.wait_for("code 0")
    assert re.search(
        r"Spell strawberry and count r\ns\nt\nr 1\n.*r 3\ny\n▸ thought for .*\n\n3\ncode 0",
        shown,
        re.DOTALL,
    )


def test_values_of_commands_are_offered_while_typing(terminal):
    chat(terminal)
    terminal.press("/", "m", "o", "d", "e", "l", "Space", "3", "0")
    terminal.wait_for("30b-a3b-thinking-2507")
    terminal.press("C-c")
    terminal.wait_for(prompts(1))
    terminal.press("/", "t", "h", "i", "n", "k", "Space", "m", "e")
    terminal.wait_for("medium")
