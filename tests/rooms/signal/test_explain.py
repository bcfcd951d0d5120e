"""A signal as its author knows it: what is listed, who reads whom, what is dead, which values are shown."""

import math

import numpy as np
from drawn_market import BARS, DEPTH, market, sheets_of

from runner.signal.explain import explained, sampled
from runner.signal.registry import operators
from runner.signal.sheet import Sheet, Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.spec.signal import Signal

VOCABULARY = Vocabulary({"bars": BARS, "depth": DEPTH}, operators(), ("earnings",), ("sector",))


def parts_of(nodes, enter="close > 1", leave="close > 1", **params):
    signal = Signal.model_validate({"params": params, "nodes": nodes, "long": {"enter": enter, "exit": leave}})
    return {part.name: part for part in explained(signal, VOCABULARY).parts}


def test_columns_come_first_then_nodes_after_what_they_read_then_rules():
    """The order is that of reading, whatever the order of writing."""
    parts = parts_of({"b": "a + 1", "a": "mean(close, 3)"}, enter="b > open")

    assert list(parts) == ["close", "open", "a", "b", "long.enter", "long.exit"]
    assert [part.sort for part in parts.values()] == ["column", "column", "node", "node", "rule", "rule"]


def test_each_part_says_what_it_reads_and_who_reads_it():
    """Names, not the graph's inner nodes; a column that comes through a named node is that node's."""
    parts = parts_of({"a": "mean(close, 3)", "b": "a - open"}, enter="b > a", leave="b < 0")

    assert parts["a"].reads == ("close",)
    assert parts["b"].reads == ("open", "a")
    assert parts["long.enter"].reads == ("b", "a")
    assert parts["close"].readers == ("a",)
    assert parts["a"].readers == ("b", "long.enter")
    assert parts["b"].readers == ("long.enter", "long.exit")


def test_each_part_says_type_clock_and_warm_up():
    """As the graph has them."""
    parts = parts_of({"slow": 'mean(resample(close, "30min"), 5)', "dear": "asof(slow) > n * 2"}, enter="dear", n=3)

    assert (parts["slow"].gives, parts["slow"].clock, parts["slow"].warm_up) == ("number", "bars every 30min", "5 rows")
    assert (parts["dear"].gives, parts["dear"].clock) == ("boolean", "bars")
    assert parts["dear"].warm_up == "5 rows of bars every 30min"
    assert parts["dear"].expression == "asof(slow) > n * 2"


def test_what_no_rule_reads_is_dead():
    """Also what only the dead read, and the columns that only they read."""
    parts = parts_of({"a": "mean(volume, 3)", "b": "a + close"}, enter="close > 2")

    assert [name for name, part in parts.items() if part.is_dead] == ["volume", "a", "b"]
    assert parts["b"].readers == ()


def test_a_node_of_numbers_alone_is_a_constant():
    """It has neither clock nor warm-up nor node, but a value."""
    part = parts_of({"limit": "2 * n"}, enter="close > limit", n=3)["limit"]

    assert (part.gives, part.clock, part.warm_up, part.node, part.is_dead) == ("constant", "", "", None, False)
    assert part.value == 6.0


def test_columns_that_operators_read_by_themselves_are_told():
    """One by one up to two levels of a book, beyond that as one."""
    parts = parts_of({"two": "pressure_ratio(2)", "three": "pressure_ratio(3)"}, enter="asof(two) > asof(three)")

    assert {"depth.bid_size_0", "depth.bid_size_1"} <= set(parts["two"].reads)
    assert {"depth.bid_size_0 to 2", "depth.ask_size_0 to 2"} <= set(parts["three"].reads)


def test_what_surrounds_the_market_is_a_column_of_every_clock():
    """Events, groupings and the session's hours, as expressions have them."""
    parts = parts_of(
        {"near": 'event("earnings", "2d")', "age": 'neutralise(event_age("earnings"), sector) + since_open'}, enter="near"
    )

    assert parts["near"].reads == ('event("earnings", "2d")',)
    assert set(parts["age"].reads) == {'event_age("earnings")', "sector", "since_open"}
    assert parts["sector"].clock == "every clock"
    assert parts["long.enter"].reads == ("near",)


def test_a_window_of_time_reads_nothing_that_was_not_written():
    """Stamps and session dates are no columns of the author's."""
    parts = parts_of({"a": 'mean(close, "30min")', "b": "sum(volume, since_open)"})

    assert (parts["a"].reads, parts["b"].reads) == (("close",), ("volume",))


def test_values_are_the_first_defined_one_and_the_last():
    """On the part's own clock, of the one symbol."""
    signal = Signal.model_validate({"nodes": {"m": "mean(close, 2)"}, "long": {"enter": "m > 3", "exit": "m < 3"}})
    ts = np.array([10, 20, 30, 10, 20, 30, 40], dtype=np.int64)
    close = np.array([9.0, 9.0, 9.0, 1.0, 3.0, 5.0, np.nan])
    sheet = Sheet("bars", ts, np.zeros(7, np.int32), np.array([0, 3, 7, 7]), {"close": close}, Surroundings())
    of = explained(signal, Vocabulary({"bars": ("close",)}, operators()))

    found = sampled(of, {"bars": sheet}, 1)
    absent = sampled(of, {"bars": sheet}, 2)

    assert found["m"].first == (20, 2.0)
    assert found["long.enter"].first == (20, 0.0)
    assert found["m"].last[0] == 40
    assert math.isnan(found["m"].last[1])
    assert (absent["m"].first, absent["m"].last) == (None, None)


def test_a_grouping_is_a_type_of_its_own_and_its_values_are_names():
    """Also of a node that stands for it."""
    vocabulary = Vocabulary({"bars": ("close",)}, operators(), groups=("kind",), members={"kind": ("fund", "stock")})
    rule = {"enter": "neutralise(close, mine) > 0", "exit": "close > 1"}
    of = explained(Signal.model_validate({"nodes": {"mine": "kind"}, "long": rule}), vocabulary)
    parts = {part.name: part for part in of.parts}

    assert {name: part.type for name, part in parts.items()} == {
        "kind": "grouping", "close": "number", "mine": "grouping", "long.enter": "condition", "long.exit": "condition",
    }  # fmt: skip
    assert [parts["mine"].said(value) for value in (0.0, 1.0, math.nan)] == ["fund", "stock", "undefined"]
    assert (parts["close"].said(1.0), parts["long.enter"].said(1.0)) == ("1", "true")


def test_every_part_of_a_market_of_several_clocks_has_values():
    """Nodes of buckets and books have rows of their own."""
    signal = Signal.model_validate(
        {"nodes": {"bucket": 'resample(bid_price_0, "10min")'}, "long": {"enter": "asof(bucket) > 1", "exit": "close > 1"}}
    )
    of = explained(signal, VOCABULARY)

    found = sampled(of, sheets_of(*market(0)), 0)

    assert found.keys() == {part.name for part in of.parts}
    assert all(sample.first is not None for sample in found.values())
