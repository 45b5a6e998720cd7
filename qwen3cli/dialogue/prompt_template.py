"""A prompt with places to fill in, and how its answer is wanted: what `-T NAME` stands for.

A template may come from somebody else, so it is words and settings only: it names no file, no tool and no address.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.dialogue.json_schema import written_schema
from qwen3cli.dialogue.sampling import SETTINGS

INPUT = "input"
_NO_LIMIT = -1  # of a budget


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

    @property
    def works_on_input(self) -> bool:
        """Whether it has a place for what is typed, named or piped in."""
        return f"{{{INPUT}}}" in self.prompt

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
        return text if self.works_on_input or not typed else f"{text}\n\n{typed}"


Problem = Callable[
    [str, str], UsageProblem
]  # makes the error for a reason and the field it is about


def read_template(name: str, document: Mapping[str, Any], problem: Problem) -> PromptTemplate:
    """A template from what its file says.

    Raises:
        UsageProblem: a field is unknown, of the wrong kind, or missing.
    """
    _check_fields(document, problem)
    _check_params(document.get("params", {}), problem)
    _check_sampling(document.get("sampling", {}), problem)
    fields = dict(document)
    fields["params"] = {
        each: default or None for each, default in document.get("params", {}).items()
    }
    if "page" in document:
        fields["page"] = PageKind(document["page"])
    if "schema" in document:
        fields["schema"] = _schema(document["schema"], problem)
    return PromptTemplate(name, **fields)


def _check_fields(document: Mapping[str, Any], problem: Problem) -> None:
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
    if document.get("budget", _NO_LIMIT) < _NO_LIMIT:
        raise problem("budget must be a number of tokens, or -1 for no limit", "budget")


def _check_params(params: Mapping[str, Any], problem: Problem) -> None:
    for param, default in params.items():
        if not isinstance(default, str) or param == INPUT:
            raise problem(f"the parameter {param} needs a text as its default", param)


def _check_sampling(sampling: Mapping[str, Any], problem: Problem) -> None:
    known = {each.name: each for each in SETTINGS}
    for setting, value in sampling.items():
        if setting not in known or isinstance(value, bool) or not isinstance(value, int | float):
            raise problem(f"sampling: {setting} is no setting, or no number", setting)
        try:
            known[setting].checked(value)
        except UsageProblem as wrong:
            raise problem(f"sampling: {wrong.message}", setting) from None


def _schema(text: str, problem: Problem) -> str:
    """The schema as JSON: what could be a file's name for somebody else is read here, where none is opened."""
    try:
        return json.dumps(written_schema(text, "schema"))
    except UsageProblem as wrong:
        raise problem(wrong.message, "schema") from None


_KINDS = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    dict: "a table",
}
