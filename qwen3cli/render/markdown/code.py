"""The colours of code. The text itself is never touched: tabs, blank lines and line ends stay as they are."""

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.text import Text

from qwen3cli.render import theme

if TYPE_CHECKING:
    from pygments.lexer import Lexer

# Some lexers look at a long text again and again; one this short takes them no time.
_MOST_CHARACTERS = 8000


def highlighted(code: str, language: str) -> Text:
    """The code in colours, if its language is known."""
    lexer = _lexer(language) if language and len(code) <= _MOST_CHARACTERS else None
    if lexer is None:
        return Text(code)
    pieces = [
        (text, theme.SYNTAX.get_style_for_token(kind)) for kind, text in lexer.get_tokens(code)
    ]
    drawn = Text.assemble(*pieces)
    return drawn if drawn.plain == code else Text(code)


@lru_cache(maxsize=16)
def _lexer(language: str) -> "Lexer | None":
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
