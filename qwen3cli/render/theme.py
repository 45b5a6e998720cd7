"""Colours and ornaments. Only the terminal's own sixteen colours are named, so that light and dark schemes both hold."""

from collections.abc import Mapping
from dataclasses import dataclass

from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token
from rich.style import Style
from rich.syntax import ANSISyntaxTheme

PLAIN = Style()
DIM = Style(dim=True)
HEADING = Style(bold=True, color="cyan")
STRONG = Style(bold=True)
EMPHASIS = Style(italic=True)
CODE = Style(color="cyan")
LINK = Style(underline=True)
MARKER = Style(color="cyan")

SYNTAX = ANSISyntaxTheme(
    {
        Token: Style(),
        Comment: Style(dim=True, italic=True),
        Keyword: Style(color="magenta"),
        Operator.Word: Style(color="magenta"),
        Name.Function: Style(color="blue"),
        Name.Class: Style(color="blue"),
        Name.Decorator: Style(color="cyan"),
        Name.Builtin: Style(color="cyan"),
        String: Style(color="green"),
        Number: Style(color="yellow"),
    }
)


@dataclass(frozen=True, slots=True)
class Ornaments:
    """The few characters outside ASCII that we draw ourselves."""

    bullet: str
    bar: str
    rule: str
    cross: str
    folded: str
    dot: str
    ellipsis: str


_UNICODE = Ornaments(bullet="•", bar="│", rule="─", cross="┼", folded="▸", dot="·", ellipsis="…")
_ASCII = Ornaments(bullet="*", bar="|", rule="-", cross="+", folded=">", dot="-", ellipsis="...")


def ornaments(variables: Mapping[str, str]) -> Ornaments:
    """Unicode ones, unless the locale says that the terminal has no UTF-8."""
    locale = variables.get("LC_ALL") or variables.get("LC_CTYPE") or variables.get("LANG") or ""
    plain = locale in ("C", "POSIX") or ("." in locale and "utf" not in locale.lower())
    return _ASCII if plain else _UNICODE
