"""Time 64 short prompts one after another and several at a time, on one load: what `qwen3 map` gains.

    PYTHONPATH=tests python tests/support/measure_map.py MODEL.gguf [--prompts 64] [--tokens 64] [--rounds 3] [--threads 2]

Each round runs every way once, in turn; what is shown are medians, and the ratios to one after another within a round. Prefill
counts, and so does making the contexts. A model of random weights (`write_model.py`) never ends by itself, so that every
answer has as many tokens. Beside it stands how many answers differ from those that were given one after another.
"""

import argparse
import statistics
import time

from qwen3cli.dialogue.control import NoControl
from qwen3cli.dialogue.events import Event, TurnDone
from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.dialogue.sampling import SamplingDefaults, sampling
from qwen3cli.machine.plan import LoadOptions
from qwen3cli.models.choice import choose
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.loading import load_model, prepare
from qwen3cli.turn.scheduler import Scheduler
from qwen3cli.turn.this_machine import this_machine
from qwen3cli.turn.turn import TurnOptions, assistant_message

AT_A_TIME = (1, 8, 16, 32)
WORDS = [
    "river",
    "stone",
    "window",
    "garden",
    "winter",
    "letter",
    "market",
    "candle",
    "bridge",
    "silver",
]


def prompts(count: int) -> list[list[Message]]:
    """Sentences of different lengths behind one beginning."""
    return [
        [Message(Role.USER, f"Translate to French: the {WORDS[n % 10]} and {n} {WORDS[n // 10]}s")]
        for n in range(count)
    ]


def run(
    loaded: LoadedModel, conversations: list[list[Message]], options: TurnOptions, at_a_time: int
) -> tuple[float, list[str], int]:
    """Seconds, answers, and the tokens of all of them."""
    told: list[list[Event]] = [[] for _ in conversations]
    started = time.perf_counter()
    with Scheduler(loaded, at_a_time) as scheduler:
        for messages, events in zip(conversations, told, strict=True):
            scheduler.submit(messages, options, NoControl(), events.append)  # type: ignore[arg-type]  # no error comes
        while not scheduler.is_idle:
            scheduler.advance()
    seconds = time.perf_counter() - started
    done = [events[-1] for events in told]
    tokens = sum(
        each.usage.answer_tokens + each.usage.thinking_tokens
        for each in done
        if isinstance(each, TurnDone)
    )
    answers = [str(assistant_message(events)) for events in told]
    return seconds, answers, tokens


if __name__ == "__main__":
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("model")
    flags.add_argument("--prompts", type=int, default=64)
    flags.add_argument("--tokens", type=int, default=64)
    flags.add_argument("--rounds", type=int, default=3)
    flags.add_argument("--threads", type=int, default=None)
    given = flags.parse_args()
    resources = this_machine({}, measured=False).resources
    prepared = prepare(choose(given.model, {}), LoadOptions(threads=given.threads), resources)
    model = load_model(prepared, lambda _share: True)
    defaults = SamplingDefaults().direct
    how = TurnOptions(False, sampling(defaults, {}), max_tokens=given.tokens, seed=1)
    asked = prompts(given.prompts)
    rounds = []
    for _ in range(given.rounds):
        done: list[tuple[float, list[str], int]] = []
        for count in AT_A_TIME:
            done.append(run(model, asked, how, count))
            seconds, answers, tokens = done[-1]
            differ = sum(a != b for a, b in zip(answers, done[0][1], strict=True))
            print(f"{count:3} at a time {seconds:7.1f} s {tokens / seconds:7.1f} tokens/s"
                  f" {done[0][0] / seconds:5.2f} times, {differ} answers differ", flush=True)  # fmt: skip
        rounds.append(done)
    for index, count in enumerate(AT_A_TIME):
        ratio = statistics.median(each[0][0] / each[index][0] for each in rounds)
        print(f"{count:3} at a time: {ratio:.2f} times as fast")
    model.close()
