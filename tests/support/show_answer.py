"""Draw a text as an answer that comes in small pieces, on the real terminal this runs in.

    python tests/support/show_answer.py FILE [SECONDS]

For whole scripts and shapes of text that no small model writes on request. SECONDS is about how long it takes.
"""

import sys
import time
from contextlib import closing
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.dialogue.events import AnswerDelta
from qwen3cli.render.live import LiveRenderer
from qwen3cli.render.renderer import Thoughts

PIECE_CHARACTERS = 3


def show(text: str, seconds: float) -> None:
    """Feed the text to the view of a terminal."""
    pieces = range(0, len(text), PIECE_CHARACTERS)
    with closing(LiveRenderer(Environment.current(), Thoughts.FOLD)) as renderer:
        for at in pieces:
            renderer.handle(AnswerDelta(text[at : at + PIECE_CHARACTERS]))
            time.sleep(seconds / len(pieces))


if __name__ == "__main__":
    show(Path(sys.argv[1]).read_text(encoding="utf-8"), float((*sys.argv, "3")[2]))
