"""The fenced blocks of an answer and nothing else, printed when it is over (`--extract`)."""

from qwen3cli.base.errors import FormatNotMet
from qwen3cli.base.streams import Output
from qwen3cli.dialogue.events import AnswerDelta, Event, TurnDone
from qwen3cli.dialogue.extraction import extracted


class BlocksRenderer:
    """Prints the last block, or every one; `language` None takes those of any language."""

    def __init__(self, out: Output, err: Output, language: str | None, *, every: bool) -> None:
        """`err` gets the whole answer where there is no block, so that it is not lost."""
        self._out = out
        self._err = err
        self._language = language
        self._every = every
        self._answer = ""

    def handle(self, event: Event) -> None:
        """Keep the answer; print its blocks when it has ended.

        Raises:
            FormatNotMet: there is none.
        """
        if isinstance(event, AnswerDelta):
            self._answer += event.text
        elif isinstance(event, TurnDone):
            blocks = extracted(self._answer, self._language)
            if not blocks:
                self._err.put(f"{self._answer}\n")
                raise self._missing()
            shown = blocks if self._every else blocks[-1:]
            self._out.put("\n".join(each.text for each in shown))

    def close(self) -> None:
        """Nothing is open."""

    def _missing(self) -> FormatNotMet:
        kind = f"{self._language} block" if self._language else "fenced block"
        return FormatNotMet(f"the answer above has no {kind}", "ask for one in the prompt")
