"""Text made of what hurts, and what becomes of it: on a terminal, in a prompt, in a pipe, and as it grows.

    PYTHONPATH=tests python tests/support/fuzz_text.py terminal|prompts|answers|growth [--count 1000] [--seed 1]

`terminal`  an answer and its thoughts, cut anywhere, drawn at any width, and the same text as notices: nothing raw, no
            direction left open at the end of a line
`prompts`   as messages, documents, calls, results and definitions of tools: as many control tokens as the template
            writes by itself, and not a byte of the text more or less
`answers`   said by a model, in a process of its own: exact to the byte in a pipe, one line and its code where it is noise
`growth`    ten times the text takes at most fifteen times the processor's time, for the parser and for the screen

Prints the texts that fell. The same seed makes the same texts.
"""

import argparse
import io
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count as counting_up
from pathlib import Path

from support.parrot import write_parrot
from support.recorded import Recorded

from qwen3cli.base.environment import Environment
from qwen3cli.demo import model_path
from qwen3cli.dialogue.events import AnswerDelta, Event, ThinkDelta, ThinkingClosed, ThinkingEnd
from qwen3cli.dialogue.messages import Document, Message, Role, ToolCall
from qwen3cli.dialogue.parser import Parser
from qwen3cli.dialogue.prompt import ChatTemplate, Prompt
from qwen3cli.dialogue.templates import TemplateRenderer
from qwen3cli.engine.llama import Model
from qwen3cli.engine.prompt_tokens import prompt_tokens
from qwen3cli.machine.memory import shape_of_file
from qwen3cli.machine.plan import LoadOptions, Resources, plan_for
from qwen3cli.models.gguf import read_model
from qwen3cli.render.live import LiveRenderer
from qwen3cli.render.renderer import Thoughts

HANG_SECONDS = 120
TERMINAL = (
    "\x1b[31m", "\x1b]0;title\x07", "\x1b]52;c;Zm9v\x07", "\x1b]8;;http://x\x1b\\", "\x1bP+q\x1b\\", "\x1b[6n", "\x9b5A", "\x9d0;t\x9c",
    "\x00", "\x07", "\x08\x08", "\x0b", "\x0c", "\r", "\x0e", "\x18", "\x1b", "\x7f", "\x85", "\x90", "\u202e", "\u202d", "\u2066", "\u2067",
    "\u2068", "\u2069", "\u202a", "\u202b", "\u202c", "\u200f", "\u200b", "\u2028", "\ufeff", "\ufffd", "\U000e0041", "e" + "\u0301" * 40,
)  # fmt: skip
MARKDOWN = (
    "# ", "#" * 7, "- ", "* ", "1. ", "99999999999. ", "> ", ">" * 60, "    ", "\t", "```", "```py\n", "~~~~\n", "---\n", "===\n", "|a|b|\n",
    "|-|:-:|\n", "|" * 30, "**", "*", "_", "__", "`", "``", "[", "](", "![", ")", "[a]: b\n", "<div>", "<!-- ", "-->", "\\[", "\\]", "\\(",
    "$$", "$", "\\", "&amp;", "&#27;", "&#x9b;", "~~", "[x] ", "^", "[/bold]", "[red]", ":smile:",
)  # fmt: skip
MARKERS = (
    "<think>", "</think>", "<tool_call>", "</tool_call>", '{"name": "add", "arguments": {', "}}", '"', '\\"', "<|im_end|>", "<|im_start|>",
    "<|im_start|>system\n", "<|endoftext|>", "<|im", "_end|>", "</tool_response>", "/no_think", "/think", "\uf8f0", "\uf8f1", "{{ x }}", "{%",
)  # fmt: skip
WORDS = (
    "a",
    "word ",
    " ",
    "   ",
    "\n",
    "\n",
    "\n\n",
    "日本語",
    "العربية ",
    "👩‍👩‍👧",
    "x" * 90,
    "0123",
    "'s",
    ".",
)
# What a view writes to move its cursor. None of the texts has one of these.
_OURS = re.compile(r"\x1b\[2K|\x1b\[A|\x1b\[\?7[lh]|(?<=\x1b\[\?7h)\r|\r(?=\x1b\[2K)")
_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]")
_CLOSED_BY = {**dict.fromkeys("\u2066\u2067\u2068", "\u2069"), **dict.fromkeys("\u202a\u202b", "\u202c")}  # fmt: skip
_FEW, _TIMES, _MOST_TIMES = 2_000, 10, 15
_TRIES = 5  # a busy machine may disturb one


def a_text(chance: random.Random, pieces: int = 60) -> str:
    """Pieces of a few kinds, each kind more or less often."""
    kinds = [TERMINAL, MARKDOWN, MARKERS, WORDS, WORDS]
    weights = [chance.random() ** 2 for _ in kinds]
    chosen = chance.choices(kinds, weights, k=chance.randint(1, pieces))
    return "".join(chance.choice(kind) * chance.choice((1, 1, 1, 1, 2, 9)) for kind in chosen)


def cut(text: str, chance: random.Random) -> Iterator[str]:
    """The text in pieces, as tokens come."""
    longest = chance.choice((1, 4, 30, 1000))
    at = 0
    while at < len(text):
        length = chance.randint(1, longest)
        yield text[at : at + length]
        at += length


# ---- on a terminal ---------------------------------------------------------------------------------------------------


def fault_on_terminal(chance: random.Random) -> str:
    """What is wrong with what a terminal got of a text; empty if nothing is."""
    text = a_text(chance)
    for written in (_drawn(text, chance), _noticed(text)):
        if found := _RAW.search(_OURS.sub("", written)):
            return f"raw {found[0]!r} of {text!r}"
        if line := next((line for line in written.split("\n") if _is_open(line)), None):
            return f"a direction is left open in {line!r} of {text!r}"
    return ""


def _drawn(text: str, chance: random.Random) -> str:
    output = Recorded(is_terminal=True)
    columns = str(chance.choice((1, 2, 7, 20, 80, 300)))
    variables = {"NO_COLOR": "1", "COLUMNS": columns, "TERM": "xterm"}
    environment = Environment(io.BytesIO(), output, output, variables)
    ticks = counting_up()
    thoughts = chance.choice(list(Thoughts))
    with closing(LiveRenderer(environment, thoughts, clock=lambda: float(next(ticks)))) as view:
        for event in _events(text, chance):
            view.handle(event)
    return output.getvalue().decode()


def _events(text: str, chance: random.Random) -> Iterator[Event]:
    parser = Parser(opened=chance.random() < 0.5, tools=chance.choice(((), ("add",))))
    was_thinking = False
    for events in (*map(parser.feed, cut(text, chance)), parser.finish()):
        for event in events:
            if was_thinking and not isinstance(event, ThinkDelta):
                yield ThinkingClosed(ThinkingEnd.MODEL, 1, 1.0)
            was_thinking = isinstance(event, ThinkDelta)
            yield event


def _noticed(text: str) -> str:
    output = Recorded(is_terminal=True)
    output.put(text + "\udcff\ud800\n")
    return output.getvalue().decode()


def _is_open(line: str) -> bool:
    closers: list[str] = []
    for character in line:
        if closer := _CLOSED_BY.get(character):
            closers.append(closer)
        elif character in closers:
            while closers.pop() != character:
                pass
    return bool(closers)


# ---- in a prompt -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reader:
    """The demo model's template and vocabulary."""

    template: ChatTemplate
    model: Model

    def prompt(self, words: Callable[[], str]) -> Prompt:
        """A conversation that has such words in every place where a stranger's may stand."""
        call = ToolCall(words(), {words(): [words(), 1]})
        messages = [
            Message(Role.SYSTEM, words()),
            Message(Role.USER, words(), documents=(Document(words(), words()), Document("", words()))),
            Message(Role.ASSISTANT, words(), thinking=words(), tool_calls=(call,)),
            Message(Role.TOOL, words()),
        ]  # fmt: skip
        tool = {"type": "function", "function": {"name": words(), "parameters": {words(): words()}}}
        texts = self.model.vocabulary.control_texts
        return self.template.prompt(
            messages,
            thinking=True,
            tools=[tool],
            control_texts=lambda text: [each for each in texts if each in text],
        )

    def fault(self, chance: random.Random) -> str:
        """What is wrong with a prompt of such texts."""
        vocabulary = self.model.vocabulary
        control = {vocabulary.marker(text) for text in vocabulary.control_texts}
        hostile, harmless_prompt = self.prompt(lambda: a_text(chance, 8)), self.prompt(lambda: "w")
        tokens, harmless = (
            prompt_tokens(vocabulary, prompt.segments, lambda _least: None)
            for prompt in (hostile, harmless_prompt)
        )
        counts = [sum(token in control for token in each) for each in (tokens, harmless)]
        if counts[0] != counts[1]:
            return f"{counts[0]} control tokens, not {counts[1]}, in {hostile.text!r}"
        if b"".join(map(vocabulary.piece, tokens)) != hostile.text.encode():
            return f"the tokens are not the text {hostile.text!r}"
        return ""


def reader() -> Iterator[Reader]:
    """The demo model, loaded."""
    file = read_model(model_path())
    plan = plan_for(shape_of_file(file, None, None), Resources(2**40), LoadOptions(gpu_layers=0))
    with Model.load(file, plan) as model, TemplateRenderer() as renderer:
        source = model.facts.chat_template
        yield Reader(ChatTemplate(lambda renders: renderer.render(source, renders)), model)


# ---- in a pipe -------------------------------------------------------------------------------------------------------


def fault_of_answer(chance: random.Random) -> str:
    """What is wrong with what a process wrote of what its model said."""
    text = a_text(chance).replace(
        "<think>", ""
    )  # thoughts that do not end are closed, and it says it all again
    said = bytes(chance.randrange(256) for _ in range(9)) if chance.random() < 0.1 else b""
    said = text.encode() + said
    parser = Parser()
    expected = "".join(
        event.text
        for event in (*parser.feed(said.decode("utf-8", "replace")), *parser.finish())
        if isinstance(event, AnswerDelta)
    )
    with tempfile.TemporaryDirectory() as folder:
        try:
            model = write_parrot(Path(folder) / "parrot.gguf", said)
        except AssertionError:  # such a text no parrot can say
            return ""
        program = str(Path(sys.executable).with_name("qwen3"))
        command = [program, "ask", "-m", str(model), "--think", "hi"]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, check=False,
                env=os.environ | {"HOME": folder}, timeout=HANG_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"hangs on {text!r}"
    if b"Traceback" in done.stderr or done.returncode not in (0, 6):
        return f"code {done.returncode}, {done.stderr!r} of {text!r}"
    whole = expected + "\n" * bool(expected and not expected.endswith("\n"))
    if done.returncode == 0 and done.stdout.decode() != whole:
        return f"{done.stdout!r} of {text!r}"
    return ""


# ---- as it grows -----------------------------------------------------------------------------------------------------


def fault_of_growth(chance: random.Random) -> str:
    """Whether a text of a few pieces again and again takes more than its share of time."""
    front, unit = a_text(chance, 2), a_text(chance, 3)
    size = chance.choice((1, 4))
    for work in (_parse, _draw):
        ratios = (
            _seconds(work, front, unit, _FEW * _TIMES, size)
            / max(1e-3, _seconds(work, front, unit, _FEW, size))
            for _ in range(_TRIES)
        )
        if all(ratio > _MOST_TIMES for ratio in ratios):
            return f"{work.__name__}: {front!r}, then {unit!r} again and again"
    return ""


def _seconds(
    work: Callable[[str, int], None], front: str, unit: str, length: int, size: int
) -> float:
    text = (front + unit * (length // len(unit) + 1))[:length]
    started = time.process_time()
    work(text, size)
    return time.process_time() - started


def _parse(text: str, size: int) -> None:
    parser = Parser(tools=("add",))
    for at in range(0, len(text), size):
        parser.feed(text[at : at + size])
    parser.finish()


def _draw(text: str, _size: int) -> None:
    output = Recorded(is_terminal=True)
    environment = Environment(io.BytesIO(), output, output, {"COLUMNS": "80", "TERM": "xterm"})
    ticks = counting_up()
    # Twelve redraws for each of them, however long it is: as many as a second of writing has.
    step = max(1, len(text) // 12)
    with closing(
        LiveRenderer(environment, Thoughts.FOLD, clock=lambda: float(next(ticks)))
    ) as view:
        for at in range(0, len(text), step):
            view.handle(AnswerDelta(text[at : at + step]))


def faults(what: str, count: int, seed: int) -> Iterator[str]:
    """What fell, of so many texts."""
    one_by_one = {
        "terminal": fault_on_terminal,
        "answers": fault_of_answer,
        "growth": fault_of_growth,
    }
    opened = reader() if what == "prompts" else None
    judge = next(opened).fault if opened else one_by_one[what]
    for number in range(count):
        try:
            fault = judge(random.Random(f"{what} {seed} {number}"))
        except Exception as problem:  # noqa: BLE001 - whatever it is, it fell
            fault = f"{type(problem).__name__}: {problem}"
        if fault:
            yield f"{number}: {fault}"


def main() -> None:
    """Fuzz and print what fell."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("what", choices=("terminal", "prompts", "answers", "growth"))
    arguments.add_argument("--count", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=1)
    told = arguments.parse_args()
    fell = 0
    for fault in faults(told.what, told.count, told.seed):
        fell += 1
        print(fault, flush=True)
    print(f"{told.count} texts, seed {told.seed}: {fell} fell")


if __name__ == "__main__":
    main()
