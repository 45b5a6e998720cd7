"""`-T` and its parameters: the flags, and how a template gives what no flag, variable or setting has given."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from qwen3cli.base.errors import UsageProblem
from qwen3cli.cli.answer_flags import AnswerFlags
from qwen3cli.cli.help import PROMPT
from qwen3cli.cli.options import Flags, option
from qwen3cli.cli.sampling_flags import SamplingFlags
from qwen3cli.cli.thinking_flags import ThinkingFlags
from qwen3cli.commands.question import STANDARD_INPUT, Question

if TYPE_CHECKING:
    from qwen3cli.commands.webpage.request import PageRequest


@dataclass(frozen=True)
class TemplateFlags(Flags):
    """Which template, and what is filled in."""

    has_variables: ClassVar[bool] = False

    template: Annotated[
        str | None,
        option(
            "-T",
            "--template",
            metavar="NAME",
            help="A prompt by name: webpage, summary, translate, commit, explain, review, or your own.",
            panel=PROMPT,
        ),
    ] = None
    param: Annotated[
        list[str] | None,
        option(
            "--param",
            metavar="NAME=TEXT",
            help="Fill in a template's parameter; may be repeated.",
            panel=PROMPT,
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, by flags and words."""

    question: Question
    thinking: ThinkingFlags
    sampling: SamplingFlags
    answer: AnswerFlags
    page: "PageRequest | None" = None


def with_template(
    asked: Asked, flags: TemplateFlags, variables: Mapping[str, str], *, makes_pages: bool = False
) -> Asked:
    """The same, with the template's prompt, and its settings where none were given.

    Raises:
        UsageProblem: there is no such template, or a parameter is missing or unknown; or it is one for a web page, which
            only `ask` makes.
    """
    given = dict(_pair(each) for each in flags.param or ())
    if flags.template is None:
        if given:
            raise UsageProblem("--param fills in a template", "name one: -T NAME")
        return asked
    from qwen3cli.commands.templates import find_template
    from qwen3cli.commands.webpage.request import PageRequest

    template = find_template(flags.template, variables)
    if template.page is not None and not makes_pages:
        raise UsageProblem(
            f"{template.name} makes a web page of a document, which is for ask",
            f"qwen3 ask -T {template.name} -f report.pdf --output report.html",
        )
    thinking, answer, extract = asked.thinking, asked.answer, template.extract
    if (thinking.think, thinking.budget, thinking.effort, thinking.think_time) == (None,) * 4:
        thinking = replace(thinking, think=template.think, budget=template.budget)
    if answer.schema is None and answer.grammar is None:
        answer = replace(answer, schema=template.schema)
    if extract and not (answer.json or answer.jsonl or answer.extract or answer.extract_lang):
        language = extract if isinstance(extract, str) else None
        answer = replace(answer, extract=True, extract_lang=language)
    said = asked.question
    piped = said.prompt == STANDARD_INPUT
    typed = "" if piped else said.prompt
    is_bare = template.works_on_input and template.page is None and not typed
    return Asked(
        replace(
            said,
            prompt=template.filled(typed, given),
            files=(*said.files, STANDARD_INPUT) if piped else said.files,
            system=said.system if said.system is not None else template.system,
            template=template.name if is_bare else "",
        ),
        thinking,
        SamplingFlags({**template.sampling, **asked.sampling.values}),
        answer,
        None if template.page is None else PageRequest(template.page, typed, given),
    )


def _pair(given: str) -> tuple[str, str]:
    name, mark, value = given.partition("=")
    if not (mark and name):
        raise UsageProblem(f"--param {given} fills in nothing", "--param NAME=TEXT")
    return name.strip(), value
