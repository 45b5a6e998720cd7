"""`/think`, `/no_think` and `/thoughts`, and the keys Alt-Up and Alt-Down: whether and how long to think, and who sees it."""

import re
from dataclasses import replace

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.plaintext import visible, wrapped
from qwen3cli.base.units import count_text
from qwen3cli.chat.state import Chat
from qwen3cli.render.renderer import Thoughts
from qwen3cli.turn.settings import TurnSettings, thinking_settings
from qwen3cli.turn.thinking import (
    BUDGET_RANGE,
    EFFORT_TOKENS,
    NO_LIMIT,
    ThinkingLimits,
    next_budget,
)

_WHOLE_NUMBER = re.compile(r"-?[0-9]+")


def think(chat: Chat, argument: str) -> None:
    """Think first, or not, or within a budget; alone: say how it is."""
    if not argument:
        chat.say(f"thinking is {thinking_state(chat)}")
        return
    chat.change_settings(with_thinking(chat.settings, argument))
    chat.say(f"thinking is {thinking_state(chat)}")


def with_thinking(settings: TurnSettings, argument: str) -> TurnSettings:
    """The settings with thinking on or off, or within a budget.

    Raises:
        UsageProblem: the argument is none of these.
    """
    if argument in EFFORT_TOKENS:
        budget: int | None = EFFORT_TOKENS[argument]
        think: bool | None = None
    elif _WHOLE_NUMBER.fullmatch(argument):
        budget, think = int(argument), None
        if budget not in BUDGET_RANGE:
            raise UsageProblem(
                f"/think takes {BUDGET_RANGE} as a number of tokens, not {argument}",
                "0 is none, -1 no limit",
            )
    elif argument in ("on", "off"):
        budget, think = None, argument == "on"
    else:
        raise UsageProblem(
            "/think takes on, off, low, medium, high or a number of tokens",
            "as Qwen3's own switch, /think may stand anywhere in a message but at its start",
        )
    wanted, limits = thinking_settings(think, budget, None)
    return replace(settings, think=wanted, limits=limits)


def no_think(chat: Chat, _argument: str) -> None:
    """Do not think."""
    think(chat, "off")


def slide(chat: Chat, step: int) -> None:
    """Think one step longer, or one less long.

    Raises:
        UsageProblem: this model cannot.
    """
    budget = next_budget(thinking_budget(chat), step)
    seconds = chat.settings.limits.seconds if budget else None
    wanted, limits = thinking_settings(None, budget, seconds)
    chat.change_settings(replace(chat.settings, think=wanted, limits=limits))


def slid(chat: Chat, step: int) -> str:
    """Think one step longer or less long, if this model can. Returns how it is then, for the screen."""
    try:
        slide(chat, step)
        cache = chat.current.loaded.cache
        fill = f"{count_text(cache.used_tokens)} of {count_text(cache.limit_tokens)}"
        state = f"thinking is {thinking_state(chat)}; context {fill}"
    except UsageProblem as problem:
        state = problem.message
    return visible(wrapped(state, chat.environment.terminal_columns()))


def thinking_budget(chat: Chat) -> int:
    """How many tokens may be thought; 0 is none."""
    return chat.settings.limits.budget_tokens if chat.options([]).thinking else 0


def thinking_state(chat: Chat) -> str:
    """Whether and how long the model thinks, in words."""
    if not chat.options([]).thinking:
        return "off"
    limits: ThinkingLimits = chat.settings.limits
    bounds = (
        []
        if limits.budget_tokens == NO_LIMIT
        else [f"at most {count_text(limits.budget_tokens)} tokens"]
    )
    bounds += [] if limits.seconds is None else [f"at most {limits.seconds:g} s"]
    return "on" + (": " + ", ".join(bounds) if bounds else ", without a limit")


def thoughts(chat: Chat, argument: str) -> None:
    """Change how thoughts are shown; alone: show the last ones."""
    if argument:
        chat.thoughts = _one_of(Thoughts, argument, "/thoughts")
        chat.say(f"thoughts: {chat.thoughts}")
        return
    last = chat.conversation.last_answer()
    chat.say(
        last.thinking if last is not None and last.thinking else "there are no thoughts to show"
    )


def _one_of(kind: type[Thoughts], value: str, command: str) -> Thoughts:
    try:
        return kind(value)
    except ValueError:
        raise UsageProblem(f"{command} takes {', '.join(kind)}") from None
