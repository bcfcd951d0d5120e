"""The clock that decides, and what the market's rows must have."""

import numpy as np
import pytest

from runner.engine.clocks import column_faults, columns_read, pipeline_faults
from runner.engine.pipeline import compile_pipeline
from runner.kinds import FolderKinds
from runner.market.streams import columns_of
from runner.market.tape import Tape
from runner.signal.registry import operators
from runner.signal.vocabulary import Vocabulary
from runner.spec.run import RunSpec

STREAMS = {"bars": columns_of("bars"), "trades": columns_of("trades"), "depth": columns_of("depth", 5)}


def pipeline(**signal):
    spec = RunSpec.of(
        {
            "data": {"kind": "generated"},
            "universe": {"symbols": ["A"]},
            "timezone": {"zone": "UTC", "stamp": "open", "interval": "1min"},
            "signal": signal,
            "sizing": {"kind": "units"},
            "fill": {"kind": "next_open"},
            "slippage": {"kind": "none"},
            "fees": {"kind": "none"},
            "mode": {"kind": "backtest"},
        },
        FolderKinds(),
    )
    return compile_pipeline(spec, Vocabulary(STREAMS, operators()))


def tape(stream, *columns):
    one = np.zeros(1, np.int64)
    values = {name: np.ones(1) for name in columns}
    return Tape(("A",), one, one, one.astype(np.int32), one.astype(np.int32), values, np.array([0, 1]), stream)


ASOF = {"nodes": {"book": "pressure_ratio(2)", "last": "asof(price)"}, "target": 'asof(book, "bars") * 0 + 1 * close'}


@pytest.mark.parametrize(
    ("target", "clock"),
    [
        ("close", "bars"),
        ('asof(bid_price_0, "bars")', "bars"),
        ("bid_price_0", "depth"),
        ('resample(close, "30min")', "bars every 30min"),
    ],
)
def test_rules_are_on_the_clock_of_what_they_read(target, clock):
    """Whatever they read: it is the clock they have values on that counts; buckets are no rows of the market."""
    found = pipeline(target=target)

    assert found.clock == clock
    faults = [fault.where for fault in pipeline_faults(found, STREAMS)]
    assert ("signal" in faults) == (clock not in STREAMS)


def test_only_what_is_read_is_asked_of_the_market():
    """Columns per stream, of the rules alone or of every named node; a stream nobody reads isn't there."""
    found = pipeline(**ASOF)

    rules = {"bars": {"close"}, "depth": {"bid_size_0", "bid_size_1", "ask_size_0", "ask_size_1"}}
    assert columns_read(found, named=False).keys() == rules.keys()
    assert rules["depth"] <= columns_read(found, named=False)["depth"]
    assert columns_read(found, named=True)["trades"] == {"price"}


def test_a_market_with_all_that_is_read_has_no_faults():
    """More than is read does no harm."""
    tapes = {stream: tape(stream, *columns) for stream, columns in STREAMS.items()}

    assert column_faults(pipeline(**ASOF), tapes) == []


def test_a_book_that_came_with_fewer_levels_is_told():
    """A service asked for five levels may know of one; a stream that didn't come at all lacks everything."""
    tapes = {"bars": tape("bars", "close"), "depth": tape("depth", *columns_of("depth", 1))}

    depth, trades = sorted(column_faults(pipeline(**ASOF), tapes))

    assert depth.must == "depth must have the columns that the signal reads"
    assert "bid_size_1" in depth.was
    assert (trades.must, trades.was) == ("trades must have the columns that the signal reads", "no price")
