"""A conversation as a page: what was asked, thought and answered, the answers as Markdown.

HTML in an answer stands there as text, and its pictures are not loaded.
"""

from qwen3cli.base.units import time_text
from qwen3cli.dialogue.messages import Role
from qwen3cli.render.page.language import direction_of, language_of
from qwen3cli.render.page.prose import prose
from qwen3cli.render.page.shell import page
from qwen3cli.sessions.values import Session

_NAMES = {Role.USER: "You", Role.ASSISTANT: "Model", Role.TOOL: "Tool", Role.SYSTEM: "System"}


def conversation_page(session: Session) -> str:
    """The whole page."""
    said = " ".join(message.content for message in session.messages)
    return page(
        "conversation",
        language_of(said, ""),
        head=session.head,
        turns=session.turns,
        names=_NAMES,
        time_text=time_text,
        markdown=prose,
        direction_of=lambda text: direction_of(language_of(text, "")),
    )
