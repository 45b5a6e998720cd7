"""JSON Schemas said in words that a grammar has, where that means exactly the same.

A format nobody knows says nothing, by the specification; a `oneOf` whose branches exclude each other is an `anyOf`. What
is left is for whoever compiles the schema to refuse.
"""

import json
from collections.abc import Mapping
from typing import Any

from qwen3cli.dialogue.json_schema import LISTS, NAMED, ONE, keywords

# The formats that a grammar is made for; any other is a remark (JSON Schema 2020-12, validation, section 7.2).
_HELD_FORMATS = frozenset(
    ("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri")
)
# How deep branches of a `oneOf` are compared, and how many references are followed, before they count as not told apart.
_DEEPEST_COMPARISON, _LONGEST_CHAIN = 6, 8
_ALL_TYPES = frozenset(("string", "number", "boolean", "null", "array", "object"))


def holdable(schema: Any) -> Any:
    """The same schema in words that a grammar has: no unknown formats, and no `oneOf` whose branches exclude each other."""
    return _Rewriter(schema).rewritten(schema)


class _Rewriter:
    """Rewrites one schema. A `oneOf` that a reference leads into keeps its name."""

    def __init__(self, root: Any) -> None:
        self._root = root
        references = [value for _, keyword, value in keywords(root) if keyword == "$ref"]
        self._keeps_one_of = any("/oneOf/" in str(each) for each in references)

    def rewritten(self, schema: Any) -> Any:
        """The schema, and every one inside it."""
        if not isinstance(schema, dict):
            return schema
        new = dict(schema)
        if new.get("format") not in (None, *_HELD_FORMATS):
            del new["format"]
        for keyword, value in schema.items():
            if keyword in ONE:
                new[keyword] = self.rewritten(value)
            elif keyword in LISTS and isinstance(value, list):
                new[keyword] = [self.rewritten(each) for each in value]
            elif keyword in NAMED and isinstance(value, dict):
                new[keyword] = {name: self.rewritten(each) for name, each in value.items()}
        if "oneOf" in new and "anyOf" not in new and self._can_rename(schema["oneOf"]):
            new["anyOf"] = new.pop("oneOf")
        return new

    def _can_rename(self, branches: Any) -> bool:
        return (
            isinstance(branches, list)
            and not self._keeps_one_of
            and _exclusive(branches, self._root)
        )


def _exclusive(branches: list[Any], root: Any) -> bool:
    pairs = ((a, b) for index, a in enumerate(branches) for b in branches[:index])
    return all(_disjoint(a, b, root, _DEEPEST_COMPARISON) for a, b in pairs)


def _disjoint(one: Any, other: Any, root: Any, depth: int) -> bool:
    """Whether surely no value meets both schemas. False where that cannot be told."""
    one, other = _resolved(one, root), _resolved(other, root)
    if depth == 0 or not (isinstance(one, dict) and isinstance(other, dict)):
        return one is False or other is False
    values, others = _values(one), _values(other)
    if values is not None and others is not None:
        return not values & others
    if not _types(one) & _types(other):
        return True
    if _types(one) & _types(other) != {"object"}:
        return False
    shared = set(one.get("required", ())) & set(other.get("required", ()))
    fields, other_fields = one.get("properties", {}), other.get("properties", {})
    if any(
        name in fields
        and name in other_fields
        and _disjoint(fields[name], other_fields[name], root, depth - 1)
        for name in shared
    ):
        return True
    return _needs_what_is_closed(one, other) or _needs_what_is_closed(other, one)


def _needs_what_is_closed(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether one requires a property that the other cannot have."""
    closed = other.get("additionalProperties") is False and not other.get("patternProperties")
    return closed and bool(set(one.get("required", ())) - set(other.get("properties", {})))


def _resolved(schema: Any, root: Any) -> Any:
    """What a chain of references inside the schema leads to."""
    for _ in range(_LONGEST_CHAIN):
        if not (isinstance(schema, dict) and isinstance(schema.get("$ref"), str)):
            break
        found = root
        for step in schema["$ref"].removeprefix("#").strip("/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, dict) and name else found
        schema = found
    return schema


def _values(schema: Mapping[str, Any]) -> set[str] | None:
    """The values a schema names, spelled as JSON; None if it names none."""
    if "const" in schema:
        return {json.dumps(schema["const"], sort_keys=True)}
    if isinstance(schema.get("enum"), list):
        return {json.dumps(each, sort_keys=True) for each in schema["enum"]}
    return None


def _types(schema: Mapping[str, Any]) -> set[str]:
    """The types a value may have; integers count as numbers."""
    named = schema.get("type")
    if named is None:
        values = _values(schema)
        if values is None:
            return set(_ALL_TYPES)
        return {_type_of(json.loads(each)) for each in values}
    listed = named if isinstance(named, list) else [named]
    return {"number" if each == "integer" else str(each) for each in listed}


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return kinds.get(type(value), "object")
