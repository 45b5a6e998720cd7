"""What a model reads of a result: its text, words for what is no text, and no more than there is room for."""

import json
from collections.abc import Callable
from pathlib import Path

from qwen3cli.base.units import bytes_text
from qwen3cli.tools.tool import Content, LinkContent, MediaContent, TextContent, ToolResult

# A text of more characters than this for each token of its budget is cut before it is counted: 50 MB take long.
_MOST_CHARACTERS_A_TOKEN = 8
_SHORTER = 0.9  # how much is left in each step of finding out how much fits


def result_text(result: ToolResult, saved: Callable[[MediaContent], Path | str]) -> str:
    """All of a result in words. `saved` keeps what is no text, and tells where, or why not."""
    parts = [_content_text(each, saved) for each in result.contents]
    if result.structured is not None and not any(
        isinstance(each, TextContent) and each.text.strip() for each in result.contents
    ):
        parts.append(json.dumps(result.structured, ensure_ascii=False))
    text = "\n".join(part for part in parts if part)
    return f"error: {text or 'it failed'}" if result.failed else text or "(nothing)"


def _content_text(content: Content, saved: Callable[[MediaContent], Path | str]) -> str:
    match content:
        case TextContent(text, uri):
            return f"[{uri}]\n{text}" if uri else text
        case MediaContent(data, mime):
            kept = saved(content)
            where = f"saved as {kept.name} for the user" if isinstance(kept, Path) else kept
            return f"[{mime}, {bytes_text(len(data))}: {where}]"
        case LinkContent(uri, name, mime):
            about = ", ".join(filter(None, (name, mime)))
            return f"[a resource: {uri}{f' ({about})' if about else ''}]"


def cut_to(text: str, budget_tokens: int, count: Callable[[str], int], number: int) -> str:
    """The beginning of a text that has so many tokens at most, with a note that says so; all of it, if it fits."""
    kept = text[: budget_tokens * _MOST_CHARACTERS_A_TOKEN]
    tokens = count(kept)
    while tokens > budget_tokens:
        share = min(budget_tokens / tokens, _SHORTER)
        kept = kept[: int(len(kept) * share)]
        tokens = count(kept)
    if len(kept) == len(text):
        return text
    shown = f"{len(kept):,} of {len(text):,} characters"
    return f"{kept}\n[cut: these are the first {shown}; the user sees all of it by /tool {number}]"
