"""`replay`: a turn run again from its receipt, and whether the answer is the same.

Same means every character of the thoughts and of the answer. What has changed since, the file, its template or the engine,
is told, since it may be why.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import AnswerStopped, ExitCode, UsageProblem
from qwen3cli.base.shapes import OTHER_FORM, checked
from qwen3cli.base.units import count_text
from qwen3cli.commands.loading import load_chosen
from qwen3cli.commands.selection import find_or_fetch
from qwen3cli.commands.sessions import opened_store
from qwen3cli.commands.turn_runner import TurnRunner
from qwen3cli.dialogue.events import Event, FinishReason
from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.machine.attention import KvType
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.sources import Network
from qwen3cli.render.json_output import as_json
from qwen3cli.sessions.values import Session, StoredTurn
from qwen3cli.turn.interrupts import Interrupts
from qwen3cli.turn.receipt import options_of, receipt_of
from qwen3cli.turn.turn import TurnOptions

_SHOWN = 40  # characters on either side of where two texts part


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two texts part: in the thoughts or in the answer, behind so many characters that are the same."""

    part: str
    at: int
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class _Recipe:
    """What is needed of a receipt: the model that answered, the engine, and how the turn was run."""

    spec: str
    digest: str
    path: str
    template: str
    engine: Mapping[str, Any]
    load: LoadOptions
    options: TurnOptions


def run_replay(
    word: str, number: int | None, environment: Environment, network: Network, *, json: bool
) -> ExitCode:
    """Run a turn again, the last one unless another is named, and say whether the answer is the same.

    Raises:
        UsageProblem: there is no such conversation or turn, or it has no receipt.
        QwenError: it cannot be run.
    """
    with opened_store(environment) as store:
        session = store.read(store.find(word))
    turn = _chosen(session, number)
    recipe = _recipe(turn.receipt)
    choice = find_or_fetch(recipe.spec, environment, network)
    with Interrupts() as interrupts:
        loaded = load_chosen(choice, recipe.load, environment, interrupts)
        with closing(loaded):
            options = recipe.options
            changes = list(_changes(recipe, receipt_of(choice, loaded, options)))
            runner = TurnRunner(loaded, choice, environment, interrupts, quiet=False)
            ran = runner.run_with(_messages(session, turn), options, _Unseen(), "again: ")
    if ran.done.finish is FinishReason.INTERRUPTED:
        raise AnswerStopped("interrupted")
    difference = _difference(turn, ran.message)
    if json:
        told = (
            None
            if difference is None
            else {
                "part": difference.part,
                "at": difference.at,
                "then": difference.then,
                "now": difference.now,
            }
        )
        environment.stdout.put(
            as_json(
                {
                    "id": session.head.key,
                    "turn": turn.number + 1,
                    "same": told is None,
                    "difference": told,
                    "changes": changes,
                }
            )
        )
    else:
        environment.stdout.put(_verdict(difference, ran.message))
        for change in changes:
            environment.stderr.put(f"changed since: {change}\n")
    return ExitCode.DONE if difference is None else ExitCode.FAILED


class _Unseen:
    """A view that shows nothing."""

    def handle(self, event: Event) -> None:
        """Nothing is shown."""

    def close(self) -> None:
        """Nothing is open."""


def _chosen(session: Session, number: int | None) -> StoredTurn:
    turns = session.turns
    if number is not None and not 1 <= number <= len(turns):
        raise UsageProblem(
            f"{session.head.key} has {len(turns)} turns, and no turn {number}",
            f"qwen3 sessions show {session.head.key}",
        )
    return turns[-1 if number is None else number - 1]


def _messages(session: Session, turn: StoredTurn) -> list[Message]:
    """What the model read then."""
    system = turn.receipt.get("system")
    system = system if isinstance(system, str) else ""
    before = [each for earlier in session.turns[: turn.number] for each in earlier.messages]
    return [*([Message(Role.SYSTEM, system)] if system else []), *before, turn.question]


def _recipe(receipt: Mapping[str, Any]) -> _Recipe:
    """What a receipt tells, wherever it is from.

    Raises:
        UsageProblem: not enough to run the turn again.
    """
    try:
        model, load, options = receipt["model"], receipt["load"], options_of(receipt)
        recipe = _Recipe(
            model["spec"],
            model["digest"],
            model["path"],
            receipt["template"],
            receipt["engine"],
            LoadOptions(
                threads=load["threads"],
                kv_type=KvType(load["kv_type"]),
                gpu_layers=load["gpu_layers"] or None,
            ),
            options,
        )
        if options.seed is not None:
            return checked(recipe)
    except OTHER_FORM:
        pass
    raise UsageProblem(
        "that turn has no receipt to run it again by: it was imported, or never came to its end",
        "--turn N takes another",
    )


def _changes(then: _Recipe, now: Mapping[str, Any]) -> Iterator[str]:
    """What is not as it was."""
    if then.digest != now["model"]["digest"]:
        yield f"the model file: {Path(then.path).name} is another one now"
    if then.template != now["template"]:
        yield "the chat template"
    for name, value in now["engine"].items():
        before = then.engine.get(name)
        if before != value:
            yield f"{name}: {before} then, {value} now"


def _difference(turn: StoredTurn, message: Message) -> Difference | None:
    """Where the new message parts from the one that is kept. One that was stopped is compared as far as it went."""
    kept = next(
        (each for each in turn.messages if each.role is Role.ASSISTANT), Message(Role.ASSISTANT, "")
    )
    was_stopped = turn.receipt.get("finish_reason") == FinishReason.INTERRUPTED
    for part, then, now in (
        ("thoughts", kept.thinking, message.thinking),
        ("answer", kept.content, message.content),
    ):
        if was_stopped and (part == "answer" or not kept.content):
            now = now[: len(then)]
        if then != now:
            at = _common_length(then, now)
            around = slice(max(0, at - _SHOWN), at + _SHOWN)
            return Difference(part, at, then[around], now[around])
    return None


def _common_length(first: str, second: str) -> int:
    pairs = zip(first, second, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def _verdict(difference: Difference | None, message: Message) -> str:
    if difference is None:
        counts = (count_text(len(each)) for each in (message.thinking, message.content))
        return "the same: {} characters of thoughts and {} of the answer\n".format(*counts)
    return (
        f"they part in the {difference.part}, behind {count_text(difference.at)} characters\n"
        f"  then: {difference.then!r}\n  now:  {difference.now!r}\n"
    )
