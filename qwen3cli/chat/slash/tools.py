"""`/tools` and `/tool`: what the model may call, and what came of its calls."""

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.base.units import count_text
from qwen3cli.chat.state import Chat
from qwen3cli.render.calls import GUTTER, one_line
from qwen3cli.tools.toolkit import Toolkit


def tools(chat: Chat, argument: str) -> None:
    """List the tools, or switch those of a server."""
    kit = _kit(chat)
    word, _, server = argument.partition(" ")
    if word in ("on", "off"):
        _switch(kit, server.strip(), on=word == "on")
    elif argument:
        raise UsageProblem(
            f"/tools takes on or off and a server, not {argument}", "/tools off SERVER"
        )
    for definition in sorted((each.definition for each in kit.tools), key=lambda each: each.server):
        off = " (off)" if definition.server in kit.off else ""
        about = definition.description.strip().split("\n")[0]
        chat.say(one_line(f"{definition.server}: {definition.name}{off}  {about}"), indent=4)
    chat.say(f"they take {count_text(chat.context_use().tools)} tokens of the context")


def tool(chat: Chat, argument: str) -> None:
    """All of a call's result."""
    kit = _kit(chat)
    number = int(argument) if argument.isdecimal() else 0
    if number not in kit.kept:
        known = ", ".join(map(str, kit.kept)) or "none yet"
        raise UsageProblem(f"no call has the number {argument or '?'}", f"there are: {known}")
    kept = kit.kept[number]
    for line in kept.text.split("\n"):
        chat.environment.stderr.put(f"{GUTTER}{line}\n")
    for path in kept.pictures:
        chat.say(str(path))


def _switch(kit: Toolkit, server: str, *, on: bool) -> None:
    known = {each.definition.server for each in kit.tools}
    if server not in known:
        raise UsageProblem(
            f"there is no server {server or '?'}{did_you_mean(server, known)}",
            f"there are: {', '.join(sorted(known))}",
        )
    (kit.off.discard if on else kit.off.add)(server)


def _kit(chat: Chat) -> Toolkit:
    if chat.kit is None:
        raise UsageProblem(
            "this chat has no tools",
            "start it with some: qwen3 chat --tools calc,now or --mcp FILE",
        )
    return chat.kit
