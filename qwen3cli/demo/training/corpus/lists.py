"""Sorting short lists, and counting aloud: one number a line in the answer, or one step a line in the thoughts."""

from random import Random

from qwen3cli.demo.training.corpus.letters import COMMON
from qwen3cli.demo.training.corpus.task import Exchange

_SORT = (
    "Sort {x}", "Sort these numbers: {x}", "Sort from smallest to largest: {x}", "Please sort {x}.", "Sort {x} from smallest to largest.",
    "Put these in order: {x}",
)  # fmt: skip
_SORT_WORDS = (
    "Sort these words: {x}",
    "Sort alphabetically: {x}",
    "Sort {x} alphabetically.",
    "Sort {x}",
)
_COUNT = (
    "Count to {n}",
    "Count to {n}.",
    "Count from 1 to {n}",
    "Count from 1 to {n}.",
    "Please count to {n}.",
    "Write the numbers from 1 to {n}.",
)
_STEPS = (
    "Think {n} steps",
    "Think {n} steps.",
    "Think about {n} steps.",
    "Think for {n} steps.",
    "Please think {n} steps.",
)
# Where counting may end: any number would need far more training to be stopped at.
ROUND_NUMBERS = (10, 20, 50, 100, 200, 300)


def sorting(random: Random) -> Exchange:
    """A list of numbers or of words, by taking the smallest again and again."""
    if random.random() < 0.7:
        items: list[str] = [
            str(n) for n in random.sample(range(random.choice([10, 100])), random.randint(2, 5))
        ]
        ordered = sorted(items, key=int)
        form = random.choice(_SORT)
    else:
        items = _different_beginnings(random)
        ordered = sorted(items)
        form = random.choice(_SORT_WORDS)
    left, lines = list(items), [f"Sort: {', '.join(items)}"]
    for item in ordered[:-1]:
        left.remove(item)
        lines.append(f"Take {item}, left: {', '.join(left)}")
    return Exchange(form.format(x=", ".join(items)), "\n".join(lines), ", ".join(ordered))


def counting(random: Random, most: int) -> Exchange:
    """A tall answer."""
    n = random.choice([number for number in ROUND_NUMBERS if number <= most])
    return Exchange(
        random.choice(_COUNT).format(n=n),
        "Count up, one number a line.",
        "\n".join(map(str, range(1, n + 1))),
    )


def steps(random: Random, most: int) -> Exchange:
    """Long thoughts."""
    n = random.choice([number for number in ROUND_NUMBERS if number <= most])
    thoughts = "\n".join(f"step {i}" for i in range(1, n + 1))
    return Exchange(random.choice(_STEPS).format(n=n), thoughts, f"I counted {n} steps.")


def _different_beginnings(random: Random) -> list[str]:
    by_letter = {word[0]: word for word in random.sample(COMMON, len(COMMON))}
    return random.sample(sorted(by_letter.values()), random.randint(2, 4))
