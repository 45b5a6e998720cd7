"""How the line is drawn: where to, and what is folded in it by its label. Knows no keys."""

import sys

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.layout.utils import explode_text_fragments
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.output.vt100 import Vt100_Output

from qwen3cli.chat.folds import Folds


class _Output(Vt100_Output):
    """The terminal, whose bracketed paste is the keyboard's."""

    def disable_bracketed_paste(self) -> None:
        """It stays on between prompts."""


def terminal_output() -> Output | None:
    """Where the editor draws; None is its library's choice. The cursor's position is never asked for: a terminal's answer
    would come between the keys."""
    if sys.platform == "win32":
        return None
    output = _Output.from_pty(sys.stdout, default_color_depth=ColorDepth.from_env())
    output.enable_cpr = False
    return output


class ShownFolds(Processor):
    """Shows what is folded in the line by its label."""

    def __init__(self, folds: Folds) -> None:
        self._folds = folds

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """One line of the screen, and where the characters of the text stand in it."""
        shown: StyleAndTextTuples = []
        columns = [0]
        for fragment in explode_text_fragments(transformation_input.fragments):
            style, character = fragment[0], fragment[1]
            text = self._folds.label(character) or character
            shown.append((style, text))
            columns.append(columns[-1] + len(text))

        def to_shown(position: int) -> int:
            beyond = max(0, position - len(columns) + 1)
            return columns[position - beyond] + beyond

        def to_text(column: int) -> int:
            return max(at for at, start in enumerate(columns) if start <= column)

        return Transformation(shown, to_shown, to_text)
