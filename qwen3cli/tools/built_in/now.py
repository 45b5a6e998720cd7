"""The tool `now`: date and time, here or in a time zone."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qwen3cli.tools.built_in.tool import CLOSED_WORLD, SERVER, BuiltInTool, CallFailed, parameters
from qwen3cli.tools.tool import CallWatch, ToolDefinition


def _run(arguments: Mapping[str, Any], _watch: CallWatch) -> str:
    name = arguments.get("timezone", "")
    moment = datetime.now(_zone(name)) if name else datetime.now().astimezone()
    return (
        f"{moment:%A}, {moment.isoformat(sep=' ', timespec='seconds')} ({name or moment.tzname()})"
    )


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CallFailed(
            f"there is no time zone {name!r}; they are called like Europe/Paris, Asia/Tokyo or UTC"
        ) from None


NOW = BuiltInTool(
    ToolDefinition(
        "now",
        "The date and the time, here or in a time zone such as Asia/Tokyo.",
        parameters({"timezone": {"type": "string"}}),
        SERVER,
        read_only=True,
        hints=CLOSED_WORLD,
    ),
    _run,
)
