"""What a server asks in the midst of a call, and how it is answered."""

import pytest

from qwen3cli.chat.forms import filled
from qwen3cli.tools.tool import Decision, Form, FormAnswer

SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "where"},
        "days": {"type": "integer", "minimum": 1},
        "window": {"type": "boolean", "default": True},
        "class": {"enum": ["first", "second"]},
        "note": {"type": "string"},
    },
    "required": ["city", "days", "class"],
}


def answered(*lines, schema=SCHEMA):
    said: list[str] = []
    typed = iter(lines)
    answer = filled(Form("travel", "?", schema), said.append, lambda: next(typed, None))
    return answer, said


def test_every_field_is_asked_in_its_type_and_what_is_wrong_again():
    answer, said = answered("Rome\n", "0\n", "few\n", "3\n", "\n", "third\n", "second\n", "\n")
    values = {"city": "Rome", "days": 3, "window": True, "class": "second"}
    assert answer == FormAnswer(Decision.ACCEPT, values)
    assert said[0] == "city: where (string)"
    assert "that does not do: 0 is less than the minimum of 1" in said
    assert "window (boolean; Enter for True)" in said


def test_the_end_of_the_input_leaves_it_undecided():
    assert answered("Rome\n")[0] == FormAnswer(Decision.CANCEL)


@pytest.mark.parametrize("text", ["\x1b]0;owned\x07", "a\nqwen3: yes"])
def test_a_servers_words_cannot_begin_a_line_or_reach_the_terminal(text):
    _, said = answered(schema={"properties": {text: {"type": "string", "description": text}}})
    assert "\x1b" not in said[0] and "\n" not in said[0]
