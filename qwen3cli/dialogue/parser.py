"""Split a model's text into thinking, answer and tool calls.

Knows nothing of tokens, terminals or clocks: text goes in by `feed`, events come out, and `finish` settles what was
held back. Markers are matched on text, because a tokenizer may glue a marker's last character to what follows. Text
that may still become a marker is held back; so is white space that may turn out to be the edge of a block. Every
character is read once, however the text is cut: what waits for more is shorter than a marker, or a list of parts.

The states and what moves between them:

    ANSWER    --<think>, at the start of a line-->           THINKING
    THINKING  --</think>-->                                  ANSWER
    either    --<tool_call>, where tools were offered-->     OPENING
    OPENING   --{-->                                         CALL
    OPENING   --anything else but white space-->             where it came from
    CALL      --</tool_call>-->                              where it came from
    CALL      --</think>, if it began in the thoughts-->     THINKING, and on to ANSWER
    ANSWER    --{"name": "TOOL", at the start of a line-->   BARE
    BARE      --the object's end-->                          ANSWER

Decisions, each with its test:
- Where it starts depends on the prompt: THINKING if the template already opened the block.
- An empty block leaves nothing. Thoughts and answer lose the white space at their edges, and nothing else.
- A `<think>` before the first thought opens what is open already, and is dropped.
- A block that is never closed stays thinking to the end; whoever counts on an answer sees that there is none.
- A lone `</think>` with nothing open is dropped if it stands at the start of a line, and is text elsewhere.
- Inside code (a fence, or backticks in a line) and in the middle of a line, `<think>` in the answer is text: people
  ask about these very tags. At the start of a line it opens a block again, since models cut off by a budget do that.
- Where no tools were offered there is nothing to call, and what looks like a call is text.
- Where there are tools, a call is one wherever it stands outside code, thoughts included: a call lost in the thoughts
  is a call lost. What is not followed by a JSON object is text; an object that cannot be read is a `BadToolCall`.
- A call without its opening marker is one, if it begins a line of the answer and names an offered tool first; that much
  is held back. A `</tool_call>` that ends nothing, alone on its line, is a `BadToolCall`: one was lost.
- Inside a JSON string the marker that ends a call does not count, unless no other ever comes; then quotes are not
  trusted any more.
- Rejected: deciding by token ids. Other models spell the markers as several tokens, and stored text has no ids.
Still fails: thoughts that quote `</think>` end there, as they do for every reader of this format.
"""

import re
from collections.abc import Collection
from enum import Enum, auto

from qwen3cli.dialogue.calls import BareCall, CallReader, begins_call, read_call
from qwen3cli.dialogue.events import AnswerDelta, BadToolCall, ParserEvent, ThinkDelta
from qwen3cli.dialogue.lines import LineState
from qwen3cli.dialogue.markers import (
    CALL_CLOSE,
    CALL_OPEN,
    THINK_CLOSE,
    THINK_OPEN,
    unfinished_marker,
)


class State(Enum):
    """Where in the text we are."""

    ANSWER = auto()
    THINKING = auto()
    OPENING = auto()
    CALL = auto()
    BARE = auto()


_MARKER = re.compile(f"{THINK_OPEN}|{THINK_CLOSE}")
_MARKER_WITH_TOOLS = re.compile(f"{_MARKER.pattern}|{CALL_OPEN}|{CALL_CLOSE}|{{")
_WHITE_SPACE = re.compile(r"\s*")


class Parser:
    """The text machine. Feed it pieces in order, then finish it once."""

    def __init__(self, *, opened: bool = False, tools: Collection[str] = ()) -> None:
        """`opened` says that the prompt ends inside a thinking block; `tools` are the names of those it offers."""
        self.state = State.THINKING if opened else State.ANSWER
        self._tools = tools
        self._marker = _MARKER_WITH_TOOLS if tools else _MARKER
        self._events: list[ParserEvent] = []
        self._held = ""  # what can only be understood with more text
        self._blank: list[str] = []  # white space held back until something follows it
        self._started = False  # whether this block has shown anything yet
        self._answered = False  # whether any answer was shown: a second one gets its own paragraph
        self._line = LineState()
        self._origin = self.state  # where OPENING and CALL go back to
        self._opening: list[str] = []  # a `<tool_call>` and the white space behind it
        self._strings_count = True  # whether a JSON string protects the markers in it
        self._call = self._new_call()
        self._bare = BareCall()
        self._after_bare = False  # whether only white space came since a call without its marker

    @property
    def opening_call(self) -> bool:
        """Whether a call was opened in the answer, and nothing of it came yet."""
        return self.state is State.OPENING and self._origin is State.ANSWER

    @property
    def thinking(self) -> bool:
        """Whether text fed now would be a thought."""
        inside = self.state in (State.OPENING, State.CALL)
        return (self._origin if inside else self.state) is State.THINKING

    def feed(self, text: str) -> list[ParserEvent]:
        """Take the next piece of text. May return nothing while a marker could still be forming."""
        self._read(text)
        return self._taken()

    def finish(self) -> list[ParserEvent]:
        """Settle what was held back: an unfinished marker is text, an unfinished call is a bad call."""
        self._settle()
        return self._taken()

    def close_thinking(self) -> list[ParserEvent]:
        """End the thoughts from outside, whatever they were in the middle of."""
        events = self.finish()
        if self.state is State.THINKING:
            self._enter(State.ANSWER)
        return events

    def _taken(self) -> list[ParserEvent]:
        events, self._events = self._events, []
        return events

    def _read(self, text: str) -> None:
        text, self._held = self._held + text, ""
        at = 0
        while at < len(text):
            match self.state:
                case State.CALL:
                    at = self._read_call(text, at)
                case State.OPENING:
                    at = self._read_opening(text, at)
                case State.BARE:
                    at = self._read_bare(text, at)
                case _:
                    at = self._read_prose(text, at)

    def _settle(self) -> None:
        held, self._held = self._held, ""
        if self.state is State.OPENING:
            self._not_a_call()
        elif self.state is State.BARE:
            self._end_bare()
        elif self.state is State.CALL and self._strings_count:
            # No marker outside its strings ended it: once more from its start, without a belief in quotes.
            self._strings_count = False
            text, self._call = self._call.text + held, self._new_call()
            self._read(text)
            self._settle()
            self._strings_count = True
        elif self.state is State.CALL:
            self._called(self._call.text + held)
        else:
            self._show(held)

    def _read_prose(self, text: str, at: int) -> int:
        """Show text up to the next marker, then do what the marker says. Returns where to read on."""
        before, match = at, self._marker.search(text, at)
        if match is None:
            end = unfinished_marker(text, at)
            self._show(text[at:end])
            self._held = text[end:]
            return len(text)
        at = match.start()
        self._show(text[before:at])
        if match[0] == "{" and self._may_begin_bare_call:
            begins = begins_call(text, at, self._tools)
            if begins is None:
                self._held = text[at:]
                return len(text)
            if begins:
                self._origin, self.state, self._bare = self.state, State.BARE, BareCall()
                return at
        if not self._follow(match[0]):
            self._show(match[0])
        return match.end()

    def _follow(self, marker: str) -> bool:
        """Do what a marker says. False if it is text where it stands."""
        if marker in (CALL_OPEN, CALL_CLOSE):
            return not self._line.in_code and self._follow_call(marker)
        if marker == "{":
            return False
        if self.state is State.THINKING:
            if marker == THINK_OPEN:
                return not self._started
            self._enter(State.ANSWER)
        elif self._line.in_code or not self._line.at_start:
            return False
        elif marker == THINK_OPEN:
            self._enter(State.THINKING)
        return True

    def _follow_call(self, marker: str) -> bool:
        """The same for what has to do with calls."""
        if marker == CALL_OPEN:
            self._origin, self.state = self.state, State.OPENING
            self._opening = [marker]
        elif not self._line.at_start:
            return False
        elif not self._after_bare:
            self._events.append(BadToolCall(marker, "its opening marker is missing"))
        return True

    @property
    def _may_begin_bare_call(self) -> bool:
        return self.state is State.ANSWER and self._line.at_start and not self._line.in_code

    def _read_bare(self, text: str, at: int) -> int:
        """Read an object that is a call without its opening marker."""
        at = self._bare.read(text, at)
        if self._bare.closed:
            self._end_bare()
            return at
        self._held = text[at:]
        return len(text)

    def _end_bare(self) -> None:
        self.state, self._opening = self._origin, []
        self._called(self._bare.text)
        self._after_bare = True

    def _read_opening(self, text: str, at: int) -> int:
        """A `<tool_call>` is one if a `{` follows; wait until that can be told."""
        match = _WHITE_SPACE.match(text, at)
        assert match is not None  # it may match nothing, but always matches
        self._opening.append(match[0])
        if text.startswith("{", match.end()):
            self.state, self._call = State.CALL, self._new_call()
        elif match.end() < len(text):
            self._not_a_call()
        return match.end()

    def _not_a_call(self) -> None:
        self.state = self._origin
        self._show("".join(self._opening))

    def _read_call(self, text: str, at: int) -> int:
        """Read the object behind `<tool_call>`, up to the marker that ends it."""
        at = self._call.read(text, at)
        if not self._call.closed:
            self._held = text[at:]
            return len(text)
        self._called(self._call.text)
        return at + len(CALL_CLOSE) if text.startswith(CALL_CLOSE, at) else at

    def _called(self, body: str) -> None:
        self.state = self._origin
        self._line = LineState()
        self._events.append(read_call("".join(self._opening[1:]) + body))

    def _new_call(self) -> CallReader:
        return CallReader(
            in_thoughts=self._origin is State.THINKING, strings_count=self._strings_count
        )

    def _show(self, text: str) -> None:
        """Emit text without the white space at the edges of its block."""
        self._line.follow(text)
        shown = text.rstrip()
        if not shown:
            self._blank.append(text)
            return
        self._after_bare = False
        blank, self._blank = "".join(self._blank), [text[len(shown) :]]
        shown = blank + shown
        if not self._started:
            edge = len(shown) - len(shown.lstrip())
            # The answer's first line keeps its indent.
            shown = shown[edge if self.thinking else shown.rfind("\n", 0, edge) + 1 :]
        if self.thinking:
            self._events.append(ThinkDelta(shown))
        else:
            again = self._answered and not self._started
            self._answered = True
            self._events.append(AnswerDelta("\n\n" + shown if again else shown))
        self._started = True

    def _enter(self, state: State) -> None:
        self.state = state
        self._started = False
        self._blank = []
        self._line = LineState()
