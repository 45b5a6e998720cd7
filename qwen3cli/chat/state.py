"""What a chat is while it runs: the model, the conversation, the settings, and what waits to be sent.

Slash commands change it, the loop reads it. It writes notices and nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import PromptTooLong, QwenError
from qwen3cli.base.plaintext import visible, wrapped
from qwen3cli.base.units import count_text
from qwen3cli.chat.blocks import as_line, said, valid
from qwen3cli.chat.conversation import Conversation
from qwen3cli.chat.editor import edit_text
from qwen3cli.chat.folds import Folds
from qwen3cli.chat.keyboard import Keyboard
from qwen3cli.chat.mentions import file_named, mentions
from qwen3cli.commands.recording import Recording
from qwen3cli.commands.too_long import BY_COMMANDS, Ways, with_what_fits
from qwen3cli.dialogue.control import NoControl
from qwen3cli.dialogue.events import ContextUse, TurnDone
from qwen3cli.dialogue.messages import Document, Message, Role
from qwen3cli.documents.excerpts import excerpt_of
from qwen3cli.documents.files import read_named
from qwen3cli.documents.text import read_document
from qwen3cli.documents.web import fetcher
from qwen3cli.models.choice import Choice
from qwen3cli.render.renderer import Thoughts
from qwen3cli.tools.toolkit import Toolkit
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.tool_loop import MAX_ROUNDS, with_tools
from qwen3cli.turn.turn import TurnOptions


def told(error: QwenError) -> str:
    """What is said of an error: what happened, and what helps."""
    return error.message + (f"\n  try: {error.hint}" if error.hint else "")


@dataclass(frozen=True, slots=True)
class Current:
    """A model that is in memory."""

    choice: Choice
    loaded: LoadedModel


@dataclass(slots=True)
class Chat:
    """One running chat. `find` gives a model by its name, `load` brings it to life."""

    environment: Environment
    keyboard: Keyboard
    folds: Folds
    find: Callable[[str], Choice]
    load: Callable[[Choice], Current]
    current: Current
    settings: TurnSettings
    thoughts: Thoughts
    conversation: Conversation
    record: Recording
    kit: Toolkit | None = None
    max_rounds: int = MAX_ROUNDS
    attachments: list[Document] = field(default_factory=list)
    begun: Message | None = None  # an answer that the next turn goes on with
    once: TurnSettings | None = None  # for the next turn alone
    draft: str = ""  # a line that stands in the next prompt, for the user to go on with
    saved: list[Message] = field(default_factory=list)  # what was said when it was last saved
    last: TurnDone | None = None
    turns: int = 0
    answer_tokens: int = 0
    thinking_tokens: int = 0
    offline: bool = False  # whether no address may be asked
    leaving: bool = False
    without_model: bool = False  # none could be loaded: the chat ends

    def options(
        self, messages: Sequence[Message], settings: TurnSettings | None = None
    ) -> TurnOptions:
        """How the next turn runs.

        Raises:
            UsageProblem: this model cannot do what is wished.
        """
        choice, loaded = self.current.choice, self.current.loaded
        defaults = choice.sampling_defaults(loaded.model.facts.architecture)
        options = (settings or self.settings).options(
            loaded.template.switch, choice.title, defaults, messages
        )
        return options if self.kit is None else with_tools(options, self.kit, loaded)

    def change_settings(self, settings: TurnSettings) -> None:
        """Change the settings, if this model can follow them.

        Raises:
            UsageProblem: it cannot; the settings are as before.
        """
        self.options([], settings)
        self.settings = settings

    @property
    def unsaved(self) -> bool:
        """Whether something was said that is kept nowhere."""
        said = self.conversation.messages
        return bool(said) and said != self.saved and not self.record.keeps

    def read(self, path: Path) -> Document:
        """A file as a document; what the user should know of how it was read is said.

        Raises:
            UsageProblem: it cannot be read.
        """
        reading = read_document(path)
        for remark in reading.remarks:
            self.say(remark)
        return replace(reading.document, name=valid(reading.document.name))

    def read_named(self, name: str) -> list[Document]:
        """Everything that a file, a folder or a pattern names.

        Raises:
            UsageProblem: it cannot be read.
        """
        offline = self.offline or self.environment.offline
        fetch = fetcher(self.environment.variables, offline=offline)
        readings = read_named(name, fetch=fetch)
        for remark in (each for reading in readings for each in reading.remarks):
            self.say(remark)
        count = self.current.loaded.count
        return [excerpt_of(reading.document, count) for reading in readings]

    def attach(self, documents: Sequence[Document], ways: Ways = BY_COMMANDS) -> None:
        """Let these go with the next message, each in place of one of its name. `ways` are those to name less of them.

        Raises:
            PromptTooLong: that would be more than the context holds; what was attached stays so.
        """
        names = {each.name for each in documents}
        kept = [each for each in self.attachments if each.name not in names]
        self._check_length([*kept, *documents], ways)
        self.attachments = [*kept, *documents]

    def _check_length(self, documents: Sequence[Document], ways: Ways) -> None:
        question = Message(Role.USER, "", documents=tuple(documents))
        messages = self.conversation.messages_with(question)
        loaded = self.current.loaded
        try:
            _, tokens = loaded.prompt(messages, self.options(messages), NoControl())
            loaded.cache.check_length(len(tokens))
        except PromptTooLong as problem:
            raise self.too_long(problem, messages, ways) from None

    def too_long(
        self, problem: PromptTooLong, messages: Sequence[Message], ways: Ways = BY_COMMANDS
    ) -> PromptTooLong:
        """What is said of messages that the context cannot hold: what their files take, and what of them would fit."""
        loaded = self.current.loaded
        limit = loaded.cache.limit_tokens
        return with_what_fits(problem, messages, limit, loaded.count, ways)

    def tokens(self, documents: Sequence[Document]) -> int:
        """How many tokens these documents have for this model."""
        model = self.current.loaded.model
        return sum(
            len(model.vocabulary.tokenize(each.as_block(), control_tokens=False))
            for each in documents
        )

    def message(self, line: str) -> Message:
        """What a line says, with the files that were attached to it and those it names by `@path`. What is folded in the
        line is text from elsewhere, and names none.

        Raises:
            UsageProblem: one cannot be read as text.
        """
        typed = said(line)
        documents, missing = [], []
        for name, there in mentions(typed):
            if there:
                documents.append(self.read(file_named(name) or Path(name)))
            else:
                missing.append(name)
        for each in documents:
            self.say(f"attached {each.name} ({count_text(self.tokens([each]))} tokens)")
        if missing:
            self.say(f"there is no file {', '.join(missing)}: sent as it stands")
        documents = list({each.name: each for each in [*self.attachments, *documents]}.values())
        return Message(Role.USER, valid(self.folds.unfold(typed)), documents=tuple(documents))

    def line(self, message: Message) -> str:
        """A line that says what the message says, for the user to go on with."""
        return self.folds.fold_again(as_line(message.content))

    def edit(self, line: str) -> str | None:
        """The line as the user's own editor leaves it; None if that is empty.

        Raises:
            UsageProblem: the editor cannot be started, or failed.
        """
        with self.keyboard.lent():
            edited = edit_text(self.folds.unfold(line), self.environment)
        return self.folds.fold_again(edited) if edited.strip() else None

    def switch_model(self, name: str) -> None:
        """Take another model; the conversation stays. If it cannot be loaded, the old one comes back; if that fails too, the
        chat ends.

        Raises:
            QwenError: why the new one could not be loaded.
        """
        old, new = self.current.choice, self.find(name)
        self.current.loaded.close()
        try:
            self.current = self.load(new)
        except BaseException:
            self.without_model = True  # unless the old one comes back
            self.current = self.load(old)
            self.without_model = False
            raise

    def context_use(self, *, thoughts: bool = True) -> ContextUse:
        """What the context would hold for the next message, with earlier thoughts or without."""
        question = Message(Role.USER, "", documents=tuple(self.attachments))
        messages = self.conversation.messages_with(question)
        if not thoughts:
            messages = [replace(each, thinking="") for each in messages]
        return self.current.loaded.context_use(messages, self.options(messages), NoControl())

    def count(self, done: TurnDone) -> None:
        """Add one turn to the totals."""
        self.last = done
        self.turns += 1
        self.answer_tokens += done.usage.answer_tokens
        self.thinking_tokens += done.usage.thinking_tokens

    def say(self, text: str, indent: int = 0) -> None:
        """A notice, dimmed, on standard error, broken between words; what is broken goes on behind `indent` spaces."""
        dim, plain = ("\x1b[2m", "\x1b[0m") if self.environment.stderr_has_color() else ("", "")
        broken = visible(wrapped(text, self.environment.terminal_columns(), indent))
        self.environment.stderr.draw(f"{dim}{broken}{plain}\n")
