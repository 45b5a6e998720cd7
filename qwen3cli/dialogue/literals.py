"""The guard against forged turns: whatever is put into a prompt cannot end the message it stands in.

A message, a document, a tool's definition, a call or its result may spell a control token (`<|im_end|>`), and must reach
the model as those characters. On its way through the template a number that nobody can guess stands for each such text:
a template passes digits on as they are, whether it writes text, JSON or Python. Then the prompt is cut at these numbers.
"""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# Names the control tokens that are spelled out in a text.
ControlTexts = Callable[[str], Sequence[str]]
# A part of a prompt, and whether control tokens count in it.
Segment = tuple[str, bool]

_SECRET_DIGITS, _INDEX_DIGITS = 20, 6  # no vocabulary has a million control tokens


class Literals:
    """The control tokens that one prompt's material spells."""

    def __init__(self, control_texts: ControlTexts) -> None:
        self._control_texts = control_texts
        self._secret = f"{secrets.randbelow(10**_SECRET_DIGITS):0{_SECRET_DIGITS}}"
        self._numbers: dict[str, int] = {}

    def guarded(self, value: Any) -> Any:
        """The same value for a template, with numbers in the place of control tokens in every string of it."""
        match value:
            case str():
                return self._guarded_text(value)
            case Mapping():
                return {self.guarded(name): self.guarded(each) for name, each in value.items()}
            case list() | tuple():
                return [self.guarded(each) for each in value]
            case _:
                return value

    def segments(self, rendered: str) -> list[Segment]:
        """What the template made of it, cut at the numbers; each is again the text it stands for."""
        texts = list(self._numbers)
        pieces = re.split(rf"{self._secret}(\d{{{_INDEX_DIGITS}}})", rendered)
        return [
            (texts[int(piece)], False) if at % 2 else (piece, True)
            for at, piece in enumerate(pieces)
            if piece
        ]

    def _guarded_text(self, text: str) -> str:
        found = sorted(set(self._control_texts(text)), key=len, reverse=True)
        if not found:
            return text
        spelled = re.compile("|".join(map(re.escape, found)))
        return spelled.sub(lambda match: self._number(match.group()), text)

    def _number(self, text: str) -> str:
        number = self._numbers.setdefault(text, len(self._numbers))
        return f"{self._secret}{number:0{_INDEX_DIGITS}}"
