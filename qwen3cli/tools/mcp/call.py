"""One tool of a server, and a call of it: the server works in the loop's thread, whoever called waits, watches, answers."""

import asyncio
import queue
import time
from collections.abc import Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any

from qwen3cli.tools.mcp.loop import EventLoop
from qwen3cli.tools.mcp.server import Server
from qwen3cli.tools.tool import CallWatch, Form, FormAnswer, ToolDefinition, ToolResult

# How often whoever called is asked whether to stop.
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class _Progress:
    done: float
    total: float | None
    message: str


@dataclass(frozen=True, slots=True)
class _Question:
    form: Form
    answer: "asyncio.Future[FormAnswer]"


class _Done:
    """The call has ended."""


class ServerTool:
    """A tool of a server, as the rest of the program has it."""

    def __init__(self, definition: ToolDefinition, server: Server, loop: EventLoop) -> None:
        self._definition = definition
        self._server = server
        self._loop = loop

    @property
    def definition(self) -> ToolDefinition:
        """What it is."""
        return self._definition

    def call(self, arguments: Mapping[str, Any], watch: CallWatch) -> ToolResult:
        """Run it to its end; a call that is stopped, or goes without a sign of life too long, is cancelled at the server."""
        return _Call(self._server, self._loop, watch).run(self._definition.own_name, arguments)


class _Call:
    """A running call. What happens to it in the loop's thread is put into a queue and handled by the calling thread."""

    def __init__(self, server: Server, loop: EventLoop, watch: CallWatch) -> None:
        self._server = server
        self._loop = loop
        self._watch = watch
        self._happened: queue.SimpleQueue[_Progress | _Question | _Done] = queue.SimpleQueue()

    def run(self, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        future = self._loop.submit(self._server.call(name, arguments, self._ask, self._hear))
        future.add_done_callback(lambda _: self._happened.put(_Done()))
        try:
            if reason := self._followed():
                future.cancel()
                return ToolResult.failure(reason)
            return future.result()
        except CancelledError:
            return ToolResult.failure("the call was given up")
        finally:
            future.cancel()

    def _followed(self) -> str:
        """Handle what happens until the call has ended, or is to be given up: then the reason."""
        limit = self._server.entry.call_seconds
        heard = time.monotonic()
        while True:
            try:
                event = self._happened.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                if self._watch.should_stop():
                    return "the user stopped the call"
                if time.monotonic() - heard > limit:
                    return f"{self._server.entry.name} gave no sign of life for {limit:g} seconds"
                continue
            match event:
                case _Done():
                    return ""
                case _Progress(done, total, message):
                    self._watch.progress(done, total, message)
                case _Question(form, answer):
                    self._answer(answer, self._watch.ask(form))
            heard = time.monotonic()

    def _answer(self, waiting: "asyncio.Future[FormAnswer]", answer: FormAnswer) -> None:
        self._loop.soon(lambda: None if waiting.done() else waiting.set_result(answer))

    async def _ask(self, form: Form) -> FormAnswer:
        answer: asyncio.Future[FormAnswer] = asyncio.get_running_loop().create_future()
        self._happened.put(_Question(form, answer))
        return await answer

    async def _hear(self, progress: float, total: float | None, message: str | None) -> None:
        self._happened.put(_Progress(progress, total, message or ""))
