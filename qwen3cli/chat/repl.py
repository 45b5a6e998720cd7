"""The chat's loop: read a line, run it as a command or as a turn, show what comes, again.

Nothing that goes wrong in a turn ends the chat: it is told in one line, the conversation stays as it was, and what was
typed stands in the next line.
"""

import time
from collections.abc import Callable, Iterable
from contextlib import closing

from qwen3cli.base.errors import ExitCode, QwenError
from qwen3cli.base.units import count_text, rate_text, seconds_text
from qwen3cli.chat.conversation import Conversation
from qwen3cli.chat.keys import Keys
from qwen3cli.chat.line import LineEditor
from qwen3cli.chat.slash.registry import dispatch, is_command
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.events import Event, FinishReason, PrefillProgress, ThinkingClosed, TurnDone
from qwen3cli.dialogue.messages import Message
from qwen3cli.render.live import LiveRenderer
from qwen3cli.render.status import StatusLine, prefill_text
from qwen3cli.turn.interrupts import LEAVE_WITHIN_SECONDS, Interrupts
from qwen3cli.turn.turn import assistant_message

_SKIP_HINT = " (any key: answer now)"


class Repl:
    """Talks until the user leaves."""

    def __init__(
        self, chat: Chat, editor: LineEditor, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._chat = chat
        self._editor = editor
        self._clock = clock
        self._pressed_at = -LEAVE_WITHIN_SECONDS
        self._code = ExitCode.DONE

    def run(self, first: str) -> ExitCode:
        """Send `first`, if there is one, then read on."""
        if first:
            self._take(first)
        while not self._chat.leaving:
            line = self._read()
            if line.strip():
                self._take(line)
        return self._code

    def _read(self) -> str:
        """The next line; empty if there is nothing to do with it."""
        draft, self._chat.draft = self._chat.draft, ""
        try:
            return self._editor.read(draft)
        except EOFError:
            self._chat.leaving = True
        except KeyboardInterrupt:
            self._pressed()
        return ""

    def _pressed(self) -> None:
        """Ctrl-C at the prompt: once says how to leave, twice leaves."""
        now = self._clock()
        if now - self._pressed_at < LEAVE_WITHIN_SECONDS:
            self._leave_interrupted()
        else:
            self._chat.say("Ctrl-D or /exit leaves")
        self._pressed_at = now

    def _leave_interrupted(self) -> None:
        self._chat.leaving = True
        self._code = ExitCode.INTERRUPTED

    def _take(self, line: str) -> None:
        """Run a command or send a message. What fails leaves the conversation as it was before."""
        before = self._chat.conversation.copy()
        try:
            message = (
                dispatch(self._chat, line) if is_command(line) else self._chat.message(line.strip())
            )
            if message is not None and not self._turn(message):
                self._chat.conversation = before
        except QwenError as error:
            self._failed(
                line, before, error.message + (f"\n  try: {error.hint}" if error.hint else "")
            )
        except (OSError, ValueError, RuntimeError, LookupError) as odd:
            # A name or a path that no system takes, for instance. Nothing typed may end a conversation.
            self._failed(line, before, f"that cannot be done: {odd}")

    def _failed(self, line: str, before: Conversation, text: str) -> None:
        self._chat.conversation = before
        if not is_command(line):
            self._chat.draft = line
        self._chat.say(text)

    def _turn(self, question: Message) -> bool:
        """Have one message answered. Whether there is an answer to keep."""
        chat = self._chat
        messages = chat.conversation.messages_with(question)
        options = chat.options(messages)
        with Interrupts() as interrupts, Keys(chat.environment.stdin) as keys:
            control = _Control(interrupts, keys)
            turn = chat.loaded.dialogue.turn(messages, options, control)
            with closing(turn):
                events = self._shown(turn, interrupts)
        chat.draft = keys.typed_ahead()
        self._pressed_at = max(self._pressed_at, interrupts.last_press)  # the second may come now
        if interrupts.leaving:
            self._leave_interrupted()
        return self._kept(question, events)

    def _shown(self, turn: Iterable[Event], interrupts: Interrupts) -> list[Event]:
        environment = self._chat.environment
        status = StatusLine(environment)
        events: list[Event] = []
        with closing(LiveRenderer(environment, self._chat.thoughts, _SKIP_HINT)) as renderer:
            for event in turn:
                events.append(event)
                interrupts.follow(event)
                if isinstance(event, PrefillProgress):
                    status.show(prefill_text(event))
                else:
                    status.clear()
                renderer.handle(event)
        return events

    def _kept(self, question: Message, events: list[Event]) -> bool:
        """Count the turn, tell how it went, and keep it unless nothing came of it."""
        chat, done = self._chat, events[-1]
        assert isinstance(done, TurnDone)
        chat.count(done)
        answer = assistant_message(events)
        if not answer.content and not answer.tool_calls:
            typed = question.content
            chat.draft = chat.draft or (typed if "\n" not in typed else "")
            chat.say(_why_empty(done))
            return False
        chat.attachments.clear()
        chat.conversation.add(question, answer)
        chat.say(_summary(done, events))
        return True


class _Control:
    """Ctrl-C and keys, as the turn sees them. Keys typed before the thinking began are for the next line."""

    def __init__(self, interrupts: Interrupts, keys: Keys) -> None:
        self._interrupts = interrupts
        self._keys = keys
        self._thinking = False

    def should_stop(self) -> bool:
        """Whether to end the turn now."""
        return self._interrupts.should_stop()

    def should_skip_thinking(self) -> bool:
        """Whether to end the thoughts now: Ctrl-C was pressed, or any key since they began."""
        pressed = self._keys.poll()
        if pressed and self._thinking:
            self._keys.discard()
            self._interrupts.skip()
        self._thinking = True
        return self._interrupts.should_skip_thinking()


def _why_empty(done: TurnDone) -> str:
    if done.finish is FinishReason.INTERRUPTED:
        return "stopped before there was an answer; the question is not kept"
    if done.finish is FinishReason.LENGTH:
        return "the room ran out before there was an answer: see /stats, raise /set max_tokens, or /clear"
    return "the model gave no answer; the question is not kept"


def _summary(done: TurnDone, events: Iterable[Event]) -> str:
    """One line: tokens, thinking, speed, context, and what is unusual."""
    usage, timings = done.usage, done.timings
    thinking = "".join(
        f" after {count_text(event.tokens)} of thought ({seconds_text(event.seconds)})"
        for event in events
        if isinstance(event, ThinkingClosed)
    )
    plural = "" if usage.answer_tokens == 1 else "s"
    parts = [
        f"{count_text(usage.answer_tokens)} token{plural}{thinking}",
        rate_text(timings.decode_tokens_per_second),
        f"context {count_text(done.context_tokens)} of {count_text(done.context_limit_tokens)}",
    ]
    if done.finish is FinishReason.INTERRUPTED:
        parts.append("stopped")
    if done.finish is FinishReason.LENGTH:
        parts.append("cut short: no room left")
    return ", ".join(parts)
