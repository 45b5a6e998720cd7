"""Conversations packed into rows of equal length, for training.

A row holds whole conversations, each with a number of its own, so that attention can stay inside one. Most steps use
short rows, since attention costs the square of the length; what does not fit waits until it fills a step of middle
rows; and every sixteenth step is for tall answers. Knows no tensors.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from qwen3cli.demo.training.corpus.conversation import Sample, Writer
from qwen3cli.demo.training.tokens import Vocabulary

NO_LOSS = -100  # PyTorch's own mark for "does not count"
_LONG_EVERY_STEPS = 16
_DRAWS = 2


@dataclass(frozen=True, slots=True)
class Form:
    """How many rows of how many tokens one step has: about 8,000 tokens, whatever the form."""

    rows: int
    tokens: int


_SHORT, _MIDDLE, _LONG = Form(28, 288), Form(14, 576), Form(6, 1344)


@dataclass(frozen=True, slots=True)
class Encoded:
    """One conversation as tokens, of which the first `prompt_tokens` are read and the others must be learned."""

    ids: list[int]
    prompt_tokens: int


@dataclass(slots=True)
class Row:
    """Ids, what each position must predict, and which conversation it belongs to: all of the form's length."""

    ids: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)

    def add(self, sample: Encoded) -> None:
        """Put one more conversation at the end."""
        number = self.documents[-1] + 1 if self.documents else 1
        unlearned = sample.prompt_tokens - 1
        self.ids += sample.ids[:-1]
        self.targets += [NO_LOSS] * unlearned + sample.ids[sample.prompt_tokens :]
        self.documents += [number] * (len(sample.ids) - 1)

    def fill(self, tokens: int) -> None:
        """Pad to the length; the padding is a conversation of its own."""
        missing = tokens - len(self.ids)
        self.ids += [0] * missing
        self.targets += [NO_LOSS] * missing
        self.documents += [0] * missing


class Packer:
    """Draws conversations without end and packs them, step by step."""

    def __init__(self, writer: Writer, vocabulary: Vocabulary) -> None:
        self._writer = writer
        self._vocabulary = vocabulary
        self._waiting: list[Encoded] = []

    def steps(self, count: int) -> Iterator[list[Row]]:
        """The rows of each step."""
        for step in range(1, count + 1):
            form = self._form(step)
            yield [self._row(form, tall=form is _LONG) for _ in range(form.rows)]

    def _form(self, step: int) -> Form:
        if step % _LONG_EVERY_STEPS == 0:
            return _LONG
        too_long = [len(each.ids) for each in self._waiting if len(each.ids) > _SHORT.tokens]
        return _MIDDLE if sum(too_long) > _MIDDLE.rows * _MIDDLE.tokens else _SHORT

    def _row(self, form: Form, *, tall: bool) -> Row:
        row = Row()
        if tall:
            row.add(self._encoded(self._writer.long_sample()))
        while sample := self._next(form.tokens - len(row.ids)):
            row.add(sample)
        row.fill(form.tokens)
        return row

    def _next(self, room: int) -> Encoded | None:
        """A conversation for the room that is left: one that waits, else a new one. None ends the row, for the last of
        a few that were drawn was still too long for it."""
        for index, each in enumerate(self._waiting):
            if len(each.ids) - 1 <= room:
                return self._waiting.pop(index)
        for _ in range(_DRAWS):
            sample = self._encoded(self._writer.sample())
            if len(sample.ids) - 1 <= room:
                return sample
            if len(sample.ids) - 1 <= _MIDDLE.tokens:
                self._waiting.append(sample)
        return None

    def _encoded(self, sample: Sample) -> Encoded:
        prompt = self._vocabulary.encode(sample.prompt)
        return Encoded(prompt + self._vocabulary.encode(sample.completion), len(prompt))
