"""Kinds that somebody else than Runner wrote, in the kernel: what they reach beyond ends the run, with file and line."""

import inspect
from typing import Literal

import pytest
from markets import minutes, pipeline_of, tape_of, told, traded
from streamed import streamed

from runner.engine.native import backtest, replay
from runner.errors import KindError
from runner.trading.fees import Fees
from runner.trading.fees.per_share import PerShare
from runner.trading.kernel.layout import LAST
from runner.trading.risk import RiskRule
from runner.trading.risk.order_rate import OrderRate
from runner.trading.risk.position_limit import PositionLimit
from runner.trading.sizing import Sizing
from runner.trading.sizing.units import Units
from runner.trading.slippage import VOLUME, Slippage
from runner.trading.slippage.fixed_bps import FixedBps
from runner.trading.slippage.regime import Regime

# ruff: noqa: ARG002 - the arguments of row functions are the family's


BARS = [
    (10.0, 12.0, 9.0, 10.0, 1.0),
    (10.0, 12.0, 9.0, 11.0, 0.0),
    (11.0, 13.0, 9.0, 12.0, 2.0),
    (12.0, 13.0, 9.0, 12.0, 7.0),
]
"""Bought at the second bar, sold at the last, whose volume is 7."""
TAPES = {"bars": tape_of("bars", {"A": minutes(*BARS)})}


def price(p, quantity, reference, given):
    return reference + p[int(given[VOLUME]) - 7] - p[0]


class Late(Slippage):
    """Reaches beyond its numbers at a volume of 0, before their beginning."""

    kind: Literal["late"] = "late"
    price = staticmethod(price)

    def numbers(self):
        return (2.5, 1.0)


def fee(p, traded, quantity, price, maker):
    return p[2] if quantity < 0.0 else p[1]


class Unlisted(Fees):
    """Has no number for who sells."""

    kind: Literal["unlisted"] = "unlisted"
    fee = staticmethod(fee)

    def numbers(self):
        return (0.0, 1.0)


def size(p, equity, price, share, given):
    return p[0] + given[0]


class Blind(Sizing):
    """Reads an expression that it doesn't have."""

    kind: Literal["blind"] = "blind"
    size = staticmethod(size)

    def numbers(self, symbols):
        return (5.0,)


def allowed(p, state, wanted, position, s, ts, account, book, times):
    state[s + 1] = 1.0
    return wanted


class Neighbour(RiskRule):
    """Writes where the state of the rule after it begins."""

    kind: Literal["neighbour"] = "neighbour"
    allowed = staticmethod(allowed)

    def numbers(self):
        return ()

    def state(self, symbols):
        return symbols


def watch(p, state, ts, session, account, book, times):
    return p[1] if book[LAST, 0] == 12.0 else 0.0


class Padded(RiskRule):
    """Reads a number that only a rule with more of them has."""

    kind: Literal["padded"] = "padded"
    watch = staticmethod(watch)

    def numbers(self):
        return (0.0,)


def line(function, inside):
    """Return the line of this file that is so far inside a function."""
    return inspect.getsourcelines(function)[1] + inside


def by_windows(pipeline, tapes, around, *, signals, on_progress):
    """Run over a window per row."""
    return streamed(pipeline, tapes, {"bars": tapes["bars"].ts.tolist()}, around, signals=signals)


CASES = [
    ({"slippage": Late()}, price, 1, "p[int(given[VOLUME]) - 7]"),
    ({"slippage": Regime(base=Late())}, price, 1, "p[int(given[VOLUME]) - 7]"),
    ({"fees": Unlisted()}, fee, 1, "p[2]"),
    ({"sizing": Blind()}, size, 1, "given[0]"),
    ({"sizing": Blind(), "slippage": Regime(regimes={"dear": {"when": "close > 1e6", "bps": 5}})}, size, 1, "given[0]"),
    ({"risk": {"rules": {"a": Neighbour(), "b": OrderRate()}}}, allowed, 1, "state[s + 1]"),
    ({"risk": {"rules": {"a": Padded(), "b": OrderRate()}}}, watch, 1, "p[1]"),
]


@pytest.mark.parametrize(
    ("sections", "function", "inside", "words"), CASES, ids=lambda value: getattr(value, "__name__", str(value)[:40])
)
@pytest.mark.parametrize("engine", [backtest, replay, by_windows])
def test_an_index_beyond_ends_the_run_at_its_line(engine, sections, function, inside, words):
    """Where the machine code would have read somebody else's memory."""
    with pytest.raises(KindError) as raised:
        traded(engine, pipeline_of(TAPES, **sections), TAPES)

    (fault,) = raised.value.faults
    assert fault.where == f"{__file__}:{line(function, inside)}"
    assert fault.must.startswith(f"{function.__name__} of ")
    assert fault.was.startswith("IndexError: index ")
    assert fault.was.endswith(f", in {words}")


class Costs(FixedBps):
    """What Runner's own charges."""

    kind: Literal["costs"] = "costs"


class Charges(PerShare):
    """What Runner's own charges."""

    kind: Literal["charges"] = "charges"


class Few(Units):
    """As many as Runner's own."""

    kind: Literal["few"] = "few"


class Bound(PositionLimit):
    """As much as Runner's own."""

    kind: Literal["bound"] = "bound"


class Rate(OrderRate):
    """As often as Runner's own."""

    kind: Literal["rate"] = "rate"


def test_a_kind_that_stays_inside_gives_what_runners_own_gives():
    """To the bit, with numbers and state of several rules side by side."""
    known = told(
        TAPES, slippage=Regime(base=FixedBps(bps=7.0)), fees=PerShare(), sizing=Units(units=7.0),
        risk={"rules": {"a": PositionLimit(share=0.05, action="reduce"), "b": OrderRate(orders=3)}},
    )  # fmt: skip
    own = told(
        TAPES, slippage=Regime(base=Costs(bps=7.0)), fees=Charges(), sizing=Few(units=7.0),
        risk={"rules": {"a": Bound(share=0.05, action="reduce"), "b": Rate(orders=3)}},
    )  # fmt: skip

    assert known.fills["price"].size == 2
    for name in ("orders", "fills", "equity", "refusals"):
        one, other = getattr(known, name), getattr(own, name)
        assert {key: column.tobytes() for key, column in one.items()} == {k: c.tobytes() for k, c in other.items()}
