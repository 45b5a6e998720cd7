"""The JSON documents that commands print, on one line each, with the version of their shape.

Whatever a terminal could take for a command, and the bytes of file names that are no UTF-8, stand as JSON's own escapes:
the same text for every reader, and nothing raw on a terminal.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

VERSION = 1
# DEL and C1, the marks that turn the direction of writing, and halves of surrogate pairs; `json` escapes the rest.
_UNSAFE = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def as_json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """One JSON document on one line; a list becomes its `items`."""
    fields = value if isinstance(value, Mapping) else {"items": value}
    return json_line({"version": VERSION, **fields})


def json_line(value: Mapping[str, Any]) -> str:
    """The value on one line."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"
