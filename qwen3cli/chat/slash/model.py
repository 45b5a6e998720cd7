"""`/model` and `/stats`: what answers, and how fast."""

from qwen3cli.base.units import count_text, rate_text, seconds_text
from qwen3cli.chat.state import Chat


def model(chat: Chat, argument: str) -> None:
    """Change the model; alone: show it."""
    if argument:
        chat.switch_model(argument)
    chat.say(f"model: {chat.current.choice.title} ({chat.current.loaded.model.facts.description})")


def stats(chat: Chat, _argument: str) -> None:
    """Say how full the context is, what was written and how fast."""
    facts = chat.current.loaded.model.facts
    cache = chat.current.loaded.cache
    chat.say(f"model     {chat.current.choice.title} ({facts.description})")
    chat.say(
        f"context   {count_text(cache.used_tokens)} of {count_text(cache.limit_tokens)} tokens"
    )
    chat.say(f"turns     {chat.turns}")
    chat.say(
        f"written   {count_text(chat.answer_tokens)} tokens of answers, {count_text(chat.thinking_tokens)} of thoughts"
    )
    if chat.last is not None:
        timings = chat.last.timings
        chat.say(
            f"speed     {rate_text(timings.decode_tokens_per_second)},"
            f" first token after {seconds_text(timings.first_token_seconds)}"
        )
        chat.say(f"seed      {chat.last.seed}")
