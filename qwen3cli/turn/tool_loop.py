"""A turn that may call tools: the model is asked, its calls are run, their results go back, until it answers.

One stream of events, and one `TurnDone` at its end. Thoughts stay in the prompt from round to round, as the template has
it; the limits of the thoughts and of the answer are for the whole turn. Who allows a call, and what a tool is, is known to
the toolkit alone.

Ways out, and what the model is told in each:
- it answers without a call;
- so many rounds have called tools, or one call came for the third time: it must answer, held to prose (or its schema);
- what was asked for is used up, or the user stops it.
"""

import json
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from qwen3cli.dialogue.calls import read_call
from qwen3cli.dialogue.control import Control
from qwen3cli.dialogue.events import (
    AnswerDelta,
    BadToolCall,
    CallDone,
    CallNotice,
    CallOutcome,
    CallProgress,
    CallStarted,
    Event,
    FinishReason,
    ThinkDelta,
    ThinkingClosed,
    TurnDone,
)
from qwen3cli.dialogue.extraction import fenced_blocks
from qwen3cli.dialogue.messages import Message, ToolCall
from qwen3cli.engine.grammar import calls_grammar, prose_grammar
from qwen3cli.tools.checking import argument_fault
from qwen3cli.tools.permission import Denied
from qwen3cli.tools.running import Asked, Finished, Progress, RunningCalls
from qwen3cli.tools.tool import Tool
from qwen3cli.tools.toolkit import Toolkit
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.rounds import calls_of, round_messages, summed
from qwen3cli.turn.thinking import NO_LIMIT
from qwen3cli.turn.turn import TurnOptions

MAX_ROUNDS = 8
_MOST_OF_ONE_CALL = 2  # the same one again ends the calls
_MOST_AT_ONCE = 16
# What a round's results may take: of the context, and of what is free in it; each at least so much.
_SHARE_OF_CONTEXT, _SHARE_OF_ROOM, _LEAST_RESULT_TOKENS = 4, 2, 64


def turn_with_tools(
    loaded: LoadedModel,
    messages: Sequence[Message],
    options: TurnOptions,
    control: Control,
    kit: Toolkit,
    max_rounds: int = MAX_ROUNDS,
) -> Generator[Event]:
    """Answer the conversation with the help of the tools. Ends in exactly one `TurnDone`, unless it raises.

    Raises:
        QwenError: what `LoadedModel.turn` raises.
    """
    yield from _Loop(loaded, messages, options, control, kit).events(max_rounds)


def with_tools(options: TurnOptions, kit: Toolkit, loaded: LoadedModel) -> TurnOptions:
    """The same turn with the tools in its prompt, and their calls held."""
    kit.settle(loaded.count, loaded.cache.limit_tokens)
    offered, callable_now = kit.offered(), kit.callable()
    if not offered:
        return options
    return replace(
        options,
        tools=tuple(each.for_template() for each in offered),
        also_callable=tuple(each.name for each in callable_now[len(offered) :]),
        call_grammar=calls_grammar([(each.name, each.parameters) for each in callable_now]),
    )


class _Loop:
    """One turn while it runs."""

    def __init__(
        self,
        loaded: LoadedModel,
        messages: Sequence[Message],
        options: TurnOptions,
        control: Control,
        kit: Toolkit,
    ) -> None:
        self._loaded = loaded
        self._messages = list(messages)
        self._control = control
        self._kit = kit
        self._options = options
        self._made: Counter[str] = Counter()  # calls, each with its arguments
        self._done: list[TurnDone] = []
        self._thinking_seconds = 0.0
        self._answered = self._thought = False
        self._must_answer = False

    def events(self, max_rounds: int) -> Iterator[Event]:
        """The whole turn."""
        for number in range(max_rounds + 1):
            if number == max_rounds and not self._must_answer:
                rounds = f"{max_rounds} round{'s' * (max_rounds > 1)}"
                yield self._end_calls(f"after {rounds} of tool calls the model must answer")
            events: list[Event] = []
            for event in self._round():
                events.append(event)
                yield event
            calls = [] if self._is_over else calls_of(events)
            if not calls:
                yield from self._printed(events)
                break
            for event in self._run(calls):
                events.append(event)
                yield event
            self._messages += round_messages(events)
            if self._control.should_stop():
                break
        yield summed(self._done, stopped=self._control.should_stop())

    @property
    def _is_over(self) -> bool:
        return self._must_answer or self._done[-1].finish not in (
            FinishReason.STOP,
            FinishReason.BUDGET_THEN_STOP,
        )

    def _round(self) -> Iterator[Event]:
        """The model speaks once."""
        begins = thinks_first = True
        turn = self._loaded.turn(self._messages, self._round_options(), self._control)
        with closing(turn):
            for event in turn:
                if isinstance(event, TurnDone):
                    self._done.append(event)
                    return
                if isinstance(event, ThinkingClosed):
                    self._thinking_seconds += event.seconds
                if isinstance(event, ThinkDelta):
                    if thinks_first and self._thought:
                        event = ThinkDelta(f"\n\n{event.text}")
                    thinks_first, self._thought = False, True
                if isinstance(event, AnswerDelta):
                    if begins and self._answered:
                        event = AnswerDelta(f"\n\n{event.text}")
                    begins, self._answered = False, True
                yield event

    def _round_options(self) -> TurnOptions:
        """What is left of the turn's limits; and where it must answer, nothing but an answer."""
        options = with_tools(self._options, self._kit, self._loaded)
        used = [each.usage for each in self._done]
        thought = sum(each.thinking_tokens for each in used)
        said = sum(each.answer_tokens for each in used)
        budget, seconds = options.limits.budget_tokens, options.limits.seconds
        if budget != NO_LIMIT:
            budget = max(0, budget - thought)
        if seconds is not None:
            seconds = max(0.0, seconds - self._thinking_seconds)
        options = replace(
            options,
            thinking=options.thinking and (not used or (budget != 0 and seconds != 0)),
            limits=replace(options.limits, budget_tokens=budget, seconds=seconds),
            seed=self._done[0].seed if used else options.seed,
            begin="" if used else options.begin,
        )
        if options.max_tokens is not None:
            options = replace(options, max_tokens=max(1, options.max_tokens - thought - said))
        if self._must_answer:
            options = replace(options, may_call=False, grammar=options.grammar or prose_grammar())
        return options

    def _end_calls(self, reason: str) -> CallNotice:
        self._must_answer = True
        return CallNotice(reason)

    def _run(self, calls: Sequence[ToolCall | BadToolCall]) -> Iterator[Event]:
        """Run the calls of one round side by side."""
        started: dict[int, tuple[ToolCall, Tool]] = {}
        running = RunningCalls()
        for at, call in enumerate(calls):
            number = next(self._kit.numbers)
            if at >= _MOST_AT_ONCE:
                yield _ended(number, call, "", f"only {_MOST_AT_ONCE} calls are made at once")
                continue
            if isinstance(call, BadToolCall):
                yield _ended(number, call, "", f"the call cannot be read: {call.reason}")
                continue
            yield from self._begin(number, call, running, started)
        for number, news in running.news(self._control):
            call, tool = started[number]
            match news:
                case Progress(done, total, message):
                    yield CallProgress(number, done, total, message)
                case Asked(form, answer):
                    answer.put(self._kit.asker.fill(form))
                case Finished():
                    yield self._finished(
                        number, call, tool, news, self._budget_tokens(len(started))
                    )

    def _begin(
        self,
        number: int,
        call: ToolCall,
        running: RunningCalls,
        started: dict[int, tuple[ToolCall, Tool]],
    ) -> Iterator[Event]:
        """Start one call, or say why not."""
        tool = self._kit.tool(call.name)
        if tool is None:
            yield _ended(number, call, "", self._kit.unknown(call.name))
            return
        definition = tool.definition
        key = json.dumps([call.name, call.arguments], sort_keys=True)
        self._made[key] += 1
        if self._made[key] > _MOST_OF_ONE_CALL:
            told = "this call was made twice before; answer with what it returned"
            yield _ended(number, call, definition.server, told, CallOutcome.REPEATED)
            if not self._must_answer:
                times = f"{self._made[key]} times with the same arguments"
                yield self._end_calls(f"{call.name} was called {times}: the model must answer now")
            return
        if fault := argument_fault(definition.parameters, call.arguments):
            yield _ended(number, call, definition.server, fault)
            return
        permission = self._kit.permission(definition, call.arguments)
        if isinstance(permission, Denied):
            yield _ended(number, call, definition.server, permission.reason, CallOutcome.DENIED)
            return
        started[number] = call, tool
        running.start(number, tool, call.arguments)
        yield CallStarted(number, call, definition.server, permission)

    def _finished(
        self, number: int, call: ToolCall, tool: Tool, news: Finished, budget_tokens: int
    ) -> CallDone:
        text, files = self._kit.keep(number, news.result, budget_tokens, self._count)
        self._kit.asker.came_from(tool.definition)
        outcome = CallOutcome.FAILED if news.result.failed else CallOutcome.DONE
        return CallDone(number, call, tool.definition.server, outcome, text, news.seconds, files)

    def _budget_tokens(self, calls: int) -> int:
        cache = self._loaded.cache
        room = (cache.limit_tokens - cache.used_tokens) // _SHARE_OF_ROOM
        return max(
            _LEAST_RESULT_TOKENS, min(cache.limit_tokens // _SHARE_OF_CONTEXT, room) // calls
        )

    def _count(self, text: str) -> int:
        return len(self._loaded.model.vocabulary.tokenize(text, control_tokens=False))

    def _printed(self, events: Sequence[Event]) -> Iterator[Event]:
        """Calls that stand in a code block of the answer are not run, and that is said."""
        answer = "".join(each.text for each in events if isinstance(each, AnswerDelta))
        for block in fenced_blocks(answer):
            call = read_call(block.text.replace("<tool_call>", "").replace("</tool_call>", ""))
            if isinstance(call, ToolCall) and self._kit.tool(call.name):
                yield CallNotice(
                    f"a call of {call.name} stands in the answer as code and was not run"
                )


def _ended(
    number: int,
    call: ToolCall | BadToolCall,
    server: str,
    reason: str,
    outcome: CallOutcome = CallOutcome.FAILED,
) -> CallDone:
    """A call that did not run."""
    said = "denied" if outcome is CallOutcome.DENIED else "error"
    return CallDone(number, call, server, outcome, f"{said}: {reason}", 0.0)
