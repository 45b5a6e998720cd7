"""What a text that comes in pieces says about its current line: is it blank so far, and is this code?

A fence opens with three or more backticks or tildes at the start of a line and closes with a line of at least as many.
Keeps a few numbers and no text, so that a line may be as long as it likes.
"""

_FENCE_CHARACTERS = "`~"
_SHORTEST_FENCE = 3


class LineState:
    """Follows a text from the start of a line on."""

    def __init__(self) -> None:
        self._fence = ""  # what opened the fence we are in
        self._begin()

    def follow(self, text: str) -> None:
        """Take more text."""
        first, *others = text.split("\n")
        self._extend(first)
        for part in others:
            self._end()
            self._extend(part)

    @property
    def at_start(self) -> bool:
        """Whether only white space came on this line."""
        return not self._first

    @property
    def in_code(self) -> bool:
        """Whether we are in a fenced block, or between backticks on this line."""
        return bool(self._fence) or self._between_backticks

    def _begin(self) -> None:
        self._first = ""  # the first character that is no white space
        self._run = 0  # how often it stands there at the beginning
        self._run_over = self._only_run = True
        self._between_backticks = False

    def _extend(self, part: str) -> None:
        self._between_backticks ^= part.count("`") % 2 == 1
        if not self._first:
            part = part.lstrip()
            self._first = part[:1]
            self._run_over = not self._first
        if not self._run_over:
            rest = part.lstrip(self._first)
            self._run += len(part) - len(rest)
            self._run_over, part = bool(rest), rest
        if self._first and part.strip():
            self._only_run = False

    def _end(self) -> None:
        if self._first in _FENCE_CHARACTERS and self._run >= _SHORTEST_FENCE:
            run = self._first * self._run
            if not self._fence:
                self._fence = run
            elif self._only_run and run.startswith(self._fence):
                self._fence = ""
        self._begin()
