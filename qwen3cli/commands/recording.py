"""Conversations kept and gone on with, by the commands that have turns: what the flags ask, and what the store is told.

Knows models and settings, which the store does not; does not know how a turn is shown.
"""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.paths import sessions_folder
from qwen3cli.base.terminal_id import this_terminal
from qwen3cli.commands.sessions import opened_store
from qwen3cli.dialogue.events import Event, FinishReason, TurnDone
from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.models.choice import Choice, is_path
from qwen3cli.render.renderer import Renderer
from qwen3cli.sessions.keys import new_key, title_of
from qwen3cli.sessions.recorder import Recorder
from qwen3cli.sessions.values import Kind, Session, SessionHead, State, StoredTurn
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.receipt import receipt_of, with_outcome
from qwen3cli.turn.rounds import turn_messages
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.thinking import ThinkingLimits
from qwen3cli.turn.turn import TurnOptions

_THINKING_FLAGS = {"think", "budget", "effort", "think_time", "template"}
_CUT = (FinishReason.INTERRUPTED, FinishReason.LENGTH)


@dataclass(frozen=True, slots=True)
class Keeping:
    """What was asked about conversations: whether to keep this one, under which name, and which one to go on with.
    `typed` are the flags, by parameter, that stand on the command line itself."""

    log: bool = True
    last: bool = False
    session: str | None = None
    name: str | None = None
    pick: bool = False
    typed: frozenset[str] = frozenset()

    def check(self) -> None:
        """Raises:
        UsageProblem: wishes that contradict each other.
        """
        if self.name is not None and (self.last or self.session is not None):
            raise UsageProblem(
                "--name begins a conversation, and -c and --session go on with one",
                "qwen3 sessions rename gives one another name",
            )
        if self.name is not None and not self.log:
            raise UsageProblem("--name and --no-log contradict each other", "drop one of them")

    def found(self, kind: Kind, environment: Environment) -> Session | None:
        """The conversation to go on with, if one is wanted: the last chat or, for `ask`, this terminal's last one.

        Raises:
            UsageProblem: there is none.
            StoreProblem: they cannot be read.
        """
        self.check()
        if self.pick:
            from qwen3cli.commands.sessions.pick import picked  # noqa: PLC0415 - loads SQLite

            return picked(environment)
        if not self.last and self.session is None and self.name is None:
            return None
        with opened_store(environment) as store:
            if self.name is not None:
                store.check_name_is_free(self.name)
                return None
            if self.session is not None:
                return store.read(store.find(self.session))
            if kind is Kind.CHAT:
                found = store.listed(kind=kind, limit=1)
                missing = "there is no chat yet to go on with"
            else:
                found = store.listed(place=this_terminal(environment.variables), limit=1)
                missing = "nothing was asked in this terminal yet"
            if not found:
                raise UsageProblem(missing, "qwen3 sessions lists all; --session ID takes one")
            return store.read(found[0].head)

    def model(self, before: Session | None, given: str | None) -> str | None:
        """The model to answer with: the one that did before, unless another was typed."""
        told = before.head.settings.get("model") if before is not None else None
        return given if told is None or "size" in self.typed else str(told)

    def settings(self, before: Session | None, given: TurnSettings) -> TurnSettings:
        """The settings to answer with: those of before, under the flags that were typed."""
        kept = _kept_settings(before.head.settings if before is not None else {})
        if kept is None:
            return given
        typed = {name: value for name, value in given.values.items() if name in self.typed}
        values = {**kept.values, **typed}
        if self.typed & _THINKING_FLAGS:
            return replace(given, values=values)
        return replace(given, values=values, think=kept.think, limits=kept.limits)


@dataclass(slots=True)
class Recording:
    """The conversation that a command is in."""

    recorder: Recorder
    environment: Environment
    kind: Kind
    name: str | None = None
    head: SessionHead | None = None
    _receipt: Mapping[str, Any] = field(default_factory=dict)
    _events: list[Event] = field(default_factory=list)  # of the turn that runs

    def resume(self, session: Session) -> None:
        """Go on with a conversation.

        Raises:
            UsageProblem: another process has it.
        """
        self.recorder.take(session.head)
        self.head = session.head

    def begin(
        self,
        messages: Sequence[Message],
        settings: TurnSettings,
        options: TurnOptions,
        choice: Choice,
        loaded: LoadedModel,
    ) -> None:
        """The last of the messages is asked."""
        *before, question = messages
        now = time.time()
        system = "".join(each.content for each in before if each.role is Role.SYSTEM)
        self.head = replace(
            self.head or self._new_head(question, now),
            changed=now,
            place=this_terminal(self.environment.variables),
            system=system,
            settings=settings_json(settings, choice),
        )
        number = sum(each.role is Role.USER for each in before)
        self._receipt = receipt_of(choice, loaded, options) | {"system": system}
        turn = StoredTurn(
            secrets.token_hex(8), number, now, State.UNFINISHED, (question,), self._receipt
        )
        self.recorder.begin(self.head, turn)

    def before(self, renderer: Renderer) -> Renderer:
        """A view that keeps each event before this one shows it."""
        self._events = []
        return _RecordedView(self.recorder, renderer, self._events)

    def finish(self, answers: Sequence[Message], done: TurnDone) -> None:
        """The turn is over."""
        state = State.CUT if done.finish in _CUT else State.WHOLE
        self.recorder.finish(answers, state, with_outcome(self._receipt, done))

    def finish_unshown(self) -> None:
        """The turn could not be shown to its end, for its form or for want of a reader. What came whole is no less whole."""
        if self._events and isinstance(done := self._events[-1], TurnDone):
            self.finish(turn_messages(self._events), done)

    @property
    def keeps(self) -> bool:
        """Whether all that was said so far can be found again."""
        return self.recorder.keeps

    def abandon(self) -> None:
        """Nothing came of the question."""
        self.recorder.abandon()

    def drop_turns(self, first: int) -> None:
        """The user takes back what was said from this turn on."""
        self.recorder.drop_turns(first)

    def close(self) -> None:
        """The command is over."""
        self.recorder.close()

    def leave(self) -> None:
        """What is said next begins a conversation."""
        self.recorder.leave()
        self.head = self.name = None

    def _new_head(self, question: Message, now: float) -> SessionHead:
        title = self.name or title_of(question.content or question.text)
        return SessionHead(new_key(), self.kind, title, now, now, named=self.name is not None)


class _RecordedView:
    """A view whose events are kept before they are shown."""

    def __init__(self, recorder: Recorder, renderer: Renderer, events: list[Event]) -> None:
        self._recorder = recorder
        self._events = events
        self._renderer = renderer

    def handle(self, event: Event) -> None:
        """Keep it, then show it."""
        self._recorder.follow(event)
        self._events.append(event)
        self._renderer.handle(event)

    def close(self) -> None:
        """Nothing more will come."""
        self._renderer.close()


def recording(
    keeping: Keeping, kind: Kind, environment: Environment, *, quiet: bool = False
) -> Recording:
    """Where this command's conversation is kept; nowhere, if that is the wish."""

    def tell(text: str) -> None:
        if not quiet:
            environment.stderr.put(f"qwen3: {text}\n")

    folder = sessions_folder(environment.variables) if keeping.log else None
    return Recording(Recorder(folder, tell), environment, kind, keeping.name)


def settings_json(settings: TurnSettings, choice: Choice) -> dict[str, Any]:
    """What is needed to go on with a conversation."""
    limits = settings.limits
    return {
        "model": str(choice.path.absolute()) if is_path(choice.spec) else choice.spec,
        "think": settings.think,
        "budget_tokens": limits.budget_tokens,
        "think_seconds": limits.seconds,
        "values": dict(settings.values),
    }


def _kept_settings(told: Mapping[str, Any]) -> TurnSettings | None:
    """The same, read again; None where there are none, or where whoever wrote an export put something else there."""
    match told:
        case {
            "think": bool() | None as think,
            "budget_tokens": int() as tokens,
            "think_seconds": int() | float() | None as seconds,
            "values": dict() as values,
        } if all(isinstance(each, int | float) for each in values.values()):
            return TurnSettings(think, ThinkingLimits(tokens, seconds), values)
        case _:
            return None
