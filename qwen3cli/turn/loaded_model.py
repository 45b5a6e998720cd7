"""A loaded model with its template and its KV cache: what turns are made of.

Reads a conversation into tokens, and has a turn answer it. Knows no terminal and stores nothing.
"""

import secrets
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from qwen3cli.base.errors import DoesNotFit, Interrupted, UsageProblem
from qwen3cli.dialogue.control import Control, NoControl
from qwen3cli.dialogue.events import ContextUse, Event, RanOut, TurnDone, Usage
from qwen3cli.dialogue.markers import CALL_OPEN
from qwen3cli.dialogue.messages import Message
from qwen3cli.dialogue.parser import Parser
from qwen3cli.dialogue.prompt import ChatTemplate, Prompt, ThinkingSwitch
from qwen3cli.documents.excerpts import excerpted
from qwen3cli.engine.batch import Batch
from qwen3cli.engine.grammar import Grammar, GrammarVocabulary, Matcher
from qwen3cli.engine.kv_cache import KvCache, padded
from qwen3cli.engine.llama import Model
from qwen3cli.engine.loop import Generation, TokenSequence
from qwen3cli.engine.prompt_tokens import prompt_tokens
from qwen3cli.engine.sampler import Sampler
from qwen3cli.engine.types import TokenId
from qwen3cli.machine.hardware import memory
from qwen3cli.machine.plan import Plan
from qwen3cli.turn.context_use import context_use
from qwen3cli.turn.turn import Holds, Turn, TurnOptions

_SEED_BITS = 31  # fits every signed integer it may be written to


@dataclass(frozen=True, slots=True)
class Request:
    """A conversation that was read, to be answered."""

    messages: Sequence[Message]
    options: TurnOptions
    control: Control
    prompt: Prompt
    tokens: Sequence[TokenId]
    started: float


class LoadedModel:
    """A loaded model with its template and its KV cache: what turns are made of."""

    def __init__(
        self,
        model: Model,
        cache: KvCache,
        template: ChatTemplate,
        plan: Plan,
        load_seconds: float,
        close: Callable[[], None],
    ) -> None:
        """`plan` is what it was loaded by; `close` gives back everything it is made of."""
        self.model = model
        self.cache = cache
        self.template = template
        self.plan = plan
        self._close = close
        self._grammar_vocabulary: GrammarVocabulary | None = None
        self._load_seconds = load_seconds

    def close(self) -> None:
        """Give back everything it is made of."""
        if self._grammar_vocabulary is not None:
            self._grammar_vocabulary.close()
        self._close()

    def prompt(
        self,
        messages: Sequence[Message],
        options: TurnOptions,
        control: Control,
        *,
        any_length: bool = False,
    ) -> tuple[Prompt, list[TokenId]]:
        """The prompt's exact text and its tokens; of `any_length`, where it is only to be looked at.

        Raises:
            PromptTooLong: it has more than can be held; found as early as that is certain.
            Interrupted: `control` said so.
        """
        vocabulary = self.model.vocabulary
        messages = excerpted(messages, self.count)
        letters = sum(len(each.text) + len(each.thinking) for each in messages)
        if not any_length:
            self.cache.check_length(letters // vocabulary.longest_piece_bytes, exact=False)
        prompt = self.template.prompt(
            messages,
            thinking=options.thinking,
            tools=options.tools,
            control_texts=self._control_texts,
        )

        def look(least_tokens: int) -> None:
            if not any_length:
                self.cache.check_length(least_tokens, exact=False)
            if control.should_stop():
                raise Interrupted("interrupted while the prompt was read")

        return prompt, prompt_tokens(vocabulary, prompt.segments, look)

    def turn(
        self, messages: Sequence[Message], options: TurnOptions, control: Control
    ) -> Generator[Event]:
        """Answer the conversation. Ends in exactly one `TurnDone`, unless it raises.

        Raises:
            PromptTooLong, DoesNotFit: before anything was computed.
            BadModelFile, EngineFailed: the template or llama.cpp failed.
        """
        request = self.request(messages, options, control)
        with closing(self.answer(request, self.cache)) as events:
            for event in events:
                if event is not None:
                    yield event

    def request(
        self, messages: Sequence[Message], options: TurnOptions, control: Control
    ) -> Request:
        """Read the conversation, to have it answered. Raises what `prompt` does."""
        started = time.perf_counter()
        prompt, tokens = self.prompt(messages, options, control)
        return Request(messages, options, control, prompt, tokens, started)

    def answer(self, request: Request, sequence: TokenSequence) -> Generator[Event | None]:
        """Answer in a sequence. Yields None where that has first to be computed; else as `turn` does."""
        options, tokens = request.options, request.tokens
        seed = secrets.randbits(_SEED_BITS) if options.seed is None else options.seed
        sampler = Sampler(options.sampling, seed, self.model.vocabulary.size)
        with closing(sampler):
            generation = Generation(
                self.model.vocabulary, sequence, sampler, options.max_tokens, options.logprobs
            )
            turn = Turn(
                generation,
                options,
                request.control,
                Parser(opened=request.prompt.opened_thinking, tools=_names(options)),
                holds=self._holds(options),
                may_think=self._may_think(options),
            )
            yield from turn.events(tokens, request.started)
        usage = Usage(
            len(tokens),
            turn.cached_tokens,
            sequence.saved_tokens,
            turn.thinking_tokens,
            turn.answer_tokens,
        )
        use = self._use_after(request, usage, sequence) if options.tells_context else None
        yield TurnDone(
            turn.finish,
            usage,
            turn.timings(self._load_seconds),
            seed,
            sequence.used_tokens,
            sequence.limit_tokens,
            tuple(turn.logprobs),
            _ran_out(turn, sequence),
            use,
        )
        self._load_seconds = 0.0

    def batch(self, slots: int) -> Batch:
        """Slots for so many sequences at a time, beside the cache. Close it before this.

        Raises:
            DoesNotFit: there is no memory for so many, however short.
        """

        def may_grow_to(tokens: int) -> bool:
            return has_room(self.plan, self.model, tokens, slots)

        if not may_grow_to(padded(1)):
            raise DoesNotFit(
                f"no memory for {slots} sequences at a time",
                f"--parallel {self.plan.sequences_that_fit(slots)}",
            )
        return Batch(self.model, self.plan, slots, may_grow_to)

    def save_prompt(self, *, wait: bool) -> list[str]:
        """Have the last prompt kept on the disk, as it was computed, if that pays: now, or while the user reads. Returns
        what went wrong."""
        return self.cache.save(wait=wait)

    def count(self, text: str) -> int:
        """How many tokens a text has for this model."""
        return len(self.model.vocabulary.tokenize(text, control_tokens=False))

    def context_use(
        self, messages: Sequence[Message], options: TurnOptions, control: Control
    ) -> ContextUse:
        """What the context would hold for these messages, of whatever length they are.

        Raises:
            Interrupted: `control` said so.
        """
        return self._use_of(messages, options, self._length(messages, options, control))

    def _length(self, messages: Sequence[Message], options: TurnOptions, control: Control) -> int:
        return len(self.prompt(messages, options, control, any_length=True)[1])

    def _use_of(
        self, messages: Sequence[Message], options: TurnOptions, prompt_tokens: int
    ) -> ContextUse:
        tools = 0
        if options.tools:
            without = replace(options, tools=())
            tools = prompt_tokens - self._length(messages, without, NoControl())
        limit = self.cache.limit_tokens
        return context_use(messages, self.count, prompt_tokens, tools, limit)

    def _use_after(self, request: Request, usage: Usage, sequence: TokenSequence) -> ContextUse:
        """The marks around thoughts, and a sentence that ended them, are counted with the thoughts."""
        behind = sequence.used_tokens - usage.prompt_tokens - usage.answer_tokens
        thinking = max(usage.thinking_tokens, behind) if usage.thinking_tokens else 0
        use = self._use_of(request.messages, request.options, usage.prompt_tokens)
        return replace(use, thinking=thinking, answer=usage.answer_tokens)

    def _holds(self, options: TurnOptions) -> Holds:
        """What this turn's answer and calls are held by.

        Raises:
            UsageProblem: the answer is held, and this model has no token by which it could call a tool instead.
        """
        may_call = options.may_call and bool(options.tools)
        # A model that spells the marker in several tokens may glue the last one to what follows; its calls are checked.
        marker = self.model.vocabulary.marker(CALL_OPEN) if may_call else None
        if may_call and options.grammar is not None and marker is None:
            raise UsageProblem(
                "this model cannot choose between a call and a held answer",
                "drop --schema or --tools",
            )
        call_grammar = options.call_grammar if marker is not None else None
        return Holds(self._matcher_of(options.grammar), self._matcher_of(call_grammar), marker)

    def _matcher_of(self, grammar: Grammar | None) -> Callable[[], Matcher] | None:
        """How to get the matcher of a grammar. Its vocabulary is begun now and needed later."""
        if grammar is None:
            return None
        vocabulary = self._grammar_vocabulary = self._grammar_vocabulary or GrammarVocabulary(
            self.model.vocabulary
        )
        return lambda: vocabulary.matcher(grammar)

    def _may_think(self, options: TurnOptions) -> bool:
        return options.thinking and self.template.switch is not ThinkingSwitch.NEVER

    def _control_texts(self, text: str) -> list[str]:
        """The control tokens that `text` spells."""
        return [each for each in self.model.vocabulary.control_texts if each in text]


def _ran_out(turn: Turn, sequence: TokenSequence) -> RanOut | None:
    """A context that could not grow for want of memory is short of memory."""
    short = turn.ran_out is RanOut.CONTEXT and sequence.is_short_of_memory
    return RanOut.MEMORY if short else turn.ran_out


def has_room(plan: Plan, model: Model, tokens: int, sequences: int = 1) -> bool:
    """Whether a context of so many tokens for each sequence can be made. A mapped file counts as memory that can be had,
    but the model would be slow without it."""
    free = memory(kept_bytes=model.mapped_bytes).usable_bytes
    return plan.has_room_for(tokens, free, sequences)


def _names(options: TurnOptions) -> Collection[str]:
    """The tools that may be called."""
    if not options.may_call:
        return ()
    return [*(each["function"]["name"] for each in options.tools), *options.also_callable]
