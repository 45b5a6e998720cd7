"""Which tools a model may call: the flags."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from qwen3cli.base.ranges import Range
from qwen3cli.cli.help import TOOLS
from qwen3cli.cli.options import Flags, named_path, option, within

if TYPE_CHECKING:
    from qwen3cli.commands.tooling import ToolRequest


@dataclass(frozen=True)
class ToolFlags(Flags):
    """What one request allows; so these have no variables."""

    has_variables: ClassVar[bool] = False

    tools: Annotated[
        list[str] | None,
        option(
            "--tools",
            metavar="NAMES",
            help="Tools it may call: calc,now or SERVER:PATTERN; may be repeated.",
            panel=TOOLS,
        ),
    ] = None
    mcp: Annotated[
        list[Path] | None,
        option(
            "--mcp",
            parser=named_path,
            metavar="FILE",
            help="Tool servers, as in an .mcp.json; may be repeated.",
            panel=TOOLS,
        ),
    ] = None
    root: Annotated[
        list[Path] | None,
        option(
            "--root",
            parser=named_path,
            metavar="FOLDER",
            help="Where file tools may read and write; may be repeated. The current folder if not given.",
            panel=TOOLS,
        ),
    ] = None
    max_rounds: Annotated[
        int | None,
        option(
            "--max-rounds",
            callback=within(Range(1)),
            metavar="N",
            help="After so many rounds of calls it must answer; 8 if not given.",
            panel=TOOLS,
        ),
    ] = None

    def request(self, *, offline: bool) -> "ToolRequest":
        """The same for the rooms below.

        Raises:
            UsageProblem: --tools names nothing.
        """
        from qwen3cli.commands.tooling import ToolRequest
        from qwen3cli.tools.selection import read_patterns
        from qwen3cli.turn.tool_loop import MAX_ROUNDS

        return ToolRequest(
            read_patterns(self.tools or ()),
            tuple(self.mcp or ()),
            self.max_rounds or MAX_ROUNDS,
            offline,
            tuple(self.root or ()),
        )
