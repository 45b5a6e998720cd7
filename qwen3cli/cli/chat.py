"""`qwen3 chat`: a conversation in the terminal."""

from typing import Annotated

import typer

from qwen3cli.base.environment import Environment
from qwen3cli.cli.answer_flags import AnswerFlags
from qwen3cli.cli.line_flags import EditingMode, LineFlags
from qwen3cli.cli.model_flags import ModelFlags
from qwen3cli.cli.options import FileFlag, SchemaFlag, SystemFlag, VerboseFlag, grouped
from qwen3cli.cli.sampling_flags import SamplingFlags
from qwen3cli.cli.session_flags import LogFlags, SessionFlags
from qwen3cli.cli.template_flags import Asked, TemplateFlags, with_template
from qwen3cli.cli.thinking_flags import ThinkingFlags
from qwen3cli.cli.tool_flags import ToolFlags


@grouped
def chat(
    environment: Environment,
    model: ModelFlags,
    thinking: ThinkingFlags,
    sampling: SamplingFlags,
    line: LineFlags,
    template: TemplateFlags,
    session: SessionFlags,
    log: LogFlags,
    tools: ToolFlags,
    prompt: Annotated[
        list[str] | None, typer.Argument(metavar="PROMPT", help="The first message.")
    ] = None,
    file: FileFlag = None,
    system: SystemFlag = None,
    schema: SchemaFlag = None,
    verbose: VerboseFlag = False,
) -> None:
    """Talk with a model in the terminal.

    Thoughts fold away, answers are shown as Markdown, and /help lists what else can be typed there.

    \b
    Examples:
      qwen3 chat --size 8b --think
      qwen3 chat -c
    """
    from qwen3cli.base.errors import UsageProblem
    from qwen3cli.chat.opening import ChatRequest, run_chat
    from qwen3cli.cli.requests import (
        asked_settings,
        keeping_of,
        load_options,
        show_native_log,
        thoughts_view,
    )
    from qwen3cli.commands.question import Question
    from qwen3cli.models.sources import network
    from qwen3cli.sessions.values import Kind

    if prompt == ["-"]:
        raise UsageProblem(
            "chat reads what is typed, and no prompt from standard input", "qwen3 ask -"
        )
    show_native_log(environment, verbose=verbose)
    words = Asked(
        Question(" ".join(prompt or ()), system=system),
        thinking,
        sampling,
        AnswerFlags(schema=schema),
    )
    asked = with_template(words, template, environment.variables)
    keeping = keeping_of(session, log)
    before = keeping.found(Kind.CHAT, environment)
    request = ChatRequest(
        spec=keeping.model(before, model.size),
        settings=keeping.settings(before, asked_settings(asked)),
        thoughts=thoughts_view(thinking),
        system=asked.question.system or "",
        first=asked.question.prompt,
        files=tuple(file or ()),
        network=network(model.offline, model.source, model.yes),
        verbose=verbose,
        vi=None if line.editing_mode is None else line.editing_mode is EditingMode.VI,
        keeping=keeping,
        session=before,
        tools=tools.request(offline=model.offline),
    )
    raise typer.Exit(run_chat(request, load_options(model), environment))
