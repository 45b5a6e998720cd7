"""What the user has decided about tools for good, on this machine.

A decision is for one tool of one server as it was described then: where its description, its arguments or its claims are
others now, it counts no more. A file that cannot be read decides nothing.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any

from qwen3cli.base.paths import state_folder
from qwen3cli.tools.tool import ToolDefinition

_VERSION = 1


class Verdict(StrEnum):
    """What was decided for good."""

    ALWAYS = "always"
    NEVER = "never"


class Consents:
    """The decisions, in a file that only the user can read."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._path = state_folder(variables) / "tool-consent.json"

    def of(self, definition: ToolDefinition) -> Verdict | None:
        """What was decided for this tool as it is described now."""
        told = self._read().get(_key(definition))
        if not isinstance(told, dict) or told.get("digest") != digest(definition):
            return None
        return Verdict(told["verdict"]) if told.get("verdict") in tuple(Verdict) else None

    def remember(self, definition: ToolDefinition, verdict: Verdict) -> None:
        """Decide for good. Where that cannot be written, it is decided for nothing more than now."""
        tools = self._read() | {
            _key(definition): {"verdict": verdict.value, "digest": digest(definition)}
        }
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(file, "w", encoding="utf-8") as stream:
                json.dump({"version": _VERSION, "tools": tools}, stream, indent=1)
            beside.replace(self._path)

    def _read(self) -> dict[str, Any]:
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        tools = told.get("tools") if isinstance(told, dict) else None
        return tools if isinstance(tools, dict) else {}


def digest(definition: ToolDefinition) -> str:
    """All that is said of a tool, as one number."""
    said = [
        definition.description,
        definition.title,
        dict(definition.parameters),
        dict(definition.hints),
        definition.read_only,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _key(definition: ToolDefinition) -> str:
    return json.dumps([definition.server, definition.own_name or definition.name])
