"""`qwen3 ask`: one prompt, one answer."""

from typing import Annotated

import typer

from qwen3cli.base.environment import Environment
from qwen3cli.cli.answer_flags import AnswerFlags
from qwen3cli.cli.help import OUTPUT, PROMPT
from qwen3cli.cli.model_flags import ModelFlags
from qwen3cli.cli.options import (
    FileFlag,
    HeadFlag,
    SystemFlag,
    TailFlag,
    VerboseFlag,
    grouped,
    option,
    switch,
)
from qwen3cli.cli.sampling_flags import SamplingFlags
from qwen3cli.cli.session_flags import LogFlags, SessionFlags
from qwen3cli.cli.template_flags import Asked, TemplateFlags, with_template
from qwen3cli.cli.thinking_flags import ThinkingFlags
from qwen3cli.cli.tool_flags import ToolFlags


@grouped
def ask(
    environment: Environment,
    model: ModelFlags,
    thinking: ThinkingFlags,
    sampling: SamplingFlags,
    answer: AnswerFlags,
    template: TemplateFlags,
    session: SessionFlags,
    log: LogFlags,
    tools: ToolFlags,
    prompt: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PROMPT",
            help="The question. What is piped in joins it; - is standard input alone.",
        ),
    ] = None,
    file: FileFlag = None,
    pages: Annotated[
        str | None,
        option("--pages", metavar="1-20", help="Only these pages of the -f before.", panel=PROMPT),
    ] = None,
    head: HeadFlag = None,
    tail: TailFlag = None,
    split: Annotated[
        bool,
        switch(
            "--split", help="Ask of each part of long files, then of the answers.", panel=PROMPT
        ),
    ] = False,
    no_stdin: Annotated[
        bool, switch("--no-stdin", help="Leave standard input alone.", panel=PROMPT)
    ] = False,
    system: SystemFlag = None,
    show_prompt: Annotated[
        bool, switch("--show-prompt", help="Print the exact prompt text and exit.", panel=PROMPT)
    ] = False,
    quiet: Annotated[
        bool, switch("-q", "--quiet", help="Nothing but the answer.", panel=OUTPUT)
    ] = False,
    verbose: VerboseFlag = False,
) -> None:
    """Ask once, and print the answer and nothing else.

    \b
    Examples:
      qwen3 ask --size 4b "Why is the sky blue?"
      git diff | qwen3 ask "Write a commit message"
    """
    from qwen3cli.cli.requests import (
        ask_request,
        check_file_parts,
        keeping_of,
        load_options,
        show_native_log,
    )
    from qwen3cli.commands.ask import run_ask
    from qwen3cli.commands.delivery import tell_failures
    from qwen3cli.commands.question import Question
    from qwen3cli.commands.selection import find_or_fetch
    from qwen3cli.commands.webpage.run import run_webpage
    from qwen3cli.documents.files import read_pages
    from qwen3cli.models.sources import network
    from qwen3cli.sessions.values import Kind

    tell_failures(environment, json=answer.json, jsonl=answer.jsonl)
    show_native_log(environment, verbose=verbose)
    check_file_parts(head, tail)
    question = Question(
        " ".join(prompt or ()),
        files=tuple(file or ()),
        pages=read_pages(pages) if pages else None,
        stdin=not no_stdin,
        system=system,
        offline=model.offline,
    )
    asked = Asked(question, thinking, sampling, answer)
    keeping = keeping_of(session, log)
    before = keeping.found(Kind.ASK, environment)
    request = ask_request(
        with_template(asked, template, environment.variables, makes_pages=True),
        keeping,
        before,
        tools=tools.request(offline=model.offline),
        split=split,
        show_prompt=show_prompt,
        quiet=quiet,
        verbose=verbose,
    )
    allowed = network(model.offline, model.source, model.yes)
    choice = find_or_fetch(keeping.model(before, model.size), environment, allowed)
    if request.page is not None:
        run_webpage(request, request.page, choice, load_options(model), environment)
    else:
        run_ask(request, choice, load_options(model), environment)
