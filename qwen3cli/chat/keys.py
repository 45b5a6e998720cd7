"""A terminal's bytes as key presses. Knows no modes and no signals: those are the keyboard's. Not for Windows, whose
console gives keys and no bytes."""

import os
import re
import select
import sys
import time
from collections.abc import Callable
from typing import TextIO

from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

assert sys.platform != "win32"

_READ_BYTES = 65536  # more than a terminal's queue holds
# Keys closer than this belong to one text: a slow typist needs half of it.
_TYPING_PAUSE_SECONDS = 1.0
# A terminal sends the pieces of a paste closer than this, a hand does not type so.
_BURST_PAUSE_SECONDS = 0.02
# What was typed while we were busy with the keys before it may come at once too.
_HEELS_SECONDS = 0.2
_ENTERS = (Keys.ControlM, Keys.ControlJ)
_ESCAPE = "\x1b"


class TerminalKeys(Vt100Input):
    """What the line editor reads at the prompt, and `typed` while there is none: one parser for both, so that a paste or
    a key may begin in one and end in the other."""

    def __init__(
        self, stdin: TextIO, *, marks_pastes: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`marks_pastes`: what is pasted comes in brackets; else it is guessed at."""
        super().__init__(stdin)
        self._marks_pastes = marks_pastes
        self._pressed: list[KeyPress] = []
        self.vt100_parser = Vt100Parser(lambda press: self._pressed.append(press))
        self._clock = clock
        self._held: tuple[KeyPress, float] | None = None
        self._read_at = -_HEELS_SECONDS
        self._pasting = False

    def read_keys(self) -> list[KeyPress]:
        """The keys that are there, for the prompt. A terminal that does not mark a paste sends it as keys: there, lines that
        come at once, and not on the heels of other keys, are one. Where such a paste ends with Enter, that is a key."""
        if self._marks_pastes:
            self._read()
            return self._taken()
        follows = self._clock() - self._read_at < _HEELS_SECONDS
        self._read()
        keys = self._taken()
        self._pasting = _is_text(keys) and (self._pasting if follows else _are_lines(keys))
        if not self._pasting:
            return keys
        while select.select([self], [], [], _BURST_PAUSE_SECONDS)[0] and self._read():
            keys += self._taken()
        end = keys[-1:] if keys[-1].key in _ENTERS else []
        text = "".join(press.data for press in keys[: len(keys) - len(end)])
        return [KeyPress(Keys.BracketedPaste, text), *end]

    def flush_keys(self) -> list[KeyPress]:
        """Nothing follows what looked like the beginning of a key: it was one itself."""
        self.vt100_parser.flush()
        return self._taken()

    def typed(self, *, cooked: bool = False) -> list[KeyPress]:
        """The keys that are there, each for itself: they may have been waiting for a while. `cooked`: they came while the
        terminal made new lines of Enter."""
        last = self._read()
        if last.endswith(_ESCAPE):
            self.vt100_parser.flush()
        keys = self._taken()
        if cooked:
            return [_ENTER if press.key is Keys.ControlJ else press for press in keys]
        return keys

    def hold(self, press: KeyPress) -> None:
        """Keep a key back: it counts only if another one follows at the pace of typing."""
        self._held = press, self._clock()

    def _read(self) -> str:
        """Feed what is there to the parser. Returns the last piece of it."""
        last = ""
        while data := self.stdin_reader.read(_READ_BYTES):
            self.vt100_parser.feed(data)
            last = data
            self._read_at = self._clock()
        if not last and not os.isatty(self.fileno()):
            self.stdin_reader.closed = True  # the terminal is gone
        return last

    def _taken(self) -> list[KeyPress]:
        """What the parser has made of it, but for the terminal's own messages."""
        keys = [press for press in self._pressed if press.key not in _MESSAGES]
        self._pressed.clear()
        if keys and self._held is not None:
            held, since = self._held
            self._held = None
            if self._clock() - since < _TYPING_PAUSE_SECONDS:
                keys.insert(0, held)
        return keys


_ENTER = KeyPress(Keys.ControlM, "\r")
_COMMAND = re.compile(r"/[a-z_]+!?[ \r\n]")
_IN_TEXT = (*_ENTERS, Keys.ControlI)
_MESSAGES = (Keys.CPRResponse, Keys.Vt100MouseEvent, Keys.Ignore)


def _is_text(keys: list[KeyPress]) -> bool:
    text = all(press.key in _IN_TEXT or not isinstance(press.key, Keys) for press in keys)
    return bool(keys) and text


def _are_lines(keys: list[KeyPress]) -> bool:
    """Whether these are more than one line of text, which nobody types at once. Slash commands come one by one: who sends
    them so quickly is a script."""
    lines = any(press.key in _ENTERS for press in keys[:-1])
    return lines and not _COMMAND.match("".join(press.data for press in keys))
