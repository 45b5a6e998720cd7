"""What is printed of one item, and whether its answer is what was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from qwen3cli.base.errors import FormatNotMet, QwenError
from qwen3cli.commands.delivery import DeliveryRequest
from qwen3cli.commands.map_results import ItemResult
from qwen3cli.dialogue.events import Event
from qwen3cli.dialogue.extraction import extracted
from qwen3cli.render.turn_json import JsonRenderer, object_of
from qwen3cli.turn.answer_format import AnswerFormat
from qwen3cli.turn.turn import assistant_message


@dataclass(frozen=True, slots=True)
class AnswerPrinter:
    """Makes results of turns. `title` is the model's."""

    delivery: DeliveryRequest
    form: AnswerFormat | None
    title: str
    zero_bytes: bool

    def result(
        self, number: int, name: str, events: Sequence[Event], error: QwenError | None
    ) -> ItemResult:
        """Of an item that ended so."""
        answer = assistant_message(events).content
        error = error or self._unmet(answer)
        if not (self.delivery.json or self.delivery.jsonl):
            end = "\0" if self.zero_bytes else "\n"
            return ItemResult(number, self._printed(answer).removesuffix("\n") + end, error)
        renderer = JsonRenderer(self.title)
        for event in events:
            renderer.handle(event)
        fields = {"item": number, "source": name, **renderer.fields}
        return ItemResult(number, object_of(fields, error), error)

    def _printed(self, answer: str) -> str:
        """The part of an answer that was asked for. Where there is none it is all: nothing that came is lost."""
        blocks = extracted(answer, self.delivery.language) if self.delivery.extracts else []
        if not blocks:
            return answer
        shown = blocks if self.delivery.every_block else blocks[-1:]
        return "\n".join(each.text for each in shown)

    def _unmet(self, answer: str) -> QwenError | None:
        """What is wrong with an answer that is whole."""
        language = self.delivery.language
        if self.delivery.extracts and not extracted(answer, language):
            kind = f"{language} block" if language else "fenced block"
            return FormatNotMet(f"the answer has no {kind}", "ask for one in the prompt")
        try:
            if self.form is not None:
                self.form.check(answer)
        except FormatNotMet as problem:
            return problem
        return None
