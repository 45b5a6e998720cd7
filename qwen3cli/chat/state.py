"""What a chat is while it runs: the model, the conversation, the settings, and what waits to be sent.

Slash commands change it, the loop reads it. It writes notices and nothing else.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.plaintext import visible, wrapped
from qwen3cli.chat.conversation import Conversation
from qwen3cli.dialogue.events import TurnDone
from qwen3cli.dialogue.messages import Document, Message, Role
from qwen3cli.documents.text import read_document
from qwen3cli.models.choice import Choice
from qwen3cli.render.renderer import Thoughts
from qwen3cli.turn.settings import TurnSettings
from qwen3cli.turn.turn import Dialogue, TurnOptions

# `@notes.md` in a message; an address such as me@example.org has something in front of the @.
_MENTIONED = re.compile(r"(?:^|(?<=\s))@(\S+)")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is in memory."""

    choice: Choice
    dialogue: Dialogue


@dataclass(slots=True)
class Chat:
    """One running chat. `find` gives a model by its name, `load` brings it to life."""

    environment: Environment
    find: Callable[[str], Choice]
    load: Callable[[Choice], Loaded]
    loaded: Loaded
    settings: TurnSettings
    thoughts: Thoughts
    conversation: Conversation
    attachments: list[Document] = field(default_factory=list)
    draft: str = ""  # stands in the next line, for the user to go on with
    last: TurnDone | None = None
    turns: int = 0
    answer_tokens: int = 0
    thinking_tokens: int = 0
    leaving: bool = False

    def options(
        self, messages: Sequence[Message], settings: TurnSettings | None = None
    ) -> TurnOptions:
        """How the next turn runs.

        Raises:
            UsageProblem: this model cannot do what is wished.
        """
        choice, dialogue = self.loaded.choice, self.loaded.dialogue
        defaults = choice.sampling_defaults(dialogue.model.facts.architecture)
        return (settings or self.settings).options(
            dialogue.template.switch, choice.title, defaults, messages
        )

    def change_settings(self, settings: TurnSettings) -> None:
        """Change the settings, if this model can follow them.

        Raises:
            UsageProblem: it cannot; the settings are as before.
        """
        self.options([], settings)
        self.settings = settings

    def attach(self, *paths: Path) -> None:
        """Let text files go with the next message: all of them or, if one cannot be read, none.

        Raises:
            UsageProblem: one cannot be read as text.
        """
        documents = [read_document(path) for path in paths]
        self.attachments += documents
        for each in documents:
            self.say(
                f"attached {each.name} ({len(each.text):,} characters); it goes with your next message"
            )

    def message(self, typed: str) -> Message:
        """What was typed, with the files that were attached to it and those it names by `@path`.

        Raises:
            UsageProblem: one cannot be read as text.
        """
        documents = list(self.attachments)
        for match in _MENTIONED.finditer(typed):
            path = Path(match.group(1)).expanduser()
            if path.is_file():
                documents.append(read_document(path))
            else:
                self.say(f"there is no file {path}: @{match.group(1)} is sent as it stands")
        return Message(Role.USER, typed, documents=tuple(documents))

    def switch_model(self, name: str) -> None:
        """Take another model; the conversation stays. If it cannot be loaded, the old one comes back; if that fails too, the
        chat ends.

        Raises:
            QwenError: why the new one could not be loaded.
        """
        old, new = self.loaded.choice, self.find(name)
        self.loaded.dialogue.close()
        try:
            self.loaded = self.load(new)
        except BaseException:
            self.leaving = True  # unless the old one comes back
            self.loaded = self.load(old)
            self.leaving = False
            raise

    def count(self, done: TurnDone) -> None:
        """Add one turn to the totals."""
        self.last = done
        self.turns += 1
        self.answer_tokens += done.usage.answer_tokens
        self.thinking_tokens += done.usage.thinking_tokens

    def say(self, text: str, indent: int = 0) -> None:
        """A notice, dimmed, on standard error, broken between words; what is broken goes on behind `indent` spaces."""
        dim, plain = ("\x1b[2m", "\x1b[0m") if self.environment.stderr_has_color() else ("", "")
        broken = wrapped(visible(text), self.environment.terminal_columns(), indent)
        self.environment.stderr.draw(f"{dim}{broken}{plain}\n")
