"""Which operators a file makes, found in its text: nothing is run.

Those at the top of the file count, and those under an `if` or `try` there:

    @operator("x")              also as @op(...) after `import operator as op`, and @signal.operator(...)
    def swing(state, x, p):     the operator `swing`
    spread = formula("spread", …)

A file that makes none, such as one of Backtrader strategies, is none of our business.
"""

import ast
from collections.abc import Iterator, Mapping

from runner.errors import Fault
from runner.plugins.definition import Definition, statements, tree_of
from runner.plugins.files import PluginFile

__all__ = ["declared"]

MAKERS = frozenset({"operator", "window_operator", "cross_operator", "formula"})
HOMES = ("runner.signal", "runner.signal.operator")


def declared(file: PluginFile) -> tuple[Definition, ...] | Fault:
    """Return the operators a file makes, or what keeps it from being Python."""
    tree = tree_of(file)
    if isinstance(tree, Fault):
        return tree
    names = _names_of_makers(tree)
    return tuple(found for statement in statements(tree) for found in _made(statement, names, file))


def _names_of_makers(tree: ast.Module) -> Mapping[str, str]:
    """Return dotted name in the file → which maker it is."""
    found: dict[str, str] = {}
    for node in statements(tree):
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


def _made(statement: ast.stmt, makers: Mapping[str, str], file: PluginFile) -> Iterator[Definition]:
    """Yield the operators a statement makes."""
    if isinstance(statement, ast.FunctionDef):
        for decorator in statement.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if makers.get(ast.unparse(called), "formula") != "formula":
                yield Definition(statement.name.rstrip("_"), statement.name, file, statement.lineno)
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    if isinstance(value, ast.Call) and makers.get(ast.unparse(value.func)) == "formula":
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]  # type: ignore[attr-defined]
        given = [*value.args[:1], *(word.value for word in value.keywords if word.arg == "name")]
        for target in targets:
            for name in given[:1]:
                if isinstance(target, ast.Name) and isinstance(name, ast.Constant) and isinstance(name.value, str):
                    yield Definition(name.value, target.id, file, statement.lineno)
