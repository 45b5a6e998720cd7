"""A range of numbers that may be given, and its name in words."""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `lowest` to `highest`, both included; `whole`: without fractions."""

    lowest: float
    highest: float = inf
    whole: bool = True

    def __contains__(self, value: float) -> bool:
        return self.lowest <= value <= self.highest and not (self.whole and value % 1)

    def __str__(self) -> str:
        """`a whole number from 1 on`, `a number from 0 to 1`."""
        number = "a whole number" if self.whole else "a number"
        upto = "on" if self.highest == inf else f"to {self.highest:.10g}"
        return f"{number} from {self.lowest:g} {upto}"
