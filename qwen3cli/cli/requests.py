"""From flags to what the rooms below understand. Shared by the commands that run a model."""

from dataclasses import replace
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.units import GIB
from qwen3cli.cli.answer_flags import AnswerFlags
from qwen3cli.cli.model_flags import ModelFlags
from qwen3cli.cli.sampling_flags import SamplingFlags
from qwen3cli.cli.session_flags import LogFlags, SessionFlags
from qwen3cli.cli.template_flags import Asked
from qwen3cli.cli.thinking_flags import ThinkingFlags
from qwen3cli.commands.ask import AskRequest
from qwen3cli.commands.delivery import DeliveryRequest
from qwen3cli.commands.map import MapRequest
from qwen3cli.commands.recording import Keeping
from qwen3cli.commands.thoughts import ThoughtsRequest
from qwen3cli.machine.attention import KvType
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.render.renderer import Thoughts
from qwen3cli.sessions.values import Session
from qwen3cli.turn.answer_format import AnswerFormat, grammar_format, schema_format
from qwen3cli.turn.settings import TurnSettings, thinking_settings
from qwen3cli.turn.thinking import EFFORT_TOKENS


def ask_request(asked: Asked, keeping: Keeping, session: Session | None, **told: Any) -> AskRequest:
    """One `ask`, as its flags say, and as the conversation was before."""
    return AskRequest(
        question=asked.question,
        delivery=delivery_request(asked.answer),
        form=answer_format(asked.answer),
        settings=keeping.settings(session, asked_settings(asked)),
        keeping=keeping,
        session=session,
        thoughts=ThoughtsRequest(asked.thinking.hide_thoughts, asked.thinking.thoughts),
        page=asked.page,
        **told,
    )


def check_file_parts(head: str | None, tail: str | None) -> None:
    """What is a number and stands behind a file was joined to that.

    Raises:
        UsageProblem: it was not.
    """
    for flag, given in (("--head", head), ("--tail", tail)):
        if given is not None:
            raise UsageProblem(
                f"{flag} {given}: it takes a number of tokens, behind the file it is for",
                f"-f FILE {flag} 4000, or -f - {flag} 4000 for standard input",
            )


def keeping_of(session: SessionFlags, log: LogFlags) -> Keeping:
    """Whether the conversation is kept, and which one it is."""
    return Keeping(
        log.log, session.last, session.session, session.name, session.pick, session.typed
    )


def map_request(asked: Asked, **told: Any) -> MapRequest:
    """One `map`, as its flags say.

    Raises:
        UsageProblem: a flag that one answer has, and many have not.
    """
    if asked.thinking.thoughts is not None:
        raise UsageProblem("--thoughts is for one answer", "--jsonl has the thoughts of each item")
    if asked.answer.open:
        raise UsageProblem("--open opens one answer", "leave it out")
    if asked.answer.json and asked.answer.output:
        raise UsageProblem("--json prints one object at the end", "--jsonl goes well with --output")
    return MapRequest(
        question=asked.question,
        delivery=delivery_request(asked.answer),
        form=answer_format(asked.answer),
        settings=asked_settings(asked),
        **told,
    )


def asked_settings(asked: Asked) -> TurnSettings:
    """How to think, how to sample, and what holds the answer.

    Raises:
        UsageProblem: flags that contradict each other, or a schema that cannot be held.
    """
    answer, form = asked.answer, answer_format(asked.answer)
    if form is not None and answer.begin:
        raise UsageProblem("a held answer begins as its schema says", "drop --begin")
    return replace(
        turn_settings(asked.thinking, asked.sampling),
        grammar=form.grammar if form is not None else None,
        begin=answer.begin or "",
        stops=tuple(answer.stop or ()),
        logprobs=answer.logprobs,
        tells_context=answer.json or answer.jsonl,
    )


def delivery_request(answer: AnswerFlags) -> DeliveryRequest:
    """In which form the answer is printed, and where to.

    Raises:
        UsageProblem: flags that contradict each other, or a file that cannot be written.
    """
    request = DeliveryRequest(
        json=answer.json,
        jsonl=answer.jsonl,
        extract=answer.extract,
        every_block=answer.every,
        language=answer.extract_lang,
        file=answer.output,
        open=answer.open,
        logprobs=answer.logprobs is not None,
    )
    request.check()
    return request


def answer_format(answer: AnswerFlags) -> AnswerFormat | None:
    """What the answer is held to.

    Raises:
        UsageProblem: it cannot be read or held.
    """
    if answer.schema is not None and answer.grammar is not None:
        raise UsageProblem("--schema and --grammar both hold the answer", "give one of them")
    if answer.schema is not None:
        return schema_format(answer.schema)
    return None if answer.grammar is None else grammar_format(answer.grammar)


def turn_settings(thinking: ThinkingFlags, sampling: SamplingFlags) -> TurnSettings:
    """How to think and how to sample.

    Raises:
        UsageProblem: flags that contradict each other.
    """
    if thinking.effort is not None and thinking.budget is not None:
        raise UsageProblem("--effort and --budget both set the budget", "give one of them")
    budget = EFFORT_TOKENS[thinking.effort] if thinking.effort is not None else thinking.budget
    think, limits = thinking_settings(thinking.think, budget, thinking.think_time)
    return TurnSettings(think, limits, sampling.values)


def thoughts_view(thinking: ThinkingFlags) -> Thoughts:
    """How a chat shows the thoughts at first."""
    return Thoughts.HIDE if thinking.hide_thoughts else Thoughts.FOLD


def load_options(model: ModelFlags) -> LoadOptions:
    """How to put the model into memory."""
    return LoadOptions(
        threads=model.threads,
        context_tokens=model.ctx,
        kv_type=model.kv or KvType.F16,
        gpu_layers=model.gpu_layers,
        expert_layers_on_cpu=model.cpu_moe,
        saved_kv_bytes=round(model.cache_limit * GIB) if model.cache else 0,
    )


def show_native_log(environment: Environment, *, verbose: bool) -> None:
    """Send llama.cpp's log to standard error as it comes, with `--verbose`."""
    if not verbose:
        return
    from qwen3cli.engine.bindings import native_log

    def to_stderr(line: str) -> None:
        environment.stderr.put(f"llama.cpp: {line}\n")

    native_log().listener = to_stderr
