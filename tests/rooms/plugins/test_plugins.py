"""Operators of the user's own: found without running anything, imported when called, and every mistake told by file and line."""

import sys
from textwrap import dedent

import numpy as np
import pytest

from runner.errors import ConfigError, OperatorError
from runner.plugins import Folder, PluginOperators, default_folders, machine_code_faults
from runner.signal.compile import compile_signal
from runner.signal.kernel import kernel
from runner.signal.registry import operators
from runner.signal.vocabulary import Vocabulary
from runner.spec.signal import Signal
from tests.evaluated import values

BARS = ("open", "high", "low", "close", "volume")


def written(folder, **files):
    """Write files into a folder and return the operators an expression may call."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return PluginOperators(operators(), [Folder(folder.resolve(), "strategies")])


def compiled(own, expression):
    signal = Signal.model_validate({"long": {"enter": f"{expression} > 0", "exit": "close > 0"}})
    return compile_signal(signal, Vocabulary({"bars": BARS}, own))


def faults_of(own, expression):
    """Return where, what must hold and what was, of every fault of an expression's operators."""
    try:
        graph = compiled(own, expression)
    except ConfigError as error:
        found = [*error.faults, *own.faults]
    else:
        found = own.faults or machine_code_faults(graph, own)
    return [f"{fault.where}: {fault.must}, was {fault.was}. {fault.write}" for fault in found]


DOUBLE = """
    from runner.signal import operator


    @operator("x")
    def double(state, x, p):
        '''2 · x.'''
        return 2.0 * x[0]
"""


def test_a_decorated_function_is_an_operator(tmp_path):
    """It computes what it says, under the function's name."""
    own = written(tmp_path, mine=DOUBLE)

    assert values(own["double"], [1.0, 2.5]).tolist() == [2.0, 5.0]


@pytest.mark.parametrize(
    ("imports", "decorator"),
    [
        ("from runner.signal import operator", "operator"),
        ("from runner.signal import operator as op", "op"),
        ("from runner.signal.operator import operator", "operator"),
        ("from runner import signal", "signal.operator"),
        ("import runner.signal", "runner.signal.operator"),
        ("import runner.signal as rs", "rs.operator"),
        ("from runner.signal import *", "operator"),
        ("try:\n    from runner.signal import operator\nexcept ImportError:\n    raise", "operator"),
    ],
)
def test_the_decorator_may_be_imported_in_any_way(tmp_path, imports, decorator):
    """All ways in which Python can reach it are understood."""
    own = written(tmp_path, mine=f'{imports}\n@{decorator}("x")\ndef same_(state, x, p):\n    return x[0]\n')

    assert "same" in own
    assert own["same"].name == "same"


def test_every_maker_makes_operators(tmp_path):
    """Windows, cross-sections and formulas, also one that calls an operator of another file."""
    text = """
        from runner.signal import Window, cross_operator, formula, window_operator

        def _add(a, x, p):
            a[0] += x

        def _drop(a, x, p):
            a[0] -= x
            return True

        @window_operator("x", add=_add, drop=_drop, sums=1, window=Window(least=2))
        def total(a, n, p):
            return a[0]

        @cross_operator("x")
        def crowd(x, p, out):
            out[:] = out.size

        twice: object = formula("twice", "x", expression="double(x) + total(x, 2)", description="2 · x + Σ x.")
        named = formula(name="named", expression="close", description="The close.")
    """
    own = written(tmp_path, many=text, mine=DOUBLE)

    graph = compiled(own, "twice(close) + crowd(close) + named()")

    assert own.faults == ()
    assert {"double", "total", "crowd"} <= {getattr(node, "operator", own["double"]).name for node in graph.nodes}
    assert [file.name for file in own.files] == ["many.py", "mine.py"]


def test_a_formula_knows_its_arguments_and_no_name_of_the_signal(tmp_path):
    """Else what it means would change with the signal that calls it, and with the order of the nodes."""
    text = 'from runner.signal import formula\n\nscaled = formula("scaled", "x", expression="x * {0}", description="x · n.")'

    for name in ("n", "base"):
        own = written(tmp_path, mine=text.format(name))
        signal = {"params": {"n": 2}, "nodes": {"base": "close", "value": "scaled(base)"}, "target": "value"}
        with pytest.raises(ConfigError, match="inside formula scaled") as error:
            compile_signal(Signal.model_validate(signal), Vocabulary({"bars": BARS}, own))
        assert [fault.was for fault in error.value.faults] == [name]


def test_only_what_is_called_is_imported(tmp_path):
    """A file whose operators nobody calls isn't run, whatever stands in it; nor is one without operators."""
    own = written(
        tmp_path,
        mine=DOUBLE,
        other=f"{dedent(DOUBLE).replace('double', 'other')}\nraise RuntimeError('ran')\n",
        cerebro="import backtrader_is_not_here\n\nclass Mine(backtrader_is_not_here.Strategy):\n    pass\n",
        unfinished="def (",
    )

    compiled(own, "double(close)")

    assert own.faults == ()
    assert [file.name for file in own.files] == ["mine.py"]


def test_nothing_is_left_behind_by_an_import(tmp_path):
    """No bytecode beside the file, no change of the import path, no module that goes by the file's name."""
    path = list(sys.path)
    own = written(tmp_path, mine=DOUBLE)

    own["double"]

    assert [each.name for each in tmp_path.iterdir()] == ["mine.py"]
    assert sys.path == path
    assert "mine" not in sys.modules


def test_ctrl_c_during_an_import_stays_ctrl_c(tmp_path):
    """It is no fault of the file, and the half of a module that it leaves is not taken for the whole later."""
    own = written(tmp_path, mine=DOUBLE + "    raise KeyboardInterrupt\n")

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            own["double"]

    assert own.faults == ()


def test_a_changed_file_is_another_operator(tmp_path):
    """Also in the same second and of the same length: what is computed is what stands there now."""
    first = values(written(tmp_path, mine=DOUBLE)["double"], [1.0])
    second = values(written(tmp_path, mine=DOUBLE.replace("2.0 *", "3.0 *"))["double"], [1.0])

    assert (first.tolist(), second.tolist()) == ([2.0], [3.0])


def test_a_changed_helper_changes_the_machine_code(tmp_path):
    """The functions and constants a step uses count as much as its own lines."""
    text = """
        from runner.signal import operator, part

        FACTOR = 2.0

        @part
        def _inner(value):
            return FACTOR * value

        @part
        def _helper(value):
            return _inner(value) + 1.0

        @operator("x")
        def helped(state, x, p):
            return _helper(x[0])
    """
    found = [
        values(written(tmp_path, mine=changed)["helped"], [10.0]).tolist()
        for changed in (text, text.replace("+ 1.0", "+ 2.0"), text.replace("FACTOR = 2.0", "FACTOR = 3.0"))
    ]

    assert found == [[21.0], [22.0], [31.0]]


def test_a_file_of_the_user_stands_in_for_the_example_of_its_name(tmp_path):
    """As with `conf/`: one's own copy counts, the others stay."""
    (tmp_path / "swing.py").write_text(dedent(DOUBLE))

    own = PluginOperators(operators(), default_folders(tmp_path))

    assert "double" in own
    assert "swing" not in own
    assert "money_flow" in own


def test_a_misspelt_operator_finds_its_neighbour_without_importing_it(tmp_path):
    """The hint knows the names of the user's operators."""
    own = written(tmp_path, mine=f"{dedent(DOUBLE)}\nraise RuntimeError('ran')\n")

    (fault,) = faults_of(own, "duoble(close)")

    assert "Did you mean double?" in fault


STEP = "from runner.signal import Number, Rows, formula, operator, window_operator\n\n"

BROKEN = [
    (
        "from numba import njit\nfrom runner.signal import operator\n\n\n@njit\ndef g(x, k):\n    return x[k]\n\n\n"
        '@operator("x")\ndef f(state, x, p):\n    return g(x, 0)\n',
        "f(close)",
        ["strategies/mine.py:5: g must be a part that looks at its indexes, was compiled without. Mark g with @part"],
    ),
    (
        "def (",
        "f(close)",
        [
            "strategies/mine.py:1: must be Python; it may hold f, was invalid syntax. ",
        ],
    ),
    (
        f'{STEP}x = 1 / 0\n\n@operator("x")\ndef f(state, x, p):\n    return x[0]\n',
        "f(close)",
        ["strategies/mine.py:3: must run when it is imported, was ZeroDivisionError: division by zero"],
    ),
    (
        f'{STEP}import not_there\n@operator("x")\ndef f(state, x, p):\n    return x[0]\n',
        "f(close)",
        [
            "strategies/mine.py:3: must run when it is imported, was ModuleNotFoundError: No module named 'not_there'. Install"
        ],
    ),
    (
        f'{STEP}raise SystemExit(3)\n@operator("x")\ndef f(state, x, p):\n    return x[0]\n',
        "f(close)",
        ["strategies/mine.py:3: must run when it is imported, was SystemExit: 3"],
    ),
    (
        f'{STEP}@operator("x", statee=3)\ndef f(state, x, p):\n    return x[0]\n',
        "f(close)",
        ["strategies/mine.py:3: must run when it is imported, was TypeError: operator() got an unexpected keyword argument"],
    ),
    (
        f"{STEP}@operator\ndef f(state, x, p):\n    return x[0]\n",
        "f(close)",
        ["strategies/mine.py:4: f must be an operator once the file is imported, was a function. Write @operator("],
    ),
    (
        f'{STEP}@operator("x")\ndef f(x):\n    return x\n',
        "f(close)",
        ["strategies/mine.py:4: step of f must take (state, x, p), was (x). Write def step(state, x, p)."],
    ),
    (
        f'{STEP}@window_operator("x", "y", add=max, drop=None, sums=1)\ndef f(a, n, p):\n    return 1.0\n',
        "f(close, open, 3)",
        [
            "strategies/mine.py:4: add of f must take (a, x, y, p)",
            "strategies/mine.py:4: drop of f must take (a, x, y, p), was None",
        ],
    ),
    (
        f'{STEP}@operator("x", state=3)\ndef f(state, x, p):\n    return x[0]\n',
        "f(close)",
        [
            "strategies/mine.py:4: state of f must be a function of the parameters, was TypeError: 'int' object is not callable"
        ],
    ),
    (
        f'{STEP}@operator("x", parameters=(Rows("n"),), state=lambda n: n / 2)\ndef f(state, x, p):\n    return x[0]\n',
        "f(close, 3)",
        ["strategies/mine.py:4: state of f must give a whole number, an int of 0 or more, was 0.5"],
    ),
    (
        f'{STEP}@operator("x", parameters=(Rows("n"),))\ndef f(state, x, p):\n    return x[0]\n',
        "f(close, 3, 4)",
        ["signal.long.enter: must match f(x, n), was 3 arguments"],
    ),
    (
        f'{STEP}@operator("x", parameters=("n",), gives="bool")\ndef f(state, x, p):\n    return x[0]\n',
        "f(close, 3)",
        [
            "strategies/mine.py:4: a parameter of f must be a Number, Rows or Window, was 'n'",
            "gives of f must be one of the known words",
        ],
    ),
    (
        f'{STEP}@operator("x", "x")\ndef f(state, x, p):\n    return x[0]\n',
        "f(close, open)",
        ["strategies/mine.py:4: arguments of f must have different names, was x twice"],
    ),
    (
        f'{STEP}@operator("x")\ndef f(state, x, p):\n    return x[0]\n\n@operator("x")\ndef f(state, x, p):\n    return x[0]\n',
        "f(close)",
        [
            "strategies/mine.py:4: must be the only operator of its name, was f in strategies/mine.py:4 and strategies/mine.py:8"
        ],
    ),
    (
        f'{STEP}@operator("x")\ndef mean(state, x, p):\n    return x[0]\n',
        "mean(close, 3)",
        ["strategies/mine.py:4: must not have the name of an operator that Runner brings, was mean"],
    ),
    (
        f'{STEP}@operator("x")\ndef resample(state, x, p):\n    return x[0]\n',
        "close",
        ["strategies/mine.py:4: must not have the name of a word of the language"],
    ),
    (
        f'{STEP}f = formula("f", "x", expression="x +", description="")\n',
        "f(close)",
        ["strategies/mine.py:3: the expression of f must go on after +"],
    ),
    (
        f'{STEP}f = formula("f", "x", expression="g(x)", description="")\ng = formula("g", "x", expression="f(x)", description="")\n',
        "f(close)",
        ["strategies/mine.py:3: must not depend on itself, was f -> g -> f. Break the circle."],
    ),
    (
        f'{STEP}@operator("x")\ndef f(state, x, p):\n    return x[0] + "a"\n',
        "f(close)",
        ["strategies/mine.py:5: f must become machine code, was no such operation: add(float64, Literal[str](a))"],
    ),
    (
        f'{STEP}@operator("x")\ndef f(state, x, p):\n    return nobody + x[0]\n',
        "f(close)",
        ["strategies/mine.py:5: f must use names that are there, was nobody. Known: "],
    ),
    (
        f'{STEP}def helper(a):\n    return a\n@operator("x")\ndef f(state, x, p):\n    return helper(x[0])\n',
        "f(close)",
        ["strategies/mine.py:7: f must become machine code, was helper is a plain function. Mark helper with @part."],
    ),
    (
        f'{STEP}@operator("x")\ndef f(state, x, p):\n    return [x[0]][0]\n',
        "f(close)",
        ["f must become machine code, was an array or list is made. Keep numbers in the state"],
    ),
    (
        f'{STEP}@operator("x")\ndef f(state, x, p):\n    state[0] = x[0]\n',
        "f(close)",
        ["strategies/mine.py:4: f must become machine code, was nothing is returned. Return a number"],
    ),
    (
        f'{STEP}@operator("x")\ndef f(state, x, p):\n    import os\n    return 1.0\n',
        "f(close)",
        ["strategies/mine.py:5: f must become machine code, was IMPORT_NAME is not for compiled code"],
    ),
    (
        f'{STEP}@operator("x", state=lambda: 1)\ndef f(state, x, p):\n    state[1] = x[0]\n    return state[1]\n',
        "f(close)",
        ["strategies/mine.py:5: f must not raise while it runs, was IndexError: index is out of bounds. Mend the line"],
    ),
    (
        f'{STEP}@operator("x", state=lambda: 1)\ndef f(state, x, p):\n    return x[0] + state[-2]\n',
        "f(close)",
        ["strategies/mine.py:5: f must not raise while it runs, was IndexError"],
    ),
    (
        f'{STEP}@operator("x", parameters=(Rows("n"),), state=lambda n: int(n))\ndef f(state, x, p):\n'
        "    at = int(state[0])\n    state[0] += 1.0\n    return state[at] + x[0]\n",
        "f(close, 300)",
        ["strategies/mine.py:7: f must not raise while it runs, was IndexError"],
    ),
    (
        f'{STEP}@operator("x")\ndef f(state, x, p):\n    return x[1]\n',
        "f(close)",
        ["strategies/mine.py:5: f must not raise while it runs, was IndexError"],
    ),
    (
        f"{STEP}from runner.signal import part\n\n@part\ndef put(state, at):\n    state[at] = 1.0\n\n"
        '@operator("x")\ndef f(state, x, p):\n    put(state, 0)\n    return x[0]\n',
        "f(close)",
        ["strategies/mine.py:11: f must not raise while it runs, was IndexError"],
    ),
    (
        f"{STEP}def put(a, x, p):\n    a[1] += x\n\n@window_operator('x', add=put, drop=put, sums=1)\n"
        "def f(a, n, p):\n    return a[0]\n",
        "f(close, 3)",
        ["strategies/mine.py:4: f must not raise while it runs, was IndexError"],
    ),
    (
        f"{STEP}def put(a, x, p):\n    a[0] += x\n\n@window_operator('x', add=put, drop=put, sums=1)\n"
        "def f(a, n, p):\n    return a[-2]\n",
        'f(close, "30min")',
        ["strategies/mine.py:8: f must not raise while it runs, was IndexError"],
    ),
    (
        f'{STEP}from runner.signal import cross_operator\n@cross_operator("x")\ndef f(x, p, out):\n'
        "    for i in range(out.size + 1):\n        out[i] = x[i, 0]\n",
        "f(close)",
        ["strategies/mine.py:7: f must not raise while it runs, was IndexError"],
    ),
    (
        f'{STEP}@operator("x")\ndef f(state, x, p):\n    raise ValueError("boom")\n',
        "f(close)",
        ["strategies/mine.py:4: f must become machine code, was nothing is returned"],
    ),
    (
        f'{STEP}@operator("x")\ndef f(state, x, p):\n    assert p.size > 3\n    return x[0]\n',
        "f(close)",
        ["strategies/mine.py:5: f must not raise while it runs, was AssertionError. Mend"],
    ),
]


DATA_DEPENDENT = {
    "index": "    state[int(x[0])] = 1.0\n    return x[0]\n",
    "raise": "    if x[0] > 7.5:\n        raise ValueError('boom')\n    return x[0]\n",
    "assert": "    assert not x[0] > 7.5, 'too much'\n    return x[0]\n",
}


@pytest.mark.parametrize("what", DATA_DEPENDENT)
def test_what_an_operator_raises_over_the_data_is_told_when_they_come(tmp_path, what):
    """It isn't refused beforehand, and neither batch nor live reaches beyond an array or ends in a traceback of ours."""
    text = f'{STEP}@operator("x", state=lambda: 8)\ndef f(state, x, p):\n{DATA_DEPENDENT[what]}'
    own = written(tmp_path, mine=text)
    x = np.array([1.0, 5.0, 8.0])
    line = 6 if what == "raise" else 5

    assert faults_of(own, "f(close)") == []
    assert values(own["f"], x[:2]).tolist() == [1.0, 5.0]
    compiled_step = kernel(own["f"], "row", 1)
    for call in (
        lambda: values(own["f"], x),
        lambda: compiled_step.step(np.zeros(8), x[2:], np.zeros(0)),
    ):
        with pytest.raises(OperatorError) as raised:
            call()
        (fault,) = raised.value.faults
        assert fault.where == f"strategies/mine.py:{line}"
        assert raised.value.exit_code == 2


@pytest.mark.parametrize(("text", "expression", "expected"), BROKEN, ids=[str(number) for number in range(len(BROKEN))])
def test_a_mistake_is_told_by_file_and_line(tmp_path, text, expression, expected):
    """What must hold, what it was, what to write: the useful line of the compiler's instead of its story, no traceback."""
    own = written(tmp_path, mine=text)

    found = faults_of(own, expression)

    assert len(found) == len(expected), found
    for one in expected:
        assert any(one in each for each in found), (one, found)


def test_a_broken_operator_is_no_second_fault_of_the_expression_and_hides_no_other(tmp_path):
    """The file's fault is told once, and what else is wrong in the signal is told beside it."""
    own = written(tmp_path, mine=f'{STEP}@operator("x")\ndef f(x):\n    return x\n')

    found = faults_of(own, "f(close) + f(open) + nobody")

    assert [fault.split(",")[0] for fault in found] == [
        "signal.long.enter: must use known names",
        "strategies/mine.py:4: step of f must take (state",
    ]


def test_a_fault_within_a_formula_names_the_formula_and_its_file(tmp_path):
    """The caret stays at the call; a fault of a shipped formula within it is one of the user's."""
    text = 'f = formula("f", "x", expression="{}", description="")\n'
    for expression, said in (("x + nobody", "must use known names"), ("atr(x, x, x, 0)", "lookback must be a whole number")):
        folder = tmp_path / str(len(expression))
        folder.mkdir()
        own = written(folder, mine=STEP + text.format(expression))

        (found,) = faults_of(own, "f(close)")

        assert found.startswith(f"signal.long.enter: {said}")
        assert "inside formula f of strategies/mine.py:3, was" in found


def test_an_operator_of_a_file_that_is_not_python_is_no_second_fault(tmp_path):
    """A name that stands in the broken file is made there, one that is near no other's may be; that file is mended first."""
    own = written(tmp_path, mine=f'{STEP}@operator("x")\ndef f(state, x, p):\n    return x[0\n')

    found = faults_of(own, "f(close) + nobody(close)")

    assert [fault.split(",")[0] for fault in found] == ["strategies/mine.py:5: must be Python; it may hold f and nobody"]


def test_a_misspelt_operator_beside_a_file_that_is_not_python_is_told_with_its_neighbour(tmp_path):
    """What is likely a slip of the pen isn't put down to the file alone."""
    own = written(tmp_path, mine="def (")

    found = faults_of(own, "maen(close, 3)")

    assert [fault.partition(", was")[0] for fault in found] == [
        "signal.long.enter: must call a known operator",
        "strategies/mine.py:1: must be Python; it may hold maen",
    ]
    assert "Did you mean mean?" in found[0]


def test_every_name_that_nobody_knows_is_told_at_its_line(tmp_path):
    """Also in a part that the operator calls; the nearest name of the file is what was meant."""
    text = """
        from runner.signal import operator, part

        SCALE = 2.0

        @part
        def shrunk(value):
            return value / SCALEE

        @operator("x")
        def f(state, x, p):
            first = shrunk(x[0])
            return first + nobody + len(x)
    """
    own = written(tmp_path, mine=text)

    found = faults_of(own, "f(close)")

    assert len(found) == 2
    assert any(
        fault.startswith("strategies/mine.py:7: f must use names that are there, was SCALEE. Did you mean")
        for fault in found
    )
    assert any(fault.startswith("strategies/mine.py:12: f must use names that are there, was nobody. ") for fault in found)


QUIET = """
    from runner.signal import window_operator

    def add(a, x, p):
        a[0] += x

    def drop(a, x, p):
        a[0] -= x
        {said}

    @window_operator("x", add=add, drop=drop, sums=1)
    def total(a, n, p):
        return a[0]
"""


@pytest.mark.parametrize("said", ["pass", "return None", "if x > 2.0:\n            return True"])
def test_a_drop_that_says_nothing_says_no(tmp_path, said):
    """Also one that only says something at times."""
    own = written(tmp_path, mine=QUIET.format(said=said))

    assert values(own["total"], [1.0, 2.0, 3.0, 4.0, 5.0], p=(2,)).tolist()[1:] == [3.0, 5.0, 7.0, 9.0]
    assert machine_code_faults(compiled(own, 'total(close, "30min")'), own) == ()


def test_arguments_in_order_must_be_arguments(tmp_path):
    """The pair names an input or a parameter each."""
    text = f'{STEP}from runner.signal import Ordered\n@operator("x", "low", ordered=(Ordered("low", "hihg"),))\n'
    own = written(tmp_path, mine=f"{text}def f(state, x, p):\n    return x[0]\n")

    (found,) = faults_of(own, "f(close, 3)")

    assert found.startswith("strategies/mine.py:5: ordered of f must be pairs of its arguments, was Ordered(lower='low'")


def test_an_operator_of_the_users_may_take_and_give_groupings(tmp_path):
    """What it gives is taken where a grouping is asked for, and refused where a number is."""
    text = """
        from runner.signal import Input, operator

        @operator("x", gives="group")
        def halves(state, x, p):
            return 1.0 if x[0] > 10.0 else 0.0

        @operator(Input("kind", "group"))
        def doubled(state, x, p):
            return 2.0 * x[0]
    """
    own = written(tmp_path, mine=text)

    assert compiled(own, "neutralise(close, halves(volume)) + doubled(halves(close))")
    (found,) = faults_of(own, "halves(close)")
    assert found.startswith("signal.long.enter: the left side of > must be a number, was a grouping.")


def test_a_file_that_is_no_text_is_a_fault(tmp_path):
    """Bytes that aren't UTF-8 could be neither shown nor archived."""
    (tmp_path / "mine.py").write_bytes(b"# \xff\xfe\n")
    own = PluginOperators(operators(), [Folder(tmp_path, "strategies")])

    assert any(fault.startswith("strategies/mine.py: must be Python") for fault in faults_of(own, "f(close)"))
