"""What a server says, in our own values: tools, results, and what it asks. The SDK's objects do not leave this room."""

import base64
import binascii
from collections.abc import Iterator
from typing import TYPE_CHECKING

from qwen3cli.tools.tool import (
    Content,
    Form,
    LinkContent,
    MediaContent,
    TextContent,
    ToolDefinition,
    ToolResult,
)

if TYPE_CHECKING:
    import mcp_types as types


def definition_of(tool: "types.Tool", server: str, name: str) -> ToolDefinition:
    """A tool under the `name` that the model is to use."""
    hints = tool.annotations.model_dump(exclude_none=True) if tool.annotations else {}
    return ToolDefinition(
        name=name,
        description=tool.description or "",
        parameters=tool.input_schema,
        server=server,
        own_name=tool.name,
        title=tool.title or hints.get("title", ""),
        read_only=bool(hints.get("read_only_hint")),
        hints=hints,
    )


def result_of(result: "types.CallToolResult") -> ToolResult:
    """The result of a call."""
    contents = tuple(content for block in result.content for content in content_of(block))
    return ToolResult(contents, result.structured_content, failed=bool(result.is_error))


def content_of(block: "types.ContentBlock") -> Iterator[Content]:
    """One part of a result or of a prompt."""
    match block.type:
        case "text":
            yield TextContent(block.text)
        case "image" | "audio":
            yield media_of(block.data, block.mime_type, "")
        case "resource_link":
            yield LinkContent(block.uri, block.title or block.name, block.mime_type or "")
        case "resource":
            yield resource_of(block.resource)


def resource_of(
    resource: "types.TextResourceContents | types.BlobResourceContents",
) -> Content:
    """A resource, whole."""
    text = getattr(resource, "text", None)
    if text is not None:
        return TextContent(text, resource.uri)
    mime = resource.mime_type or "application/octet-stream"
    return media_of(getattr(resource, "blob", ""), mime, resource.uri)


def media_of(encoded: str, mime: str, uri: str) -> Content:
    """Bytes that came as base64; in words where they are none."""
    try:
        return MediaContent(base64.b64decode(encoded, validate=True), mime, uri)
    except (binascii.Error, ValueError):
        return TextContent(f"[{mime or 'a file'} that is no valid base64]", uri)


def form_of(params: "types.ElicitRequestParams", server: str) -> Form:
    """What a server asks the user."""
    if params.mode == "url":
        return Form(server, params.message, url=params.url)
    return Form(server, params.message, schema=params.requested_schema)
