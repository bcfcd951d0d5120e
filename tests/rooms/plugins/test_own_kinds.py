"""Kinds of the user's own: found without running anything, imported when chosen, and every mistake told by file and line."""

import sys
from textwrap import dedent
from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from runner.kinds import FolderKinds
from runner.plugins import Folder, OwnKinds
from runner.spec.kind import Kind, OfFamily

SLIPPAGE = """
from typing import Literal

from runner.trading.slippage import Slippage
from runner.units import Bps


def _price(p, quantity, reference, given):
    cost = abs(reference) * p[0] * 1e-4
    return reference + cost if quantity > 0.0 else reference - cost


class Mine(Slippage):
    '''As much as I say.'''

    kind: Literal["mine"] = "mine"
    bps: Bps = 1.0

    price = staticmethod(_price)

    def numbers(self):
        return (self.bps,)
"""

UNCHECKED = (
    SLIPPAGE.replace("def _price", "@njit\ndef half(p, at):\n    return p[at] / 2.0\n\n\ndef _price")
    .replace("from runner.units", "from numba import njit\nfrom runner.units")
    .replace("p[0]", "half(p, 0)")
)

FEES = """
from typing import Literal
from runner.trading import fees

class Flat(fees.Fees):
    kind: Literal["flat"] = "flat"
    fee = staticmethod(lambda p, traded, quantity, price, maker: 1.0)
"""

SIZING = """
from typing import Literal
from runner.trading.sizing.units import Units

class Dozen(Units):
    kind: Literal["dozen"] = "dozen"
    units: float = 12.0

class HalfDozen(Dozen):
    kind: Literal["half_dozen"] = "half_dozen"
    units: float = 6.0
"""


def written(folder, **files):
    """Write files into a folder and return the kinds a configuration may choose."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return OwnKinds(FolderKinds(), [Folder(folder.resolve(), "strategies")])


def told(faults):
    return [f"{fault.where}: {fault.must}, was {fault.was}" for fault in faults]


def test_kinds_of_any_family_are_found_beside_those_that_runner_brings(tmp_path):
    """From the family's class, through a module, from one of its kinds, or from another class of the file."""
    kinds = written(tmp_path, mine=SLIPPAGE, flat=FEES, dozen=SIZING)

    assert {"mine", "fixed_bps"} <= set(kinds.names("slippage"))
    assert kinds.find("slippage", "mine").__name__ == "Mine"
    assert kinds.find("fees", "flat")().kind == "flat"
    assert [kinds.find("sizing", name)().numbers(1) for name in ("dozen", "half_dozen")] == [(12.0, 0.0), (6.0, 0.0)]
    assert kinds.find("slippage", "fixed_bps").__name__ == "FixedBps"
    assert kinds.faults == ()


def test_only_the_file_of_a_chosen_kind_is_run(tmp_path):
    """Others may do what they want when they are imported."""
    kinds = written(tmp_path, mine=SLIPPAGE, other=FEES + "raise SystemExit('ran')\n")

    kinds.names("fees")
    kinds.find("slippage", "mine")
    kinds.find("fees", "os")

    assert [name for name in sys.modules if name.startswith("runner_strategies_other")] == []
    assert kinds.faults == ()


def test_a_kind_that_keeps_the_laws_is_tried_and_its_file_kept(tmp_path):
    """Also where it lies within another kind of a run."""
    kinds = written(tmp_path, mine=SLIPPAGE, flat=FEES)
    mine = kinds.find("slippage", "mine")
    regime = kinds.find("slippage", "regime")

    alone, (file,) = kinds.tried(mine())
    within, (same,) = kinds.tried({"slippage": regime(base=mine(bps=3.0))})

    assert (alone, within) == ([], [])
    assert file.name == same.name == "mine.py"
    assert kinds.tried(kinds.find("slippage", "fixed_bps")()) == ([], ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            SLIPPAGE.replace("def _price(p, ", "def _price("),
            "strategies/mine.py:12: Mine must have price over (p, quantity, reference, given)",
        ),
        (
            SLIPPAGE.replace("staticmethod(_price)", "_price"),
            "strategies/mine.py:12: Mine must have price as a row function, which is no",
        ),
        (
            SLIPPAGE.replace("staticmethod(_price)", "staticmethod(max)"),
            "strategies/mine.py:12: Mine must have price over (p, ",
        ),
        (SLIPPAGE.replace("    price = staticmethod(_price)\n", ""), "strategies/mine.py:12: Mine must have price"),
        (SLIPPAGE.replace("from typing", "import no_such_package\nfrom typing"), "strategies/mine.py:1: must run when"),
        (SLIPPAGE.replace('Literal["mine"] = "mine"', 'Literal["mine"] = 3 / 0'), "strategies/mine.py:15: must run when"),
        (
            SLIPPAGE.replace("return reference + cost if", "return reference + cost if)"),
            "strategies/mine.py:9: must be Python",
        ),
    ],
)
def test_a_class_that_cannot_be_a_kind_is_told_by_file_and_line(tmp_path, text, expected):
    """And isn't had."""
    kinds = written(tmp_path, mine=text)

    assert kinds.find("slippage", "mine") is None
    assert [each for each in told(kinds.faults) if each.startswith(expected)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            SLIPPAGE.replace("reference + cost if", "reference - cost if"),
            "strategies/mine.py:12: mine must never improve the price",
        ),
        (SLIPPAGE.replace("p[0]", "p[1]"), "strategies/mine.py:8: mine must stay inside the numbers it is given"),
        (SLIPPAGE.replace("abs(reference)", "open('x')"), "strategies/mine.py:8: mine must become machine code"),
        (SLIPPAGE.replace("return (self.bps,)", "return (1 / 0,)"), "strategies/mine.py:21: numbers of mine must not raise"),
        (
            SLIPPAGE.replace("return (self.bps,)", "return self.bps"),
            "strategies/mine.py:20: numbers of mine must give a tuple",
        ),
        (
            SLIPPAGE.replace("return (self.bps,)", "return ('1',)"),
            "strategies/mine.py:20: numbers of mine must give a tuple",
        ),
        (SLIPPAGE.replace("return (self.bps,)", "return ()"), "strategies/mine.py:8: mine must stay inside the numbers"),
        (
            SLIPPAGE.replace("numbers(self)", "numbers(self, symbols)"),
            "strategies/mine.py:20: numbers of mine must not raise",
        ),
        (
            SLIPPAGE + "\n    def expressions(self):\n        return {'x': 'close'}\n",
            "strategies/mine.py:23: expressions of mine must",
        ),
        (
            SLIPPAGE + "\n    def windows(self):\n        return {'x': ('earnings', 2)}\n",
            "strategies/mine.py:23: windows of mine must",
        ),
        (UNCHECKED, "strategies/mine.py:8: half must be a part that looks at its indexes"),
        (
            SLIPPAGE.replace("    cost =", "    assert quantity < 0.0\n    cost ="),
            "strategies/mine.py:8: mine must not raise, was AssertionError",
        ),
    ],
)
def test_a_kind_that_breaks_a_law_is_told_by_file_and_line(tmp_path, text, expected):
    """Before a row of the market is read."""
    kinds = written(tmp_path, mine=text)

    faults, _ = kinds.tried(kinds.find("slippage", "mine")())

    assert [each[: len(expected)] for each in told(faults)][:1] == [expected]


def test_names_are_used_once(tmp_path):
    """Neither that of a kind that Runner brings, nor one in two files."""
    kinds = written(tmp_path, mine=SLIPPAGE, again=SLIPPAGE, taken=SLIPPAGE.replace('"mine"', '"fixed_bps"'))

    assert kinds.find("slippage", "mine") is None
    assert kinds.find("slippage", "fixed_bps") is None
    assert told(kinds.faults) == [
        "strategies/again.py:12: must be the only kind of slippage of its name, was "
        "mine in strategies/again.py:12 and strategies/mine.py:12",
        "strategies/taken.py:12: must not have the name of a kind of slippage that Runner brings, was fixed_bps",
    ]


def test_an_abstract_class_says_what_it_lacks(tmp_path):
    """A sizing needs its numbers."""
    text = """
    from typing import Literal
    from runner.trading.sizing import Sizing

    class Bare(Sizing):
        kind: Literal["bare"] = "bare"
        size = staticmethod(lambda p, equity, price, share, given: 1.0)
    """
    kinds = written(tmp_path, bare=text)

    assert kinds.find("sizing", "bare") is None
    assert told(kinds.faults) == ["strategies/bare.py:4: Bare must define numbers, was "]


def test_a_word_that_nobody_knows_names_the_files_that_could_not_be_read(tmp_path):
    """Those whose text has it, or else all of them: one of them may define it."""
    broken = SLIPPAGE.replace("Slippage):", "Slippage)")
    kinds = written(tmp_path, good=FEES, mine=broken, other="def f(:\n")

    assert kinds.find("slippage", "mine") is None
    assert kinds.find("slippage", "mien") is None
    assert [(fault.where, fault.must) for fault in kinds.faults] == [
        ("strategies/mine.py:12", "must be Python; it may hold mien and mine"),
        ("strategies/other.py:1", "must be Python; it may hold mien"),
    ]


def test_files_that_could_not_be_read_are_nobodys_concern_otherwise(tmp_path):
    """As long as every word that is chosen is known."""
    kinds = written(tmp_path, flat=FEES, other="def f(:\n")

    assert kinds.find("fees", "flat") is not None
    assert kinds.find("fees", "none") is not None
    assert kinds.faults == ()


def test_a_class_without_its_word_is_told_when_the_word_is_asked_for(tmp_path):
    """A plain text is no word that could be found without running the file."""
    kinds = written(tmp_path, mine=SLIPPAGE.replace('kind: Literal["mine"] = "mine"', 'kind: str = "mine"'))

    assert kinds.find("slippage", "mien") is None
    assert kinds.faults == ()
    assert kinds.find("slippage", "mine") is None
    assert told(kinds.faults) == ["strategies/mine.py:12: Mine must say by which word it is chosen, was "]
    assert kinds.faults[0].write == 'Write kind: Literal["mine"] = "mine".'


def test_a_kind_under_a_condition_is_found(tmp_path):
    """As an operator there is."""
    lines = SLIPPAGE.strip().splitlines()
    kinds = written(tmp_path, mine="if True:\n" + "\n".join(f"    {line}" for line in lines))

    assert kinds.find("slippage", "mine").__name__ == "Mine"


def test_the_kinds_that_have_a_key_are_known_without_running_a_file(tmp_path):
    """They are named where a key is left over from another kind."""
    kinds = written(tmp_path, mine=SLIPPAGE + "raise SystemExit('ran')\n")

    assert kinds.having("slippage", "bps") == ("fixed_bps", "mine")
    assert kinds.having("fees", "bps") == FolderKinds().having("fees", "bps")
    assert kinds.faults == ()


@pytest.mark.parametrize("key", ["numbers", "price", "chain", "copy", "model_config"])
def test_a_key_called_like_something_else_of_the_class_is_told(tmp_path, key):
    """Before the file is run, in which it would take that thing's place."""
    kinds = written(tmp_path, mine=f"{SLIPPAGE}\n    {key}: float = 2.0\nraise SystemExit('ran')\n")

    assert kinds.find("slippage", "mine") is None
    assert told(kinds.faults) == [
        "strategies/mine.py:12: Mine must not have a key of this name, which stands for something else in Slippage, "
        f"was {key}"
    ]


def test_values_of_the_class_are_no_keys(tmp_path):
    """Fees may say that they have rebates."""
    text = FEES.replace("class", "from typing import ClassVar\n\nclass") + "    rebates: ClassVar[bool] = True\n"
    kinds = written(tmp_path, flat=text)

    assert kinds.find("fees", "flat").rebates
    assert kinds.faults == ()


def test_a_word_that_is_not_its_default_is_told(tmp_path):
    """What is made in Python would be another kind than what is made of a configuration."""
    kinds = written(tmp_path, mine=SLIPPAGE.replace('= "mine"', '= "yours"'))

    assert kinds.find("slippage", "mine") is None
    assert told(kinds.faults) == ["strategies/mine.py:12: Mine must have its word as its kind, was mine"]


def test_a_check_of_values_that_raises_is_told_by_file_and_line(tmp_path):
    """Beside the faults of the configuration, not as a traceback."""
    check = """
    @model_validator(mode="after")
    def _checked(self):
        1 / (self.bps - 1.0)
        return self
"""
    kinds = written(
        tmp_path, mine=SLIPPAGE.replace("from typing", "from pydantic import model_validator\nfrom typing") + check
    )

    with pytest.raises(ValidationError) as raised:
        TypeAdapter(Annotated[Kind, OfFamily("slippage")]).validate_python({"kind": "mine"}, context=kinds)

    (error,) = raised.value.errors()
    assert error["type"] == "kind_raises"
    assert error["ctx"]["hint"] == "Mend strategies/mine.py:26: ZeroDivisionError: float division by zero."


RISK = """
from typing import Literal
from runner.trading.risk import RiskRule

class Careful(RiskRule):
    kind: Literal["careful"] = "careful"

    def numbers(self):
        return ()
"""


def test_a_rule_without_a_row_function_is_told(tmp_path):
    """It needs one of its two."""
    kinds = written(tmp_path, careful=RISK)

    assert kinds.find("risk", "careful") is None
    assert told(kinds.faults) == ["strategies/careful.py:4: Careful must have allowed or watch, a row function, was "]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("allowed = staticmethod(lambda p, state, wanted, position, s, ts, account, book, times: 2.0 * wanted)", ""),
        ("watch = staticmethod(lambda p, state, ts, session, account, book, times: state[0])", ":9"),
        (
            "watch = staticmethod(lambda p, state, ts, session, account, book, times: 0.0)\n"
            "    def state(self, symbols):\n        return 2.5",
            ":10",
        ),
    ],
)
def test_rules_and_fills_are_held_to_the_laws_of_their_families(tmp_path, rule, expected):
    """By the same file and line as kinds that cost."""
    kinds = written(tmp_path, careful=f"{RISK}    {rule}\n")

    faults, _ = kinds.tried({"rules": {"a": kinds.find("risk", "careful")()}})

    assert [fault.where for fault in faults] == [f"strategies/careful.py{expected or ':4'}"]


def test_a_fill_that_raises_or_knows_the_future_is_told(tmp_path):
    """At its line, or that of the class."""
    text = """
    from typing import Literal
    from runner.trading.fill import Fill, FillClock, Prices

    class Soon(Fill):
        kind: Literal["soon"] = "soon"
        at: float = 0.0

        def streams(self, deciding):
            return ("bars",)

        def of(self, tape):
            1 / self.at
            return FillClock(tape, tape.opened, *[Prices.at(tape.columns["close"])] * 2)
    """
    kinds = written(tmp_path, soon=text)
    soon = kinds.find("fill", "soon")

    assert told(kinds.tried(soon())[0]) == [
        "strategies/soon.py:12: soon must not raise, was ZeroDivisionError: float division by zero"
    ]
    assert told(kinds.tried(soon(at=1.0))[0]) == [
        "strategies/soon.py:4: soon must not know prices before their time, was "
        "buy.first of rows of bars changes with what is known later"
    ]
