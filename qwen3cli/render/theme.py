"""Colours. Only the terminal's own sixteen colours are named, so that light and dark schemes both hold."""

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
DIFFERENT = Style(color="yellow", bold=True)

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
