"""A turn on the real engine: tokens in, events out."""

import json

from support.parrot import write_parrot

from qwen3cli.dialogue.control import NoControl
from qwen3cli.dialogue.events import AnswerDelta
from qwen3cli.dialogue.messages import Message, Role, ToolCall
from qwen3cli.dialogue.sampling import DEMO, sampling
from qwen3cli.machine.plan import DEFAULTS
from qwen3cli.models.choice import choose
from qwen3cli.turn.loading import load_model, prepare
from qwen3cli.turn.this_machine import this_machine
from qwen3cli.turn.turn import TurnOptions, assistant_message

QUESTION = [Message(Role.USER, "Hi")]
TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
CALL = '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>'
# A template that ends inside the thoughts, as those of models that always think do.
OPENED = "{% for m in messages %}{{ m.role }}\n{{ m.content }}\n{% endfor %}{{ '<think>\n' }}"


def events_of(path, **options):
    resources = this_machine({}, measured=False).resources
    prepared = prepare(choose(str(path), {}), DEFAULTS, resources)
    loaded = load_model(prepared, lambda _share: True)
    try:
        turn = TurnOptions(thinking=True, sampling=sampling(DEMO.direct, {}), **options)
        return list(loaded.turn(QUESTION, turn, NoControl()))
    finally:
        loaded.close()


def test_a_call_is_a_call_where_tools_are_offered_and_text_where_none_are(tmp_path):
    parrot = write_parrot(tmp_path / "parrot.gguf", CALL.encode())
    offered, none = events_of(parrot, tools=(TOOL,)), events_of(parrot)
    assert assistant_message(offered).tool_calls == (ToolCall("add", {"a": 1}),)
    assert "".join(event.text for event in none if isinstance(event, AnswerDelta)) == CALL


def test_text_shaped_like_a_tool_call_is_the_answer(tmp_path, qwen3):
    parrot = write_parrot(tmp_path / "parrot.gguf", CALL.encode())
    assert qwen3("ask", "-m", parrot, "Hi").stdout == CALL.encode() + b"\n"
    said = json.loads(qwen3("ask", "-m", parrot, "--json", "Hi").stdout)
    assert (said["answer"], said["tool_calls"]) == (CALL, [])


def test_the_marker_of_a_block_that_is_open_already_is_not_shown(tmp_path, qwen3):
    said = b"<think>\nWhy not.\n</think>\n\nYes."
    parrot = write_parrot(tmp_path / "parrot.gguf", said, template=OPENED)
    answer = json.loads(qwen3("ask", "-m", parrot, "--json", "Hi").stdout)
    assert (answer["thinking"], answer["answer"]) == ("Why not.", "Yes.")
