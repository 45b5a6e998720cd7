"""A prompt that is asked of many items: `{}` stands for an item's text, `{title}` for its field of that name.

Everything else in braces is what it is: a prompt may speak of `{"a": 1}`. What is filled in is not looked at again.
"""

import re
from collections.abc import Mapping

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.suggestions import did_you_mean

_PLACE = re.compile(r"\{([^{}\n\"]*)\}")
_NAME = re.compile(r"[^\W\d]\w*")


class ItemTemplate:
    """The prompt with its places."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places = _PLACE.findall(text)
        self._named = [each for each in self._places if _NAME.fullmatch(each)]
        self._takes_text = "{}" in text

    def check(self, fields: frozenset[str] | None) -> None:
        """Find out before a model is loaded whether items with these fields can be filled in; None: nobody knows yet.

        Raises:
            UsageProblem: nothing of them would be, or a field is named that no item has.
        """
        strange = [each for each in self._named if fields and each not in fields]
        if strange:
            near = did_you_mean(strange[0], fields or ())
            there = ", ".join(sorted(fields or ()))
            raise UsageProblem(f"no item has a field {strange[0]}{near}", f"there are: {there}")
        fillable = self._named if fields is None else fields.intersection(self._places)
        if not (self._takes_text or fillable):
            raise UsageProblem(
                "the prompt has no {} where an item is to stand",
                'qwen3 map "Translate to French: {}" lines.txt',
            )

    def filled(self, text: str, fields: Mapping[str, str] | None) -> str:
        """The prompt for one item; `fields` None: its kind has none, and only `{}` is a place.

        Raises:
            UsageProblem: it has not a field that the prompt names.
        """

        def value(place: re.Match[str]) -> str:
            name = place[1]
            if not name or fields is None:
                return place[0] if name else text
            if name not in fields and name in self._named:
                there = ", ".join(fields) or "none"
                near = did_you_mean(name, fields)
                raise UsageProblem(f"there is no field {name}{near}", f"there are: {there}")
            return fields.get(name, place[0])

        return _PLACE.sub(value, self._text)
