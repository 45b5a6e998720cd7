"""`qwen3 map`: one prompt, many items."""

from typing import Annotated

import typer

from qwen3cli.base.environment import Environment
from qwen3cli.base.ranges import Range
from qwen3cli.cli.answer_flags import AnswerFlags
from qwen3cli.cli.help import MACHINE, OUTPUT, PROMPT
from qwen3cli.cli.model_flags import ModelFlags
from qwen3cli.cli.options import FileFlag, SystemFlag, VerboseFlag, grouped, option, switch, within
from qwen3cli.cli.sampling_flags import SamplingFlags
from qwen3cli.cli.template_flags import Asked, TemplateFlags, with_template
from qwen3cli.cli.thinking_flags import ThinkingFlags
from qwen3cli.documents.items import ItemForm

_PARALLEL = Range(1, 256)  # LLAMA_MAX_SEQ: llama.cpp makes no context for more


@grouped
def map_command(
    environment: Environment,
    model: ModelFlags,
    thinking: ThinkingFlags,
    sampling: SamplingFlags,
    answer: AnswerFlags,
    template: TemplateFlags,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PROMPT INPUT",
            help="The prompt, with {} where an item stands, or {title} for its field; then files with the items, or - for standard input. With -T all are inputs.",
        ),
    ] = None,
    input_form: Annotated[
        ItemForm | None,
        option(
            "--input",
            help="What the items are. Default: by the file's suffix, else lines.",
            panel=PROMPT,
        ),
    ] = None,
    zero_bytes: Annotated[
        bool,
        switch("-0", "--null", help="Items and answers end in a zero byte.", panel=PROMPT),
    ] = False,
    file: FileFlag = None,
    system: SystemFlag = None,
    parallel: Annotated[
        int | None,
        option(
            "--parallel",
            callback=within(_PARALLEL),
            metavar="N",
            help="Items at a time. Default: up to 32, as memory has room.",
            panel=MACHINE,
        ),
    ] = None,
    quiet: Annotated[
        bool, switch("-q", "--quiet", help="Answers and errors alone.", panel=OUTPUT)
    ] = False,
    verbose: VerboseFlag = False,
) -> None:
    """Ask the same of many items, several at a time.

    \b
    Examples:
      qwen3 map "Translate to French: {}" lines.txt
      qwen3 map "Which language is this? {text}" posts.csv --output out.txt
    """
    from qwen3cli.cli.requests import load_options, map_request, show_native_log
    from qwen3cli.commands.delivery import tell_failures
    from qwen3cli.commands.map import run_map
    from qwen3cli.commands.question import Question
    from qwen3cli.commands.selection import find_or_fetch
    from qwen3cli.models.sources import network

    tell_failures(environment, json=answer.json, jsonl=answer.jsonl)
    show_native_log(environment, verbose=verbose)
    prompt, *inputs = ["{}", *(words or ())] if template.template else words or [""]
    question = Question(
        prompt,
        files=tuple(file or ()),
        stdin=False,
        system=system,
        offline=model.offline,
    )
    asked = Asked(question, thinking, sampling, answer)
    request = map_request(
        with_template(asked, template, environment.variables),
        inputs=tuple(inputs),
        input_form=input_form,
        zero_bytes=zero_bytes,
        parallel=parallel,
        quiet=quiet,
        verbose=verbose,
    )
    allowed = network(model.offline, model.source, model.yes)
    choice = find_or_fetch(model.size, environment, allowed)
    raise typer.Exit(run_map(request, choice, load_options(model), environment))
