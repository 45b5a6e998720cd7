"""Whether a call's arguments are what its tool takes."""

import json
from collections.abc import Mapping
from typing import Any

from qwen3cli.dialogue.json_schema import value_fault


def argument_fault(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> str:
    """What is wrong with the arguments, in words for the model; empty if nothing is, or if nobody can tell."""
    fault = value_fault(schema, dict(arguments))
    if not fault:
        return ""
    taken = json.dumps(schema.get("properties", {}), ensure_ascii=False)[:_MOST_SHOWN_CHARACTERS]
    needed = ", ".join(map(str, schema.get("required", ()))) or "nothing"
    return f"the arguments are wrong: {fault}. It takes {taken} and needs {needed}"


_MOST_SHOWN_CHARACTERS = 1000
