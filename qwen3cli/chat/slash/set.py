"""`/set`: the sampling settings, shown and changed."""

from collections.abc import Mapping
from dataclasses import replace
from math import nan

from qwen3cli.base.errors import UsageProblem
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.sampling import ALL_SETTINGS, Setting

SETTINGS = tuple(each.name for each in ALL_SETTINGS)
_NAME_COLUMNS = max(map(len, SETTINGS)) + 1


def set_value(chat: Chat, argument: str) -> None:
    """Change one setting; alone: list them."""
    name, _, text = argument.partition(" ")
    if not name:
        _list(chat)
        return
    setting = _called(name)
    values = {key: old for key, old in chat.settings.values.items() if key != setting.name}
    text = text.strip()
    if text not in ("", "default"):
        values[setting.name] = _number(setting, text)
    chat.change_settings(replace(chat.settings, values=values))
    chat.say(f"{setting.name}: {text or 'default'}")


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
    raise UsageProblem(f"there is no setting {name}", "/set lists them")


def _number(setting: Setting, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = nan
    if value != value:
        raise UsageProblem(f"{setting.name} takes {setting.range}, not {text}")
    return setting.checked(value)
