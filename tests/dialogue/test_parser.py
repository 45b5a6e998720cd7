"""The text machine: every case of the markers, cut at every position, in time that grows as the text does."""

import time
from itertools import pairwise

import pytest

from qwen3cli.dialogue.events import AnswerDelta, BadToolCall, ParserEvent, ThinkDelta
from qwen3cli.dialogue.messages import ToolCall
from qwen3cli.dialogue.parser import Parser


def merged(events: list[ParserEvent]) -> list[ParserEvent]:
    """The same stream with neighbouring deltas of one kind joined, so that cuts do not show."""
    result: list[ParserEvent] = []
    for event in events:
        last = result[-1] if result else None
        if isinstance(event, ThinkDelta) and isinstance(last, ThinkDelta):
            result[-1] = ThinkDelta(last.text + event.text)
        elif isinstance(event, AnswerDelta) and isinstance(last, AnswerDelta):
            result[-1] = AnswerDelta(last.text + event.text)
        else:
            result.append(event)
    return result


def parsed(
    pieces: list[str], *, opened: bool = False, tools: tuple[str, ...] = ("add",)
) -> list[ParserEvent]:
    parser = Parser(opened=opened, tools=tools)
    events = [event for piece in pieces for event in parser.feed(piece)]
    return merged(events + parser.finish())


CALL = '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>'
ADD = ToolCall("add", {"a": 1})

BAD_JSON = (
    "no valid JSON: Expecting property name enclosed in double quotes: line 3 column 1 (char 17)"
)

NO_END = "no valid JSON: Unterminated string starting at: line 2 column 10 (char 10)"

CASES: dict[str, tuple[str, bool, list[ParserEvent]]] = {
    "thinking_then_answer": (
        "<think>\nwhy\n</think>\n\nbecause", False, [ThinkDelta("why"), AnswerDelta("because")],
    ),
    "an_empty_block_is_hidden": ("<think>\n\n</think>\n\nhello", False, [AnswerDelta("hello")]),
    "the_template_opened_the_block": ("why\n</think>\n\nyes", True, [ThinkDelta("why"), AnswerDelta("yes")]),
    "a_model_that_opens_the_open_block_again": (
        "\n<think>\nwhy\n</think>\n\nyes", True, [ThinkDelta("why"), AnswerDelta("yes")],
    ),
    "an_opening_tag_among_the_thoughts_is_a_thought": (
        "<think>what is <think>?</think>\n\nyes", False,
        [ThinkDelta("what is <think>?"), AnswerDelta("yes")],
    ),
    "never_closed_stays_thinking": ("<think>\nlost in thought", False, [ThinkDelta("lost in thought")]),
    "a_closing_tag_alone_is_dropped": ("</think>\n\nhello", False, [AnswerDelta("hello")]),
    "no_block_at_all": ("just an answer", False, [AnswerDelta("just an answer")]),
    "a_tag_in_inline_code_is_text": (
        "<think>x</think>\nUse `<think>` and `</think>`.", False,
        [ThinkDelta("x"), AnswerDelta("Use `<think>` and `</think>`.")],
    ),
    "a_tag_in_a_fence_is_text": (
        "```\n<think>\n</think>\n```\ndone", False, [AnswerDelta("```\n<think>\n</think>\n```\ndone")],
    ),
    "a_tag_in_mid_line_is_text": ("The tag <think> opens.", False, [AnswerDelta("The tag <think> opens.")]),
    "a_second_block_opens_at_a_line_start": (
        "<think>a</think>\nfirst\n<think>b</think>\nsecond", False,
        [ThinkDelta("a"), AnswerDelta("first"), ThinkDelta("b"), AnswerDelta("\n\nsecond")],
    ),
    "a_tool_call": (f"<think>t</think>\n\n{CALL}", False, [ThinkDelta("t"), ADD]),
    "a_call_that_the_end_of_the_thoughts_cuts_off_is_bad_and_the_answer_stays": (
        '<think>t\n<tool_call>\n{"name": "add",\n</think>\n\nThe answer is 42.', False,
        [
            ThinkDelta("t"),
            BadToolCall('{"name": "add",', BAD_JSON),
            AnswerDelta("The answer is 42."),
        ],
    ),
    "the_end_of_the_thoughts_inside_a_string_that_never_ends": (
        '<think>t\n<tool_call>\n{"name": "add</think>\n\nThe answer is 42.', False,
        [
            ThinkDelta("t"),
            BadToolCall('{"name": "add', NO_END),
            AnswerDelta("The answer is 42."),
        ],
    ),
    "two_tool_calls": (f"{CALL}\n{CALL}", False, [ADD, ADD]),
    "a_closing_marker_inside_a_string": (
        '<tool_call>{"name": "say", "arguments": {"text": "</tool_call>"}}</tool_call>', False,
        [ToolCall("say", {"text": "</tool_call>"})],
    ),
    "arguments_as_a_string": (
        '<tool_call>{"name": "add", "arguments": "{\\"a\\": 1}"}</tool_call>', False, [ADD],
    ),
    "a_call_marker_without_an_object_is_text": (
        "The marker <tool_call> begins a call.", False, [AnswerDelta("The marker <tool_call> begins a call.")],
    ),
    "half_a_marker_at_the_end_is_text": ("a < b and <thi", False, [AnswerDelta("a < b and <thi")]),
    "blank_space_inside_stays": ("a\n\n\nb", False, [AnswerDelta("a\n\n\nb")]),
    "an_indented_first_line_keeps_its_indent": ("\n\n    code", False, [AnswerDelta("    code")]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_case_holds_at_every_cut(case):
    text, opened, expected = CASES[case]
    assert parsed([text], opened=opened) == expected
    assert parsed(list(text), opened=opened) == expected
    for cut in range(1, len(text)):
        assert parsed([text[:cut], text[cut:]], opened=opened) == expected, f"cut at {cut}"


def test_a_tool_call_inside_the_thinking_is_not_lost_and_the_thoughts_go_on():
    text = f"<think>\nI will {CALL} now\n</think>\n\nok"
    for cut in range(1, len(text)):
        events = parsed([text[:cut], text[cut:]])
        assert [event for event in events if isinstance(event, ToolCall)] == [ADD]
        thought = "".join(event.text for event in events if isinstance(event, ThinkDelta))
        assert thought.split() == ["I", "will", "now"]
        assert events[-1] == AnswerDelta("ok")


@pytest.mark.parametrize(
    "text",
    [CALL, f"{CALL}\n{CALL}", "So: <tool_call>", '<tool_call>\n{"name": "add"', "<tool_call> none"],
)
def test_without_tools_what_looks_like_a_call_is_text(text):
    assert parsed([text], tools=()) == [AnswerDelta(text)]
    assert parsed(list(text), tools=()) == [AnswerDelta(text)]
    assert parsed(list(text), tools=(), opened=True) == [ThinkDelta(text)]


def test_three_cuts_change_nothing():
    text, opened, expected = CASES["thinking_then_answer"]
    for first in range(1, len(text) - 1):
        for second in range(first + 1, len(text)):
            pieces = [text[start:end] for start, end in pairwise([0, first, second, len(text)])]
            assert parsed(pieces, opened=opened) == expected


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"name": "add", "arguments": {', "no valid JSON"),
        ('{"arguments": {}}', "no tool is named"),
        ('{"name": 3}', "no tool is named"),
        ('{"name": "add", "arguments": [1]}', "not an object"),
        ("{" * 100_000, "no valid JSON"),
        ('{"name": "add", "arguments": {"a": NaN}}', "no valid JSON"),
        ('{"name": "add", "arguments": {"a": 1e999}}', "no valid JSON"),
    ],
)
def test_a_malformed_call_is_reported_and_never_raised(body, reason):
    (event,) = parsed([f"<tool_call>\n{body}\n</tool_call>"])
    assert isinstance(event, BadToolCall)
    assert reason in event.reason


def test_an_unfinished_call_is_a_bad_call():
    (event,) = parsed(['<tool_call>\n{"name": "add"'])
    assert isinstance(event, BadToolCall)


def test_nothing_is_shown_while_a_marker_may_still_form():
    parser = Parser()
    assert parser.feed("<thi") == []
    assert parser.feed("s>") == [AnswerDelta("<this>")]


@pytest.mark.parametrize("thoughts", ["so", '<tool_call>{"name": "add"', "so <tool_ca"])
def test_thoughts_closed_from_outside_end_whatever_they_were_in_the_middle_of(thoughts):
    parser = Parser(opened=True)
    parser.feed(thoughts)
    parser.close_thinking()
    assert not parser.thinking
    assert parser.feed("42") == [AnswerDelta("42")]


def test_half_a_character_in_a_call_is_replaced_and_halves_that_meet_are_one():
    (call,) = parsed(
        [r'<tool_call>{"name": "\ud800", "arguments": {"a": "\ud83d\ude00"}}</tool_call>']
    )
    assert call == ToolCall("\ufffd", {"a": "\U0001f600"})


# What stands in front, and what comes again and again.
GROWING = {
    "one long line": ("", "word "),
    "white space": ("", " "),
    "blank lines": ("", "\n"),
    "white space behind a call's marker": ("<tool_call>", " "),
    "a string in a call": ('<tool_call>{"a": "', "word "),
    "escaped quotes in a call": ('<tool_call>{"a": "', '\\"'),
    "quotes in a call": ("<tool_call>{", '"'),
    "braces in a call": ("<tool_call>{", "{"),
    "half a marker": ("", "</tool_cal "),
    "markers that are text": ("", "a <think> </think> "),
    "calls without an object": ("", "<tool_call>"),
    "calls whose strings do not end": ("", '<tool_call>{\\"</tool_call>'),
    "calls that end inside strings": ("", '<tool_call>{"</tool_call>"'),
    "backticks": ("", "` "),
    "fences": ("", "```\n"),
    "short thoughts": ("", "<think>a</think>b\n"),
}
FEW, TIMES = 20_000, 10


@pytest.mark.parametrize("kind", GROWING)
def test_a_text_ten_times_as_long_takes_as_long_as_ten_texts(kind):
    """The two take turns, and a busy machine slows both."""
    ratios = (
        processor_seconds(kind, FEW * TIMES)
        / sum(processor_seconds(kind, FEW) for _ in range(TIMES))
        for _ in range(10)
    )
    assert any(ratio < 1.5 for ratio in ratios)


def processor_seconds(kind: str, length: int) -> float:
    front, again = GROWING[kind]
    text = (front + again * (length // len(again) + 1))[:length]
    parser = Parser(tools=("add",))
    started = time.process_time()
    for at in range(0, length, 4):
        parser.feed(text[at : at + 4])
    parser.finish()
    return time.process_time() - started


BARE = '{"name": "add", "arguments": {"note": "a } in a string", "deep": {"er": 1}}}'
BARE_CALL = ToolCall("add", {"note": "a } in a string", "deep": {"er": 1}})


@pytest.mark.parametrize("end", ["", "\n</tool_call>", "</tool_call>"])
@pytest.mark.parametrize("before", ["", "I add it up.\n\n"])
def test_a_call_without_its_opening_marker_is_a_call_however_it_is_cut(before, end):
    text = before + BARE + end
    for pieces in ([text], list(text), *([text[:cut], text[cut:]] for cut in range(len(text)))):
        events = parsed(pieces)
        assert [each for each in events if isinstance(each, ToolCall)] == [BARE_CALL]
        assert said(events) == before.strip()


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "Ada", "arguments": {}}',
        '{"named": "add"}',
        f"It is `{BARE}`.",
        f"```json\n{BARE}\n```",
        f"Written {BARE}",
        "{\n{\n{ \n}",
        "{",
    ],
)
def test_an_object_that_is_no_call_is_text_however_it_is_cut(text):
    for pieces in ([text], list(text), *([text[:cut], text[cut:]] for cut in range(len(text)))):
        assert parsed_text(pieces) == text


def test_a_call_that_is_cut_off_or_has_lost_its_beginning_is_told():
    cut, lost = parsed([BARE[:-2]]), parsed(['"arguments": {}}\n</tool_call>'])
    assert isinstance(cut[0], BadToolCall)
    assert lost[-1] == BadToolCall("</tool_call>", "its opening marker is missing")


def said(events):
    return "".join(each.text for each in events if isinstance(each, AnswerDelta)).strip()


def parsed_text(pieces):
    events = parsed(pieces)
    assert all(isinstance(each, AnswerDelta) for each in events)
    return said(events)
