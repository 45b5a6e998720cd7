"""Many conversations answered at once by one model: requests come and go at any time, and share every decode.

    submit     a request waits for a slot; from any thread
    advance    start what there is a slot for, compute one token of every answer (or a piece of a prompt), tell what came

Each turn is the same code as one that is alone (`turn`); only its tokens are computed together with those of others
(`engine/batch`). What a request gives is told to its listener: events up to the one `TurnDone`, or the error that ended
it, and no other request feels that. Whoever wants an answer no more says so by its control. Prints nothing.
"""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Self

from qwen3cli.base.errors import QwenError
from qwen3cli.dialogue.control import Control
from qwen3cli.dialogue.events import Event, TurnDone
from qwen3cli.dialogue.messages import Message
from qwen3cli.engine.batch import Batch, Slot
from qwen3cli.turn.loaded_model import LoadedModel, Request
from qwen3cli.turn.turn import TurnOptions

Listener = Callable[[Event | QwenError], None]


@dataclass(slots=True)
class _Waiting:
    """What was submitted, and what was read of it when it first came to its turn."""

    messages: Sequence[Message]
    options: TurnOptions
    control: Control
    listener: Listener
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class _Running:
    slot: Slot
    control: Control
    listener: Listener
    events: Generator[Event | None] = field(repr=False)


class Scheduler:
    """Shares a model among requests. Close it, or use it in `with`, before the model is closed."""

    def __init__(self, loaded: LoadedModel, most_at_once: int) -> None:
        self._loaded = loaded
        self._batch: Batch = loaded.batch(most_at_once)
        self._waiting: deque[_Waiting] = deque()
        self._running: list[_Running] = []

    @property
    def is_idle(self) -> bool:
        """Whether everything submitted has been answered."""
        return not (self._waiting or self._running)

    @property
    def waiting_count(self) -> int:
        """How many requests have not begun."""
        return len(self._waiting)

    def submit(
        self,
        messages: Sequence[Message],
        options: TurnOptions,
        control: Control,
        listener: Listener,
    ) -> None:
        """Have a conversation answered when there is a slot, in the order they come. Everything is told to `listener`, in
        the thread that advances."""
        self._waiting.append(_Waiting(messages, options, control, listener))

    def advance(self) -> None:
        """One step for everyone."""
        while self._waiting and self._start(self._waiting[0]):
            self._waiting.popleft()
        failed = self._computed()
        for each in list(self._running):
            if failed is None:
                self._resume(each)
            else:
                self._end(each)
                each.listener(failed)

    def close(self) -> None:
        """Stop everything, without a word to anybody, and give the memory back."""
        for each in list(self._running):
            self._end(each)
        self._waiting.clear()
        self._batch.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self, waiting: _Waiting) -> bool:
        """Whether a request needs to wait no longer: it has begun, or cannot."""
        try:
            if waiting.request is None:
                waiting.request = self._loaded.request(
                    waiting.messages, waiting.options, waiting.control
                )
            slot = self._batch.take(waiting.request.tokens)
        except QwenError as problem:
            refused = problem
        else:
            if slot is None:
                return False
            events = self._loaded.answer(waiting.request, slot)
            running = _Running(slot, waiting.control, waiting.listener, events)
            self._running.append(running)
            self._resume(running)
            return True
        waiting.listener(refused)
        return True

    def _computed(self) -> QwenError | None:
        """Compute a step. Returns what went wrong with it, which is everyone's."""
        try:
            self._batch.compute(self._all_should_stop)
        except QwenError as problem:
            return problem
        return None

    def _resume(self, running: _Running) -> None:
        """Let a turn go on until it has to wait, or has ended. What a listener raises is not the turn's affair."""
        while (event := _next(running.events)) is not None:
            if not isinstance(event, TurnDone | QwenError):
                running.listener(event)
                continue
            self._end(running)
            running.listener(event)
            return

    def _end(self, running: _Running) -> None:
        with closing(running.events):
            self._running.remove(running)
            self._batch.release(running.slot)

    def _all_should_stop(self) -> bool:
        return all(each.control.should_stop() for each in self._running)


def _next(events: Generator[Event | None]) -> Event | QwenError | None:
    """What a turn tells next, or why it tells nothing more."""
    try:
        return next(events)
    except QwenError as problem:
        return problem
