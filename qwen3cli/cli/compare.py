"""`qwen3 compare`: the same prompt, answered in several ways."""

from pathlib import Path
from typing import Annotated

import typer

from qwen3cli.base.environment import Environment
from qwen3cli.cli.help import MODEL, OUTPUT, PROMPT, SAMPLING, THINKING
from qwen3cli.cli.options import (
    CONTEXT_RANGE,
    FileFlag,
    SystemFlag,
    complete_model,
    grouped,
    option,
    switch,
    within,
)
from qwen3cli.cli.sampling_flags import SamplingFlags


@grouped
def compare(
    environment: Environment,
    sampling: SamplingFlags,
    prompt: Annotated[
        list[str] | None, typer.Argument(metavar="PROMPT", help="The question.")
    ] = None,
    model: Annotated[
        list[str] | None,
        option(
            "-m", "--model", "--size", metavar="MODEL", help="A model; may be repeated.",
            panel=MODEL, autocompletion=complete_model,
        ),
    ] = None,
    think: Annotated[bool, switch("--think", help="One way that thinks.", panel=THINKING)] = False,
    no_think: Annotated[
        bool, switch("--no-think", help="One way that answers at once.", panel=THINKING)
    ] = False,
    budgets: Annotated[
        str | None,
        option(
            "--budgets", metavar="N,N", help="A way for each thinking budget, as 0,256,1024,-1.",
            panel=THINKING,
        ),
    ] = None,
    temps: Annotated[
        str | None,
        option("--temps", metavar="T,T", help="A way for each temperature, as 0,0.7.", panel=SAMPLING),
    ] = None,
    file: FileFlag = None,
    system: SystemFlag = None,
    ctx: Annotated[
        int | None,
        option(
            "--ctx", callback=within(CONTEXT_RANGE), metavar="TOKENS",
            help="Longest context. Default: the model's own.", panel=MODEL,
        ),
    ] = None,
    questions: Annotated[
        str | None,
        option(
            "--questions", metavar="FILE", help="Grade the answers to a JSONL file of questions; demo is the demo's own.",
            panel=PROMPT,
        ),
    ] = None,
    judge: Annotated[
        str | None,
        option(
            "--judge", metavar="MODEL", help="Let a model say which answer is better, in both orders.",
            panel=MODEL, autocompletion=complete_model,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        option(
            "--output", metavar="FILE", help="A page of the answers; with --questions, JSONL to go on from.",
            panel=OUTPUT,
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        option(
            "--plot", metavar="FILE.svg", help="With --questions: a picture, accuracy over time.",
            panel=OUTPUT,
        ),
    ] = None,
    json: Annotated[bool, switch("--json", help="Print one JSON object.", panel=OUTPUT)] = False,
) -> None:  # fmt: skip
    """Answer one prompt in several ways, and show them side by side.

    Every model is asked in every way of thinking and at every temperature.

    \b
    Examples:
      qwen3 compare "Is 9.9 or 9.11 larger?" -m 0.6b -m 4b --think --no-think
      qwen3 compare "A riddle, please" -m 4b --temps 0,0.7,1.2
      qwen3 compare --questions demo -m demo --budgets 0,16,64,-1
    """
    from qwen3cli.base.ranges import Range
    from qwen3cli.cli.lists import numbers, refused
    from qwen3cli.commands.compare.prompt import CompareRequest, run_compare
    from qwen3cli.commands.compare.questions import QuestionsRequest, run_questions
    from qwen3cli.commands.compare.ways import Ways
    from qwen3cli.commands.question import Question
    from qwen3cli.commands.selection import best_here
    from qwen3cli.dialogue.sampling import TEMPERATURE
    from qwen3cli.machine.plan import LoadOptions
    from qwen3cli.models.choice import DEMO_NAME, choose
    from qwen3cli.turn.settings import TurnSettings

    named = model or [
        environment.variables.get("QWEN3_SIZE") or best_here(environment) or DEMO_NAME
    ]
    ways = Ways(
        [choose(name, environment.variables) for name in named],
        thinking=[True] * think + [False] * no_think,
        budgets=[int(each) for each in numbers("--budgets", budgets, Range(-1))],
        temperatures=numbers("--temps", temps, TEMPERATURE.range),
    )
    common = (ways, TurnSettings(values=sampling.values), LoadOptions(context_tokens=ctx))
    if questions is not None:
        refused("--questions", PROMPT=prompt, file=file, judge=judge)
        exam = QuestionsRequest(
            questions, *common, system=system or "", output=output, plot=plot, json=json
        )
        raise typer.Exit(run_questions(exam, environment))
    refused("a prompt without --questions", plot=plot)
    question = Question(" ".join(prompt or ()), files=tuple(file or ()), system=system)
    named_judge = None if judge is None else choose(judge, environment.variables)
    request = CompareRequest(question, *common, judge=named_judge, output=output, json=json)
    raise typer.Exit(run_compare(request, environment))
