"""A prompt with places to fill in, and how its answer is wanted: what `-T NAME` stands for.

A template may come from somebody else, so it is words and settings only: it names no file, no tool and no address.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.dialogue.sampling import SETTINGS

INPUT = "input"


class PageKind(StrEnum):
    """What a model gives for a web page: the document's substance, which we draw, or the HTML itself."""

    SUBSTANCE = "substance"
    HTML = "html"


_PLACE = re.compile(r"\{([A-Za-z_]\w*)\}")
_FIELDS: dict[str, tuple[type, ...]] = {
    "description": (str,),
    "prompt": (str,),
    "system": (str,),
    "schema": (str,),
    "extract": (bool, str),
    "page": (str,),
    "think": (bool,),
    "budget": (int,),
    "params": (dict,),
    "sampling": (dict,),
}


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """What one template says. `params` are the places beside `{input}`, with their defaults; None has to be given."""

    name: str
    prompt: str
    description: str = ""
    system: str | None = None
    schema: str | None = None
    extract: bool | str = False
    page: PageKind | None = None
    think: bool | None = None
    budget: int | None = None
    params: Mapping[str, str | None] = field(default_factory=dict)
    sampling: Mapping[str, float] = field(default_factory=dict)

    def filled(self, typed: str, given: Mapping[str, str]) -> str:
        """The prompt with what was typed at `{input}`, or behind the prompt where it has none, and every parameter.

        Raises:
            UsageProblem: a parameter is missing, or there is none of that name.
        """
        for name in given:
            if name not in self.params:
                known = ", ".join(self.params) or "none"
                raise UsageProblem(
                    f"the template {self.name} has no parameter {name}{did_you_mean(name, self.params)}",
                    f"it has: {known}",
                )
        values = {INPUT: typed} | {
            name: given.get(name, default) for name, default in self.params.items()
        }
        missing = [name for name, value in values.items() if value is None]
        if missing:
            raise UsageProblem(
                f"the template {self.name} needs {missing[0]}", f"--param {missing[0]}=..."
            )
        # One pass: what is filled in is not looked at again.
        text = _PLACE.sub(
            lambda place: str(values.get(place[1], place[0])), self.prompt.strip()
        ).strip()
        return text if f"{{{INPUT}}}" in self.prompt or not typed else f"{text}\n\n{typed}"


def read_template(
    name: str, document: Mapping[str, Any], problem: Callable[[str, str], UsageProblem]
) -> PromptTemplate:
    """A template from what its file says. `problem` makes the error for a reason and the field it is about.

    Raises:
        UsageProblem: a field is unknown, of the wrong kind, or missing.
    """
    for key, value in document.items():
        if key not in _FIELDS:
            raise problem(f"unknown field {key}{did_you_mean(key, _FIELDS)}", key)
        if not isinstance(value, _FIELDS[key]) or (
            isinstance(value, bool) and bool not in _FIELDS[key]
        ):
            kinds = " or ".join(_KINDS[each] for each in _FIELDS[key])
            raise problem(f"{key} must be {kinds}", key)
    if "page" in document and document["page"] not in tuple(PageKind):
        raise problem(f"page must be {' or '.join(PageKind)}", "page")
    if not str(document.get("prompt", "")).strip():
        raise problem("prompt is missing", "prompt")
    params = document.get("params", {})
    for param, default in params.items():
        if not isinstance(default, str) or param == INPUT:
            raise problem(f"the parameter {param} needs a text as its default", param)
    sampling = document.get("sampling", {})
    known = {each.name: each for each in SETTINGS}
    for setting, value in sampling.items():
        if setting not in known or isinstance(value, bool) or not isinstance(value, int | float):
            raise problem(f"sampling: {setting} is no setting, or no number", setting)
        known[setting].checked(value)
    fields = {key: value for key, value in document.items() if key not in ("params", "page")}
    page = PageKind(document["page"]) if "page" in document else None
    return PromptTemplate(
        name,
        page=page,
        params={each: default or None for each, default in params.items()},
        **fields,
    )


_KINDS = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    dict: "a table",
}
