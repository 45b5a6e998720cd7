"""Split a model's text into thinking, answer and tool calls.

Knows nothing of tokens, terminals or clocks: text goes in by `feed`, events come out, and `finish` settles what was
held back. Markers are matched on text, because a tokenizer may glue a marker's last character to what follows. Text
that may still become a marker is held back; so is white space that may turn out to be the edge of a block.

The states and what moves between them:

    ANSWER    --<think>, at the start of a line-->           THINKING
    ANSWER    --<tool_call>, a JSON object behind it-->      CALL, back to ANSWER
    THINKING  --</think>-->                                  ANSWER
    THINKING  --<tool_call>, a JSON object behind it-->      CALL, back to THINKING
    CALL      --</tool_call>-->                              where it came from
    CALL      --</think>, if it began in the thoughts-->     THINKING, and on to ANSWER

Decisions, each with its test:
- Where it starts depends on the prompt: THINKING if the template already opened the block.
- An empty block leaves nothing. Thoughts and answer lose the white space at their edges, and nothing else.
- A block that is never closed stays thinking to the end; whoever counts on an answer sees that there is none.
- A lone `</think>` with nothing open is dropped if it stands at the start of a line, and is text elsewhere.
- Inside code (a fence, or backticks in a line) and in the middle of a line, `<think>` in the answer is text: people
  ask about these very tags. At the start of a line it opens a block again, since models cut off by a budget do that.
- A tool call is one wherever it stands outside code, thoughts included: a call lost in the thoughts is a call lost.
  What is not followed by a JSON object is text; an object that cannot be read is a `BadToolCall`.
- Rejected: deciding by token ids. Other models spell the markers as several tokens, and stored text has no ids.
Still fails: thoughts that quote `</think>` end there, as they do for every reader of this format.
"""

import json
import re
from collections.abc import Iterator
from enum import Enum, auto

from qwen3cli.dialogue.events import AnswerDelta, BadToolCall, ParserEvent, ThinkDelta
from qwen3cli.dialogue.messages import ToolCall

THINK_OPEN, THINK_CLOSE = "<think>", "</think>"
CALL_OPEN, CALL_CLOSE = "<tool_call>", "</tool_call>"


class State(Enum):
    """Where in the text we are."""

    ANSWER = auto()
    THINKING = auto()
    CALL = auto()


_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
# A JSON string (or what is there of one: it ends at the latest with its line), or a marker that ends the call.
_STRING = r'"(?:\\.|[^"\\\n])*(?:"|\n|\Z)'
_STRING_OR_CLOSE = {
    State.ANSWER: re.compile(f"{_STRING}|{CALL_CLOSE}"),
    State.THINKING: re.compile(f"{_STRING}|{CALL_CLOSE}|{THINK_CLOSE}"),
}


# What each state looks for. The order does not matter: the earliest in the text wins.
_MARKERS = {
    State.ANSWER: (THINK_OPEN, THINK_CLOSE, CALL_OPEN),
    State.THINKING: (THINK_CLOSE, CALL_OPEN),
}


class Parser:
    """The text machine. Feed it pieces in order, then finish it once."""

    def __init__(self, *, opened: bool = False) -> None:
        """`opened` says that the prompt ends inside a thinking block."""
        self.state = State.THINKING if opened else State.ANSWER
        self._buffer = ""
        self._from = self.state  # where CALL goes back to
        self._blank = ""  # white space held back until something follows it
        self._started = False  # whether this block has shown anything yet
        self._answered = False  # whether any answer was shown: a second one gets its own paragraph
        self._line = _Line()

    @property
    def thinking(self) -> bool:
        """Whether text fed now would be a thought."""
        return self.state is State.THINKING or (
            self.state is State.CALL and self._from is State.THINKING
        )

    def feed(self, text: str) -> list[ParserEvent]:
        """Take the next piece of text. May return nothing while a marker could still be forming."""
        self._buffer += text
        return list(self._drain(final=False))

    def finish(self) -> list[ParserEvent]:
        """Settle what was held back: an unfinished marker is text, an unfinished call is a bad call."""
        return list(self._drain(final=True))

    def close_thinking(self) -> list[ParserEvent]:
        """End the thoughts from outside, whatever they were in the middle of."""
        events = self.finish()
        if self.state is State.THINKING:
            self._enter(State.ANSWER)
        return events

    def _drain(self, *, final: bool) -> Iterator[ParserEvent]:
        while True:
            before = (self.state, len(self._buffer))
            if self.state is State.CALL:
                yield from self._call(final=final)
            else:
                yield from self._prose(final=final)
            if not self._buffer or (self.state, len(self._buffer)) == before:
                return

    def _prose(self, *, final: bool) -> Iterator[ParserEvent]:
        """Show text up to the next marker, then act on the marker."""
        at, marker = _earliest(self._buffer, _MARKERS[self.state])
        if marker is None:
            held = 0 if final else _possible_marker(self._buffer, _MARKERS[self.state])
            yield from self._show(self._take(len(self._buffer) - held))
            return
        if at:
            yield from self._show(self._take(at))
            return
        if marker == CALL_OPEN:
            yield from self._maybe_call(final=final)
        elif marker == THINK_CLOSE and self.state is State.THINKING:
            self._take(len(marker))
            self._enter(State.ANSWER)
        elif self._line.in_code or not self._line.at_start:
            yield from self._show(self._take(len(marker)))
        else:
            self._take(len(marker))
            if marker == THINK_OPEN:
                self._enter(State.THINKING)

    def _maybe_call(self, *, final: bool) -> Iterator[ParserEvent]:
        """A `<tool_call>` is one if it stands outside code and a `{` follows; wait until that can be told."""
        behind = self._buffer[len(CALL_OPEN) :].lstrip()
        if not behind and not final:
            return
        if behind.startswith("{") and not self._line.in_code:
            self._take(len(CALL_OPEN))
            self._from, self.state = self.state, State.CALL
        else:
            yield from self._show(self._take(len(CALL_OPEN)))

    def _call(self, *, final: bool) -> Iterator[ParserEvent]:
        """Read the object behind `<tool_call>`, up to the closing marker that completes it."""
        end = self._call_end(final=final)
        if end < 0 and not final:
            return
        body = self._take(end if end >= 0 else len(self._buffer))
        if self._buffer.startswith(CALL_CLOSE):
            self._take(len(CALL_CLOSE))
        self.state = self._from
        self._line = _Line()
        yield read_call(body)

    def _call_end(self, *, final: bool) -> int:
        """Where the marker that ends the call stands, or -1. Inside a JSON string it does not count, unless no other
        ever comes."""
        for match in _STRING_OR_CLOSE[self._from].finditer(self._buffer):
            if not match.group().startswith('"'):
                return match.start()
        return self._buffer.find(CALL_CLOSE) if final else -1

    def _show(self, text: str) -> Iterator[ParserEvent]:
        """Emit text without the white space at the edges of its block."""
        self._line.follow(text)
        text = self._blank + text
        if not self._started:
            text = text.lstrip() if self.state is State.THINKING else _BLANK_LINES.sub("", text)
        shown = text.rstrip()
        self._blank = text[len(shown) :]
        if not shown:
            return
        again = self._answered and not self._started and self.state is State.ANSWER
        self._started = True
        if self.state is State.THINKING:
            yield ThinkDelta(shown)
        else:
            self._answered = True
            yield AnswerDelta("\n\n" + shown if again else shown)

    def _enter(self, state: State) -> None:
        self.state = state
        self._started = False
        self._blank = ""
        self._line = _Line()

    def _take(self, count: int) -> str:
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken


class _Line:
    """What the text so far says about the current line: is it blank so far, and is this code?"""

    def __init__(self) -> None:
        self._text = ""
        self._fence = ""

    def follow(self, text: str) -> None:
        """Take more text."""
        *complete, rest = (self._text + text).split("\n")
        for line in complete:
            self._toggle(line)
        self._text = rest

    @property
    def at_start(self) -> bool:
        """Whether only white space came on this line."""
        return not self._text.strip()

    @property
    def in_code(self) -> bool:
        """Whether we are in a fenced block, or between backticks on this line."""
        return bool(self._fence) or self._text.count("`") % 2 == 1

    def _toggle(self, line: str) -> None:
        bare = line.strip()
        if self._fence:
            if bare.startswith(self._fence) and not bare.strip(self._fence[0]):
                self._fence = ""
        elif bare.startswith(("```", "~~~")):
            self._fence = bare[: len(bare) - len(bare.lstrip(bare[0]))]


def read_call(body: str) -> ToolCall | BadToolCall:
    """A tool call from the text between its markers; never raises, since a model wrote it."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as problem:
        return BadToolCall(body.strip(), f"no valid JSON: {problem}")
    if not isinstance(value, dict):
        return BadToolCall(body.strip(), "not a JSON object")
    name, arguments = value.get("name"), value.get("arguments", {})
    if not isinstance(name, str) or not name:
        return BadToolCall(body.strip(), "no tool is named")
    if isinstance(arguments, str):
        arguments = _object_in_string(arguments)
    if not isinstance(arguments, dict):
        return BadToolCall(body.strip(), "the arguments are not an object")
    return ToolCall(name, arguments)


def _object_in_string(text: str) -> object:
    """Some models write the arguments as a string that holds the object."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _earliest(text: str, markers: tuple[str, ...]) -> tuple[int, str | None]:
    found = [(at, marker) for marker in markers if (at := text.find(marker)) >= 0]
    return min(found, default=(len(text), None))


def _possible_marker(text: str, markers: tuple[str, ...]) -> int:
    """How many characters at the end of the text could be the beginning of a marker."""
    longest = max(map(len, markers)) - 1
    for length in range(min(longest, len(text)), 0, -1):
        if any(marker.startswith(text[-length:]) for marker in markers):
            return length
    return 0
