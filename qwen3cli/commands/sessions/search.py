"""`sessions search`: where something was said."""

from collections.abc import Sequence

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.plaintext import visible
from qwen3cli.base.units import time_text
from qwen3cli.commands.sessions import opened_store
from qwen3cli.dialogue.messages import Role
from qwen3cli.render.json_output import as_json
from qwen3cli.sessions.search import Hit, search

_WHO = {Role.USER: "you", Role.ASSISTANT: "model", Role.TOOL: "tool", Role.SYSTEM: "system"}
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def run_search(words: Sequence[str], environment: Environment, *, limit: int, json: bool) -> None:
    """Print the hits, the best first, each with what stands around it.

    Raises:
        UsageProblem: nothing is looked for.
    """
    if not any(map(str.strip, words)):
        raise UsageProblem("there is nothing to look for", "qwen3 sessions search contract")
    with opened_store(environment) as store:
        hits = search(store, words, limit)
    if json:
        environment.stdout.put(as_json([_as_item(each) for each in hits]))
        return
    for hit in hits:
        _put(environment, hit)
    if not hits:
        environment.stderr.put("Nothing was found.\n")


def _put(environment: Environment, hit: Hit) -> None:
    bold, plain = (_BOLD, _PLAIN) if environment.stdout_has_color() else ("", "")
    where = hit.part if hit.role is None or hit.part else _WHO[hit.role]
    head = f"{hit.head.key}  {time_text(hit.time)}  {where}:"
    before, found, after = (visible(each) for each in (hit.before, hit.hit, hit.after))
    environment.stdout.draw(f"{visible(head)} {before}{bold}{found}{plain}{after}\n")


def _as_item(hit: Hit) -> dict[str, object]:
    return {
        "id": hit.head.key,
        "title": hit.head.title,
        "turn": hit.number + 1,
        "role": hit.role.value if hit.role is not None else None,
        "part": hit.part,
        "time": hit.time,
        "before": hit.before,
        "hit": hit.hit,
        "after": hit.after,
    }
