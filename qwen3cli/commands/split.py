"""`--split`: a question over documents that are longer than the context: asked of each part, and then of the answers.

Where the answers together are too long as well, they are taken for the document, and it goes round again. The last question
is asked by whoever asked for the split, in the form that was wanted; those of the parts are answered in free text, since
a part may have nothing to say. Knows no flags and no forms.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import AnswerStopped, CutShort, PromptTooLong
from qwen3cli.base.streams import Output
from qwen3cli.commands.turn_runner import TurnRunner
from qwen3cli.dialogue.events import FinishReason, PartDone
from qwen3cli.dialogue.messages import Document, Message
from qwen3cli.dialogue.sampling import MAX_TOKENS
from qwen3cli.documents.parts import cut_into_parts
from qwen3cli.render.plain import PlainRenderer
from qwen3cli.turn.settings import TurnSettings

# The most tokens of one part. The time to read a prompt grows with the square of its length, and small models lose what is
# in the midst of long ones.
_MOST_PART_TOKENS = 8192
_LEAST_PART_TOKENS = 256  # less than that says too little to be asked about
# So many answers go into one part of the next round, and each round is shorter than the one before.
_ANSWERS_IN_A_PART = 3
_FENCE_TOKENS = 32  # around a part, with its name
_TOLD = 3  # parts that are named where many were cut short

_OF_PART = """This is part {at} of {count} of what the question is about. Answer for this part alone; if it says nothing \
about the question, say that in a few words."""
_OF_ANSWERS = """The document above has the answers to this question from the parts of a longer one, in their order. Answer \
for all of it together."""


class SplitQuestion:
    """One question over long documents. `parts` are those that were asked about so far."""

    def __init__(
        self, runner: TurnRunner, settings: TurnSettings, environment: Environment, *, quiet: bool
    ) -> None:
        self._settings = TurnSettings(settings.think, settings.limits, settings.values)
        self._runner = runner
        self._environment = environment
        self._quiet = quiet
        self.parts: list[PartDone] = []

    @property
    def cut_short(self) -> CutShort | None:
        """What the answers of the parts lack, if they do: then the last one lacks it too."""
        short = [each.name for each in self.parts if each.finish is FinishReason.LENGTH]
        if not short:
            return None
        return CutShort(
            f"{len(short):,} of {len(self.parts):,} parts had no room to be answered in full: {', '.join(short[:_TOLD])}"
            + (" ..." if len(short) > _TOLD else ""),
            "ask for short answers, or make room with --ctx",
        )

    def last(self, messages: Sequence[Message]) -> Sequence[Message]:
        """The question that is left to ask: over the answers of the parts, or as it is where all of it fits.

        Raises:
            QwenError: a part could not be asked about, or there is no room for any.
        """
        *before, question = messages
        most = self._room(messages)
        self._settings = replace(
            self._settings,
            values={**self._settings.values, MAX_TOKENS.name: most // _ANSWERS_IN_A_PART},
        )
        parts = list(self._parts(question.documents, most))
        if len(parts) < 2:
            self._say("the documents fit, and are asked about at once")
            return messages
        number = 1
        while len(parts) > 1:
            self._say(
                f"{len(parts)} parts of at most {most:,} tokens are asked about, then their answers"
            )
            answers = self._answers(
                before, question, parts, "" if number == 1 else f"round {number}, "
            )
            number += 1
            smaller = list(self._parts([answers], most))
            if len(smaller) >= len(parts):
                raise PromptTooLong(
                    "the answers of the parts are as long as the parts",
                    "ask for short ones, or make room with --ctx",
                )
            parts = smaller
        content = _joined(question.content, _OF_ANSWERS)
        return [*before, replace(question, content=content, documents=tuple(parts[0]))]

    def _answers(
        self,
        before: Sequence[Message],
        question: Message,
        parts: Sequence[Sequence[Document]],
        which_round: str,
    ) -> Document:
        """What is answered for each part of the documents, or of answers, as one document."""
        said = []
        for at, part in enumerate(parts, start=1):
            content = _joined(question.content, _OF_PART.format(at=at, count=len(parts)))
            asked = replace(question, content=content, documents=tuple(part))
            name = f"{which_round}part {at} of {len(parts)}"
            said.append(f"# Part {at} of {len(parts)}\n\n{self._answer([*before, asked], name)}")
        return Document("answers", "\n\n".join(said))

    def _answer(self, messages: Sequence[Message], name: str) -> str:
        if not self._environment.stderr_is_terminal:  # on one a line of progress says it
            self._say(name)
        unseen = PlainRenderer(self._environment, Output(io.BytesIO()), show_thoughts=False)
        ran = self._runner.run(messages, self._settings, unseen, unseen=f"{name}: ")
        done = ran.done
        if done.finish is FinishReason.INTERRUPTED:
            raise AnswerStopped("interrupted")
        self.parts.append(PartDone(name, done.finish, done.usage))
        if done.finish is FinishReason.LENGTH:
            self._say(f"{name} had no room to be answered in full; what came of it is used")
        return ran.answer.strip()

    def _room(self, messages: Sequence[Message]) -> int:
        """How many tokens of a document one prompt takes: half of what the context holds beside the question.

        Raises:
            PromptTooLong: too few to ask about.
        """
        *before, question = messages
        longest = max(_OF_PART, _OF_ANSWERS, key=len)
        bare = replace(question, content=_joined(question.content, longest), documents=())
        runner, limit = self._runner, self._runner.loaded.cache.limit_tokens
        options = runner.options(self._settings, [*before, bare])
        prompt = runner.loaded.prompt([*before, bare], options, runner.interrupts, any_length=True)
        taken = len(prompt[1])
        room = (limit - taken) // 2 - _FENCE_TOKENS
        if room < _LEAST_PART_TOKENS:
            raise PromptTooLong(
                f"the question takes {taken:,} of the context's {limit:,} tokens, which leaves too"
                " little for a part of a document",
                f"make room with --ctx {taken + 4 * _LEAST_PART_TOKENS}",
            )
        return min(room, _MOST_PART_TOKENS)

    def _parts(self, documents: Sequence[Document], most: int) -> Iterator[list[Document]]:
        """Neighbours together, as many as fit; one that is too long in pieces."""
        part: list[Document] = []
        held = 0
        for piece in (each for document in documents for each in self._pieces(document, most)):
            tokens = self._runner.loaded.count(piece.as_block())
            if part and held + tokens > most:
                yield part
                part, held = [], 0
            part.append(piece)
            held += tokens
        yield part

    def _pieces(self, document: Document, most: int) -> Iterator[Document]:
        texts = cut_into_parts(document.text, most, self._runner.loaded.count)
        for at, text in enumerate(texts, start=1):
            cut = document.name and len(texts) > 1
            name = f"{document.name}, {at} of {len(texts)}" if cut else document.name
            yield replace(document, name=name, text=text)

    def _say(self, text: str) -> None:
        if not self._quiet:
            self._environment.stderr.put(f"qwen3: {text}\n")


def _joined(question: str, told: str) -> str:
    return "\n\n".join(filter(None, (question, told)))
