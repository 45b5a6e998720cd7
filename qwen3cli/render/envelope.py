"""The JSON documents that commands print, on one line each, with the version of their shape."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

VERSION = 1


def as_json(value: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """One JSON document on one line; a list becomes its `items`."""
    fields = value if isinstance(value, Mapping) else {"items": value}
    return json.dumps({"version": VERSION, **fields}, ensure_ascii=False).encode() + b"\n"
