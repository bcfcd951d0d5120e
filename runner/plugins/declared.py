"""Which operators a file makes, found in its text: nothing is run.

Those at the top of the file count, and those under an `if` or `try` there:

    @operator("x")              also as @op(...) after `import operator as op`, and @signal.operator(...)
    def swing(state, x, p):     the operator `swing`
    spread = formula("spread", …)

A file that makes none, such as one of Backtrader strategies, is none of our business.
"""

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from runner.errors import Fault
from runner.plugins.files import PluginFile

__all__ = ["Declared", "declared"]

MAKERS = frozenset({"operator", "window_operator", "cross_operator", "formula"})
HOMES = ("runner.signal", "runner.signal.operator")


@dataclass(frozen=True, slots=True)
class Declared:
    """An operator a file makes."""

    name: str
    """What expressions call it."""
    variable: str
    """What the file calls it."""
    file: PluginFile
    line: int

    @property
    def at(self) -> str:
        """File and line of the definition."""
        return self.file.at(self.line)


def declared(file: PluginFile) -> tuple[Declared, ...] | Fault:
    """Return the operators a file makes, or what keeps it from being Python."""
    try:
        text = file.source.decode()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # said when the file is imported, if it is
            tree = ast.parse(text, filename=str(file.path))
    except SyntaxError as error:
        fix = "Mend the line, or move the file out of the folder."
        caret = f"{' ' * max(0, (error.offset or 1) - 1)}^"
        excerpt = f"{error.text.rstrip()}\n{caret}" if error.text else ""
        return Fault(file.at(error.lineno or 1), "must be Python", error.msg, fix, excerpt=excerpt)
    except (ValueError, RecursionError, MemoryError) as error:
        return Fault(file.shown, "must be Python", str(error), "Save the file as UTF-8 text.")
    names = _names_of_makers(tree)
    return tuple(found for statement in _statements(tree) for found in _made(statement, names, file))


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements at the top of a file, and those under a condition there."""
    for statement in ast.iter_child_nodes(tree):
        if isinstance(statement, ast.If | ast.Try | ast.With | ast.ExceptHandler):
            yield from _statements(statement)
        elif isinstance(statement, ast.stmt):
            yield statement


def _names_of_makers(tree: ast.Module) -> Mapping[str, str]:
    """Return dotted name in the file → which maker it is."""
    found: dict[str, str] = {}
    for node in _statements(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found |= _reached(f"{node.module}.{alias.name}", alias.asname or alias.name)
            if node.module in HOMES and any(alias.name == "*" for alias in node.names):
                found |= {maker: maker for maker in MAKERS}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                found |= _reached(alias.name, alias.asname or alias.name)
    return found


def _reached(target: str, name: str) -> Mapping[str, str]:
    """Return what an import makes of the makers: one of them, or a module through which all are reached."""
    home, _, last = target.rpartition(".")
    if home in HOMES and last in MAKERS:
        return {name: last}
    if target == "runner":
        return {f"{name}.signal.{maker}": maker for maker in MAKERS}
    return {f"{name}.{maker}": maker for maker in MAKERS} if target in HOMES else {}


def _made(statement: ast.stmt, makers: Mapping[str, str], file: PluginFile) -> Iterator[Declared]:
    """Yield the operators a statement makes."""
    if isinstance(statement, ast.FunctionDef):
        for decorator in statement.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if makers.get(ast.unparse(called), "formula") != "formula":
                yield Declared(statement.name.rstrip("_"), statement.name, file, statement.lineno)
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    if isinstance(value, ast.Call) and makers.get(ast.unparse(value.func)) == "formula":
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]  # type: ignore[attr-defined]
        given = [*value.args[:1], *(word.value for word in value.keywords if word.arg == "name")]
        for target in targets:
            for name in given[:1]:
                if isinstance(target, ast.Name) and isinstance(name, ast.Constant) and isinstance(name.value, str):
                    yield Declared(name.value, target.id, file, statement.lineno)
