"""Exact numbers, and all that is computed of them: fractions, each with a bound on its size. Knows nothing of how they are written.

A root that is no fraction is taken to 40 digits, and what it goes into counts as rounded.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

# Of a numerator or denominator: some 3,000 digits, and below the 4,300 from where Python refuses to write a number.
_MOST_BITS = 10_000
_MOST_FACTORIAL = 1000  # 8,530 bits
_ROOT_DIGITS = 40
_SHOWN_DIGITS = 20


class CannotCompute(Exception):
    """What is wrong with an expression, in one line."""


@dataclass(frozen=True, slots=True)
class Number:
    """A value, and whether it is exact."""

    value: Fraction
    exact: bool = True

    def __str__(self) -> str:
        """The whole value where it is one; else a fraction and its decimals, which say whether they are all."""
        decimals, all_of_them = _decimals(self.value)
        if not self.exact:
            return f"about {decimals}"
        if self.value.denominator == 1:
            return str(self.value)
        return decimals if all_of_them else f"{self.value}, about {decimals}"


def bounded(value: Fraction, *of: Number) -> Number:
    """The value as a number, exact if those it was made of are; refused if it is too large."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MOST_BITS:
        raise CannotCompute("the result is too large")
    return Number(value, all(each.exact for each in of))


def _divided(a: Number, b: Number) -> Number:
    return bounded(a.value / _not_zero(b), a, b)


def _not_zero(number: Number) -> Fraction:
    if number.value == 0:
        raise CannotCompute("division by zero")
    return number.value


def power(base: Number, exponent: Number) -> Number:
    """The power; the exponent must be exact."""
    if not exponent.exact:
        raise CannotCompute("the exponent is no fraction")
    whole, degree = exponent.value.numerator, exponent.value.denominator
    if degree > 1:
        base = root(base, degree)
    if whole < 0:
        base, whole = Number(1 / _not_zero(base), base.exact), -whole
    bits = max(base.value.numerator.bit_length(), base.value.denominator.bit_length())
    if base.value not in (-1, 0, 1) and (bits - 1) * whole > _MOST_BITS:
        raise CannotCompute("the result is too large")
    if base.value in (-1, 0, 1):
        whole = whole if whole < 2 else 2 - whole % 2
    return bounded(base.value**whole, base)


def root(of: Number, degree: int) -> Number:
    """The root; exact if it is a fraction."""
    if degree > _MOST_BITS:
        raise CannotCompute("that root is too high")
    if of.value < 0:
        if degree % 2 == 0:
            raise CannotCompute("a root of a negative number")
        positive = root(Number(-of.value, of.exact), degree)
        return Number(-positive.value, positive.exact)
    above, below = (_whole_root(each, degree) for each in of.value.as_integer_ratio())
    if Fraction(above**degree, below**degree) == of.value:
        return Number(Fraction(above, below), of.exact)
    digits = 10**_ROOT_DIGITS
    if degree * digits.bit_length() > _MOST_BITS:
        raise CannotCompute("that root is too high")
    scaled = of.value * digits**degree
    return Number(Fraction(_whole_root(int(scaled), degree), digits), exact=False)


def _whole_root(of: int, degree: int) -> int:
    """The largest whole number whose power does not exceed `of`, by Newton's steps from above."""
    if of < 2 or degree == 1:
        return of
    found = 1 << -(-of.bit_length() // degree)
    while True:
        closer = ((degree - 1) * found + of // found ** (degree - 1)) // degree
        if closer >= found:
            return found
        found = closer


def factorial(number: Number) -> Number:
    """Of a whole number, up to a bound."""
    value = number.value
    if value.denominator != 1 or not 0 <= value <= _MOST_FACTORIAL:
        raise CannotCompute(f"a factorial is of a whole number from 0 to {_MOST_FACTORIAL:,}")
    return Number(Fraction(math.factorial(int(value))))


def _one(function: Callable[[Number], Number]) -> Callable[[Sequence[Number]], Number]:
    def checked(arguments: Sequence[Number]) -> Number:
        if len(arguments) != 1:
            raise CannotCompute("this function takes one number")
        return function(arguments[0])

    return checked


def _rounded(arguments: Sequence[Number]) -> Number:
    """To whole numbers or to so many decimals; halves away from zero, as people learn it."""
    places = arguments[1].value if len(arguments) == 2 else Fraction(0)
    if len(arguments) > 2 or places.denominator != 1 or not 0 <= places <= _ROOT_DIGITS:
        raise CannotCompute(f"round takes a number and at most {_ROOT_DIGITS} decimals")
    scale = 10 ** int(places)
    value = arguments[0].value * scale
    away = math.floor(abs(value) + Fraction(1, 2))
    return Number(Fraction(away if value >= 0 else -away, scale))


def _of_whole(function: Callable[..., int]) -> Callable[[Sequence[Number]], Number]:
    def computed(arguments: Sequence[Number]) -> Number:
        if any(each.value.denominator != 1 for each in arguments):
            raise CannotCompute("this function takes whole numbers")
        whole = function(*(int(each.value) for each in arguments))
        return bounded(Fraction(whole), *arguments)

    return computed


PRODUCTS: Mapping[str, Callable[[Number, Number], Number]] = {
    "*": lambda a, b: bounded(a.value * b.value, a, b),
    "of": lambda a, b: bounded(a.value * b.value, a, b),
    "/": _divided,
    "//": lambda a, b: bounded(Fraction(a.value // _not_zero(b)), a, b),
    "%": lambda a, b: bounded(a.value % _not_zero(b), a, b),
    "mod": lambda a, b: bounded(a.value % _not_zero(b), a, b),
}
FUNCTIONS: Mapping[str, Callable[[Sequence[Number]], Number]] = {
    "sqrt": _one(lambda number: root(number, 2)),
    "cbrt": _one(lambda number: root(number, 3)),
    "abs": _one(lambda number: Number(abs(number.value), number.exact)),
    "floor": _one(lambda number: Number(Fraction(math.floor(number.value)))),
    "ceil": _one(lambda number: Number(Fraction(math.ceil(number.value)))),
    "round": _rounded,
    "factorial": _one(factorial),
    "gcd": _of_whole(math.gcd),
    "lcm": _of_whole(math.lcm),
    "min": lambda numbers: min(numbers, key=lambda each: each.value),
    "max": lambda numbers: max(numbers, key=lambda each: each.value),
}


def _decimals(value: Fraction) -> tuple[str, bool]:
    """The value in decimals, at most so many digits, and whether these are all."""
    twos_and_fives = value.denominator
    for prime in (2, 5):
        while twos_and_fives % prime == 0:
            twos_and_fives //= prime
    sign, size = "-" if value < 0 else "", abs(value)
    places = (
        max(1, _SHOWN_DIGITS - len(str(int(size))))
        if size >= 1
        else _first_digit(size) + _SHOWN_DIGITS - 1
    )
    scaled = size * 10**places
    digits = str(math.floor(scaled + Fraction(1, 2))).rjust(places + 1, "0")
    whole, rest = digits[:-places], digits[-places:].rstrip("0")
    return f"{sign}{whole}.{rest}".rstrip("."), twos_and_fives == 1 and scaled.denominator == 1


def _first_digit(size: Fraction) -> int:
    """At which decimal a number below one begins."""
    if size == 0:
        return 1
    return max(1, len(str(size.denominator)) - len(str(size.numerator)))
