"""Exact arithmetic, and what it refuses."""

import re

import pytest

from qwen3cli.tools.built_in.arithmetic import evaluate
from qwen3cli.tools.built_in.number import CannotCompute


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("478² / 13", "228484/13, about 17575.692307692307692"),
        ("0.1 + 0.2", "0.3"),
        ("-2^2", "-4"),
        ("2^-3", "0.125"),
        ("2^3^2", "512"),
        ("3 × (4 + 5) = ?", "27"),
        ("12 ÷ 5", "2.4"),
        ("1,234,567 * 2", "2469134"),
        ("max(1,200)", "200"),
        ("10 % 3", "1"),
        ("15% of 80", "12"),
        ("200 * 15%", "30"),
        ("sqrt(16/9)", "4/3, about 1.3333333333333333333"),
        ("8^(1/3)", "2"),
        ("sqrt(2)", "about 1.4142135623730950488"),
        ("round(2.5) + |3 - 5| + 5!", "125"),
        ("-7 // 2", "-4"),
        ("(-1)^1000000001", "-1"),
    ],
)
def test_an_expression_comes_to_its_exact_value(expression, result):
    assert str(evaluate(expression)) == result


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "a number is missing before the end"),
        ("1/0", "division by zero"),
        ("1 2", "an operator is missing before '2'"),
        ("__import__('os')", "cannot read \"__import__('os')\""),
        ("9^9^9", "the result is too large"),
        ("2^100000000000000000000", "the result is too large"),
        ("1e999999", "1e999999 is too large"),
        ("1001!", "a factorial is of a whole number from 0 to 1,000"),
        ("(" * 60 + "1" + ")" * 60, "nested too deep"),
        ("2^" * 100 + "1", "nested too deep"),
        ("1" * 1001, "longer than 1,000 characters"),
        ("sqrt(-1)", "a root of a negative number"),
        ("sin(1)", "'sin' is not known"),
    ],
)
def test_what_cannot_be_computed_is_refused_in_a_line(expression, reason):
    with pytest.raises(CannotCompute, match=f"^{re.escape(reason)}"):
        evaluate(expression)
