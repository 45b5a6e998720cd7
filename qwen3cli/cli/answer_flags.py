"""The form of an answer, and where it goes: the flags."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from qwen3cli.base.ranges import Range
from qwen3cli.cli.help import OUTPUT
from qwen3cli.cli.options import Flags, SchemaFlag, option, switch, within

_MOST_LOGPROBS = 100  # more would be a copy of the vocabulary


@dataclass(frozen=True)
class AnswerFlags(Flags):
    """What one request asks of its answer; so these have no variables."""

    has_variables: ClassVar[bool] = False

    schema: SchemaFlag = None
    grammar: Annotated[
        Path | None,
        option(
            "--grammar",
            metavar="FILE",
            help="Hold the answer to a grammar in GBNF or Lark.",
            panel=OUTPUT,
        ),
    ] = None
    begin: Annotated[
        str | None,
        option("--begin", metavar="TEXT", help="Let the answer begin with this.", panel=OUTPUT),
    ] = None
    stop: Annotated[
        list[str] | None,
        option(
            "--stop",
            metavar="TEXT",
            help="End the answer before this; may be repeated.",
            panel=OUTPUT,
        ),
    ] = None
    logprobs: Annotated[
        int | None,
        option(
            "--logprobs",
            callback=within(Range(0, _MOST_LOGPROBS)),
            metavar="N",
            help="With --json: each token's probability, and the N likeliest ones.",
            panel=OUTPUT,
        ),
    ] = None
    extract: Annotated[
        bool,
        switch("-x", "--extract", help="Print only the last fenced block.", panel=OUTPUT),
    ] = False
    every: Annotated[bool, switch("--all", help="Print every block.", panel=OUTPUT)] = False
    extract_lang: Annotated[
        str | None,
        option(
            "--extract-lang",
            metavar="LANG",
            help="Print only the last block of this language; json also without a fence.",
            panel=OUTPUT,
        ),
    ] = None
    output: Annotated[
        Path | None,
        option(
            "--output",
            metavar="FILE",
            help="Write the answer to a file, once it is whole.",
            panel=OUTPUT,
        ),
    ] = None
    open: Annotated[
        bool, switch("--open", help="Open that file with the desktop's program.", panel=OUTPUT)
    ] = False
    json: Annotated[bool, switch("--json", help="Print one JSON object.", panel=OUTPUT)] = False
    jsonl: Annotated[
        bool, switch("--jsonl", help="Print a JSON object for each event.", panel=OUTPUT)
    ] = False
