"""What the variables say of the terminal: whether it takes escape sequences, and whether it marks what is pasted.

A terminal is never asked: its answer would come between the keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from prompt_toolkit.utils import is_dumb_terminal

# Terminals without bracketed paste: the consoles of Linux and the BSDs, real terminals and what passes for one.
_UNMARKED = ("linux", "ansi", "cons25", "sun", "vt52", "vt100", "vt102", "vt220", "wsvt25")


@dataclass(frozen=True, slots=True)
class TerminalKind:
    """`plain` takes no escape sequence; `marks_pastes` puts what is pasted in brackets once that is switched on."""

    plain: bool
    marks_pastes: bool


def terminal_kind(variables: Mapping[str, str]) -> TerminalKind:
    """The kind of the terminal that we are in."""
    name = variables.get("TERM", "")
    plain = is_dumb_terminal(name)
    # GNU screen passes no brackets on before its version 5; what runs inside cannot know which one it is.
    in_screen = "STY" in variables and "TMUX" not in variables
    return TerminalKind(plain, not (plain or in_screen or name in _UNMARKED))
