"""Measure the demo model on what it never saw: `python -m qwen3cli.demo.training.evaluate`.

Every task is asked twice, with thinking and without, through the same engine and template as any other model, greedily.
Questions come from the tasks' own generators with a seed the training never had; letters are also counted in real words
kept out of the training. Prints the table that the README shows, as Markdown.
"""

import argparse
import os
from collections.abc import Callable, Sequence
from random import Random

from qwen3cli.demo.training.corpus import letters, lists, sums, talk, tools
from qwen3cli.demo.training.corpus.task import Exchange
from qwen3cli.dialogue.control import NoControl
from qwen3cli.dialogue.messages import Message, Role, ToolCall
from qwen3cli.dialogue.sampling import DEMO, sampling
from qwen3cli.machine.plan import DEFAULTS
from qwen3cli.models.choice import demo
from qwen3cli.turn.loaded_model import LoadedModel
from qwen3cli.turn.loading import load_model, prepare
from qwen3cli.turn.this_machine import this_machine
from qwen3cli.turn.turn import TurnOptions, assistant_message

EVALUATION_SEED = 20_250_428  # the training draws from small seeds
HELD_OUT_WORDS = (
    "strawberry", "mississippi", "onomatopoeia", "rhythm", "queue", "parallel", "beekeeper", "engineering", "banister",
    "referrer", "assassin", "tattoo", "possession", "hippopotamus", "zigzag", "refrigerator", "millennium", "balaclava",
    "embarrassment", "xylophone", "cappuccino", "racecar", "whippersnapper", "abracadabra", "sleeplessness", "wheelbarrow",
)  # fmt: skip


def real_word(random: Random) -> Exchange:
    """A letter in a word kept out of the training."""
    word = random.choice(HELD_OUT_WORDS)
    letter = random.choice(word)
    return Exchange(f"How many {letter}'s are in {word}?", "", str(word.count(letter)))


TASKS: tuple[tuple[str, Callable[[Random], Exchange]], ...] = (
    ("additions up to five digits", sums.addition),
    ("subtractions up to five digits", sums.subtraction),
    ("letters in made-up words", letters.count),
    ("letters in real words kept out", real_word),
    ("sorting a short list", lists.sorting),
    ("greetings in 19 languages", talk.greeting),
    ("anything else: says what it is", talk.other),
    ("calling a tool never seen", tools.tool_call),
    ("using a tool's result", tools.tool_result),
)


def main() -> None:
    """Print the table."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--questions", type=int, default=200, help="for each task and mode")
    given = flags.parse_args()
    dialogue = load_model(
        prepare(demo(), DEFAULTS, this_machine(os.environ, measured=False).resources),
        lambda _share: True,
    )
    print("| task | with thinking | without |\n| --- | ---: | ---: |")
    for name, task in TASKS:
        shares = [
            share_right(dialogue, task, given.questions, thinking=mode) for mode in (True, False)
        ]
        print(f"| {name} | {shares[0]:.1%} | {shares[1]:.1%} |", flush=True)
    dialogue.close()


def share_right(
    dialogue: LoadedModel, task: Callable[[Random], Exchange], questions: int, *, thinking: bool
) -> float:
    """The share of questions answered exactly as they should be."""
    random = Random(EVALUATION_SEED)
    greedy = sampling(DEMO.thinking, {"temperature": 0.0})
    right = 0
    for _ in range(questions):
        exchange = task(random)
        options = TurnOptions(
            thinking=thinking, sampling=greedy, max_tokens=900, tools=exchange.tools
        )
        events = list(dialogue.turn(_messages(exchange), options, NoControl()))
        right += _is_right(assistant_message(events), exchange.answer)
    return right / questions


def _messages(exchange: Exchange) -> Sequence[Message]:
    return [Message(Role.USER, exchange.question), *map(_message, exchange.after)]


def _message(shaped: dict[str, object]) -> Message:
    calls = shaped.get("tool_calls") or []
    assert isinstance(calls, list)
    return Message(
        Role(str(shaped["role"])),
        str(shaped["content"]),
        str(shaped.get("reasoning_content", "")),
        tuple(ToolCall(each["function"]["name"], each["function"]["arguments"]) for each in calls),
    )


def _is_right(answer: Message, expected: str) -> bool:
    if answer.tool_calls:
        (call, *others) = answer.tool_calls
        return not others and expected == tools.call_text(call.name, dict(call.arguments))
    return answer.content == expected


if __name__ == "__main__":
    main()
