"""A model that is not here is fetched when a person at a terminal agrees, or says so beforehand; else the command is named."""

import pytest
from support.one_model import FILE, REPOSITORY, add_entry

QUESTION = "Fetch it now? [Y/n]"
ASK = "qwen3 ask --size test --no-think --temp 0 Hello; echo code $?"
GREETING = "Hello! How can I help you?"


@pytest.fixture
def answering(hub, home, demo):
    """A model on the hub that is one: the demo's file. Returns the hub."""
    content = demo.read_bytes()
    digest = hub.add(REPOSITORY, FILE, content)
    size = f'bytes = {len(content)}, sha256 = "{digest}"'
    add_entry(home, f'{{ quant = "q8_0", path = "{FILE}", {size} }},')
    return hub


def test_it_asks_with_the_size_and_the_room_and_no_fetches_nothing(answering, terminal):
    terminal.type(ASK)
    shown = terminal.wait_for(QUESTION)
    assert "test:q8_0 is not on this disk. To fetch: 2 MiB; " in shown
    assert " of disk are free." in shown
    terminal.type("n")
    shown = terminal.wait_for("code 3")
    assert "nothing was fetched" in shown
    assert "qwen3 pull test:q8_0" in shown
    assert answering.requests == []


@pytest.mark.parametrize("key", ["C-d", "C-c"])
def test_leaving_the_question_fetches_nothing(answering, terminal, key):
    terminal.type(ASK)
    terminal.wait_for(QUESTION)
    terminal.press(key)
    terminal.wait_for("code 3" if key == "C-d" else "code 130")
    assert answering.requests == []


def test_enter_fetches_it_and_goes_on(answering, terminal):
    terminal.type(ASK)
    terminal.wait_for(QUESTION)
    terminal.press("Enter")
    terminal.wait_for("code 0")
    assert GREETING in terminal.everything()


def test_the_question_tells_the_time_once_a_download_was_seen(qwen3, test_model, terminal):
    qwen3("pull", "test")
    qwen3("models", "rm", "test")
    terminal.type(ASK)
    shown = terminal.wait_for(QUESTION)
    assert "To fetch: 6 MiB, about " in shown
    assert " s at the speed of the last download; " in shown
    terminal.press("C-c")


def test_off_a_terminal_nothing_is_fetched_unless_it_was_said_before(qwen3, answering, terminal):
    done = qwen3("ask", "--size", "test", "Hello")
    assert (done.stdout, done.code) == (b"", 3)
    assert "test:q8_0 is not on this disk" in done.stderr
    assert "try: qwen3 pull test:q8_0 (2 MiB), or add --yes" in done.stderr
    terminal.type("echo Hello | qwen3 ask --size test; echo code $?")
    assert QUESTION not in terminal.wait_for("code 3"), "standard input is the prompt"
    assert answering.requests == []
    done = qwen3("ask", "--size", "test", "--yes", "--no-think", "--temp", "0", "Hello")
    assert (done.stdout.decode(), done.code) == (f"{GREETING}\n", 0)


def test_a_chat_asks_too_and_goes_on_whatever_is_said(answering, terminal):
    terminal.type("qwen3 chat --size demo")
    for answer, then in (("n", "nothing was fetched"), ("y", "model: Test q8_0")):
        terminal.wait_for(lambda shown: shown.rstrip().endswith("\n>"))
        terminal.type("/model test")
        terminal.wait_for(lambda shown: shown.rstrip().endswith(QUESTION))
        terminal.type(answer)
        terminal.wait_for(then)
    assert answering.sent_bytes > 0


def test_what_became_of_a_model_that_was_here_is_told(qwen3, answering, home):
    place = qwen3("pull", "test").stdout.decode().strip()
    blob = next((home / ".cache/huggingface/hub/models--Qwen--Test-GGUF/blobs").glob("?" * 64))
    blob.unlink()
    done = qwen3("ask", "--size", "test", "hi")
    assert f"test:q8_0 is not on this disk: the link {place} leads nowhere" in done.stderr
    assert qwen3("pull", "test").code == 0
    (home / ".cache/huggingface/hub").rename(home / "gone")
    done = qwen3("ask", "--size", "test", "--offline", "hi")
    assert f"it is gone from {place}; this is off line" in done.stderr
