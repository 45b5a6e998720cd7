"""Asking a model for what a page is made of: nothing of the answer is shown as it comes, but how far it is."""

import io
from collections.abc import Sequence
from dataclasses import replace

from qwen3cli.base.environment import Environment
from qwen3cli.base.streams import Output
from qwen3cli.commands.ask import AskRequest
from qwen3cli.commands.turn_runner import TurnRunner, cut_off
from qwen3cli.dialogue.messages import Message
from qwen3cli.render.plain import PlainRenderer
from qwen3cli.turn.answer_format import AnswerFormat


class Asking:
    """Asks as often as is needed. `came` is all that was answered, `thoughts` all that was thought."""

    def __init__(self, request: AskRequest, runner: TurnRunner, environment: Environment) -> None:
        self._request = request
        self._runner = runner
        self._environment = environment
        self.came = ""
        self.thoughts = ""

    def answer(
        self, messages: Sequence[Message], doing: str, form: AnswerFormat | None = None
    ) -> str:
        """The whole answer, in its form. `doing` says on the screen what it is for.

        Raises:
            QwenError: it is not whole, or has not the form.
        """
        request = self._request
        settings = replace(request.settings, grammar=form.grammar if form is not None else None)
        shown = request.thoughts.are_shown(self._environment, quiet=request.quiet)
        unseen = Output(io.BytesIO())
        renderer = PlainRenderer(self._environment, unseen, show_thoughts=shown)
        ran = self._runner.run(messages, settings, renderer, unseen=doing)
        message = ran.message
        self.came += f"{message.content}\n"
        self.thoughts += message.thinking
        if (problem := cut_off(ran.done)) is not None:
            raise problem
        if form is not None:
            form.check(message.content)
        return message.content
