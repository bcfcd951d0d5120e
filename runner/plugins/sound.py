"""Whether an operator is put together as its contract says: what a type checker would tell, told to those who use none.

Compiled code trusts what it is given. A `step` of four arguments, a `state` that is a number instead of a function of the
parameters, a word that isn't one of the known ones would else be found late, in terms of the compiler, or never.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_args

from runner.errors import ConfigError, Fault, did_you_mean
from runner.plugins.definition import Definition
from runner.plugins.imported import line_in
from runner.signal.expression import parse
from runner.signal.operator import (
    Cross,
    Formula,
    Operator,
    Ordered,
    Parameter,
    Row,
    Rows,
    Undefined,
    ValueType,
    Window,
    WindowRule,
)

__all__ = ["faults_of"]

MAKERS = 'Write @operator("x") above def step(state, x, p), with brackets also where nothing stands in them.'


def faults_of(made: object, declared: Definition) -> list[Fault]:
    """Return what is wrong with what a file made under an operator's name."""
    if not isinstance(made, Operator):
        was = f"a {type(made).__name__}"
        return [Fault(declared.at, f"{declared.variable} must be an operator once the file is imported", was, MAKERS)]
    if made.name != declared.name:
        must = f"must make the operator {declared.name}"
        return [Fault(declared.at, must, made.name, "Write one definition of each name.")]
    faults = [Fault(declared.at, *said) for said in (*_words(made), *_names(made), *_order(made))]
    return faults or [Fault(declared.at, *said) for said in _body(made, declared)]


Said = tuple[str, str, str]
"""What must hold, what it was, what to write."""


def _words(made: Operator) -> Iterator[Said]:
    """Yield what is wrong with the words an operator is made with."""
    known = {"gives": get_args(ValueType), "undefined": get_args(Undefined)}
    for word, names in known.items():
        if getattr(made, word) not in names:
            yield f"{word} of {made.name} must be one of the known words", repr(getattr(made, word)), did_you_mean("", names)
    if not (isinstance(made.tolerance, int | float) and 0.0 <= made.tolerance <= 1.0):
        yield f"tolerance of {made.name} must be a weight from 0 to 1", repr(made.tolerance), "Write e.g. tolerance=1e-6."
    parameters: tuple[object, ...] = made.parameters  # nobody has held them to their types yet
    for each in parameters:
        if not isinstance(each, Parameter):
            fix = 'Write parameters=(Rows("lookback"),): a tuple, of one as well, so mind the comma.'
            yield f"a parameter of {made.name} must be a Number, Rows or Window", repr(each), fix
    for read in made.inputs:
        if read.type not in get_args(ValueType) or not str(read.name).isidentifier():
            fix = 'Write "x" or Input("x", "boolean").'
            yield f"an input of {made.name} must be a name or an Input", repr(read.name), fix


def _order(made: Operator) -> Iterator[Said]:
    """Yield what is wrong with the pairs of arguments that must be in order."""
    names = {str(each.name) for each in (*made.inputs, *made.parameters) if hasattr(each, "name")}
    ordered: tuple[object, ...] = made.ordered  # nobody has held them to their types yet
    for each in ordered:
        if not isinstance(each, Ordered) or not {each.lower, each.upper} <= names:
            fix = 'Write ordered=(Ordered("low", "high"),) with the names of two arguments.'
            yield f"ordered of {made.name} must be pairs of its arguments", repr(each), fix


def _names(made: Operator) -> Iterator[Said]:
    """Yield what is wrong with the names of inputs and parameters."""
    names = [str(each.name) for each in (*made.inputs, *made.parameters) if hasattr(each, "name")]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"arguments of {made.name} must have different names", f"{name} twice", "Choose another name for one."


def _body(made: Operator, declared: Definition) -> Iterator[Said]:
    """Yield what is wrong with an operator's functions."""
    body = made.body
    if isinstance(body, Formula):
        yield from _formula(made, body)
        return
    for what, function, arguments in _functions(body, [each.name for each in made.inputs]):
        if not callable(function) or not _takes(function, len(arguments)):
            wanted = f"({', '.join(arguments)})"
            was = f"({', '.join(_arguments(function))})" if callable(function) else repr(function)
            yield f"{what} of {made.name} must take {wanted}", was, f"Write def {what}{wanted}."
    if isinstance(body, WindowRule) and body.memory is None and (type(body.sums) is not int or body.sums < 1):
        yield f"sums of {made.name} must be how many sums it keeps", repr(body.sums), "Write sums=1 or more."
    yield from _lengths(made, declared)


def _functions(body: Row | WindowRule | Cross, inputs: Sequence[str]) -> Iterator[tuple[str, Any, Sequence[str]]]:
    """Yield each compiled function of a body with what it is given."""
    if isinstance(body, Row):
        yield "step", body.step, ("state", "x", "p")
    elif isinstance(body, Cross):
        yield "across", body.across, ("x", "p", "out")
    elif body.memory is None:
        yield "add", body.add, ("a", *inputs, "p")
        yield "drop", body.drop, ("a", *inputs, "p")
        yield "value", body.value, ("a", "n", "p")
    else:
        yield "add", body.add, ("s", *inputs, "at", "capacity", "p")
        yield "drop", body.drop, ("s", *inputs, "at", "capacity", "p")
        yield "value", body.value, ("s", "at", "n", "capacity", "p")


def _lengths(made: Operator, declared: Definition) -> Iterator[Said]:
    """Yield what is wrong with the functions of the parameters, by asking each once."""
    body = made.body
    asked: dict[str, Any] = {}
    if isinstance(body, Row):
        asked = {"state": body.state, "warm_up": body.warm_up, "columns": body.columns}
    elif isinstance(body, Cross):
        asked = {"columns": body.columns}
    numbers = [_sample(each) for each in made.parameters]
    names = ", ".join(each.name for each in made.parameters)
    for word, function in asked.items():
        fix = f"Write {word}=lambda {names}: …, a function of the parameters." if names else f"Write {word}=lambda: …"
        try:
            came = function(*numbers)
        except Exception as error:  # noqa: BLE001 - whatever the user's code raises is the user's to mend
            line = line_in(declared.file, error)
            at = f" in line {line}" if line else ""
            yield f"{word} of {made.name} must be a function of the parameters", f"{type(error).__name__}: {error}{at}", fix
            continue
        if word == "columns":
            if not (isinstance(came, tuple) and all(isinstance(name, str) for name in came)):
                yield f"columns of {made.name} must give a tuple of names", repr(came), fix
        elif type(came) is not int or came < 0:
            yield f"{word} of {made.name} must give a whole number, an int of 0 or more", repr(came), fix


def _formula(made: Operator, body: Formula) -> Iterator[Said]:
    try:
        parse(body.expression, made.name)
    except ConfigError as error:
        yield from ((f"the expression of {made.name} {fault.must}", fault.was, fault.write) for fault in error.faults)


def _sample(parameter: Parameter) -> float:
    """Return a value a parameter may have."""
    if parameter.default is not None:
        return float(parameter.default)
    if isinstance(parameter, Rows | Window):
        return float(parameter.least)
    inside = [1.0, parameter.least + 1.0, parameter.most - 1.0, (parameter.least + parameter.most) / 2.0]
    return next((value for value in inside if math.isfinite(value) and parameter.fault("", value) is None), parameter.most)


def _takes(function: Callable[..., Any], count: int) -> bool:
    return len(_arguments(function)) == count


def _arguments(function: Callable[..., Any]) -> list[str]:
    """Return the names of what a function takes, of a part of compiled functions as well."""
    plain = getattr(function, "py_func", function)
    try:
        return list(inspect.signature(plain).parameters)
    except (TypeError, ValueError):
        return []
