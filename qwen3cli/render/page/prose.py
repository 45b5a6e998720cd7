"""Markdown that a model wrote, as HTML that is safe to show: HTML in it stands there as text, and no picture is loaded."""

from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from qwen3cli.render.page.text import clean


def prose(text: str) -> Markup:
    """The HTML of a text in Markdown."""
    return Markup(_reader().render(clean(text)))


@cache
def _reader() -> Any:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
