"""A form that a tool server sends in the middle of a call, filled in on the terminal line by line, or answered in advance.

All of a form is a stranger's text. An address is shown and never opened.
"""

from collections.abc import Mapping
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.dialogue.json_schema import value_fault
from qwen3cli.tools.tool import Decision, Form, FormAnswer

_YES, _NO = ("y", "yes", "true"), ("n", "no", "false")
_DECLINE = "/decline"


class FormDialogue:
    """Who fills in forms: a person at the terminal, or `answers` that were given before, with defaults for the rest."""

    def __init__(self, environment: Environment, answers: Mapping[str, Any] | None = None) -> None:
        self._environment = environment
        self._answers = answers

    def ask(self, form: Form) -> FormAnswer:
        """The answer; without answers and without a terminal nobody decides."""
        if self._answers is not None:
            return self._answered(form, self._answers)
        environment = self._environment
        if not (environment.stdin_is_terminal and environment.stderr_is_terminal):
            environment.stderr.put(f"{form.server} asks: {form.message}\n  try: --answers JSON\n")
            return FormAnswer(Decision.CANCEL)
        environment.stderr.put(f"{form.server} asks: {form.message}\n")
        return self._address(form) if form.url else self._fields(form)

    def _answered(self, form: Form, answers: Mapping[str, Any]) -> FormAnswer:
        fields = form.schema.get("properties", {})
        defaults = {
            name: field["default"]
            for name, field in fields.items()
            if isinstance(field, dict) and "default" in field
        }
        given = {name: value for name, value in answers.items() if name in fields}
        return FormAnswer(Decision.ACCEPT, {**defaults, **given})

    def _address(self, form: Form) -> FormAnswer:
        self._environment.stderr.put(f"Open this address yourself, if you want to:\n  {form.url}\n")
        said = self._line("Done? [y/N] ")
        if said is None:
            return FormAnswer(Decision.CANCEL)
        agreed = said.lower() in _YES
        return FormAnswer(Decision.ACCEPT if agreed else Decision.DECLINE)

    def _fields(self, form: Form) -> FormAnswer:
        self._environment.stderr.put(f"Enter alone takes the default; {_DECLINE} says no.\n")
        values: dict[str, Any] = {}
        for name, field in form.schema.get("properties", {}).items():
            schema = field if isinstance(field, dict) else {}
            required = name in form.schema.get("required", ())
            while True:
                said = self._line(_question(name, schema, required=required))
                if said is None:
                    return FormAnswer(Decision.CANCEL)
                if said == _DECLINE:
                    return FormAnswer(Decision.DECLINE)
                if not said and ("default" in schema or not required):
                    if "default" in schema:
                        values[name] = schema["default"]
                    break
                value = _value(said, schema)
                fault = value_fault(schema, value)
                if not fault:
                    values[name] = value
                    break
                self._environment.stderr.put(f"  {fault}\n")
        return FormAnswer(Decision.ACCEPT, values)

    def _line(self, question: str) -> str | None:
        """What is typed; None at the end of the input."""
        self._environment.stderr.put(question)
        said = self._environment.stdin.readline()
        if not said.endswith(b"\n"):
            self._environment.stderr.put("\n")
            return None
        return said.decode("utf-8", "replace").strip()


def _question(name: str, schema: Mapping[str, Any], *, required: bool) -> str:
    kind = ", ".join(map(str, _choices(schema))) or schema.get("type", "text")
    default = f"; default {schema['default']}" if "default" in schema else ""
    need = "" if required else "; may be left out"
    about = f" ({schema['description']})" if schema.get("description") else ""
    return f"{schema.get('title') or name}{about} [{kind}{default}{need}]: "


def _choices(schema: Mapping[str, Any]) -> list[Any]:
    """The values to choose from, in the forms that servers write them."""
    inner = schema.get("items") if schema.get("type") == "array" else schema
    if not isinstance(inner, dict):
        return []
    options = inner.get("oneOf") or inner.get("anyOf") or []
    return inner.get("enum") or [each["const"] for each in options if "const" in each]


def _value(said: str, schema: Mapping[str, Any]) -> Any:
    """What was typed, as the kind that the field has; as it is where it is none, which is told as a fault."""
    match schema.get("type"):
        case "boolean" if said.lower() in (*_YES, *_NO):
            return said.lower() in _YES
        case "array":
            return [part.strip() for part in said.split(",") if part.strip()]
        case "integer" | "number" as kind:
            try:
                return int(said) if kind == "integer" else float(said)
            except ValueError:
                return said
    return said
