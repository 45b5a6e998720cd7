"""How it is told where thoughts begin and end, by words and not by colour alone."""

from qwen3cli.base.units import count_text, seconds_text
from qwen3cli.dialogue.events import ThinkingClosed, ThinkingEnd

THINKING = "thinking"

_ENDS = {
    ThinkingEnd.MODEL: "",
    ThinkingEnd.BUDGET: ", budget used up",
    ThinkingEnd.TIME: ", time used up",
    ThinkingEnd.SKIPPED: ", skipped",
    ThinkingEnd.LOOP: ", stopped: it went in circles",
    ThinkingEnd.ROOM: ", stopped to leave room for the answer",
    ThinkingEnd.CUT: ", cut short",
}


def thought_summary(closed: ThinkingClosed) -> str:
    """How long the thoughts were, and why they ended if not by themselves."""
    length = f"{seconds_text(closed.seconds)}, {count_text(closed.tokens)} tokens"
    return f"thought for {length}{_ENDS[closed.end]}"
