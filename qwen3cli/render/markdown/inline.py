"""What stands inside a block of Markdown, as text with styles: emphasis, code, links with their targets, HTML as it is."""

import re
from collections.abc import Iterable

from markdown_it.token import Token
from rich.style import Style
from rich.text import Text

from qwen3cli.render import theme

_AROUND = {"strong_open": theme.STRONG, "em_open": theme.EMPHASIS, "link_open": theme.LINK}
# In text that was no markup when it was read: what could become some by what comes behind it.
_MAY_OPEN = re.compile(r"[\[`|$\\]|<(?! )|\*(?!\s)|(?<!\w)_(?!\s)")


def inline_text(tokens: Iterable[Token], style: Style = theme.PLAIN) -> tuple[Text, int]:
    """The text, and how much of its beginning stays as it is, whatever comes behind it."""
    drawing = _Drawing(style)
    for token in tokens:
        drawing.take(token)
    length = drawing.length if drawing.settled is None else drawing.settled
    return Text.assemble(*drawing.pieces), length


class _Drawing:
    """Pieces of text, each with its style."""

    def __init__(self, style: Style) -> None:
        self.pieces: list[tuple[str, Style]] = []
        self.length = 0
        self.settled: int | None = None
        self._styles = [style]
        self._outside = 0  # where the outermost markup that is open began
        self._links: list[
            tuple[int, str]
        ] = []  # the piece that each open link begins with, and its target

    def take(self, token: Token) -> None:
        """Draw one token."""
        match token.type:
            case "strong_open" | "em_open":
                self._open(token)
            case "link_open":
                target = "" if token.markup == "autolink" else _target(token, "href")
                self._links.append((len(self.pieces), target))
                self._open(token)
            case "strong_close" | "em_close":
                self._styles.pop()
            case "link_close":
                self._styles.pop()
                first, target = self._links.pop()
                self._put_target(target, "".join(text for text, _ in self.pieces[first:]))
            case "image":
                self._put(token.content, theme.LINK)
                self._put_target(_target(token, "src"), token.content)
            case "code_inline":
                self._put(token.content, theme.CODE)
            case "softbreak" | "hardbreak":
                self._put("\n")
            case _:
                self._look_for_openers(token)
                self._put(token.content)

    def _open(self, token: Token) -> None:
        if len(self._styles) == 1:
            self._outside = self.length
        self._styles.append(self._styles[-1] + _AROUND[token.type])

    def _put(self, text: str, style: Style = theme.PLAIN) -> None:
        self.pieces.append((text, self._styles[-1] + style))
        self.length += len(text)

    def _put_target(self, target: str, shown: str) -> None:
        if target and target != shown:
            self._put(f" ({target})", theme.DIM)

    def _look_for_openers(self, token: Token) -> None:
        if self.settled is None and token.type == "text":
            found = _MAY_OPEN.search(token.content)
            if found:
                is_outside = len(self._styles) == 1
                self.settled = self.length + found.start() if is_outside else self._outside


def _target(token: Token, attribute: str) -> str:
    title = token.attrGet("title")
    return f"{token.attrGet(attribute)}" + (f' "{title}"' if title else "")
