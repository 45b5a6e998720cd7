"""`/set`: the sampling settings, shown and changed; for one answer by `/regen`."""

from collections.abc import Mapping
from dataclasses import replace
from math import nan

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.sampling import ALL_SETTINGS, Setting
from qwen3cli.turn.settings import TurnSettings

SETTINGS = tuple(each.name for each in ALL_SETTINGS)
_DEFAULT = "default"
# What other tools have behind this word, and is had otherwise.
_ELSEWHERE = {
    "think": "/think on",
    "nothink": "/think off",
    "system": "/system TEXT",
    "parameter": "/set NAME VALUE",
    "num_predict": "/set max_tokens N",
    "num_ctx": "start with qwen3 chat --ctx N",
    "ctx": "start with qwen3 chat --ctx N",
}
_NAME_COLUMNS = max(map(len, SETTINGS)) + 1


def set_value(chat: Chat, argument: str) -> None:
    """Change one setting; alone: list them."""
    name, _, text = argument.replace("=", " ").partition(" ")
    if not name:
        _list(chat)
        return
    text = text.strip() or _DEFAULT
    chat.change_settings(with_value(chat.settings, name, text))
    chat.say(f"{_called(name).name}: {text}")


def with_value(settings: TurnSettings, name: str, text: str) -> TurnSettings:
    """The settings with another value, or with the model's own.

    Raises:
        UsageProblem: there is no such setting, or it takes no such value.
    """
    setting = _called(name)
    values = {key: old for key, old in settings.values.items() if key != setting.name}
    if text != _DEFAULT:
        values[setting.name] = _number(setting, text)
    return replace(settings, values=values)


def _list(chat: Chat) -> None:
    values: Mapping[str, float] = {**chat.settings.values, **chat.options([]).sampling}
    for name in SETTINGS:
        value = values.get(name)
        shown = "not set" if value is None else f"{value:.10g}"
        chat.say(f"{name:{_NAME_COLUMNS}}{shown}")


def _called(name: str) -> Setting:
    for each in ALL_SETTINGS:
        if name.replace("-", "_") == each.name or f"--{name}" in each.flags:
            return each
    raise UsageProblem(
        f"there is no setting {name}{did_you_mean(name, SETTINGS)}",
        _ELSEWHERE.get(name, "/set lists them"),
    )


def _number(setting: Setting, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = nan
    if value != value:
        raise UsageProblem(f"{setting.name} takes {setting.range}, not {text}")
    return setting.checked(value)
