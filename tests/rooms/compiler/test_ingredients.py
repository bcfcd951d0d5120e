"""What machine code is made from: all that can change it changes the digest, and nothing else does."""

import os
import subprocess
import sys
from types import ModuleType

import numpy as np
import pytest

from runner.compiler import allocating_part, frozen_bytes, ingredients, part_of_kernel
from runner.compiler.ingredients import digest_of


def made(text, **known):
    """Return the function `step` of a text."""
    module = ModuleType("made")
    vars(module).update(known)
    code = compile(text, "made.py", "exec")
    exec(code, vars(module))  # the tests are the only place where text becomes code
    return vars(module)["step"]


STEP = "def step(x):\n    return helper(x) + FACTOR\n"


def helper(x):
    return 2.0 * x


def other_helper(x):
    return 3.0 * x


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"helper": helper, "FACTOR": 1.0}, {"helper": helper, "FACTOR": 2.0}),
        ({"helper": helper, "FACTOR": 1.0}, {"helper": helper, "FACTOR": 1}),
        ({"helper": helper, "FACTOR": np.array([1.0, 2.0])}, {"helper": helper, "FACTOR": np.array([1.0, 3.0])}),
        ({"helper": helper, "FACTOR": (1.0, (2.0, 3.0))}, {"helper": helper, "FACTOR": (1.0, (2.0, 4.0))}),
        ({"helper": helper, "FACTOR": 1.0}, {"helper": other_helper, "FACTOR": 1.0}),
        ({"helper": part_of_kernel(helper), "FACTOR": 1.0}, {"helper": part_of_kernel(other_helper), "FACTOR": 1.0}),
        ({"helper": part_of_kernel(helper), "FACTOR": 1.0}, {"helper": allocating_part(helper), "FACTOR": 1.0}),
    ],
)
def test_what_a_function_finds_outside_counts(one, other):
    """Constants, arrays, and functions it calls, marked or not, and how those are compiled."""
    assert digest_of(made(STEP, **one)) != digest_of(made(STEP, **other))


def test_a_function_reached_through_a_module_counts():
    """`tools.helper(x)` is as much a part of the machine code as `helper(x)`."""
    text = "def step(x):\n    return tools.helper(x)\n"
    one, other = ModuleType("tools"), ModuleType("tools")
    one.helper, other.helper = helper, other_helper

    assert digest_of(made(text, tools=one)) != digest_of(made(text, tools=other))


def test_closures_and_defaults_count():
    """Two functions of one text differ by what encloses them and by what they take for granted."""
    inner = "def make(n):\n    def step(x):\n        return x * n\n    return step\nstep = make({})\n"
    default = "def step(x, n={}):\n    return x * n\n"

    assert digest_of(made(inner.format(2))) != digest_of(made(inner.format(3)))
    assert digest_of(made(default.format(2))) != digest_of(made(default.format(3)))


def test_the_lines_of_a_function_count_and_where_they_stand_doesnt():
    """A comment or an empty line makes no new machine code; another operation does."""
    plain = "def step(x):\n    return x + 1.0\n"

    assert digest_of(made(plain)) == digest_of(made(f"# said\n\n{plain}"))
    assert digest_of(made(plain)) != digest_of(made(plain.replace("+", "-")))


def test_what_one_name_stands_for_in_a_circle_is_found_once():
    """Functions that call each other end the search."""
    step = made("def helper(x):\n    return step(x)\ndef step(x):\n    return helper(x)\n")

    names = [name for name, _ in ingredients(step) if "compiled" not in name]

    assert names == ["step", "helper"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A = np.arange(300.0)\ndef step(x):\n    return A[x]", {"A": 2400}),
        (
            "A = np.arange(60)\nB = np.arange(45)\ndef step(x):\n    return part(x) + A[x]\ndef part(x):\n    return B[x]",
            {"A": 480, "B": 360},
        ),
        (f"A = {((0.1,) * 60,) * 60}\ndef step(x):\n    return A[x][x]", {"A": 28_800}),
        ("A = '+-' * 500\ndef step(x):\n    return A[x]", {"A": 1000}),
        ("A = 1 << 4000\ndef step(x):\n    return A", {"A": 501}),
        ("A = {0: [0.1, 300]}\ndef step(x):\n    return A", {"A": 11}),
        ("class A(IntEnum):\n    B = 1 << 40\n    C = 1 << 50\ndef step(x):\n    return A.B", {"A": 13}),
        (f"def step(x):\n    'Said.'\n    return {tuple(range(256, 456))}[x]", {"the body of step": 400}),
        ("def step(x):\n    return [y + 0.3 for y in (0.1, 0.2)]", {"the body of step": 24}),
        ("def step(x, y=0.1):\n    return y", {"default 0": 8}),
        ("def make(y):\n    def step(x):\n        return x + y\n    return step\nstep = make(0.1)", {"y": 8}),
        ("def step(x):\n    'Said.'\n    return np.sqrt(x)", {}),
    ],
)
def test_data_in_machine_code_are_counted_wherever_they_are(text, expected):
    """In arrays, packed into bits, in tuples of tuples, text, wide numbers, words, literals, defaults and closures."""
    held = frozen_bytes(made(f"from enum import IntEnum\nimport numpy as np\n{text}\n"))

    assert held == expected


def test_the_digest_is_the_same_in_every_process():
    """Sets of texts are kept in another order by every process; machine code on disk must be found all the same."""
    program = (
        "from runner.compiler.ingredients import digest_of\n"
        "def step(x):\n    return 1.0 if x in {'a', 'b', 'c', 'd'} else 0.0\n"
        "print(digest_of(step).hex())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(found) == 1
