"""The audit: what is planted is found, with node, symbol, instant and both values; what is sound is left in peace."""

from dataclasses import replace

import drawn_market
import numpy as np
import polars as pl
import pytest
from drawn import MINUTE, NoData, pipelines, tape_of, tapes
from hypothesis import given, settings

from runner.engine.audit.adjusted import is_adjusted, leaks_of_adjusting
from runner.engine.audit.cuts import around_until, instants, session_ends, tape_until
from runner.engine.audit.data import leaks_of_data, session_days
from runner.engine.audit.future import leaks_of_future
from runner.engine.audit.live import leaks_of_pushing, stretch
from runner.engine.audit.operators import leaks_of_operators
from runner.engine.pipeline import compile_pipeline
from runner.market.load import load
from runner.market.sources.parquet import Parquet
from runner.market.tape import BAR_COLUMNS, Tape
from runner.signal import cross_operator, operator
from runner.signal.registry import operators
from runner.signal.sheet import Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.spec.quality import Quality
from runner.spec.run import RunSpec
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window
from runner.trading.fees.none import NoFees
from runner.trading.fill.next_open import NextOpen
from runner.trading.sizing.units import Units
from runner.trading.slippage.none import NoSlippage

TABLE = np.arange(300.0)


@operator("x", state=lambda: 1, undefined="skip")
def behind_the_state(state, x, p):
    """x[t] less what the symbol before ended with: behind its own state lies the neighbour's, which is done already."""
    state[0] = x[0]
    return x[0] - state[-2 + 0 * int(x[0])]


@operator("x", state=lambda: 1, undefined="skip")
def oracle(state, x, p):
    """TABLE[t], 300 values that were there before the first row."""
    state[0] += 1.0
    return TABLE[int(state[0])] if np.isfinite(x[0]) else np.nan


@cross_operator("x")
def beyond_the_instant(x, p, out):
    """x less that of the symbol after the last: in columns, one of an instant before."""
    for i in range(out.size):
        out[i] = x[i, 0] - x[x.shape[0], 0]


PLANTED = {each.name: each for each in (behind_the_state, oracle, beyond_the_instant)}


def pipeline_of(nodes, enter, leave="close < 0", streams=None, **words):
    spec = RunSpec(
        data=NoData(),
        universe={"symbols": ["A"]},
        timezone={"zone": "UTC", "stamp": "session"},
        signal={"nodes": nodes, "long": {"enter": enter, "exit": leave}},
        sizing=Units(units=1.0),
        fill=NextOpen(),
        slippage=NoSlippage(),
        fees=NoFees(),
        mode={"kind": "backtest"},
    )
    vocabulary = Vocabulary(streams or {"bars": (*BAR_COLUMNS, "raw_close")}, {**operators(), **PLANTED}, **words)
    return compile_pipeline(spec, vocabulary)


def bars(rows, symbols="AB", seed=0):
    """Return minute bars of some symbols, all at the same instants."""
    close = 50 + np.random.default_rng(seed).normal(size=(len(symbols), rows)).cumsum(axis=1)
    return tape_of({
        name: [(t, t + 1, float(c), float(c) + 0.25) for t, c in enumerate(own)] for name, own in zip(symbols, close, strict=True)
    })  # fmt: skip


def silent(_share):
    """Tell nobody."""


def audited(pipeline, tape, cuts=12):
    """Return the leaks of values and of tables."""
    chosen = instants(tape, cuts, np.random.default_rng(1))
    return leaks_of_future(pipeline, {"bars": tape}, Surroundings(), chosen, silent)


@given(tape=tapes(), pipeline=pipelines())
@settings(max_examples=25, deadline=None)
def test_whatever_is_sound_is_left_in_peace(tape, pipeline):
    """Any pipeline over any ragged tape, with bars of several lengths that are open at the cut: nothing is found."""
    values, trades = audited(pipeline, tape, cuts=5)

    assert (values, trades) == ([], [])


def test_a_graph_over_several_clocks_and_events_is_left_in_peace():
    """Depth, buckets, sessions, events and groups beside the bars that decide."""
    found, around = drawn_market.market(0)
    symbols = tuple("ABC")
    whole = {stream: as_tape(tape, stream, symbols) for stream, tape in found.items()}
    nodes = {
        "carried": 'asof(mean(bid_price_0, "17min"))',
        "bucket": 'asof(resample(close, "30min", "mean"), "bars")',
        "aged": 'event_age("earnings")',
        "since": "since_open + neutralise(close, sector)",
    }
    streams = {"bars": BAR_COLUMNS, "depth": drawn_market.DEPTH}
    pipeline = pipeline_of(
        nodes, "carried > bucket and aged > 60", "carried < bucket", streams, events=("earnings",), groups=("sector",)
    )
    cuts = instants(whole["bars"], 9, np.random.default_rng(0))

    values, trades = leaks_of_future(pipeline, whole, around, cuts, silent)

    assert (values, trades) == ([], [])
    assert leaks_of_pushing(pipeline, *stretch(pipeline, whole, around)[:2], silent) == []


def as_tape(tape, stream, symbols):
    counts = np.diff(tape.offsets)
    opened = tape.ts - 5 * MINUTE if stream == "bars" else tape.ts
    symbol = np.repeat(np.arange(len(symbols), dtype=np.int32), counts)
    return Tape(symbols, tape.ts, opened, tape.session, symbol, tape.columns, tape.offsets, stream)


def test_an_operator_that_reads_its_neighbours_end_is_found():
    """Node, symbol, instant, both values, where it begins and what it goes through; and the orders it makes."""
    tape = bars(60)
    pipeline = pipeline_of({"gap": "behind_the_state(close)", "smooth": "mean(gap, 3)"}, "smooth > 0")

    values, trades = audited(pipeline, tape)

    assert {leak.what for leak in values} == {"gap", "smooth", "long.enter"}
    gap = next(leak for leak in values if leak.what == "gap")
    assert gap.symbol == "B"
    assert gap.detail.startswith("it begins here")
    row = 60 + int(np.flatnonzero(tape.ts[60:] == gap.ts)[0])
    assert float(gap.one) == tape.columns["close"][row] - tape.columns["close"][59]
    last = int(np.flatnonzero(tape.ts[:60] <= gap.cut)[-1])
    assert float(gap.other) == tape.columns["close"][row] - tape.columns["close"][last]
    assert next(leak for leak in values if leak.what == "smooth").detail == "through gap"
    assert {"orders", "equity"} <= {leak.what for leak in trades}
    assert all(leak.symbol in {"B", ""} for leak in trades)


def test_an_operator_that_reads_its_neighbours_end_isnt_the_same_when_pushed():
    """A live session has the neighbour's state of now, not of the end."""
    tape = bars(60)
    pipeline = pipeline_of({"gap": "behind_the_state(close)"}, "gap > 0")

    found = leaks_of_pushing(pipeline, {"bars": tape}, Surroundings(), silent)

    assert "gap" in {leak.what for leak in found}
    assert {leak.ways for leak in found} == {("by columns", "pushed")}


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("oracle(close)", "(most of them: TABLE with 2,400"),
        ("beyond_the_instant(close)", "arrays_end_where_they_end"),
        ("behind_the_state(close)", "arrays_end_where_they_end"),
    ],
)
def test_an_operator_that_knows_more_than_it_is_given_breaks_a_law(expression, words):
    """Data that are frozen into code stay the same at every cut; other symbols and instants lie beyond the arrays."""
    pipeline = pipeline_of({"node": expression}, "node > 0")

    found = leaks_of_operators(pipeline.graph, np.random.default_rng(0), silent)

    assert {leak.what for leak in found} == {expression.partition("(")[0]}
    assert any(words in leak.detail for leak in found)


def adjusted(tape, step):
    """Return bars with a split of 1:2 at a row of each symbol: what was traded before is twice the adjusted price."""
    before = np.concatenate(
        [np.arange(stop - start) < step for start, stop in zip(tape.offsets, tape.offsets[1:], strict=False)]
    )
    raw = {f"raw_{name}": tape.columns[name] * np.where(before, 2.0, 1.0) for name in ("open", "high", "low", "close")}
    return replace(tape, columns={**tape.columns, **raw})


@pytest.mark.parametrize(
    ("enter", "leaks"),
    [
        ("close > 60", True),
        ("close > volume * 60", True),
        ("close > mean(close, 5)", False),
        ("raw_close > 60", False),
        ("close / lag(close, 1) > 1.0001", False),
    ],
)
def test_a_rule_on_the_level_of_adjusted_prices_is_found(enter, leaks):
    """Before the split 100 was traded where the adjusted price is 50: ratios don't tell, levels do."""
    tape = adjusted(bars(60), step=40)
    pipeline = pipeline_of({}, enter, "close < mean(close, 5)")
    cuts = instants(tape, 12, np.random.default_rng(1))

    found = leaks_of_adjusting(pipeline, {"bars": tape}, Surroundings(), cuts, silent)

    assert [leak.what for leak in found] == (["long.enter"] if leaks else [])
    assert all(leak.ts < tape.ts[40] for leak in found)
    assert is_adjusted({"bars": tape})
    assert not is_adjusted({"bars": bars(5)})


def test_a_gate_that_drops_what_later_rows_make_an_outlier_is_found(tmp_path):
    """A spike is one only because the price came back: who stood at its close could not leave it out."""
    days = pl.date_range(pl.date(2021, 3, 1), pl.date(2021, 5, 28), eager=True).to_list()
    days = [day for day in days if day.weekday() < 5 and day.isoformat() != "2021-04-02"]
    close = [100.0 + 0.1 * (step % 5) for step in range(len(days))]
    close[30] = 160.0
    frame = pl.DataFrame({"symbol": ["A"] * len(days), "timestamp": days, "close": close}).with_columns(
        open="close", high="close", low="close", volume=pl.lit(1.0)
    )
    frame.write_parquet(tmp_path / "bars.parquet")

    def loaded(end, policy):
        return load(
            Parquet(path=str(tmp_path / "bars.parquet")),
            universe=Universe(symbols=("A",)),
            window=Window(end=end),
            timezone=Timezone(zone="America/New_York", stamp="session", calendar="XNYS"),
            quality=Quality(outlier=policy, stale="keep"),
        )

    found = {}
    for policy in ("drop", "keep"):
        market = loaded(None, policy)
        chosen = session_days(market, np.random.default_rng(0))
        found[policy], untried = leaks_of_data(market, chosen, lambda end, policy=policy: loaded(end, policy), silent)
        assert untried == []

    (leak,) = found["drop"]
    assert found["keep"] == []
    assert (leak.what, leak.symbol) == ("a row of bars", "A")
    assert np.datetime64(leak.ts, "ns").astype("datetime64[D]").astype(str) == days[30].isoformat()
    assert "160" in leak.other
    assert leak.one == "nothing"


def test_a_cut_keeps_bars_that_are_open_and_events_that_have_happened():
    """An order placed in time fills at the open of a bar that is known only after the cut."""
    tape = tape_of({"A": [(0, 5, 1.0, 1.0), (5, 10, 1.0, 1.0), (10, 15, 1.0, 1.0)], "B": [], "C": [(9, 12, 1.0, 1.0)]})
    _, around = drawn_market.market(0)
    events = around.events["earnings"]

    part = tape_until(tape, 10 * MINUTE)
    near = around_until(around, int(events.ts[1])).events["earnings"]

    assert (part.opened // MINUTE).tolist() == [0, 5, 9]
    assert part.offsets.tolist() == [0, 2, 2, 3]
    assert (near.ts <= events.ts[1]).all()
    assert near.offsets[1:].tolist() == [int((events.ts[: events.offsets[k]] <= events.ts[1]).sum()) for k in (1, 2, 3)]


def test_cuts_are_spread_and_fall_on_rows_on_ends_of_sessions_and_just_before_rows():
    """Twelve over four sessions: a row of each kind in every stretch, the same for the same seed."""
    tape = replace(bars(48), session=np.tile(np.repeat(np.arange(4, dtype=np.int32), 12), 2))

    cuts = instants(tape, 12, np.random.default_rng(3))

    assert cuts == instants(tape, 12, np.random.default_rng(3))
    assert set(session_ends(tape).tolist()) & set(cuts)
    assert any(cut + 1 in tape.ts for cut in cuts)
    assert all(any(low <= cut // MINUTE <= low + 13 for cut in cuts) for low in range(0, 48, 12))
