"""Additions and subtractions up to five digits, worked one column at a time from the right."""

from random import Random

from qwen3cli.demo.training.corpus.task import Exchange

MOST_DIGITS = 5

_ADD = (
    "What is {a} + {b}?", "{a}+{b}", "{a} + {b}", "{a} + {b} = ?", "How much is {a} + {b}?", "What is {a} plus {b}?",
    "Calculate {a} + {b}.", "Compute {a} + {b}", "add {a} and {b}", "Please add {a} and {b}.", "what's {a}+{b}", "How much is {a} plus {b}?",
    "What is {a}+{b}", "What is the sum of {a} and {b}?",
)  # fmt: skip
_SUBTRACT = (
    "What is {a} - {b}?", "{a}-{b}", "{a} - {b}", "{a} - {b} = ?", "How much is {a} minus {b}?", "What is {a} minus {b}?",
    "Calculate {a} - {b}.", "Compute {a} - {b}", "subtract {b} from {a}", "Please subtract {b} from {a}.", "what's {a}-{b}",
    "What is {a}-{b}",
)  # fmt: skip


def number(random: Random) -> int:
    """Every length as likely as any other."""
    return random.randrange(10 ** random.randint(1, MOST_DIGITS))


def addition(random: Random) -> Exchange:
    """A sum."""
    a, b = number(random), number(random)
    question = random.choice(_ADD).format(a=a, b=b)
    return Exchange(question, _columns(a, b, "+"), f"{a} + {b} = {a + b}")


def subtraction(random: Random) -> Exchange:
    """A difference, negative ones too."""
    a, b = number(random), number(random)
    question = random.choice(_SUBTRACT).format(a=a, b=b)
    if a < b:
        start = f"{a} is less than {b}, so the sign is minus: {b} - {a}\n"
        return Exchange(question, start + _columns(b, a, "-"), f"{a} - {b} = {a - b}")
    start = f"{a} is not less than {b}\n"
    return Exchange(question, start + _columns(a, b, "-"), f"{a} - {b} = {a - b}")


def _columns(a: int, b: int, sign: str) -> str:
    length = max(len(str(a)), len(str(b)))
    top, bottom = str(a)[::-1].ljust(length, "0"), str(b)[::-1].ljust(length, "0")
    lines, written, over = [f"From the right: {top} and {bottom}"], "", 0
    word = "carry" if sign == "+" else "borrow"
    for x, y in zip(top, bottom, strict=True):
        if sign == "+":
            total = int(x) + int(y) + over
            digit, moved = total % 10, total // 10
        else:
            total = int(x) - int(y) - over
            digit, moved = total % 10, int(total < 0)
        lines.append(f"{x} {sign} {y} {sign} {over} = {total}: write {digit}, {word} {moved}")
        written, over = written + str(digit), moved
    if over:
        written += str(over)
    lines.append(f"Written: {written}, turned: {written[::-1]}")
    return "\n".join(lines)
