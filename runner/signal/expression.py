"""Expressions: a subset of Python syntax, parsed with `ast`, never evaluated.

    1. `parse` turns text into Python's own tree and refuses what isn't in the language.
    2. The tree is rewritten into four shapes: `Literal`, `Text`, `Name`, `Call`. Symbols are calls of operators (`a + b` is
       `add(a, b)`), chained comparisons are joined by `and_`, a column may be named with its stream (`bars.close`).

Every node keeps its column, so that whoever finds a fault later can point at it with `pointing_at`.
"""

import ast
import re
from dataclasses import dataclass

from runner.errors import ConfigError, Fault
from runner.signal.foreign import shape_meant, sign_meant

__all__ = ["Call", "Literal", "Name", "Text", "Tree", "parse", "pointing_at"]

MOST_DEEP = 50
LARGEST = 1e300
DECIMAL = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
OPEN_END = re.compile(r"(?<![\\w.])(?:and|or|not)$|[-+*/<>=]+$")
"""An end after which something must follow."""
LANGUAGE = 'Use names, numbers, calls, + - * / **, comparisons, and, or, not, and texts such as "30min".'

BINARY = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Pow: "power"}
COMPARE = {
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
}
JOIN = {ast.And: "and", ast.Or: "or"}


@dataclass(frozen=True, slots=True)
class Literal:
    """A number as written."""

    value: float
    column: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text as written, e.g. a duration."""

    text: str
    column: int


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a node, a parameter or a column of the data; a column may have its stream and a dot before it."""

    name: str
    column: int


@dataclass(frozen=True, slots=True)
class Call:
    """An operator applied to arguments; `named` are the arguments given by name."""

    operator: str
    arguments: "tuple[Tree, ...]"
    named: "tuple[tuple[str, Tree], ...]"
    column: int
    symbol: str = ""
    """The symbol the user wrote, if it was one."""


Tree = Literal | Text | Name | Call


def pointing_at(text: str, column: int) -> str:
    """Return the expression with a caret under a column, for a fault's excerpt."""
    start = max(0, column - 80)
    line = text[start : column + 40].replace("\n", " ")
    return f"{line}\n{' ' * (column - start)}^"


def parse(text: str, where: str) -> Tree:
    """Parse an expression; raises `ConfigError` with every fault of its syntax.

    Args:
        text: The expression; line breaks count as spaces.
        where: Key path for the faults.
    """
    flat = text.replace("\n", " ").replace("\t", " ").replace("\r", " ")
    lead = len(flat) - len(flat.lstrip())
    strange = next((place for place, sign in enumerate(flat) if not sign.isascii() or sign in "#\\`$?;"), None)
    if strange is not None:
        must = "must be written with the letters and signs of the language"
        raise ConfigError(Fault(where, must, flat[strange], LANGUAGE, excerpt=pointing_at(flat, strange)))
    try:
        tree = ast.parse(flat.lstrip(), mode="eval").body
    except SyntaxError as error:
        raise ConfigError(_unreadable(flat, lead, where, error)) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ConfigError(Fault(where, "must be an expression of modest depth", repr(text[:60]), LANGUAGE)) from error
    reader = _Reader(flat, lead, where)
    found = reader.read(tree)
    if reader.faults:
        raise ConfigError(reader.faults)
    return found


def _unreadable(flat: str, lead: int, where: str, error: SyntaxError) -> Fault:
    """Return what is wrong with a text that Python can't read: a sign of another language, an open end, or what it says."""
    meant = sign_meant(flat)
    if meant is not None:
        column, sign, write = meant
        return Fault(where, "must stay within the expression language", sign, write, excerpt=pointing_at(flat, column))
    whole = flat.rstrip()
    end = OPEN_END.search(whole)
    if end is not None:
        must = f"must go on after {end[0]}"
        return Fault(where, must, repr(flat), "Write what follows, or leave it out.", excerpt=pointing_at(flat, len(whole)))
    column = error.offset - 1 + lead if error.offset else len(whole)  # none where more must follow
    write = "Write == to compare." if whole[column : column + 1] == "=" else LANGUAGE
    return Fault(where, f"must be an expression ({error.msg})", repr(flat), write, excerpt=pointing_at(flat, column))


class _Reader:
    """Rewrites Python's tree, collecting what isn't in the language."""

    def __init__(self, text: str, lead: int, where: str) -> None:
        self.text = text
        self.lead = lead
        self.where = where
        self.faults: list[Fault] = []
        self.depth = 0

    def column(self, node: ast.expr) -> int:
        """Return the node's column; Python counts bytes, each of which is a character of the language."""
        return self.lead + node.col_offset

    def refuse(self, node: ast.expr, must: str, was: str, write: str = LANGUAGE, column: int | None = None) -> Tree:
        """Note a fault at a column, else at the node, and return a harmless tree, so that reading goes on."""
        column = self.column(node) if column is None else column
        self.faults.append(Fault(self.where, must, was, write, excerpt=pointing_at(self.text, column)))
        return Literal(0.0, column)

    def read(self, node: ast.expr) -> Tree:
        """Rewrite one node, unless it lies too deep."""
        self.depth += 1
        try:
            if self.depth > MOST_DEEP:
                return self.refuse(node, f"must not nest deeper than {MOST_DEEP}", "deeper", "Name a part of it as a node.")
            return self.rewrite(node)
        finally:
            self.depth -= 1

    def rewrite(self, node: ast.expr) -> Tree:  # noqa: PLR0911 - one line per shape
        """Rewrite one node."""
        match node:
            case ast.Constant():
                return self.constant(node)
            case ast.Name(id=name):
                return Name(name, self.column(node))
            case ast.Attribute(value=ast.Name(id=stream), attr=name):
                return Name(f"{stream}.{name}", self.column(node))
            case ast.UnaryOp():
                return self.unary(node)
            case ast.BinOp(op=op) if type(op) in BINARY:
                return self.symbol(BINARY[type(op)], node, node.left, node.right)
            case ast.BoolOp(op=op):
                return self.joined(JOIN[type(op)], node, [self.read(value) for value in node.values])
            case ast.Compare():
                return self.compare(node)
            case ast.Call():
                return self.call(node)
        return self.beyond(node)

    def beyond(self, node: ast.expr) -> Tree:
        """Refuse what isn't in the language, with what it would be there; of a sign with the caret at the sign."""
        write = shape_meant(node) or LANGUAGE
        if isinstance(node, ast.BinOp):
            between = self.text[self.lead :][node.left.end_col_offset : node.right.col_offset]
            sign = between.strip(" ()")
            column = self.lead + (node.left.end_col_offset or 0) + between.index(sign)
            return self.refuse(node, "must stay within the expression language", sign, write, column)
        return self.refuse(node, "must stay within the expression language", ast.unparse(node), write)

    def symbol(self, operator: str, node: ast.expr, left: ast.expr, right: ast.expr) -> Call:
        """Rewrite a symbol between two operands."""
        return Call(operator, (self.read(left), self.read(right)), (), self.column(node), symbol=operator)

    def joined(self, operator: str, node: ast.expr, parts: list[Tree]) -> Tree:
        """Join two or more parts from the left."""
        result = parts[0]
        for part in parts[1:]:
            result = Call(operator, (result, part), (), self.column(node), symbol=operator)
        return result

    def constant(self, node: ast.Constant) -> Tree:
        """Read a number or a text."""
        if isinstance(node.value, str) and node.kind is None:
            return Text(node.value, self.column(node))
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            return self.refuse(node, "must use numbers and texts only", ast.unparse(node))
        written = self.text[self.lead :][node.col_offset : node.end_col_offset]
        if not DECIMAL.fullmatch(written):
            return self.refuse(node, "must use decimal numbers", written, "Write it like 16, 0.5 or 1e-6.")
        if abs(node.value) >= LARGEST:
            return self.refuse(node, f"must use numbers below {LARGEST:g}", written[:40], "Write a smaller number.")
        return Literal(float(node.value), self.column(node))

    def unary(self, node: ast.UnaryOp) -> Tree:
        """Read a sign or a negation; the sign of a number belongs to the number."""
        operand = self.read(node.operand)
        match node.op:
            case ast.UAdd():
                return operand
            case ast.USub() if isinstance(operand, Literal):
                return Literal(-operand.value, self.column(node))
            case ast.USub():
                return Call("negate", (operand,), (), self.column(node), symbol="-")
            case ast.Not():
                return Call("not", (operand,), (), self.column(node), symbol="not")
        return self.beyond(node)

    def compare(self, node: ast.Compare) -> Tree:
        """Read a comparison; `a < b < c` means `a < b and b < c`."""
        sides = [node.left, *node.comparators]
        parts: list[Tree] = []
        for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if type(op) not in COMPARE:
                return self.beyond(node)
            parts.append(self.symbol(COMPARE[type(op)], node, left, right))
        return self.joined("and", node, parts)

    def call(self, node: ast.Call) -> Tree:
        """Read a call of an operator by its plain name."""
        if not isinstance(node.func, ast.Name):
            write = shape_meant(node) or LANGUAGE
            return self.refuse(node.func, "must call an operator by its name", ast.unparse(node.func), write)
        if any(isinstance(argument, ast.Starred) for argument in node.args) or any(k.arg is None for k in node.keywords):
            return self.refuse(node, "must name each argument", ast.unparse(node), "Write the arguments out.")
        named = tuple((str(keyword.arg), self.read(keyword.value)) for keyword in node.keywords)
        return Call(node.func.id, tuple(self.read(argument) for argument in node.args), named, self.column(node))
