"""One turn in a chat: asked, drawn as it comes, and the keyboard looked after meanwhile."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial

from prompt_toolkit.keys import Keys

from qwen3cli.base.errors import PromptTooLong, UsageProblem
from qwen3cli.base.units import count_text
from qwen3cli.chat.consent import ChatAsker
from qwen3cli.chat.slash.thinking import slide, thinking_budget, thinking_state
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.events import CallProgress, Event, PrefillProgress
from qwen3cli.dialogue.messages import Message
from qwen3cli.dialogue.prompt import ThinkingSwitch
from qwen3cli.render.calls import progress_text
from qwen3cli.render.live import LiveRenderer
from qwen3cli.render.plain import PlainRenderer
from qwen3cli.render.renderer import Renderer, Thoughts
from qwen3cli.render.status import READING, PrefillText, StatusLine
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.thinking import NO_LIMIT
from qwen3cli.turn.tool_loop import turn_with_tools
from qwen3cli.turn.turn import TurnOptions

_SKIP = "any key: answer now"
_SLIDES = {(Keys.Escape, Keys.Up): 1, (Keys.Escape, Keys.Down): -1}


def shown_turn(chat: Chat, messages: Sequence[Message], interrupts: Interrupts) -> list[Event]:
    """Have the last message answered, on the screen. Returns all events.

    Raises:
        QwenError: it cannot be answered.
    """
    try:
        return _shown(chat, messages, interrupts)
    except PromptTooLong as problem:
        raise chat.too_long(problem, messages) from None


def _shown(chat: Chat, messages: Sequence[Message], interrupts: Interrupts) -> list[Event]:
    options, current = _options(chat, messages), chat.current
    turn = _turn(chat, messages, options, interrupts)
    chat.record.begin(messages, chat.once or chat.settings, options, current.choice, current.loaded)
    status = StatusLine(chat.environment)
    renderer = view(chat)
    _let_ask(chat, renderer, status, interrupts)
    recorded = chat.record.before(renderer)
    events, reading = [], PrefillText()
    status.show(READING)
    wishes: Mapping[tuple[Keys, ...], Callable[[], None]] = {
        keys: partial(_slide, chat, interrupts, step) for keys, step in _SLIDES.items()
    }
    before = thinking_state(chat)
    with (
        closing(turn),
        closing(renderer),
        status,
        chat.keyboard.drawing(),
        chat.keyboard.hearing(wishes),
    ):
        for event in turn:
            events.append(event)
            interrupts.follow(event)
            _look_at_keys(chat, interrupts)
            if isinstance(event, PrefillProgress):
                status.show(reading(event))
            elif isinstance(event, CallProgress):
                status.show(progress_text(event))
            else:
                status.clear()
            recorded.handle(event)
            if chat.keyboard.suspend_asked:
                _pause(renderer, status)
                chat.keyboard.suspend()
    if thinking_state(chat) != before:
        chat.say(f"thinking is {thinking_state(chat)}")
    return events


def _options(chat: Chat, messages: Sequence[Message]) -> TurnOptions:
    """As the chat's settings have it; an answer that is gone on with begins as it is, without thoughts before it."""
    options = chat.options(messages, chat.once)
    if chat.begun is None:
        return options
    switch = chat.current.loaded.template.switch
    thinking = options.thinking and switch is not ThinkingSwitch.HYBRID
    return replace(options, thinking=thinking, begin=chat.begun.content)


def _turn(
    chat: Chat, messages: Sequence[Message], options: TurnOptions, interrupts: Interrupts
) -> Generator[Event]:
    loaded = chat.current.loaded
    if chat.kit is None:
        return loaded.turn(messages, options, interrupts)
    return turn_with_tools(loaded, messages, options, interrupts, chat.kit, chat.max_rounds)


def _let_ask(chat: Chat, renderer: Renderer, status: StatusLine, interrupts: Interrupts) -> None:
    """Whoever asks in the midst of the turn finds the screen free, and hears of a wish to stop."""
    asker = chat.kit.asker if chat.kit is not None else None
    if isinstance(asker, ChatAsker):
        asker.pause = lambda: _pause(renderer, status)
        asker.control = interrupts
        if not chat.conversation.messages:
            asker.forget()


def _pause(renderer: Renderer, status: StatusLine) -> None:
    status.clear()
    if isinstance(renderer, LiveRenderer):
        renderer.pause()


def view(chat: Chat) -> Renderer:
    """What draws an answer on this terminal."""
    environment = chat.environment
    if environment.terminal_draws:
        return LiveRenderer(environment, chat.thoughts, lambda: _hint(chat))
    show_thoughts = chat.thoughts is Thoughts.SHOW
    return PlainRenderer(environment, environment.stdout, show_thoughts=show_thoughts)


def _hint(chat: Chat) -> str:
    """What bounds the thoughts now, and how to end them."""
    budget = chat.settings.limits.budget_tokens
    bound = "" if budget == NO_LIMIT else f"at most {count_text(budget)} tokens; "
    return f" ({bound}{_SKIP})"


def _slide(chat: Chat, interrupts: Interrupts, step: int) -> None:
    """The budget of this turn's thoughts, if there still are some, and of those to come."""
    with suppress(UsageProblem):  # it has no switch
        slide(chat, step)
        interrupts.set_thinking_budget(thinking_budget(chat))


def _look_at_keys(chat: Chat, interrupts: Interrupts) -> None:
    """Any key while the model thinks asks for the answer; all others are for the next line."""
    keys = chat.keyboard.poll()
    if keys and interrupts.thinking and not interrupts.should_skip_thinking():
        interrupts.skip()
        if len(keys) == 1:
            chat.keyboard.forget_key()
