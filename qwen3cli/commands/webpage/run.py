"""One web page of what was asked: the model is run for it, and the page goes where it is wanted."""

from collections.abc import Sequence
from contextlib import closing

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import QwenError, UsageProblem
from qwen3cli.commands.ask import AskRequest
from qwen3cli.commands.delivery import Delivery
from qwen3cli.commands.loading import load_chosen
from qwen3cli.commands.turn_runner import TurnRunner
from qwen3cli.commands.webpage.drawn import DrawnPage
from qwen3cli.commands.webpage.request import PageRequest
from qwen3cli.commands.webpage.written import WrittenPage
from qwen3cli.dialogue.messages import Message
from qwen3cli.dialogue.prompt_template import PageKind
from qwen3cli.documents.excerpts import excerpted
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import Choice
from qwen3cli.turn.interrupts import Interrupts


def run_webpage(
    request: AskRequest,
    page: PageRequest,
    choice: Choice,
    options: LoadOptions,
    environment: Environment,
) -> None:
    """Make the page and deliver it.

    Raises:
        QwenError: it cannot be made; what the model gave for it is printed instead.
    """
    page.check(request.delivery, request.settings)
    _check_way(request, environment)
    messages = request.question.messages(environment, quiet=request.quiet)
    _check_document(page, messages[-1])
    request.thoughts.check()
    with Interrupts() as interrupts:
        loaded = load_chosen(
            choice, options, environment, interrupts, quiet=request.quiet, verbose=request.verbose
        )
        with closing(loaded):
            messages = excerpted(messages, loaded.count)
            runner = TurnRunner(loaded, choice, environment, interrupts, quiet=request.quiet)
            kind = DrawnPage if page.kind is PageKind.SUBSTANCE else WrittenPage
            maker = kind(request, page, runner, environment)
            if not request.show_prompt:
                _deliver(maker, messages, request, environment)
                return
            for prompt in maker.prompts(messages):
                runner.show_prompt(prompt, request.settings)


def _check_way(request: AskRequest, environment: Environment) -> None:
    if request.session is not None or request.keeping.name is not None:
        raise UsageProblem(
            "a web page is no conversation, to go on with or to keep",
            "drop -c, --session or --name",
        )
    printed = request.delivery.file is None and not request.show_prompt
    if printed and environment.stdout_is_terminal:
        raise UsageProblem(
            "a web page is for a browser, and would run over this terminal",
            "--output page.html --open",
        )


def _check_document(page: PageRequest, question: Message) -> None:
    """A page is drawn of a document; a model can write one of words alone."""
    has_text = any(each.text.strip() for each in question.documents)
    if has_text or (page.kind is PageKind.HTML and page.typed.strip()):
        return
    raise UsageProblem("there is no document to make a page of", "name one: -f report.pdf")


def _deliver(
    maker: DrawnPage | WrittenPage,
    messages: Sequence[Message],
    request: AskRequest,
    environment: Environment,
) -> None:
    delivery = Delivery(request.delivery, environment)
    problem: QwenError | None = None
    try:
        delivery.put(maker.page(messages))
    except QwenError as error:
        problem = error
        delivery.put(maker.came)
    unwritten = request.thoughts.written(maker.thoughts)
    delivery.finish(None, problem or unwritten)
