"""An output stream whose bytes can be looked at."""

import io

from qwen3cli.base.streams import Output


class Recorded(Output):
    """Keeps what is written; a terminal or a pipe, as told."""

    def __init__(self, *, is_terminal: bool) -> None:
        kept = io.BytesIO()
        super().__init__(kept)
        self.is_terminal = is_terminal
        self.getvalue = kept.getvalue
