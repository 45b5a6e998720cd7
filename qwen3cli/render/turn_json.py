"""One turn as JSON: an object at its end (`--json`), or a line for each event (`--jsonl`). What ends a command without an
answer, or with a part of one, stands in both.

Both shapes are a contract: JSON Schemas in `schemas/` describe them, and the tests hold what is printed against those.
What breaks a reader raises the version.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import reduce
from pathlib import Path
from typing import Any, assert_never

from qwen3cli import __version__
from qwen3cli.base.errors import ExitCode, QwenError
from qwen3cli.base.streams import Output
from qwen3cli.dialogue.events import (
    AnswerDelta,
    BadToolCall,
    CallDone,
    CallNotice,
    CallProgress,
    CallStarted,
    Candidate,
    ContextUse,
    Event,
    PartDone,
    PrefillProgress,
    ThinkDelta,
    ThinkingClosed,
    TurnDone,
    Usage,
)
from qwen3cli.dialogue.messages import ToolCall
from qwen3cli.render.json_output import json_line
from qwen3cli.turn.turn import assistant_message

SCHEMA_VERSION = 2
_TIMING_DIGITS = 4
_LAST_PART = "answers"  # what the last turn of a split question is about
_LEAST_LOGPROB = -9999.0  # what cannot be; JSON has no infinity


def shape(name: str) -> dict[str, Any]:
    """The JSON Schema of `ask` (the object) or `event` (a line)."""
    path = Path(__file__).parent / "schemas" / f"{name}.schema.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def object_of(fields: Mapping[str, Any], error: QwenError | None = None) -> str:
    """The object of a turn with these fields, or of none at all, and of what ended it."""
    said = {"schema_version": SCHEMA_VERSION, **_ending(error), **fields}
    return json_line({**said, "version": __version__})


def error_line(error: QwenError) -> str:
    """The event that what ended the command is."""
    return json_line({"type": "error", **_ending(error)})


def _ending(error: QwenError | None) -> dict[str, Any]:
    code = ExitCode.DONE if error is None else ExitCode(error.exit_code)
    told = error and {"code": code.name.lower(), "message": error.message, "hint": error.hint}
    return {"exit_code": code.value, "error": told}


class JsonRenderer:
    """Makes of a turn the fields of one object; printed when it is known how all of it ended."""

    def __init__(self, model: str, parts: Sequence[PartDone] = ()) -> None:
        """`parts` are the turns of a split question that came before this one."""
        self._model = model
        self._parts = parts
        self._events: list[Event] = []
        self.fields: Mapping[str, Any] = {}

    def handle(self, event: Event) -> None:
        """Keep the event; the last one makes the fields."""
        self._events.append(event)
        if isinstance(event, TurnDone):
            message = assistant_message(self._events)
            said = {
                "answer": message.content,
                "thinking": message.thinking,
                "tool_calls": _calls(self._events),
            }
            if event.logprobs:
                said["logprobs"] = [
                    _candidate(each.chosen) | {"top": [_candidate(other) for other in each.top]}
                    for each in event.logprobs
                ]
            self.fields = said | _end(event, self._model, self._parts)

    def close(self) -> None:
        """Nothing is open."""


class JsonLinesRenderer:
    """Prints a line for each event, as it comes."""

    def __init__(self, out: Output, model: str, parts: Sequence[PartDone] = ()) -> None:
        """`parts` are the turns of a split question that came before this one."""
        self._out = out
        self._model = model
        self._parts = parts
        self._put(
            "start", {"schema_version": SCHEMA_VERSION, "model": model, "version": __version__}
        )

    def handle(self, event: Event) -> None:
        """Print the event."""
        match event:
            case PrefillProgress():
                self._put("prefill", asdict(event))
            case ThinkDelta():
                self._put("thinking", asdict(event))
            case ThinkingClosed(end, tokens, seconds):
                fields = {"reason": end.value, "tokens": tokens, "seconds": _rounded(seconds)}
                self._put("thinking_end", fields)
            case AnswerDelta():
                self._put("answer", asdict(event))
            case ToolCall():
                self._put("tool_call", _call(event))
            case BadToolCall():
                self._put("bad_tool_call", asdict(event))
            case CallStarted() | CallProgress() | CallDone() | CallNotice():
                self._put_call(event)
            case TurnDone():
                ended = _end(event, self._model, self._parts)
                self._put("end", {**ended, "version": __version__})
            case _:
                assert_never(event)

    def _put_call(self, event: CallStarted | CallProgress | CallDone | CallNotice) -> None:
        match event:
            case CallStarted(number, call, server, permission):
                fields = {"number": number, "server": server, "permission": permission.value}
                self._put("call_start", _call(call) | fields)
            case CallProgress():
                self._put("call_progress", asdict(event))
            case CallDone():
                self._put("call_end", _ended(event))
            case CallNotice():
                self._put("notice", asdict(event))

    def close(self) -> None:
        """Nothing is open."""

    def _put(self, kind: str, fields: dict[str, Any]) -> None:
        self._out.put(json_line({"type": kind} | fields))


def _call(call: ToolCall) -> dict[str, Any]:
    return {"name": call.name, "arguments": dict(call.arguments)}


def _calls(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Every call with what came of it."""
    ended = [each for each in events if isinstance(each, CallDone)]
    return [_ended(each) for each in sorted(ended, key=lambda each: each.number)]


def _ended(done: CallDone) -> dict[str, Any]:
    call = done.call
    made = _call(call) if isinstance(call, ToolCall) else {"text": call.text}
    return made | {
        "number": done.number,
        "server": done.server,
        "outcome": done.outcome.value,
        "result": done.text,
        "files": [str(each) for each in done.pictures],
        "seconds": _rounded(done.seconds),
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    """A token may be a part of a character; its bytes say which."""
    text = candidate.token.decode("utf-8", "replace")
    logprob = max(candidate.logprob, _LEAST_LOGPROB)
    return {"token": text, "bytes": list(candidate.token), "logprob": round(logprob, 6)}


def _end(done: TurnDone, model: str, before: Sequence[PartDone]) -> dict[str, Any]:
    """How a turn ended. Of a split question all parts are named, and the usage is of all of them together."""
    timings = {name: _rounded(value) for name, value in asdict(done.timings).items()}
    parts = [*before, PartDone(_LAST_PART, done.finish, done.usage)]
    return {
        "model": model,
        "finish_reason": done.finish.value,
        "usage": asdict(reduce(Usage.__add__, (each.usage for each in parts))),
        **({"parts": [_part(each) for each in parts]} if before else {}),
        "timings": timings,
        "context": _context(done.context),
        "seed": done.seed,
    }


def _part(part: PartDone) -> dict[str, Any]:
    return {"name": part.name, "finish_reason": part.finish.value, "usage": asdict(part.usage)}


def _context(use: ContextUse | None) -> dict[str, Any] | None:
    if use is None:
        return None
    files = [{"name": name, "tokens": tokens} for name, tokens in use.files]
    return {**asdict(use), "files": files, "used": use.used, "free": use.free}


def _rounded(seconds: float) -> float:
    return round(seconds, _TIMING_DIGITS)
