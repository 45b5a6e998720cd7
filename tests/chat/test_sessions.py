"""Conversations that go on: `chat -c` in a real terminal."""

import re

from support.chatting import chat, prompts, say


def test_a_chat_goes_on_where_it_ended_with_its_model_its_system_message_and_its_settings(terminal):
    chat(terminal, "--no-think -s 'Be brief.'")
    say(terminal, "Hello", 1)
    terminal.press("C-d")
    key = re.search(r"kept as (\w{5}); qwen3 chat -c", terminal.wait_for("kept as"))
    assert key is not None
    terminal.type("clear; qwen3 chat -c")
    shown = terminal.wait_for(prompts(2))
    assert re.search(rf"Hello \({key[1]}\): 1 question, the last on 2\d{{3}}-", shown)
    assert "Hello! How can I help you?" in shown
    terminal.type("/system")
    terminal.wait_for("system: Be brief.")
    terminal.type("/think")
    terminal.wait_for("off")
    terminal.type("/set")
    assert re.search(r"temperature +0\n", terminal.wait_for("temperature"))
    say(terminal, "What is 2 + 3?", 5)
    terminal.type("/stats")
    terminal.wait_for("turns     1")
    terminal.press("C-d")
    terminal.wait_for("kept as")
    terminal.type(f"clear; qwen3 sessions show {key[1]}")
    terminal.wait_for(lambda shown: shown.count("## You") == 2)


def test_a_conversation_that_is_open_is_refused_to_a_second_process(terminal, qwen3):
    chat(terminal, "--no-think")
    say(terminal, "Hello", 1)
    key = qwen3("sessions", "list").stdout.decode().split("\n")[2].split()[0]
    second = qwen3("ask", "--session", key, "And now?")
    assert (second.code, second.stdout) == (2, b"")
    assert second.stderr.startswith(f"qwen3: conversation {key} is open in another process\n")
    copy = qwen3("sessions", "fork", key).stdout.decode().strip()
    assert qwen3("ask", "--session", copy, "--no-think", "Hello").code == 0
    say(terminal, "Hello again", 2)
    terminal.press("C-d")
    terminal.wait_for("kept as")
    assert qwen3("ask", "--session", key, "Hello").code == 0


def test_what_is_taken_back_or_answered_again_is_kept_as_it_was_left(terminal, qwen3):
    chat(terminal, "--no-think --name talk")
    say(terminal, "Hello", 1)
    say(terminal, "What is 2 + 3?", 2)
    terminal.type("/undo")
    terminal.wait_for("the last exchange is forgotten")
    terminal.press("C-c")
    say(terminal, "/regen", 4)
    terminal.press("C-d")
    terminal.wait_for("kept as")
    shown = qwen3("sessions", "show", "talk").stdout.decode()
    assert shown.count("## You") == shown.count("## Model") == 1
    assert "2 + 3" not in shown


def test_an_answer_that_was_cut_is_gone_on_with(terminal, qwen3):
    chat(terminal, "--no-think --name count -n 20")
    assert "cut short" in say(terminal, "Count to 30", 1)
    terminal.press("C-d")
    terminal.wait_for("kept as")
    terminal.type("clear; qwen3 chat -c")
    terminal.wait_for("/continue goes on with it")
    terminal.type("/set max_tokens default")
    terminal.wait_for("max_tokens: default")
    terminal.type("/continue")
    terminal.wait_for(lambda shown: shown.count("tok/s") == 1)
    terminal.press("C-d")
    terminal.wait_for("kept as")
    shown = qwen3("sessions", "show", "count").stdout.decode()
    assert "## Model\n\n" + "\n".join(map(str, range(1, 21))) in shown
    assert shown.count("## Model") == 1
    assert "cut short" not in shown


def test_a_conversation_is_picked_from_a_list_by_a_part_of_its_title(terminal, qwen3):
    for name in ("first talk", "second talk"):
        qwen3("ask", "--no-think", "--name", name, "Hello")
    terminal.type("qwen3 chat --pick")
    terminal.wait_for("Which one?")
    terminal.type("talk")
    terminal.wait_for(lambda shown: shown.count("Which one?") == 2)
    terminal.type("first")
    terminal.wait_for("first talk (")
    assert qwen3("chat", "--pick").code == 2
