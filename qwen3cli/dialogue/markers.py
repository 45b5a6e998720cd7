"""The markers in a Qwen3 model's text, and the question whether a text ends in the beginning of one."""

THINK_OPEN, THINK_CLOSE = "<think>", "</think>"
CALL_OPEN, CALL_CLOSE = "<tool_call>", "</tool_call>"

_ALL = (THINK_OPEN, THINK_CLOSE, CALL_OPEN, CALL_CLOSE)
_LONGEST = max(map(len, _ALL))


def unfinished_marker(text: str, start: int) -> int:
    """Where, from `start` on, the text ends in what may become a marker; its length if it does not."""
    at = text.rfind("<", max(start, len(text) - _LONGEST + 1))
    if at >= 0 and any(marker.startswith(text[at:]) for marker in _ALL):
        return at
    return len(text)
