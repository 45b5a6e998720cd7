"""The user is asked before a tool runs: what is called, with which arguments, of which server.

What the model and a server say stands behind a gutter, with control characters made visible, so that it cannot be taken
for a question of ours. Keys that were pressed before the question do not answer it.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from prompt_toolkit.keys import Keys

from qwen3cli.base.environment import Environment
from qwen3cli.base.plaintext import visible
from qwen3cli.chat.forms import filled
from qwen3cli.chat.keyboard import Keyboard
from qwen3cli.dialogue.control import Control, NoControl
from qwen3cli.dialogue.events import Permission
from qwen3cli.render.calls import GUTTER, one_line
from qwen3cli.tools.built_in.roots import Roots
from qwen3cli.tools.built_in.tool import CLOSED_WORLD, SERVER
from qwen3cli.tools.built_in.writing import change
from qwen3cli.tools.consent import Consents, Verdict
from qwen3cli.tools.permission import Denied
from qwen3cli.tools.tool import Decision, Form, FormAnswer, ToolDefinition

_LOOK_EVERY_SECONDS = 0.05
_KEYS = {"y": "yes", "n": "no", "a": "always for this tool", "v": "never"}
_DENIED = "the user said no to this call; do without it"


class ChatAsker:
    """Asks on the terminal. `pause` takes away what is being drawn, `control` tells whether the turn is to stop."""

    def __init__(
        self, environment: Environment, keyboard: Keyboard, consents: Consents, roots: Roots
    ) -> None:
        self._environment = environment
        self._keyboard = keyboard
        self._consents = consents
        self._roots = roots
        self._sources: set[str] = set()  # whose results are in the conversation
        self.pause: Callable[[], None] = lambda: None
        self.control: Control = NoControl()

    def permission(
        self, definition: ToolDefinition, arguments: Mapping[str, Any]
    ) -> Permission | Denied:
        """Whether this call may run: decided for good, or asked."""
        if definition.server == SERVER:
            if definition.read_only:
                return Permission.BUILT_IN
            self._show(definition, change(self._roots, arguments), "")
            return self._answered(definition, for_good=False)
        verdict = self._consents.of(definition)
        if verdict is Verdict.NEVER:
            return Denied("the user never allows this tool; do without it")
        others = sorted(self._sources - {definition.server})
        if verdict is Verdict.ALWAYS and not others:
            return Permission.ALWAYS
        why = f"A result of {', '.join(others)} came before this call." if others else ""
        told = json.dumps(dict(arguments), ensure_ascii=False, indent=2)
        self._show(definition, told, why)
        return self._answered(definition, for_good=True)

    def came_from(self, definition: ToolDefinition) -> None:
        """A result of this tool is in the conversation. What we computed ourselves asks for nothing."""
        if not (definition.server == SERVER and definition.hints == CLOSED_WORLD):
            self._sources.add(definition.server)

    def forget(self) -> None:
        """The conversation begins anew."""
        self._sources.clear()

    def fill(self, form: Form) -> FormAnswer:
        """Show what a server asks, and let the user fill it in, decline, or look away."""
        self.pause()
        self._say(f"The server {one_line(form.server)} asks:")
        self._say(_behind_gutter("\n".join(filter(None, [form.message, form.url]))))
        self._say("y go on, n decline, Escape neither?")
        key = self._key({"y": "", "n": ""}, escape="")
        if key != "y":
            return FormAnswer(Decision.DECLINE if key == "n" else Decision.CANCEL)
        with self._keyboard.lent():
            return filled(form, self._say, self._line)

    def _show(self, definition: ToolDefinition, told: str, why: str) -> None:
        self.pause()
        name, server = one_line(definition.own_name or definition.name), one_line(definition.server)
        self._say(f"The model wants to call {name} of {server}:")
        self._say(_behind_gutter(told))
        if definition.server != SERVER:
            claims = ", ".join(_claims(definition)) or "nothing"
            self._say(f"The server claims of it: {claims}.")
        if why:
            self._say(one_line(why))

    def _answered(self, definition: ToolDefinition, *, for_good: bool) -> Permission | Denied:
        keys = dict(_KEYS if for_good else list(_KEYS.items())[:2])
        self._say(", ".join(f"{key} {meaning}" for key, meaning in keys.items()) + "?")
        key = self._key(keys)
        self._say(f"  {keys[key]}")
        if key == "a":
            self._consents.remember(definition, Verdict.ALWAYS)
        elif key == "v":
            self._consents.remember(definition, Verdict.NEVER)
        return Permission.ASKED if key in ("y", "a") else Denied(_DENIED)

    def _line(self) -> str | None:
        """A typed line; None at the end of the terminal, or if the turn is to stop."""
        line = self._environment.stdin.readline()
        return None if not line or self.control.should_stop() else line.decode("utf-8", "replace")

    def _key(self, keys: Mapping[str, str], escape: str = "n") -> str:
        """The first key that means something; Escape, and the wish to stop, are a no."""
        before = self._keyboard.take_ahead()
        try:
            while not self.control.should_stop():
                for press in self._keyboard.take_ahead():
                    if press.key in keys:
                        return str(press.key)
                    if press.key in (Keys.Escape, Keys.ControlC, Keys.ControlD):
                        return escape
                time.sleep(_LOOK_EVERY_SECONDS)
            return escape
        finally:
            self._keyboard.put_back(before)

    def _say(self, text: str) -> None:
        self._environment.stderr.put(f"{text}\n")


def _behind_gutter(text: str) -> str:
    return "\n".join(GUTTER + line for line in visible(text).split("\n"))


def _claims(definition: ToolDefinition) -> list[str]:
    said = [one_line(definition.title)] if definition.title else []
    hints = [
        f"{one_line(str(name))}={one_line(str(value))}" for name, value in definition.hints.items()
    ]
    return [*said, *hints] or (["it only reads"] if definition.read_only else [])
