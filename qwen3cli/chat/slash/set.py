"""`/set`: the sampling settings, shown and changed."""

from dataclasses import asdict, fields, replace
from math import inf, isfinite, nan

from qwen3cli.base.errors import UsageProblem
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.sampling import MOST_SEED, SamplingOverrides
from qwen3cli.turn.settings import TurnSettings

SETTINGS = (*(field.name for field in fields(SamplingOverrides)), "max_tokens", "seed")


def set_value(chat: Chat, argument: str) -> None:
    """Change one setting; alone: list them."""
    name, _, value = argument.partition(" ")
    if not name:
        options = chat.options([])
        for field in fields(options.sampling):
            chat.say(f"{field.name:17} {getattr(options.sampling, field.name):g}")
        chat.say(f"{'max_tokens':17} {options.max_tokens or 'to the end of the context'}")
        chat.say(f"{'seed':17} {'a new one each turn' if options.seed is None else options.seed}")
        return
    chat.change_settings(_with_setting(chat.settings, name.replace("-", "_"), value.strip()))
    chat.say(f"{name}: {value.strip() or 'default'}")


def _with_setting(settings: TurnSettings, name: str, value: str) -> TurnSettings:
    name = {"temp": "temperature"}.get(name, name)
    if name == "seed":
        return replace(settings, seed=_count(name, value, least=0, most=MOST_SEED))
    if name == "max_tokens":
        return replace(settings, max_tokens=_count(name, value, least=1))
    if name == "top_k":
        return replace(
            settings, sampling=replace(settings.sampling, top_k=_count(name, value, least=0))
        )
    if name not in ("temperature", "top_p", "min_p", "presence_penalty"):
        raise UsageProblem(f"there is no setting {name}", "/set lists them")
    sampling = asdict(settings.sampling) | {name: _number(name, value)}
    return replace(settings, sampling=SamplingOverrides(**sampling))


def _count(name: str, value: str, least: int, most: float = inf) -> int | None:
    number = _number(name, value)
    if number is not None and (not least <= number <= most or number != int(number)):
        upto = "on" if most == inf else f"to {most:.0f}"
        raise UsageProblem(f"{name} takes a whole number from {least} {upto}, not {value}")
    return None if number is None else int(number)


def _number(name: str, value: str) -> float | None:
    """The value; empty or `default` takes the setting back."""
    if value in ("", "default"):
        return None
    try:
        number = float(value)
    except ValueError:
        number = nan
    if not isfinite(number):
        raise UsageProblem(f"{name} takes a number, not {value}")
    return number
