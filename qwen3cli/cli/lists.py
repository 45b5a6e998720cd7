"""What several values in one command mean: lists of numbers in one flag, and flags that do not go together."""

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.ranges import Range


def numbers(flag: str, given: str | None, range: Range) -> list[float]:
    """The numbers, in their order; none where the flag was not given.

    Raises:
        UsageProblem: one is no number, or out of range.
    """
    found = []
    for word in (given or "").split(",") if given is not None else ():
        try:
            value = float(word)
        except ValueError:
            raise UsageProblem(
                f"{flag} takes numbers with commas, and {word.strip() or 'nothing'} is none",
                f"{flag} 0,256,1024",
            ) from None
        if value not in range:
            raise UsageProblem(f"{flag} takes {range}, not {word.strip()}")
        found.append(value)
    return found


def refused(beside: str, **given: object) -> None:
    """Flags, by their names, that would do nothing beside something else.

    Raises:
        UsageProblem: one was given.
    """
    for name, value in given.items():
        if value:
            flag = name if name.isupper() else f"--{name}"
            raise UsageProblem(f"{flag} does nothing with {beside}", "drop one of them")
