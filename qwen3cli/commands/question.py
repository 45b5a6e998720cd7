"""What is asked, gathered: the prompt as it was typed, the files beside it, and what is piped in.

Knows no flags and no model.
"""

import threading
from contextlib import suppress
from dataclasses import dataclass

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.units import bytes_text
from qwen3cli.dialogue.messages import Excerpt, Message, Role
from qwen3cli.documents.files import Pages, read_name, read_named
from qwen3cli.documents.text import Reading, argument_text, piped_document
from qwen3cli.documents.web import fetcher

STANDARD_INPUT = "-"  # as a prompt, or as a file
_WAIT_SECONDS = 2.0  # until it is said what is waited for


@dataclass(frozen=True, slots=True)
class Question:
    """Where the parts of a question are. The prompt `-` is standard input, even that of a terminal."""

    prompt: str
    files: tuple[str, ...] = ()
    pages: Pages | None = None
    stdin: bool = True  # whether what is piped in joins the prompt
    system: str | None = None
    offline: bool = False  # whether no address may be asked
    template: str = ""  # the one that works on a text, if none was typed

    def messages(self, environment: Environment, *, quiet: bool) -> list[Message]:
        """The messages they make: the files, the prompt, then what came on standard input.

        Raises:
            UsageProblem: there is nothing to ask, or an input is no text.
        """
        offline = self.offline or environment.offline
        fetch = fetcher(environment.variables, offline=offline)
        readings = [
            each for name in self._named_files() for each in read_named(name, self.pages, fetch)
        ]
        named = STANDARD_INPUT in (self.prompt, *(read_name(each).name for each in self.files))
        if named or (self.stdin and not environment.stdin_is_terminal):
            piped = self._piped(environment, quiet=quiet).with_excerpt(self._excerpt_of_input())
            readings += [piped] if piped.document.text.strip() else []
        if not quiet:
            for remark in (each for reading in readings for each in reading.remarks):
                environment.stderr.put(f"qwen3: {remark}\n")
        prompt = argument_text(self.prompt if self._is_typed() else "", "the prompt")
        asked = Message(
            Role.USER, prompt.strip(), documents=tuple(each.document for each in readings)
        )
        if self.template and not any(each.text.strip() for each in asked.documents):
            raise UsageProblem(
                f"the template {self.template} works on a text, and there is none",
                f"pipe one in, or name it: qwen3 ask -T {self.template} -f FILE",
            )
        if not asked.text:
            raise UsageProblem("there is no prompt", 'type one: qwen3 ask "Why is the sky blue?"')
        said = argument_text(self.system or "", "the system message")
        return [*([Message(Role.SYSTEM, said)] if said else []), asked]

    def pages_of(self, name: str) -> Pages | None:
        """Which pages of a file were asked for; None is all of them."""
        named = map(read_name, self.files)
        return next((each.pages for each in named if each.name == name), None) or self.pages

    def _named_files(self) -> list[str]:
        return [each for each in self.files if read_name(each).name != STANDARD_INPUT]

    def _excerpt_of_input(self) -> Excerpt | None:
        named = map(read_name, self.files)
        return next((each.excerpt for each in named if each.name == STANDARD_INPUT), None)

    def _is_typed(self) -> bool:
        return self.prompt not in ("", STANDARD_INPUT)

    def _piped(self, environment: Environment, *, quiet: bool) -> Reading:
        """What comes on standard input. What is waited for is said, and what joins a prompt that was typed: in a loop
        that reads the same standard input it would be missing there."""
        waiting = "qwen3: waiting for the end of standard input; --no-stdin does without it\n"
        notice = threading.Timer(_WAIT_SECONDS, environment.stderr.put, [waiting])
        notice.daemon = True
        if not quiet:
            with suppress(RuntimeError):  # no thread to be had: then it is not said
                notice.start()
        try:
            piped = piped_document(environment.stdin, "standard input")
        finally:
            notice.cancel()
        shown = environment.stderr_is_terminal and not quiet
        if self._is_typed() and piped.document.text and shown:
            size = bytes_text(len(piped.document.text.encode()))
            joined = f"qwen3: {size} of standard input join the prompt; --no-stdin keeps it out\n"
            environment.stderr.put(joined)
        return piped
