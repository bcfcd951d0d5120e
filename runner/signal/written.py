"""Expressions and values as text for people.

A parsed expression is written as its author would: signs where signs were used, few brackets. Parsing the text again gives
the same tree, columns aside.
"""

import math

from runner.signal.expression import Call, Literal, Name, Text, Tree
from runner.signal.operator import ValueType

__all__ = ["is_sign", "number_text", "sign_of", "value_text", "written"]

SIGNS = {
    "or": ("or", 1),
    "and": ("and", 2),
    "less": ("<", 4),
    "less_equal": ("<=", 4),
    "greater": (">", 4),
    "greater_equal": (">=", 4),
    "equal": ("==", 4),
    "not_equal": ("!=", 4),
    "add": ("+", 5),
    "subtract": ("-", 5),
    "multiply": ("*", 6),
    "divide": ("/", 6),
    "power": ("**", 8),
}
"""Operator → its sign and how tightly it binds."""

LONG, LONGEST = 1e6, 1e15
"""Between these a whole number is written out."""

NOT, COMPARISON, MINUS, POWER, WHOLE = 3, 4, 7, 8, 9
"""How tightly `not`, a comparison, a sign, a power and what needs no brackets bind."""


def is_sign(operator: str) -> bool:
    """Tell whether an operator is written as a sign, or as a word between its operands."""
    return operator in SIGNS or operator in {"not", "negate"}


def sign_of(operator: str) -> str:
    """Return the sign of an operator that is written as one."""
    return SIGNS[operator][0] if operator in SIGNS else {"not": "not", "negate": "-"}[operator]


def written(tree: Tree) -> str:
    """Return an expression as text."""
    return _text(tree, 0)


def number_text(value: float) -> str:
    """Return a number in few digits that read back as the same number."""
    if LONG <= abs(value) < LONGEST and value == int(value):
        return f"{value:.0f}"
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def value_text(value: float, gives: ValueType, digits: int = 6) -> str:
    """Return a value of a series: a word, or a number in so many digits, a large one in full."""
    if math.isnan(value):
        return "undefined"
    if gives == "boolean":
        return "true" if value == 1.0 else "false"
    if math.isinf(value):
        return "infinite" if value > 0.0 else "-infinite"
    is_long = 10**digits <= abs(value) < 1e15
    return f"{value:,.0f}" if is_long else f"{value:.{digits}g}"


def _text(tree: Tree, around: int) -> str:
    """Return a tree as text, in brackets if what is around binds more tightly."""
    text, tight = _bound(tree)
    return text if tight >= around else f"({text})"


def _bound(tree: Tree) -> tuple[str, int]:
    if isinstance(tree, Literal):
        return number_text(tree.value), MINUS if str(tree.value).startswith("-") else WHOLE
    if isinstance(tree, Text):
        return (f"'{tree.text}'" if '"' in tree.text else f'"{tree.text}"'), WHOLE
    if isinstance(tree, Name):
        return tree.name, WHOLE
    return _signed(tree) if tree.symbol else (_called(tree), WHOLE)


def _signed(tree: Call) -> tuple[str, int]:
    if tree.operator == "not":
        return f"not {_text(tree.arguments[0], NOT)}", NOT
    if tree.operator == "negate":
        return f"-{_text(tree.arguments[0], MINUS)}", MINUS
    sign, tight = SIGNS[tree.operator]
    # Equal signs are read from the left, powers from the right, and a comparison beside a comparison would be a chain.
    left = tight + (tight in {COMPARISON, POWER})
    right = MINUS if tight == POWER else tight + 1
    return f"{_text(tree.arguments[0], left)} {sign} {_text(tree.arguments[1], right)}", tight


def _called(tree: Call) -> str:
    named = [f"{name}={_text(value, 0)}" for name, value in tree.named]
    return f"{tree.operator}({', '.join([*(_text(each, 0) for each in tree.arguments), *named])})"
