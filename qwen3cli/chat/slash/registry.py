"""The slash commands, as records in one registry: dispatch, `/help` and completion are all read from it.

A command is a function of the chat and what stands behind its name. What it returns, if anything, is sent next. Its errors are ordinary ones and end nothing.
"""

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from math import inf, isfinite, nan
from pathlib import Path

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.units import count_text, rate_text, seconds_text
from qwen3cli.chat.state import Chat, Outgoing
from qwen3cli.dialogue.sampling import MOST_SEED, SamplingOverrides
from qwen3cli.render.renderer import Thoughts
from qwen3cli.turn.settings import TurnSettings, thinking_settings
from qwen3cli.turn.thinking import EFFORT_TOKENS, NO_LIMIT, ThinkingLimits

_GLOB_MOST_FILES = 100
_WHOLE_NUMBER = re.compile(r"-?[0-9]+")


@dataclass(frozen=True, slots=True)
class Command:
    """One slash command. `argument` is how its argument is shown in help; `values` are words that may stand there."""

    name: str
    aliases: tuple[str, ...]
    argument: str
    help: str
    run: Callable[[Chat, str], Outgoing | None]
    values: tuple[str, ...] = ()


def dispatch(chat: Chat, line: str) -> Outgoing | None:
    """Run the command on this line. Returns a message to send, if it made one.

    Raises:
        UsageProblem: there is no such command, or its argument makes no sense.
    """
    name, _, argument = line.strip().partition(" ")
    for command in COMMANDS:
        if name == command.name or name in command.aliases:
            return command.run(chat, argument.strip())
    raise UsageProblem(
        f"{name} is no command, and was not sent",
        "/help lists them; begin with a space to send it as text",
    )


def is_command(line: str) -> bool:
    """Whether a line is for us and not for the model."""
    return line.startswith("/") or line.strip() in _BARE_LEAVES


_BARE_LEAVES = ("exit", "quit")

# ---- help, leaving, looking ------------------------------------------------------------------------------------------


def _help(chat: Chat, _argument: str) -> None:
    width = max(len(f"{each.name} {each.argument}") for each in COMMANDS)
    for each in COMMANDS:
        also = f" (also {', '.join(each.aliases)})" if each.aliases else ""
        chat.say(f"{f'{each.name} {each.argument}':{width}}  {each.help}{also}", indent=width + 2)
    chat.say(
        "@path in a message attaches that file. Alt-Enter or Ctrl-J begins a new line, Ctrl-G opens your editor."
    )
    chat.say(
        "While the model thinks, any key (or Ctrl-C) asks for the answer; during the answer Ctrl-C stops it. On an empty"
        " line Ctrl-C twice within a second leaves; on any other it clears the line."
    )


def _exit(chat: Chat, _argument: str) -> None:
    chat.leaving = True


def _stats(chat: Chat, _argument: str) -> None:
    facts = chat.loaded.dialogue.model.facts
    cache = chat.loaded.dialogue.cache
    chat.say(f"model     {chat.loaded.choice.title} ({facts.description})")
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


# ---- thinking --------------------------------------------------------------------------------------------------------


def _think(chat: Chat, argument: str) -> None:
    if not argument:
        chat.say(_thinking_state(chat))
        return
    if argument in EFFORT_TOKENS:
        budget: int | None = EFFORT_TOKENS[argument]
        think: bool | None = None
    elif _WHOLE_NUMBER.fullmatch(argument):
        budget, think = int(argument), None
        if budget < NO_LIMIT:
            raise UsageProblem(
                f"/think {argument}: a budget is a number of tokens, 0 for none, -1 for no limit"
            )
    elif argument in ("on", "off"):
        budget, think = None, argument == "on"
    else:
        raise UsageProblem(
            "/think takes on, off, low, medium, high or a number of tokens",
            "as Qwen3's own switch, /think may stand anywhere in a message but at its start",
        )
    wanted, limits = thinking_settings(think, budget, None)
    chat.change_settings(replace(chat.settings, think=wanted, limits=limits))
    chat.say(_thinking_state(chat))


def _no_think(chat: Chat, argument: str) -> None:
    if argument:
        raise UsageProblem(
            "/no_think at the start of a line is a command of its own",
            "put it behind your question",
        )
    _think(chat, "off")


def _thinking_state(chat: Chat) -> str:
    if not chat.options([]).thinking:
        return "thinking is off"
    limits: ThinkingLimits = chat.settings.limits
    bounds = (
        []
        if limits.budget_tokens == NO_LIMIT
        else [f"at most {count_text(limits.budget_tokens)} tokens"]
    )
    bounds += [] if limits.seconds is None else [f"at most {limits.seconds:g} s"]
    return "thinking is on" + (": " + ", ".join(bounds) if bounds else ", without a limit")


def _thoughts(chat: Chat, argument: str) -> None:
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


# ---- what is sent ----------------------------------------------------------------------------------------------------


def _system(chat: Chat, argument: str) -> None:
    if argument:
        chat.conversation.system = "" if argument == "-" else argument
    chat.say(f"system: {chat.conversation.system or '(none)'}")


def _read(chat: Chat, argument: str) -> None:
    if not argument:
        raise UsageProblem("/read needs a file", "/read notes.md")
    chat.attach(Path(argument).expanduser())


def _glob(chat: Chat, argument: str) -> None:
    if not argument:
        raise UsageProblem("/glob needs a pattern", "/glob src/**/*.py")
    pattern = Path(argument).expanduser()
    root = Path(pattern.anchor)
    files = sorted(path for path in root.glob(str(pattern.relative_to(root))) if path.is_file())
    if not files:
        raise UsageProblem(f"no file matches {argument}")
    if len(files) > _GLOB_MOST_FILES:
        raise UsageProblem(
            f"{argument} matches {len(files):,} files, which is more than {_GLOB_MOST_FILES}"
        )
    chat.attach(*files)


def _edit(chat: Chat, argument: str) -> Outgoing | None:
    variables = chat.environment.variables
    editor = (
        variables.get("VISUAL")
        or variables.get("EDITOR")
        or ("notepad" if os.name == "nt" else "vi")
    )
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "message.md"
        draft.write_text(argument, encoding="utf-8")
        try:
            status = subprocess.run([*shlex.split(editor), str(draft)], check=False).returncode
        except OSError as problem:
            raise UsageProblem(
                f"cannot start {editor}: {problem.strerror}", "set EDITOR to your editor"
            ) from problem
        text = draft.read_text(encoding="utf-8", errors="replace").strip()
    if status != 0 or not text:
        chat.say("nothing was sent")
        return None
    return Outgoing(text)


def _regen(chat: Chat, _argument: str) -> Outgoing:
    exchange = chat.conversation.undo()
    if exchange is None:
        raise UsageProblem("there is no answer yet to do again")
    question, typed = exchange
    return Outgoing(typed, question)


def _undo(chat: Chat, _argument: str) -> None:
    exchange = chat.conversation.undo()
    if exchange is None:
        raise UsageProblem("there is nothing to take back")
    _, typed = exchange
    chat.draft = typed if "\n" not in typed else ""
    kept = "; its question stands in the line, Ctrl-C clears it" if chat.draft else ""
    chat.say(f"the last exchange is forgotten{kept}")


def _clear(chat: Chat, _argument: str) -> None:
    chat.conversation.clear()
    chat.attachments.clear()
    chat.say("the conversation is forgotten; the system message stays")


# ---- keeping and changing --------------------------------------------------------------------------------------------


def _save(chat: Chat, argument: str) -> None:
    if not argument:
        raise UsageProblem(
            "/save needs a file", "/save talk.md, or /save talk.json with the thoughts"
        )
    path = Path(argument).expanduser()
    if path.exists():
        raise UsageProblem(f"{path} exists already and is not touched", "choose another name")
    text = (
        chat.conversation.as_json() if path.suffix == ".json" else chat.conversation.as_markdown()
    )
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UsageProblem(f"cannot write {path}: {problem.strerror}") from problem
    chat.say(f"saved {path}")


def _model(chat: Chat, argument: str) -> None:
    if argument:
        chat.switch_model(argument)
    chat.say(f"model: {chat.loaded.choice.title} ({chat.loaded.dialogue.model.facts.description})")


def _set(chat: Chat, argument: str) -> None:
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


# ---- the registry ----------------------------------------------------------------------------------------------------

_SETTINGS = (*(field.name for field in fields(SamplingOverrides)), "max_tokens", "seed")

COMMANDS = (
    Command("/help", ("/?", "/h"), "", "list the commands", _help),
    Command(
        "/think",
        (),
        "[on|off|low|medium|high|N]",
        "think first, or not, or at most N tokens",
        _think,
        ("on", "off", *EFFORT_TOKENS),
    ),
    Command("/no_think", ("/nothink",), "", "the same as /think off", _no_think),
    Command(
        "/thoughts",
        (),
        "[show|fold|hide]",
        "how thoughts are shown; alone: the last ones",
        _thoughts,
        tuple(Thoughts),
    ),
    Command("/system", (), "[TEXT]", "set the system message, - for none; alone: show it", _system),
    Command("/read", (), "FILE", "attach a text file to the next message", _read),
    Command("/glob", (), "PATTERN", "attach every text file that matches", _glob),
    Command("/regen", ("/retry",), "", "answer the last question again", _regen),
    Command("/undo", (), "", "forget the last exchange, and edit its question", _undo),
    Command("/edit", (), "[TEXT]", "write a message in your editor", _edit),
    Command("/clear", ("/new",), "", "forget the conversation", _clear),
    Command("/save", (), "FILE", "save the conversation as .md or .json", _save),
    Command("/model", (), "[NAME]", "change the model; alone: show it", _model),
    Command(
        "/set", (), "[NAME VALUE]", "change a sampling setting; alone: list them", _set, _SETTINGS
    ),
    Command("/stats", (), "", "context, tokens and speed so far", _stats),
    Command("/exit", ("/quit", "/bye", *_BARE_LEAVES), "", "leave (also Ctrl-D)", _exit),
)
