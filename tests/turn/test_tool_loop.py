"""Calls within a turn, on the real engine: held, run side by side, answered, and ended."""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.parrot import TOOL_TEMPLATE, write_parrot

from qwen3cli.dialogue.control import NoControl
from qwen3cli.dialogue.events import (
    AnswerDelta,
    CallDone,
    CallNotice,
    CallOutcome,
    CallStarted,
    Event,
    FinishReason,
    TurnDone,
)
from qwen3cli.dialogue.messages import Message, Role, ToolCall
from qwen3cli.dialogue.sampling import DEMO, sampling
from qwen3cli.machine.plan import DEFAULTS
from qwen3cli.models.choice import choose
from qwen3cli.tools.built_in.calc import CALC
from qwen3cli.tools.built_in.now import NOW
from qwen3cli.tools.permission import AllowList
from qwen3cli.tools.selection import read_patterns
from qwen3cli.tools.tool import CallWatch, TextContent, Tool, ToolDefinition, ToolResult
from qwen3cli.tools.toolkit import Toolkit
from qwen3cli.turn.loading import load_model, prepare
from qwen3cli.turn.rounds import turn_messages
from qwen3cli.turn.this_machine import this_machine
from qwen3cli.turn.tool_loop import turn_with_tools
from qwen3cli.turn.turn import TurnOptions

EVERYTHING = ["*:*"]


def call(name: str, **arguments: Any) -> str:
    said = json.dumps({"name": name, "arguments": arguments})
    return f"<tool_call>\n{said}\n</tool_call>"


def run(
    model: Path | str,
    tools: Sequence[Tool],
    question: str = "Go on",
    allowed: list[str] = EVERYTHING,
    max_rounds: int = 8,
    **options: Any,
) -> list[Event]:
    resources = this_machine({}, measured=False).resources
    loaded = load_model(prepare(choose(str(model), {}), DEFAULTS, resources), lambda _share: True)
    turn = TurnOptions(thinking=False, sampling=sampling(DEMO.direct, {}), **options)
    kit = Toolkit(tools, AllowList(read_patterns(allowed)))
    try:
        messages = [Message(Role.USER, question)]
        return list(turn_with_tools(loaded, messages, turn, NoControl(), kit, max_rounds))
    finally:
        loaded.close()


def parrot(folder: Path, said: str, then: str = "Done.") -> Path:
    path = folder / "parrot.gguf"
    return write_parrot(path, said.encode(), template=TOOL_TEMPLATE, then=then.encode())


def answer(events: list[Event]) -> str:
    return "".join(each.text for each in events if isinstance(each, AnswerDelta))


def ended(events: list[Event]) -> list[CallDone]:
    return [each for each in events if isinstance(each, CallDone)]


@dataclass
class Probe:
    """A tool that waits until as many calls run as `together` says, and returns its argument."""

    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    together: int = 1

    def __post_init__(self):
        self.barrier = threading.Barrier(self.together)
        self.definition = ToolDefinition("probe", "", self.schema, "test")

    def call(self, arguments: Mapping[str, Any], watch: CallWatch) -> ToolResult:
        self.barrier.wait(10)
        return ToolResult((TextContent(str(arguments.get("text", ""))),))


def test_the_demo_calls_a_tool_by_itself_and_passes_its_answer_on(demo):
    events = run("demo", [CALC, NOW], "Call now with timezone Asia/Tokyo", ["now"])
    (done,) = ended(events)
    assert (done.call, done.outcome) == (
        ToolCall("now", {"timezone": "Asia/Tokyo"}),
        CallOutcome.DONE,
    )
    assert "(Asia/Tokyo)" in done.text
    assert answer(events).startswith("The tool now says:")
    assert [each.finish for each in events if isinstance(each, TurnDone)] == [FinishReason.STOP]


def test_calls_of_one_round_run_side_by_side_and_go_back_in_their_order(tmp_path):
    said = "\n".join(["Both.", call("probe", text="a"), call("probe", text="bb")])
    events = run(parrot(tmp_path, said), [Probe(together=2)])
    assert [each.number for each in events if isinstance(each, CallStarted)] == [1, 2]
    assert turn_messages(events) == [
        Message(
            Role.ASSISTANT,
            "Both.",
            tool_calls=(ToolCall("probe", {"text": "a"}), ToolCall("probe", {"text": "bb"})),
        ),
        Message(Role.TOOL, "a"),
        Message(Role.TOOL, "bb"),
        Message(Role.ASSISTANT, "Done."),
    ]
    assert answer(events) == "Both.\n\nDone."


def test_the_usage_of_all_rounds_is_one_sum_at_the_end(tmp_path):
    events = run(parrot(tmp_path, call("probe", text="a")), [Probe()])
    done = [each for each in events if isinstance(each, TurnDone)]
    assert len(done) == 1 and events[-1] is done[0]
    once = run(parrot(tmp_path, "Other."), [Probe()])[-1]
    assert isinstance(once, TurnDone)
    assert done[0].usage.prompt_tokens > 2 * once.usage.prompt_tokens


def test_the_third_call_with_the_same_arguments_is_not_made_and_the_model_must_answer(tmp_path):
    said = call("probe", text="again")
    events = run(
        parrot(tmp_path, said, then=call("probe", text="again") + " "), [Probe()], max_tokens=120
    )
    assert [each.outcome for each in ended(events)] == [
        CallOutcome.DONE, CallOutcome.DONE, CallOutcome.REPEATED,
    ]  # fmt: skip
    notices = [each.text for each in events if isinstance(each, CallNotice)]
    assert notices == [
        "probe was called 3 times with the same arguments: the model must answer now"
    ]


def test_after_so_many_rounds_the_model_must_answer(tmp_path):
    said = call("probe", text="again")
    events = run(parrot(tmp_path, said), [Probe()], max_rounds=1)
    assert [each.text for each in events if isinstance(each, CallNotice)] == [
        "after 1 round of tool calls the model must answer"
    ]
    assert answer(events) == "Done."


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (call("prob", text="a"), "error: there is no tool 'prob'; did you mean 'probe'?"),
        ("<tool_call>\n{'name': 1}\n</tool_call>", "error: the call cannot be read: no valid JSON"),
        (
            call("probe", text=[1]),
            "error: the arguments are wrong: #/text: [1] is not of type 'string'",
        ),
        (call("probe"), "error: the arguments are wrong: #: 'text' is a required property"),
    ],
)
def test_what_is_wrong_with_a_call_is_told_to_the_model_which_goes_on(tmp_path, said, text):
    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    events = run(parrot(tmp_path, said), [Probe(schema)])
    (done,) = ended(events)
    assert done.outcome is CallOutcome.FAILED
    assert done.text.startswith(text)
    assert answer(events) == "Done."


def test_a_call_that_is_not_allowed_is_denied_and_told_to_the_model(tmp_path):
    events = run(parrot(tmp_path, call("probe", text="a")), [Probe()], allowed=["calc"])
    (done,) = ended(events)
    assert (done.outcome, done.text) == (
        CallOutcome.DENIED, "denied: the user has not allowed this tool; do without it",
    )  # fmt: skip
    assert answer(events) == "Done."


def test_a_call_without_its_opening_marker_is_run(tmp_path):
    bare = call("probe", text="a").removeprefix("<tool_call>\n")
    events = run(parrot(tmp_path, f"Let me see.\n\n{bare}"), [Probe()])
    assert [each.text for each in ended(events)] == ["a"]
    assert answer(events) == "Let me see.\n\nDone."


def test_a_call_in_the_thoughts_is_run_and_what_was_invented_behind_it_is_not_said(tmp_path):
    said = f"<think>\nI call it.\n{call('probe', text='a')}\nIt says b.\n</think>\n\n\n\n\n\n\n\nIt says b."
    events = run(parrot(tmp_path, said), [Probe()])
    assert [each.text for each in ended(events)] == ["a"]
    assert answer(events) == "Done."


def test_a_call_that_is_printed_as_code_is_told(tmp_path):
    said = f"So:\n\n```json\n{call('probe', text='a')}\n```"
    events = run(parrot(tmp_path, said), [Probe()])
    assert (ended(events), answer(events)) == ([], said)
    assert [each.text for each in events if isinstance(each, CallNotice)] == [
        "a call of probe stands in the answer as code and was not run"
    ]


def test_a_long_result_is_cut_to_its_share_and_kept_whole(tmp_path):
    long = "word " * 3000
    probe = Probe()
    probe.call = lambda _arguments, _watch: ToolResult((TextContent(long),))  # type: ignore[method-assign, assignment]
    events = run(parrot(tmp_path, call("probe")), [probe])
    (done,) = ended(events)
    assert done.text.endswith("of 15,000 characters; the user sees all of it by /tool 1]")
    assert len(done.text) < 3000
    assert answer(events) == "Done."


def test_definitions_that_are_too_many_stand_behind_a_tool_that_finds_them(tmp_path):
    def many(name: str, about: str) -> Probe:
        probe = Probe()
        probe.definition = ToolDefinition(name, about, {"type": "object"}, "big")
        return probe

    tools = [many(f"tool_{number}", "Counts things. " * 5) for number in range(500)]
    tools.append(many("weather", "Tells the weather of a city."))
    said = call("find_tools", query="weather in Paris")
    events = run(
        parrot(tmp_path, said, then=call("weather", text="x") + " "),
        tools,
        max_rounds=2,
        max_tokens=300,
    )
    find, weather, *_ = ended(events)
    assert json.loads(find.text)["function"]["name"] == "weather"
    assert (weather.server, weather.outcome, weather.text) == ("big", CallOutcome.DONE, "x")
    assert isinstance(events[-1], TurnDone)
    assert events[-1].usage.prompt_tokens < 2000
