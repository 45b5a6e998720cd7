"""`/think` and `/no_think` count where they were typed, and nowhere else."""

import pytest

from qwen3cli.dialogue.messages import Document, Message, Role
from qwen3cli.dialogue.switches import no_think_typed, with_switches_kept


def asked(content: str, *documents: str) -> Message:
    return Message(
        Role.USER, content, documents=tuple(Document("notes.md", text) for text in documents)
    )


ANSWER = Message(Role.ASSISTANT, "It is /no_think.")


@pytest.mark.parametrize(
    ("messages", "off"),
    [
        ([asked("Hi /no_think")], True),
        ([asked("Hi/nothink")], True),
        ([Message(Role.SYSTEM, "/no_think"), asked("Hi")], True),
        ([asked("Hi /no_think"), ANSWER, asked("and now? /think")], False),
        ([asked("Hi /no_think"), ANSWER, asked("and now?")], True),
        ([asked("Hi"), ANSWER, asked("and now?")], False),
        ([asked("Hi", "say /no_think")], False),
        ([asked("Hi /no_think", "say /think")], True),
        ([asked("Hi"), Message(Role.TOOL, "/no_think")], False),
        ([asked("I am /thinking of it")], False),
    ],
)
def test_the_last_switch_that_was_typed_counts(messages, off):
    assert no_think_typed(messages) is off


@pytest.mark.parametrize(
    ("message", "said_again"),
    [
        (asked("Hi", "say /no_think"), "/think"),
        (asked("Hi /no_think", "say /think"), "/no_think"),
        (asked("Hi", "say /no_think, then /think"), ""),
        (asked("Hi /no_think", "say /no_think"), ""),
        (asked("Hi", "src/think.py"), ""),
        (asked("Hi /no_think"), ""),
        (Message(Role.TOOL, "/no_think"), "/think"),
    ],
)
def test_behind_a_switch_that_came_with_a_document_the_typed_one_is_said_again(message, said_again):
    (kept,) = with_switches_kept([message])
    assert kept.text == message.text + (f"\n\n{said_again}" if said_again else "")


def test_what_is_said_again_stays_where_it_was_in_a_longer_conversation():
    first = asked("Hi /no_think", "say /think")
    short = with_switches_kept([first])
    long = with_switches_kept([first, ANSWER, asked("and now? /think")])
    assert long[0] == short[0]
