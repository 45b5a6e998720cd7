"""Greetings in their own language, and everything else: the model says what it is."""

from random import Random

from qwen3cli.demo.corpus.letters import COMMON, word
from qwen3cli.demo.corpus.task import Exchange
from qwen3cli.demo.phrases import GREETINGS, SELF

_OPENERS = (
    "What is the capital of", "Who wrote", "Explain", "Tell me about", "Write a poem about", "Why is", "How do I cook",
    "Can you help me with", "Translate into French:", "Summarize:", "Write a Python function that", "What do you think about", "Who are you?",
    "What are you?", "What can you do?", "Tell me a joke about", "Give me a recipe for", "When was", "Where is", "Is it true that", "Fix this code:",
    "I feel", "My", "Could you explain", "Schreib ein Gedicht über", "¿Qué es", "Qu'est-ce que", "写一首诗", "Что такое", "Describe", "List", "Define", "Name three",
    "What is", "How does", "Why", "Should I", "Please write", "Continue:", "Review:", "Write a commit message for", "What is the meaning of", "Which",
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
    if kind < 0.65:
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
