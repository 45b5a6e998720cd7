"""Whether what a model writes is plainly the work of broken weights: control characters, one after another.

Knows text alone. A model that is merely bad writes words.
"""

from qwen3cli.base.errors import BadModelFile

# No text, whatever it is about, has so many in a row; a file of weights that were damaged soon has.
_MOST_IN_A_ROW = 48
_ORDINARY = "\n\t\r"


class NoiseWatch:
    """Watches one turn's text."""

    def __init__(self) -> None:
        self._in_a_row = 0

    def see(self, text: str) -> None:
        """Take more of what the model wrote.

        Raises:
            BadModelFile: it is noise.
        """
        for character in text:
            noise = character not in _ORDINARY and (character < " " or "\x7f" <= character < "\xa0")
            self._in_a_row = self._in_a_row + 1 if noise else 0
            if self._in_a_row >= _MOST_IN_A_ROW:
                raise BadModelFile(
                    "the model writes control characters without end: its file is damaged",
                    "qwen3 models verify, or fetch it again",
                )
