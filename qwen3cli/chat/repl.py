"""The chat's loop: read a line, run it as a command or as a turn, again.

Nothing that goes wrong in a turn ends the chat: it is told in one line, the conversation stays as it was, and what was
typed stands in the next line.
"""

import signal
import time
from collections.abc import Callable
from dataclasses import replace

from prompt_toolkit.keys import Keys

from qwen3cli.base.errors import ExitCode, QwenError
from qwen3cli.chat.line import LineEditor
from qwen3cli.chat.slash.registry import dispatch, is_command
from qwen3cli.chat.state import Chat, told
from qwen3cli.chat.summary import nearly_full, nears_the_end, summary, why_empty
from qwen3cli.chat.turns import shown_turn
from qwen3cli.dialogue.events import TurnDone
from qwen3cli.dialogue.messages import Message
from qwen3cli.turn.interrupts import LEAVE_WITHIN_SECONDS, Interrupts
from qwen3cli.turn.rounds import turn_messages
from qwen3cli.turn.turn import assistant_message

_LEAVES = (Keys.ControlD, Keys.ControlC, Keys.Enter)


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
        line = self._chat.folds.fold_again(first)
        while True:
            if line.strip():
                self._take(line)
            leaving = self._chat.leaving or self._chat.without_model
            if leaving and (self._leaves() or self._chat.without_model):
                return self._code
            line = self._read()

    def _read(self) -> str:
        """The next line; empty if there is nothing to do with it. A draft waits until nothing is typed ahead of it."""
        draft = ""
        if not self._chat.keyboard.has_ahead:
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
            self._leave(ExitCode.INTERRUPTED)
        else:
            self._chat.say("Ctrl-D or /exit leaves")
        self._pressed_at = now

    def _leave(self, code: ExitCode) -> None:
        self._chat.leaving = True
        self._code = code

    def _leaves(self) -> bool:
        """Whether to leave now. What is not saved is offered to be: one key, and Ctrl-D again just leaves."""
        chat = self._chat
        if not chat.unsaved:
            if chat.record.head is not None and chat.record.keeps:
                chat.say(f"kept as {chat.record.head.key}; qwen3 chat -c goes on with it")
            return True
        chat.say("The conversation is not saved: s saves it, Ctrl-D or Enter leaves, others stay.")
        press = self._editor.key()
        if press.key in _LEAVES:
            return True
        if press.key == "s":
            self._take("/save")
            if not chat.unsaved:
                return True
        elif not isinstance(press.key, Keys):
            chat.keyboard.put_back([press])  # the beginning of what is typed next
        chat.leaving, self._code = False, ExitCode.DONE
        return False

    def _take(self, line: str) -> None:
        """Run a command or send a message. What fails leaves the conversation as it was before."""
        chat = self._chat
        before, message = chat.conversation.copy(), None
        try:
            message = self._message(line)
            failure = self._turn(message) if message is not None else ""
        except QwenError as error:
            failure = told(error)
        except (OSError, ValueError, RuntimeError, LookupError) as odd:
            # A name or a path that no system takes, for instance. Nothing typed may end a conversation.
            failure = f"that cannot be done: {odd}"
        chat.begun = chat.once = None
        if failure:
            chat.record.abandon()
            chat.conversation = before
            if not is_command(line):
                chat.draft = line
            elif message is not None and message not in before.messages:
                chat.draft = chat.line(message)
            chat.say(failure)

    def _message(self, line: str) -> Message | None:
        """The message to send, if a line is one or its command makes one."""
        chat = self._chat
        if not is_command(line):
            return chat.message(line)
        try:
            return chat.keyboard.stoppable(lambda: dispatch(chat, chat.folds.unfold(line)))
        except KeyboardInterrupt:
            chat.say(f"{line.split()[0]} is stopped")
            return None

    def _turn(self, question: Message) -> str:
        """Have one message answered, and keep both. Returns why not, if nothing came of it."""
        chat = self._chat
        with Interrupts() as interrupts:
            events = shown_turn(chat, chat.conversation.messages_with(question), interrupts)
        if interrupts.ended_by:
            signal.raise_signal(
                interrupts.ended_by
            )  # again, for those who hear it outside of a turn
        if interrupts.leaving:
            self._leave(ExitCode.INTERRUPTED)
        self._pressed_at = max(self._pressed_at, interrupts.last_press)
        done, answer = events[-1], assistant_message(events)
        if chat.begun is not None:
            answer = replace(answer, thinking=answer.thinking or chat.begun.thinking)
        assert isinstance(done, TurnDone)
        before = chat.last
        chat.count(done)
        if not answer.content and not answer.tool_calls:
            return why_empty(done)
        chat.attachments.clear()
        answers = turn_messages(events) if chat.begun is None else [answer]
        chat.conversation.add(question, *answers)
        chat.record.finish(answers, done)
        chat.say(summary(done, events))
        if nears_the_end(done, before):
            longest = chat.current.loaded.plan.shape.longest_context
            chat.say(nearly_full(chat.context_use(), longest))
        for remark in chat.current.loaded.save_prompt(wait=False):
            chat.say(remark)
        return ""
