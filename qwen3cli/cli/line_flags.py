"""How lines are edited in a chat: the flag."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from qwen3cli.cli.help import OUTPUT
from qwen3cli.cli.options import Flags, option


class EditingMode(StrEnum):
    """Readline's two ways."""

    EMACS = "emacs"
    VI = "vi"


@dataclass(frozen=True)
class LineFlags(Flags):
    """How lines are edited."""

    editing_mode: Annotated[
        EditingMode | None,
        option(
            "--editing-mode",
            help="Keys of emacs or of vi at the prompt. Default: as inputrc has it.",
            panel=OUTPUT,
        ),
    ] = None
