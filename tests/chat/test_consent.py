"""When a call asks again, though its tool was allowed for good. The keyboard is a list of keys here; the real one is asked
in `test_tools.py`."""

from prompt_toolkit.key_binding import KeyPress

from qwen3cli.base.environment import Environment
from qwen3cli.chat.consent import ChatAsker
from qwen3cli.dialogue.events import Permission
from qwen3cli.tools.built_in.calc import CALC
from qwen3cli.tools.built_in.roots import Roots
from qwen3cli.tools.consent import Consents, Verdict
from qwen3cli.tools.permission import Denied
from qwen3cli.tools.tool import ToolDefinition

FETCH = ToolDefinition("fetch", "", {"type": "object"}, "web", read_only=True)
SEND = ToolDefinition("send", "", {"type": "object"}, "mail", read_only=True)


class Keys:
    """Keys that are pressed one after the other, the first of them before the question."""

    def __init__(self, *keys: str) -> None:
        self._keys = list(keys)

    def take_ahead(self) -> list[KeyPress]:
        taken, self._keys = self._keys[:1], self._keys[1:]
        return [KeyPress(each) for each in taken]

    def put_back(self, keys: list[KeyPress]) -> None:
        self.back = [each.key for each in keys]


def asker(home, tmp_path, *keys: str) -> ChatAsker:
    consents = Consents({"HOME": str(home)})
    consents.remember(SEND, Verdict.ALWAYS)
    return ChatAsker(Environment.current(), Keys(*keys), consents, Roots((tmp_path,)))  # type: ignore[arg-type]


def test_after_a_result_of_another_server_a_tool_asks_again_whatever_it_claims(home, tmp_path):
    asked = asker(home, tmp_path, "y", "n")
    assert asked.permission(SEND, {}) is Permission.ALWAYS
    asked.came_from(CALC.definition)
    asked.came_from(SEND)
    assert asked.permission(SEND, {}) is Permission.ALWAYS
    asked.came_from(FETCH)
    assert isinstance(asked.permission(SEND, {}), Denied)


def test_a_key_that_was_pressed_before_the_question_is_no_answer(home, tmp_path):
    asked = asker(home, tmp_path, "y", "n")
    assert isinstance(asked.permission(FETCH, {}), Denied)
