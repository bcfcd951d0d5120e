"""Compiles the user's operators that a graph uses, before any row is read: what the compiler refuses is told as a fault.

Then each is run over rows that are drawn. What it raises over every kind of them, such as an index beyond its own state,
doesn't depend on the data and is a fault as well; what depends on them is told when the data come, see `signal.breakage`.
"""

import builtins
import dis
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

from numpy.random import PCG64, Generator

from runner.compiler.ingredients import ingredients, unchecked_parts
from runner.errors import Fault, OperatorError
from runner.plugins.definition import Definition
from runner.plugins.operators import PluginOperators
from runner.signal.foreign import hint
from runner.signal.graph import Apply, Graph
from runner.signal.kernel import kernel
from runner.signal.laws.drawn import FLAVOURS, drawn
from runner.signal.laws.trial import Trial, values
from runner.signal.operator import Cross, Operator, Row, WindowRule

__all__ = ["fault_of", "machine_code_faults", "unchecked_faults"]

ANYTHING = "Use numbers, the arrays that are given, and what Numba knows of math and numpy."
NO_ARRAYS = "Keep numbers in the state; only a cross-section may make arrays."
A_NUMBER = "Return a number, or np.nan where it is undefined."

TELLING = (
    (r">>> (?P<call>\w+\(.*\))", "no such operation: {call}", ANYTHING),
    (r"Untyped global name '(?P<name>\w+)'.*class 'function'", "{name} is a plain function", "Mark {name} with @part."),
    (r"Untyped global name '(?P<name>\w+)': (?P<why>.*)", "{name}: {why}", ANYTHING),
    (r"No conversion from none to float64", "nothing is returned", A_NUMBER),
    (r"No conversion from (?P<type>.*) to float64", "{type} is returned", A_NUMBER),
    (r"Use of unsupported opcode \((?P<code>\w+)\)", "{code} is not for compiled code", ANYTHING),
    (r"(?P<said>(?:The '|Cannot |Unknown |Variable |\w*Error: |Invalid ).*)", "{said}", ANYTHING),
)
"""How a line of the compiler begins that tells what is wrong → our words, and the remedy. The first found counts."""

MAKES_ARRAYS = re.compile("Only accept returning of array|NRT required")

PLACE = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)|(?P<path>\S+\.py) \((?P<number>\d+)\)')

LONGEST = 300

SEED = 0
"""The rows are the same each time."""

ROWS, MOST_ROWS = 64, 4096
"""Rows that an operator is tried over: enough to go round whatever it keeps, unless that is very long."""


def machine_code_faults(graph: Graph, operators: PluginOperators) -> tuple[Fault, ...]:
    """Return what keeps the user's operators of a graph from becoming machine code."""
    return tuple(dict.fromkeys(_faults(graph, operators)))


def _faults(graph: Graph, operators: PluginOperators) -> Iterator[Fault]:
    for node in graph.nodes:
        ours = operators.own(node.operator) if isinstance(node, Apply) else None
        if ours is None or not isinstance(node, Apply):
            continue
        unsound = (*_unknown_names(node.operator, ours), *_unchecked_parts(node.operator, ours))
        if unsound:
            yield from unsound
            continue
        try:
            state = kernel(node.operator, node.form, len(node.inputs)).fresh(1, node.parameters, 1)
            node.rows_before()
            yield from _raised(node, min(MOST_ROWS, ROWS + 2 * state.size))
        except Exception as error:  # noqa: BLE001 - the compiler raises errors of any kind over the user's functions
            yield fault_of(str(error) or type(error).__name__, ours)


def _unknown_names(operator: Operator, ours: Definition) -> Iterator[Fault]:
    """Yield a fault for every name that the functions of an operator use and nobody knows, each at its first line."""
    for function in _functions(operator, ours):
        for name, line in sorted(_unknown_in(function).items()):
            must = f"{ours.name} must use names that are there"
            own = [known for known in function.__globals__ if not known.startswith("_")]
            yield Fault(ours.file.at(line), must, name, hint(name, own))


def _unchecked_parts(operator: Operator, ours: Definition) -> Iterator[Fault]:
    for function in _bodies(operator):
        yield from unchecked_faults(function, ours)


def unchecked_faults(function: Callable[..., Any], ours: Definition) -> Iterator[Fault]:
    """Yield a fault for each part of a function that the file makes and that doesn't look at its indexes."""
    for each in unchecked_parts(function):
        if each.__code__.co_filename == str(ours.file.path):
            must = f"{each.__name__} must be a part that looks at its indexes"
            write = f"Mark {each.__name__} with @part of runner.signal."
            yield Fault(ours.file.at(each.__code__.co_firstlineno), must, "compiled without", write)


def _bodies(operator: Operator) -> list[Callable[..., Any]]:
    body = operator.body
    own = [body.step] if isinstance(body, Row) else [body.across] if isinstance(body, Cross) else []
    return [body.add, body.drop, body.value] if isinstance(body, WindowRule) else own


def _functions(operator: Operator, ours: Definition) -> Iterator[FunctionType]:
    """Yield the functions of an operator and those they call, as far as the file makes them."""
    made = (value for function in _bodies(operator) for _, value in ingredients(function))
    return (each for each in made if isinstance(each, FunctionType) and each.__code__.co_filename == str(ours.file.path))


def _unknown_in(function: FunctionType) -> dict[str, int]:
    known = _known_to(function)
    found: dict[str, int] = {}
    for line in dis.get_instructions(function.__code__):
        place = line.positions.lineno if line.positions else None
        if line.opname in {"LOAD_GLOBAL", "LOAD_NAME"} and line.argval not in known:
            found.setdefault(line.argval, place or function.__code__.co_firstlineno)
    return found


def _known_to(function: FunctionType) -> set[str]:
    """Return the names a function may use without making them itself."""
    return {*function.__globals__, *vars(builtins)}


def _raised(node: Apply, rows: int) -> tuple[Fault, ...]:
    """Return what an operator raises over so many rows of every kind, nothing if there is a kind over which it doesn't."""
    faults: tuple[Fault, ...] = ()
    for flavour in FLAVOURS:
        generator = Generator(PCG64(SEED))
        history = drawn(node.operator, node.parameters, generator, counts=(rows,), flavour=flavour, is_even=True)
        try:
            values(Trial(node.operator, node.form, node.parameters, history))
        except OperatorError as error:
            faults = faults or error.faults
        else:
            return ()
    return faults


def fault_of(text: str, ours: Definition) -> Fault:
    """Return what the compiler says as a fault at a line of the user's file."""
    said, write = _told(text)
    return Fault(ours.file.at(_line(text, ours)), f"{ours.name} must become machine code", said, write)


def _told(text: str) -> tuple[str, str]:
    """Return what is wrong and what to write instead."""
    if MAKES_ARRAYS.search(text):
        return "an array or list is made", NO_ARRAYS
    for pattern, words, write in TELLING:
        found = re.search(rf"^\W*{pattern}" if not pattern.startswith(">>>") else pattern, text, re.MULTILINE)
        if found:
            return _short(words.format(**found.groupdict())), write.format(**found.groupdict())
    lines = (line for line in text.splitlines() if line and not line.startswith("Failed in "))
    return _short(next(lines, text)), ANYTHING


def _short(text: str) -> str:
    flat = " ".join(text.split()).rstrip(".")
    return flat if len(flat) <= LONGEST else f"{flat[:LONGEST]}…"


def _line(text: str, ours: Definition) -> int:
    """Return the line of the user's file that the compiler names first, the innermost one, or that of the definition."""
    for match in PLACE.finditer(text):
        if Path(match["file"] or match["path"]).name == ours.file.path.name:
            return int(match["line"] or match["number"])
    return ours.line
