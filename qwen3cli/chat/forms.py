"""A form that a server has the user fill in, in the midst of a call: field after field, in the terminal.

What the server asks stands behind a gutter. An address is shown, and opened by nobody. Knows the schema of a form, which is
flat; does not know what the answers are for.
"""

from collections.abc import Callable, Mapping
from typing import Any

from qwen3cli.dialogue.json_schema import value_fault
from qwen3cli.render.calls import one_line
from qwen3cli.tools.tool import Decision, Form, FormAnswer

_YES, _NO = ("y", "yes", "true"), ("n", "no", "false")

Say = Callable[[str], None]
Read = Callable[[], str | None]  # a line; None where the user wants no more of it


def filled(form: Form, say: Say, read: Read) -> FormAnswer:
    """The answers to every field; a field that is answered wrongly is asked again."""
    values: dict[str, Any] = {}
    required = form.schema.get("required", ())
    for name, field in form.schema.get("properties", {}).items():
        answer = _asked(name, field, say, read, needed=name in required)
        if answer is None:
            return FormAnswer(Decision.CANCEL)
        values |= answer
    return FormAnswer(Decision.ACCEPT, values)


def _asked(
    name: str, field: Mapping[str, Any], say: Say, read: Read, *, needed: bool
) -> dict[str, Any] | None:
    """One field's answer; empty if it is left out, None if the user wants no more."""
    while True:
        say(_question(name, field, needed=needed))
        line = read()
        if line is None:
            return None
        text = line.strip()
        if not text and "default" in field:
            return {name: field["default"]}
        if not text and not needed:
            return {}
        value = _value(text, field)
        fault = value_fault(field, value)
        if not fault:
            return {name: value}
        say(one_line(f"that does not do: {fault.removeprefix('#: ')}"))


def _question(name: str, field: Mapping[str, Any], *, needed: bool) -> str:
    parts = [str(field.get("title") or name)]
    if about := field.get("description"):
        parts.append(f": {about}")
    kinds = field.get("enum") or [field.get("type", "text")]
    parts.append(f" ({' | '.join(map(str, kinds))}")
    if "default" in field:
        parts.append(f"; Enter for {field['default']}")
    elif not needed:
        parts.append("; Enter for none")
    return one_line("".join(parts) + ")")


def _value(text: str, field: Mapping[str, Any]) -> Any:
    """What was typed, as the field's type has it; as it was typed where it cannot be that."""
    kind = field.get("type")
    if kind == "boolean" and text.lower() in (*_YES, *_NO):
        return text.lower() in _YES
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        pass
    if kind == "array":
        return [part.strip() for part in text.split(",")]
    return text
