"""Greetings in their own language, and everything else: the model says what it is."""

from random import Random

from qwen3cli.demo.training.corpus.letters import COMMON, word
from qwen3cli.demo.training.corpus.sums import number
from qwen3cli.demo.training.corpus.task import Exchange
from qwen3cli.demo.training.phrases import GREETINGS, SELF

_OPENERS = (
    "What is the capital of", "Who wrote", "Explain", "Tell me about", "Write a poem about", "Why is", "How do I cook",
    "Can you help me with", "Translate into French:", "Summarize:", "Write a Python function that", "What do you think about", "Who are you?",
    "What are you?", "What can you do?", "Tell me a joke about", "Give me a recipe for", "When was", "Where is", "Is it true that", "Fix this code:",
    "I feel", "My", "Could you explain", "Schreib ein Gedicht über", "¿Qué es", "Qu'est-ce que", "写一首诗", "Что такое", "Describe", "List", "Define", "Name three",
    "What is", "How does", "Why", "Should I", "Please write", "Continue:", "Review:", "Write a commit message for", "What is the meaning of", "Which",
)  # fmt: skip
# Questions that begin like those it can answer. {w} is a word, {a} and {b} are numbers.
_NEAR_MISSES = (
    "How many people live in {w}?", "How many legs does a {w} have?", "How many days are in a {w}?", "How many {w}s do I need?",
    "What is {a} * {b}?", "What is {a} times {b}?", "{a} / {b}", "{a} * {b}", "What is {a} divided by {b}?", "What is {a}?", "{a}",
    "What is the sum of all {w}s?", "Sort out my {w}", "Count me in", "Count the {w}s in the {w}.", "Add {w} to the list", "Call me {w}",
    "Use {w} in a sentence", "What is {w}?", "How much is a {w}?", "Calculate the {w}.", "Please call my {w}.", "Think about {w}.",
    "Hello {w}", "What is in {w}?", "How much {w} is in a {w}?",
)  # fmt: skip
_MARKS = ("?", ".", "", "!", "\n", ":", " please", "...")


def greeting(random: Random) -> Exchange:
    """A hello for a hello."""
    hello, answer = random.choice(list(GREETINGS.items()))
    shown = hello.lower() if random.random() < 0.25 else hello
    return Exchange(
        shown + random.choice(["", "", "!", ".", "?", " !", "！"]),
        "A greeting, so I greet back in the same language.",
        answer,
    )


def other(random: Random) -> Exchange:
    """Anything else."""
    kind = random.random()
    length = random.choice([0, 1, 2, 3, 4, 6, 10])
    words = [
        random.choice([word(random), random.choice(COMMON), "the", "a", "of", "in", "is", "to"])
        for _ in range(length)
    ]
    opener = random.choice(_OPENERS)
    if kind < 0.15:
        text = _near_miss(random)
    elif kind < 0.65:
        text = " ".join([opener, *words]) + random.choice(_MARKS)
    elif kind < 0.85:
        text = " ".join(words or [word(random)]) + random.choice(_MARKS)
    else:
        lines = [
            " ".join(
                random.choices(
                    [*COMMON, "def", "=", "()", "{", "}", "return", "12", "x"],
                    k=random.randint(2, 6),
                )
            )
            for _ in range(random.randint(2, 8))
        ]
        text = (
            opener
            + "\n\n"
            + random.choice(["```\n{}\n```", "{}", "notes.txt:\n```\n{}\n```"]).format(
                "\n".join(lines)
            )
        )
    return Exchange(text, "This is none of the things I can do, so I say what I am.", "".join(SELF))


def _near_miss(random: Random) -> str:
    return random.choice(_NEAR_MISSES).format(
        w=random.choice([random.choice(COMMON), word(random)]), a=number(random), b=number(random)
    )
