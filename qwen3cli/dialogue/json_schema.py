"""JSON Schemas for answers: read from what a user gives, and held against the answer at the end.

Knows nothing of tokens or grammars.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.signals import unwinding

# Keywords whose value is a schema, a list of schemas, or schemas by name.
ONE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")

# `name, age int, tags [string], mood happy|sad, note?: why`
_FIELD = re.compile(
    r"(?P<name>[A-Za-z_]\w*)(?P<optional>\?)?(?:\s+(?P<kind>\[?[^\s\[\]:?]+\]?))?(?P<also>\?)?(?:\s*:\s*(?P<about>.+))?"
)
_KINDS = {
    "str": "string", "string": "string", "text": "string", "int": "integer", "integer": "integer", "float": "number",
    "number": "number", "bool": "boolean", "boolean": "boolean", "object": "object",
}  # fmt: skip
_SHORT_FORM = "name, age int, tags [string], mood happy|sad"


def read_schema(text: str, name: str) -> Any:
    """A schema from its JSON text, checked against its own dialect.

    Raises:
        UsageProblem: no JSON, or no schema; says where.
    """
    from jsonschema import SchemaError
    from jsonschema.validators import validator_for

    try:
        schema = json.loads(text)
    except json.JSONDecodeError as problem:
        raise UsageProblem(
            f"{name}, line {problem.lineno}, column {problem.colno}: no JSON: {problem.msg}",
            "correct it there; jq . FILE shows the same place",
        ) from None
    except RecursionError:
        raise UsageProblem(f"{name} is nested too deep") from None
    if schema is True:
        return schema
    if not isinstance(schema, dict):
        raise UsageProblem(f"{name} is no JSON Schema: it must be an object, or true")
    try:
        validator_for(schema).check_schema(schema)
    except SchemaError as problem:
        raise UsageProblem(f"{name}: {pointer(problem.absolute_path)}: {problem.message}") from None
    for place, keyword, value in keywords(schema):
        if keyword in ("$ref", "$dynamicRef") and not str(value).startswith("#"):
            raise UsageProblem(
                f"{name}: {place}: {keyword} leads outside the schema, to {value}; it is not fetched",
                "put what it names under $defs",
            )
    return schema


def written_schema(text: str, name: str) -> Any:
    """A schema that is written out, as JSON or in its short form; a file is none.

    Raises:
        UsageProblem: it is neither.
    """
    bare = text.strip()
    is_json = bare.startswith("{") or bare in ("true", "false")
    return read_schema(bare, name) if is_json else short_schema(bare, name)


def short_schema(text: str, name: str = "--schema") -> dict[str, Any]:
    """A schema from its short form: fields between commas or on lines, each a name, a kind and a description.

    `name, age int, tags [string], mood happy|sad, note?: why`. In brackets, a list of such objects.

    Raises:
        UsageProblem: a field that cannot be read; names it.
    """
    bare = text.strip()
    if bare.startswith("[") and bare.endswith("]"):
        return {"type": "array", "items": short_schema(bare[1:-1], name)}
    properties: dict[str, Any] = {}
    required = []
    for part in filter(None, map(str.strip, re.split(r"[,\n]", bare))):
        match = _FIELD.fullmatch(part)
        if match is None:
            raise _unreadable(part, name)
        properties[match["name"]] = _kind(match["kind"] or "string", part, name)
        if match["about"]:
            properties[match["name"]]["description"] = match["about"]
        if not (match["optional"] or match["also"]):
            required.append(match["name"])
    if not properties:
        raise _unreadable(text, name)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _kind(kind: str, part: str, name: str) -> dict[str, Any]:
    if kind.startswith("[") and kind.endswith("]"):
        return {"type": "array", "items": _kind(kind[1:-1], part, name)}
    if "|" in kind:
        return {"enum": [word for word in kind.split("|") if word]}
    if kind not in _KINDS:
        raise _unreadable(part, name)
    return {"type": _KINDS[kind]}


def _unreadable(part: str, name: str) -> UsageProblem:
    return UsageProblem(
        f"{name} cannot read {part!r}: it is no file, no JSON, and no list of fields",
        f"a file, a JSON Schema, or fields: --schema '{_SHORT_FORM}'",
    )


def keywords(schema: Any, place: str = "#") -> Iterator[tuple[str, str, Any]]:
    """Every keyword of a schema and of those inside it: (where, keyword, its value)."""
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        yield place, keyword, value
        if keyword in ONE:
            yield from keywords(value, f"{place}/{keyword}")
        elif keyword in LISTS and isinstance(value, list):
            for index, each in enumerate(value):
                yield from keywords(each, f"{place}/{keyword}/{index}")
        elif keyword in NAMED and isinstance(value, dict):
            for name, each in value.items():
                yield from keywords(each, f"{place}/{keyword}/{name}")


def place_of(schema: Any, wanted: str) -> str:
    """Where a keyword stands first in a schema, as a JSON pointer; `#` if it is nowhere."""
    return next((place for place, keyword, _ in keywords(schema) if keyword == wanted), "#")


def broken_promise(schema: Any, text: str) -> str:
    """What is wrong with an answer that was to meet a schema; empty if nothing is. The schema is the user's own, and a
    pattern in it may take years: Ctrl-C ends it."""
    from jsonschema.exceptions import best_match
    from jsonschema.validators import validator_for

    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as problem:
        return f"it is no JSON: {problem}"
    with unwinding():
        error = best_match(validator_for(schema)(schema).iter_errors(value))
    return "" if error is None else f"{pointer(error.absolute_path)}: {error.message}"


def value_fault(schema: Any, value: Any) -> str:
    """What is wrong with a value that was to meet a schema from elsewhere; empty if nothing is, or if the schema cannot be
    followed. Nothing is fetched for it, and no pattern is tried: some take years over forty letters."""
    from jsonschema.exceptions import SchemaError, best_match
    from jsonschema.validators import validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        kind = validator_for(schema)
        kind.check_schema(schema)
        held = kind(_without_patterns(schema), registry=Registry())
        error = best_match(held.iter_errors(value))
    except (SchemaError, Unresolvable, RecursionError, re.error):
        return ""
    return "" if error is None else f"{pointer(error.absolute_path)}: {error.message}"


def _without_patterns(schema: Any) -> Any:
    """Wherever a reference may lead. What had patterns for the names of its properties may have any."""
    if isinstance(schema, list):
        return [_without_patterns(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    dropped = {"patternProperties"}
    if isinstance(schema.get("pattern"), str):
        dropped.add("pattern")
    if "patternProperties" in schema:
        dropped |= {"additionalProperties", "unevaluatedProperties"}
    return {name: _without_patterns(each) for name, each in schema.items() if name not in dropped}


def pointer(path: Any) -> str:
    """A path inside a document as a JSON pointer."""
    return "/".join(["#", *map(str, path)])
