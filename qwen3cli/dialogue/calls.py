"""Tool calls in a model's text: where one ends, and what it says.

A call is a JSON object between two markers. The marker that ends it does not count inside a JSON string; a string ends
with its quote or, since a model may forget that, with its line.
"""

import json
import re
from collections.abc import Collection

from qwen3cli.dialogue.events import BadToolCall
from qwen3cli.dialogue.markers import CALL_CLOSE, THINK_CLOSE, unfinished_marker
from qwen3cli.dialogue.messages import ToolCall

# The rest of a JSON string, and in a group what ends it.
_STRING_REST = re.compile(r'(?:[^"\\\n]++|\\[^\n])*+("|\\?\n)?')

_BRACKET_OR_QUOTE = re.compile(r'[{}"]')
_BARE_BEGINS = '{"name":"'
_NAME_WITHIN_CHARACTERS = 200


class CallReader:
    """One call in the making: `read` until it is `closed`, then take its `text`."""

    def __init__(self, *, in_thoughts: bool, strings_count: bool) -> None:
        """The end of the thoughts ends a call in them. With `strings_count` false, quotes protect nothing."""
        stops = [CALL_CLOSE]
        stops += [THINK_CLOSE] if in_thoughts else []
        stops += ['"'] if strings_count else []
        self._stop = re.compile("|".join(stops))
        self._parts: list[str] = []
        self._in_string = False
        self.closed = False

    @property
    def text(self) -> str:
        """What was read."""
        return "".join(self._parts)

    def read(self, text: str, at: int) -> int:
        """Read on from `at`. Returns where it stopped: at the marker that ends the call, at the end, or before it, where
        what is left can only be understood with more text."""
        while at < len(text):
            end = self._string_end(text, at) if self._in_string else self._object_end(text, at)
            if end == at:
                break
            self._parts.append(text[at:end])
            at = end
        return at

    def _string_end(self, text: str, at: int) -> int:
        match = _STRING_REST.match(text, at)
        assert match is not None  # it may match nothing, but always matches
        self._in_string = match[1] is None
        return match.end()

    def _object_end(self, text: str, at: int) -> int:
        match = self._stop.search(text, at)
        if match is None:
            return unfinished_marker(text, at)
        if match[0] == '"':
            self._in_string = True
            return match.end()
        self.closed = match.start() == at
        return match.start()


class BareCall:
    """A call in the making that came without its opening marker; it ends with its last bracket."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._depth = 0
        self._in_string = False
        self.closed = False

    @property
    def text(self) -> str:
        """What was read."""
        return "".join(self._parts)

    def read(self, text: str, at: int) -> int:
        """Read on from `at`; returns where it stopped, which is before what can only be understood with more text."""
        start = at
        while at < len(text) and not self.closed:
            if self._in_string:
                match = _STRING_REST.match(text, at)
                assert match is not None  # it may match nothing, but always matches
                if match.end() == at:
                    break
                self._in_string, at = match[1] is None, match.end()
            elif found := _BRACKET_OR_QUOTE.search(text, at):
                self._in_string, at = found[0] == '"', found.end()
                self._depth += {"{": 1, "}": -1}.get(found[0], 0)
                self.closed = self._depth == 0
            else:
                at = len(text)
        self._parts.append(text[start:at])
        return at


def begins_call(text: str, at: int, tools: Collection[str]) -> bool | None:
    """Whether an object at this place names one of the tools before anything else; None: more text will tell."""
    squeezed = "".join(text[at : at + _NAME_WITHIN_CHARACTERS].split())
    if not squeezed.startswith(_BARE_BEGINS):
        return None if _BARE_BEGINS.startswith(squeezed) else False
    name, closed, _ = squeezed.removeprefix(_BARE_BEGINS).partition('"')
    if closed:
        return name in tools
    return None if any(each.startswith(name) for each in tools) else False


def read_call(body: str) -> ToolCall | BadToolCall:
    """A tool call from the text between its markers; never raises, since a model wrote it."""
    try:
        value = _json(body)
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
        return _json(text)
    except (ValueError, RecursionError):
        return text


def _json(text: str) -> object:
    """The value of a JSON text in which every number can be written as JSON again, and every character as UTF-8.

    Raises:
        ValueError, RecursionError: it is no JSON, or Python's own dialect of it (NaN, Infinity).
    """
    written = json.dumps(json.loads(text), ensure_ascii=False, allow_nan=False)
    # Pairs of half characters are joined; a half alone (`\ud800`) is no character.
    return json.loads(written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
