"""Tool calls in words, for every view of a turn. What a tool says stands behind a gutter, where it can be taken for nothing
of ours."""

import json
from collections.abc import Mapping
from typing import Any

from qwen3cli.base.plaintext import visible
from qwen3cli.base.units import seconds_text
from qwen3cli.dialogue.events import BadToolCall, CallDone, CallProgress, CallStarted

_MOST_ARGUMENT_CHARACTERS, _MOST_RESULT_CHARACTERS, _MOST_RESULT_LINES = 200, 240, 3
_LEAST_SECONDS = 0.1  # what is quicker needs no time told
GUTTER = "  | "


def started_text(event: CallStarted) -> str:
    """What is called, in one line."""
    arguments = json_text(event.call.arguments)
    if len(arguments) > _MOST_ARGUMENT_CHARACTERS:
        arguments = arguments[:_MOST_ARGUMENT_CHARACTERS] + "..."
    return one_line(f"tool {event.number}: {event.call.name} {arguments} ({event.server})")


def progress_text(event: CallProgress) -> str:
    """How far a call is."""
    total = f" of {event.total:g}" if event.total is not None else ""
    share = f" ({event.done / event.total:.0%})" if event.total else ""
    message = f": {event.message}" if event.message else ""
    return one_line(f"tool {event.number}: {event.done:g}{total}{share}{message}")


def done_text(event: CallDone) -> str:
    """What came of it: the first lines behind a gutter, and where the rest is."""
    call = event.call
    name = "unreadable tool call" if isinstance(call, BadToolCall) else call.name
    after = f" after {seconds_text(event.seconds)}" if event.seconds >= _LEAST_SECONDS else ""
    head = one_line(f"tool {event.number}: {name} {event.outcome.value}{after}")
    files = "".join(f"\n{one_line(f'saved {path}')}" for path in event.pictures)
    return f"{head}\n{behind_gutter(event.text)}{files}"


def behind_gutter(text: str) -> str:
    """The first lines of a stranger's text, each marked as such."""
    lines = visible(text[:_MOST_RESULT_CHARACTERS]).split("\n")
    more = len(text) > _MOST_RESULT_CHARACTERS or len(lines) > _MOST_RESULT_LINES
    shown = [GUTTER + line for line in lines[:_MOST_RESULT_LINES]]
    return "\n".join([*shown, *([f"{GUTTER}..."] if more else [])])


def json_text(arguments: Mapping[str, Any]) -> str:
    """Arguments as one line of JSON."""
    return json.dumps(dict(arguments), ensure_ascii=False)


def one_line(text: str) -> str:
    """A stranger's words in a line of ours: they cannot begin another."""
    return visible(text).replace("\n", "\u2424")
