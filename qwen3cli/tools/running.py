"""Calls that run side by side, each in a thread, and what they tell meanwhile.

A thread that does not come back is left behind: it dies with the process, and its result is not waited for.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

from qwen3cli.dialogue.control import Control
from qwen3cli.tools.tool import Form, FormAnswer, Tool, ToolResult

_LOOK_EVERY_SECONDS = 0.05
_PATIENCE_SECONDS = 3.0  # with a call that was told to stop


@dataclass(frozen=True, slots=True)
class Progress:
    """A call has come so far."""

    done: float
    total: float | None
    message: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A call has ended."""

    result: ToolResult
    seconds: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A server asks the user something; the call waits for the answer."""

    form: Form
    answer: "SimpleQueue[FormAnswer]"


News = Progress | Finished | Asked


class RunningCalls:
    """Start some, then read their `news` until all have ended."""

    def __init__(self) -> None:
        self._news: SimpleQueue[tuple[int, News]] = SimpleQueue()
        self._open: dict[int, float] = {}
        self._stop = Event()

    def start(self, number: int, tool: Tool, arguments: Mapping[str, Any]) -> None:
        """Run a call; `number` is told with its news."""
        started = self._open[number] = time.perf_counter()

        def work() -> None:
            watch = _Watch(number, self._news, self._stop)
            result = ToolResult.failure("it broke off")
            try:
                result = tool.call(arguments, watch)
            finally:
                self._news.put((number, Finished(result, time.perf_counter() - started)))

        Thread(target=work, name=f"call {number}", daemon=True).start()

    def news(self, control: Control) -> Iterator[tuple[int, News]]:
        """What the calls tell, as it comes, until all have ended. Told to stop, they are given a moment to."""
        ends = float("inf")
        while self._open:
            if control.should_stop() and not self._stop.is_set():
                self._stop.set()
                ends = time.perf_counter() + _PATIENCE_SECONDS
            try:
                number, news = self._news.get(timeout=_LOOK_EVERY_SECONDS)
            except Empty:
                if time.perf_counter() >= ends:
                    yield from self._given_up()
                continue
            if isinstance(news, Finished):
                self._open.pop(number, None)
            yield number, news

    def _given_up(self) -> Iterator[tuple[int, News]]:
        now = time.perf_counter()
        for number, started in self._open.items():
            yield number, Finished(ToolResult.failure("it was stopped"), now - started)
        self._open.clear()


class _Watch:
    """What one running call tells and asks."""

    def __init__(self, number: int, news: "SimpleQueue[tuple[int, News]]", stop: Event) -> None:
        self._number = number
        self._news = news
        self._stop = stop

    def progress(self, done: float, total: float | None, message: str) -> None:
        """The call has come so far."""
        self._news.put((self._number, Progress(done, total, message)))

    def should_stop(self) -> bool:
        """Whether to give up the call."""
        return self._stop.is_set()

    def ask(self, form: Form) -> FormAnswer:
        """Let the user fill in a form."""
        answer: SimpleQueue[FormAnswer] = SimpleQueue()
        self._news.put((self._number, Asked(form, answer)))
        return answer.get()
