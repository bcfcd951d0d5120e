"""Rules that never had a value, and which node is to blame."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import runner
from runner.engine.idle import idle_rules
from runner.engine.undefined import undefined_rules
from runner.market.run_data import run_data
from runner.prepare import prepare_spec
from runner.strict_yaml import write
from runner.tables import Tables

ROWS = 30


@pytest.fixture
def found(tmp_path):
    """Return what is found of a signal on bars and on trades whose side nobody knows, given the reasons of its orders."""
    stamps = [datetime(2024, 1, 2, tzinfo=UTC) + timedelta(minutes=k) for k in range(ROWS)]
    price = 100.0 + np.arange(ROWS) % 7
    bars = {"open": price, "high": price + 1, "low": price - 1, "close": price, "volume": price}
    trades = {"price": price, "size": price, "side": pl.Series([None] * ROWS, dtype=pl.Float64)}
    parts = {}
    for name, columns in (("bars", bars), ("trades", trades)):
        path = tmp_path / f"{name}.parquet"
        pl.DataFrame({"symbol": ["A"] * ROWS, "timestamp": stamps, **columns}).write_parquet(path)
        parts[name] = {"kind": "parquet", "path": str(path), "stream": name, "symbols": ["A"]}
    parts["trades"]["timezone"] = {"zone": "UTC", "stamp": "event", "calendar": "24-7"}
    for group in ("data", "signal"):
        (tmp_path / "conf" / group).mkdir(parents=True)
    (tmp_path / "conf" / "data" / "tried.yaml").write_text(write({"kind": "combined", "parts": parts}))

    def of(signal, *reasons, ask=None):
        (tmp_path / "conf" / "signal" / "tried.yaml").write_text(signal)
        words = ["signal=tried", "data=tried", "universe.symbols=[A]", "timezone=crypto", "quality=tolerant"]
        spec = runner.configure(words, config_dirs=[tmp_path / "conf"])
        prepared = prepare_spec(spec)
        market = run_data(spec, prepared.source, now=None)
        if ask is not None:
            return ask(prepared.pipeline, spec, market)
        tables = Tables({"reason": np.array(reasons, dtype=str)}, {}, {}, {}, {}, {})
        return undefined_rules(prepared.pipeline, spec, market, tables)

    return of


SIDES = """
nodes:
  signed: size * side
  flow: asof(sum(signed, 3), "bars")
long:
  enter: flow > 0 and close > 0
  exit: close < mean(close, 3)
"""


def test_the_deepest_node_without_a_value_is_to_blame(found):
    """The side of the trades is empty: neither the product, the sum nor the rule can help it. The exit is defined."""
    assert found(SIDES) == {"long.enter": f"trades.side has no value at any of its {ROWS} rows"}


def test_a_node_whose_inputs_have_values_is_to_blame_itself(found):
    """The root of a negative number is undefined at every row, though the prices are there; it is called by its name."""
    signal = "nodes: {root: (0 - close) ** 0.5}\ntarget: root\n"

    told = found(signal)

    assert list(told) == ["target"]
    assert told["target"].startswith("root = (0 - close) ** 0.5")
    assert told["target"].endswith(f" has no value at any of its {ROWS} rows")


def test_a_rule_that_acted_is_not_looked_at_again(found):
    """Its orders say that it was defined; what a flip names counts for both of its rules."""
    assert found(SIDES, "long.enter", "short.enter, long.exit") == {}


def test_a_rule_that_is_sometimes_defined_is_none(found):
    """False is a value; so is true once, after a warm-up of nearly all rows."""
    assert found(f"long: {{enter: close > 1000, exit: 'close < mean(close, {ROWS})'}}\n") == {}


RARE = """
long:
  enter: lag(close, 4) > 105
  exit: close < 0
short:
  enter: close < 0
  exit: close > 0
"""


def test_how_often_a_rule_held_is_counted_from_the_first_decision(found):
    """Of 30 prices that go from 100 to 106 and again, 4 rows are warm-up; 26 lag behind, 3 of them from the peak."""
    idle = found(RARE, ask=idle_rules)

    assert (idle.held, idle.decisions, idle.never_ready) == ({"long.enter": 3, "short.enter": 0}, 26, ())


def test_a_rule_that_was_never_defined_held_nowhere(found):
    """It has a remark of its own; a rule beside it is counted all the same, a target by what isn't zero."""
    assert found("nodes: {root: (0 - close) ** 0.5}\ntarget: root\n", ask=idle_rules).held == {}
    assert found("target: where(close > 105, -1, 0)\n", ask=idle_rules).held == {"target": 4}
