"""How an answer leaves: in which form, and where to. What is to be a file becomes one only when it is whole.

Knows forms and streams; does not know how an answer is made.
"""

import io
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import FileNotWritten, QwenError, ToolFailed, UsageProblem
from qwen3cli.base.streams import Output
from qwen3cli.base.whole_file import check_writable, write_whole
from qwen3cli.dialogue.events import PartDone
from qwen3cli.render.blocks import BlocksRenderer
from qwen3cli.render.plain import PlainRenderer
from qwen3cli.render.renderer import Renderer, Thoughts
from qwen3cli.render.turn_json import JsonLinesRenderer, JsonRenderer, error_line, object_of

_STANDARD_OUTPUT = Path("-")  # what it means elsewhere


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """What was asked of the answer's form: at most one of `json`, `jsonl` and `extract`; `file` None is standard output."""

    json: bool = False
    jsonl: bool = False
    extract: bool = False
    every_block: bool = False
    language: str | None = None
    file: Path | None = None
    open: bool = False
    logprobs: bool = False

    @property
    def extracts(self) -> bool:
        """Whether only blocks are printed; naming a language or wanting every one says so too."""
        return self.extract or self.every_block or self.language is not None

    def check(self) -> None:
        """Find out before a model is loaded what cannot be done.

        Raises:
            UsageProblem: wishes that contradict each other, or a file that cannot be written.
        """
        forms = {"--json": self.json, "--jsonl": self.jsonl, "--extract": self.extracts}
        named = [flag for flag, given in forms.items() if given]
        if len(named) > 1:
            raise UsageProblem(f"{' and '.join(named)} contradict each other", "drop one of them")
        if self.file == _STANDARD_OUTPUT:
            raise UsageProblem(
                "--output - would write a file called -",
                "leave it out: the answer goes to standard output",
            )
        if self.logprobs and not self.json:
            raise UsageProblem("--logprobs are printed by --json", "add --json")
        if self.file is None and self.open:
            raise UsageProblem("--open opens what --output wrote", "name a file: --output FILE")
        if self.file is not None:
            _check_target(self.file)


def tell_failures(environment: Environment, *, json: bool, jsonl: bool) -> None:
    """Let a program that reads JSON hear of whatever ends the command from here on."""

    def as_object(error: QwenError) -> None:
        environment.stdout.put(object_of(error.fields, error))

    def as_line(error: QwenError) -> None:
        environment.stdout.put(error_line(error))

    if json or jsonl:
        environment.on_failure.append(as_object if json else as_line)


def _check_target(file: Path) -> None:
    if file.is_dir():
        raise UsageProblem(f"{file} is a folder", f"name a file in it: --output {file}/answer.txt")
    if not file.parent.is_dir():
        raise UsageProblem(f"no such folder: {file.parent}", f"mkdir -p {file.parent}")
    try:
        check_writable(file)
    except OSError as problem:
        raise UsageProblem(
            f"cannot write {file}: {problem.strerror}", "name another file"
        ) from None


class Delivery:
    """One answer on its way out. Take a renderer, feed it, then `finish`."""

    def __init__(self, request: DeliveryRequest, environment: Environment) -> None:
        self._request = request
        self._environment = environment
        self._collected = io.BytesIO()
        self._out = environment.stdout if request.file is None else Output(self._collected)

    def renderer(
        self,
        model: str,
        *,
        show_thoughts: bool,
        quiet: bool = False,
        parts: Sequence[PartDone] = (),
    ) -> Renderer:
        """The view that prints the answer in its form; `parts` are the turns that were needed before."""
        request, environment = self._request, self._environment
        if request.json:
            return JsonRenderer(model, parts)
        if request.jsonl:
            return JsonLinesRenderer(self._out, model, parts)
        if request.extracts:
            out, err = self._out, environment.stderr
            return BlocksRenderer(out, err, request.language, every=request.every_block)
        is_plain = environment.flag("QWEN3_PLAIN") or not environment.terminal_draws
        if self._out.is_terminal and not is_plain:
            from qwen3cli.render.live import LiveRenderer  # noqa: PLC0415 - loads Rich

            thoughts = Thoughts.SHOW if show_thoughts else Thoughts.HIDE
            return LiveRenderer(environment, thoughts, show_calls=not quiet)
        return PlainRenderer(
            environment, self._out, show_thoughts=show_thoughts, show_calls=not quiet
        )

    def put(self, text: str) -> None:
        """Print a text that is the answer as a whole; no renderer is taken then."""
        self._out.put(text)

    def finish(self, renderer: Renderer | None, problem: QwenError | None) -> None:
        """The answer has ended. If it is to be a file, replace that; what is not whole is printed instead.

        Raises:
            QwenError: the problem, or that the file cannot be written; the answer is on standard output.
        """
        fields = renderer.fields if isinstance(renderer, JsonRenderer) else {}
        try:
            if problem is None and fields:
                self._out.put(object_of(fields))
            self._settle_file(whole=problem is None or isinstance(problem, ToolFailed))
            if problem is not None:
                raise problem
        except QwenError as error:
            error.fields = fields  # whoever tells of the error prints them
            raise

    def _settle_file(self, *, whole: bool) -> None:
        file = self._request.file
        if file is None:
            return
        if not whole:
            self._print()
            fate = "was left as it was" if file.exists() else "was not written"
            self._environment.stderr.put(f"qwen3: {file} {fate}\n")
            return
        self._replace(file)
        if self._request.open:
            self._open(file)

    def _print(self) -> None:
        text = self._collected.getvalue().decode("utf-8", "surrogateescape")
        self._environment.stdout.put(text)

    def _replace(self, file: Path) -> None:
        try:
            write_whole(file, self._collected.getvalue())
        except OSError as problem:
            if not self._request.json:
                self._print()
            raise FileNotWritten(f"cannot write {file}: {problem.strerror}") from None

    def _open(self, file: Path) -> None:
        """Hand the file to the program that the desktop has for its kind."""
        starter = {"darwin": "open", "win32": "explorer"}.get(sys.platform, "xdg-open")
        try:
            subprocess.Popen(
                [starter, str(file.resolve())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            self._environment.stderr.put(f"qwen3: {starter} cannot be started; open {file}\n")
