"""Conditions over a lane's values, such as `fast < slow and slippage != "none"`: parsed with `ast`, never run as Python.

1. `condition_of` reads the text: numbers, texts, names with dots, `true`, `false`, `null`, `+ - * / %`, comparisons, `and`,
   `or`, `not` and parentheses; anything else is a fault at its column.
2. `Condition.holds` works it out for one lane. `and` and `or` go from left to right and stop where the answer is known.

Like is compared with like: numbers with numbers, texts with texts in the order of their signs; null and truth only by `==`
and `!=`, null with anything. What can't be compared is a fault, for a comparison that is always false hides a slip.
"""

import ast
import operator
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NoReturn

from runner.errors import ConfigError, Fault
from runner.signal.expression import pointing_at

__all__ = ["Condition", "condition_of"]

MOST_DEEP = 50
LANGUAGE = "Use names, numbers, texts in quotes, + - * / %, comparisons, and, or, not."
WORDS: Mapping[str, Any] = MappingProxyType(
    {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
)
CONNECTIVES: Mapping[type[ast.operator], str] = MappingProxyType({ast.BitAnd: "and", ast.BitOr: "or"})
ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.Mod: operator.mod,
    }
)
COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = MappingProxyType(
    {
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
    }
)
EQUALITY = (ast.Eq, ast.NotEq)
WHERE = "sweep.where"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that could be read."""

    text: str
    """Without line breaks."""
    names: Mapping[str, int]
    """Every name in it → the column where it stands first."""
    source: str
    """Where it was written."""
    tree: ast.expr
    where: str = WHERE
    """What faults call it."""

    def holds(self, value_of: Callable[[str], Any]) -> bool:
        """Return whether it holds for a lane.

        Args:
            value_of: Returns the lane's value for a name.

        Raises:
            ConfigError: If it can't be worked out for these values.
        """
        found = self._value(self.tree, value_of)
        if not isinstance(found, bool):
            self.refuse(self.tree, "must be a condition", _shown(found), "Write a comparison, e.g. fast < slow.")
        return found

    def fault(self, column: int, must: str, was: str = "", write: str = LANGUAGE) -> Fault:
        """Return a fault that points at a column."""
        return Fault(self.where, must, was, write, self.source, pointing_at(self.text, column))

    def refuse(self, node: ast.expr, must: str, was: str = "", write: str = LANGUAGE) -> NoReturn:
        """Raise a fault that points at a part of the condition."""
        raise ConfigError(self.fault(_column(self.text, node), must, was, write))

    def _value(self, node: ast.expr, value_of: Callable[[str], Any]) -> Any:
        if isinstance(node, ast.BoolOp):
            return self._joined(node, value_of)
        if isinstance(node, ast.Compare):
            return self._compared(node, value_of)
        if isinstance(node, ast.BinOp):
            return self._worked_out(node, value_of)
        if isinstance(node, ast.UnaryOp):
            return self._turned(node, value_of)
        if isinstance(node, ast.Constant):
            return node.value
        name = _name(node)
        return WORDS[name] if name in WORDS else value_of(name)

    def _joined(self, node: ast.BoolOp, value_of: Callable[[str], Any]) -> bool:
        is_or = isinstance(node.op, ast.Or)
        return any(self._truth(each, value_of) is is_or for each in node.values) is is_or

    def _truth(self, node: ast.expr, value_of: Callable[[str], Any]) -> bool:
        found = self._value(node, value_of)
        if not isinstance(found, bool):
            self.refuse(node, "must be a condition where and, or, not join conditions", _shown(found))
        return found

    def _compared(self, node: ast.Compare, value_of: Callable[[str], Any]) -> bool:
        left = self._value(node.left, value_of)
        for sign, other in zip(node.ops, node.comparators, strict=True):
            right = self._value(other, value_of)
            if not _are_alike(left, right, is_order=not isinstance(sign, EQUALITY)):
                was = f"{_shown(left)} beside {_shown(right)}"
                self.refuse(other, "must compare numbers with numbers, or texts with texts", was)
            if not COMPARE[type(sign)](left, right):
                return False
            left = right
        return True

    def _worked_out(self, node: ast.BinOp, value_of: Callable[[str], Any]) -> Any:
        left, right = self._number(node.left, value_of), self._number(node.right, value_of)
        try:
            return ARITHMETIC[type(node.op)](left, right)
        except ArithmeticError as error:
            self.refuse(node.right, "must be a number one can reckon with here", _shown(right), f"It gives: {error}.")

    def _turned(self, node: ast.UnaryOp, value_of: Callable[[str], Any]) -> Any:
        if isinstance(node.op, ast.Not):
            return not self._truth(node.operand, value_of)
        found = self._number(node.operand, value_of)
        return -found if isinstance(node.op, ast.USub) else found

    def _number(self, node: ast.expr, value_of: Callable[[str], Any]) -> Any:
        found = self._value(node, value_of)
        if not _is_number(found):
            self.refuse(node, "must be a number", _shown(found))
        return found


def condition_of(text: str, source: str = "", *, where: str = WHERE) -> Condition:
    """Read a condition.

    Args:
        text: The condition; line breaks count as spaces.
        source: Where it was written, for faults.
        where: What faults call it.

    Raises:
        ConfigError: With every fault of its syntax.
    """
    flat = " ".join(text.splitlines()).replace("\t", " ")
    lead = len(flat) - len(flat.lstrip())
    flat = flat[lead:]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of signs in texts, which are nobody's code
            tree = ast.parse(flat, mode="eval").body
    except SyntaxError as error:
        raise ConfigError(_unreadable(flat, source, where, error)) from error
    except (ValueError, RecursionError, MemoryError) as error:
        fault = Fault(where, "must be a condition of modest depth", repr(flat[:60]), LANGUAGE, source)
        raise ConfigError(fault) from error
    found = Condition(flat, MappingProxyType({}), source, tree, where)
    faults = list(_strange(found, tree, 0))
    if faults:
        raise ConfigError(faults)
    names: dict[str, int] = {}
    for node in _parts(tree):
        name = _name(node)
        if name and name not in WORDS:
            names.setdefault(name, _column(flat, node))
    return Condition(flat, MappingProxyType(names), source, tree, where)


def _unreadable(text: str, source: str, where: str, error: SyntaxError) -> Fault:
    column = min((error.offset or len(text) + 1) - 1, len(text))
    write = "Write == to compare." if text[column : column + 1] == "=" else LANGUAGE
    return Fault(where, f"must be a condition ({error.msg})", repr(text), write, source, pointing_at(text, column))


def _strange(condition: Condition, node: ast.expr, depth: int) -> Iterator[Fault]:
    """Yield a fault for each part that is not in the language."""
    if depth > MOST_DEEP:
        yield condition.fault(_column(condition.text, node), f"must be at most {MOST_DEEP} levels deep")
    elif not _is_known(node):
        write = LANGUAGE
        if isinstance(node, ast.BinOp) and type(node.op) in CONNECTIVES:
            write = f"Write {CONNECTIVES[type(node.op)]}, and comparisons in parentheses."
        elif isinstance(node, ast.Compare):
            write = 'Write each comparison, e.g. slippage == "none" or slippage == "fixed_bps".'
        yield condition.fault(_column(condition.text, node), "must stay within the language of conditions", "", write)
    elif not _name(node):
        for part in _inner(node):
            yield from _strange(condition, part, depth + 1)


def _is_known(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return type(node.op) in ARITHMETIC
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not | ast.USub | ast.UAdd)
    if isinstance(node, ast.Compare):
        return all(type(sign) in COMPARE for sign in node.ops)
    if isinstance(node, ast.Constant):
        return node.value is None or (isinstance(node.value, bool | int | float | str) and node.kind is None)
    return isinstance(node, ast.BoolOp) or bool(_name(node))


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """Yield a part and all that are in it, from left to right; a name with dots is one part."""
    yield node
    if not _name(node):
        for part in _inner(node):
            yield from _parts(part)


def _inner(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    return [node.operand] if isinstance(node, ast.UnaryOp) else []


def _name(node: ast.expr) -> str:
    """Return the name a part is, dots included; empty if it is none."""
    if isinstance(node, ast.Name):
        return node.id
    above = _name(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{above}.{node.attr}" if above and isinstance(node, ast.Attribute) else ""


def _column(text: str, node: ast.expr) -> int:
    """Return the column of a part; Python counts the bytes before it."""
    return len(text.encode()[: node.col_offset].decode())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_alike(left: object, right: object, *, is_order: bool) -> bool:
    if _is_number(left) or _is_number(right):
        return (_is_number(left) and _is_number(right)) or (not is_order and (left is None or right is None))
    if isinstance(left, str) or isinstance(right, str):
        return (isinstance(left, str) and isinstance(right, str)) or (not is_order and (left is None or right is None))
    return not is_order and (left is None or right is None or type(left) is type(right))


def _shown(value: object) -> str:
    words = {True: "true", False: "false", None: "null"}
    if value is None or isinstance(value, bool):
        return words[value]
    return repr(value) if isinstance(value, str | int | float) else f"a {'mapping' if isinstance(value, dict) else 'list'}"
