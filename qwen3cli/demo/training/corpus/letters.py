"""Counting a letter in a word: spell it one letter a line, and count where the letter stands."""

from random import Random

from qwen3cli.demo.training.corpus.task import Exchange

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_SYLLABLES = [
    "an", "ba", "be", "ber", "bo", "ca", "ce", "co", "da", "de", "di", "do", "ed", "el", "en", "er", "es", "fa",
    "fi", "fo", "ga", "ge", "go", "gra", "ha", "he", "hi", "ho", "ill", "in", "ing", "ion", "ip", "is", "ja",
    "ka", "ki", "la", "le", "li", "lo", "ly", "ma", "me", "mi", "mo", "na", "ne", "ni", "no", "nt", "oo", "or",
    "pa", "pe", "pi", "pp", "pre", "ra", "raw", "re", "ri", "ro", "rr", "sa", "se", "si", "so", "ss", "st",
    "str", "sti", "su", "ta", "te", "th", "ti", "to", "tri", "tt", "tu", "un", "ur", "va", "ve", "vi", "wa",
    "we", "wi", "ya", "za",
]  # fmt: skip
# no strawberry and no mississippi: those are for the test
COMMON = [
    "apple", "banana", "cherry", "orange", "lemon", "raspberry", "blueberry", "blackberry", "peach", "grape",
    "river", "mountain", "garden", "window", "kitchen", "letter", "little", "summer", "winter", "yellow",
    "purple", "happy", "coffee", "butter", "bottle", "rabbit", "kangaroo", "elephant", "giraffe", "tiger",
    "monkey", "committee", "address", "bookkeeper", "balloon", "tomorrow", "success", "accommodate",
    "necessary", "mirror", "horror", "terror", "arrow", "sorrow", "carrot", "cat", "dog", "house", "tree",
    "book", "water", "light", "music", "paper", "school", "teacher", "computer", "language", "model",
    "question", "answer", "python",
]  # fmt: skip

_FORMS = (
    "How many {c}'s are in {w}?", "How many {c}s are in {w}?", 'How many "{c}" are in "{w}"?', "How many {c}'s are there in {w}?",
    'How many times does the letter "{c}" occur in "{w}"?', "How many times does the letter {c} appear in {w}?", "Count the {c}'s in {w}.",
    "Count the letter {c} in {w}.", "How many letters {c} are in the word {w}?", "how many {c} in {w}", "How many {c}'s are in the word {w}?",
    "How many r's are in {w}?",
)  # fmt: skip


def word(random: Random) -> str:
    """Letters at random, word-like syllables, or an ordinary word."""
    kind = random.random()
    if kind < 0.35:
        few = (
            random.sample(_ALPHABET, random.randint(2, 8))
            if random.random() < 0.5
            else list(_ALPHABET)
        )
        return "".join(random.choices(few, k=random.randint(1, 16)))
    if kind < 0.85:
        return "".join(random.choices(_SYLLABLES, k=random.randint(1, 6)))
    return random.choice(COMMON)


def count(random: Random) -> Exchange:
    """How often a letter stands in a word; mostly one that is in it."""
    text = word(random)
    letter = random.choice(text) if random.random() < 0.8 else random.choice(_ALPHABET)
    form = random.choice(_FORMS)
    if "r's" in form:
        letter = "r"
    shown = text.capitalize() if random.random() < 0.08 else text
    return Exchange(
        form.format(c=letter, w=shown), _thoughts(text, letter), str(text.count(letter))
    )


def _thoughts(text: str, letter: str) -> str:
    lines, seen = [f"Spell {text} and count {letter}"], 0
    for each in text:
        seen += each == letter
        lines.append(f"{each} {seen}" if each == letter else each)
    return "\n".join(lines)
