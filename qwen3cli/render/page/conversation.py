"""A conversation as a page: what was asked, thought and answered, the answers as Markdown.

HTML in an answer stands there as text, and its pictures are not loaded.
"""

from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from qwen3cli.base.units import time_text
from qwen3cli.dialogue.messages import Role
from qwen3cli.render.page.language import direction_of, language_of
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
        markdown=_markdown(),
        direction_of=lambda text: direction_of(language_of(text, "")),
    )


def _markdown() -> Any:
    """From Markdown to HTML that is safe to show."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    return lambda text: Markup(reader.render(text))
