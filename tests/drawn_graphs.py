"""Graphs over the market of `drawn_market`: one with every kind of node, and drawn ones."""

from drawn_market import BARS, DEPTH
from hypothesis import strategies as st

from runner.signal.compile import compile_signal
from runner.signal.registry import operators
from runner.signal.vocabulary import Vocabulary
from runner.spec.signal import Signal

NODES = {
    "spanned": 'mean(close, "30min") + asof(mean(bid_price_0, 7))',
    "session": "mean(close, since_open)",
    "bucket": 'resample(close, "30min", "mean")',
    "of_buckets": "mean(bucket, 5)",
    "carried": "asof(of_buckets)",
    "ticks": 'resample(bid_price_0, "10min", "sum")',
    "mixed": 'asof(ticks) - mean(bid_size_0, "17min")',
    "daily": 'resample(close, "1d", "max")',
    "aged": 'event_age("earnings") + asof(bucket) - asof(daily)',
    "total": 'resample(volume, "30min", "sum")',
    "change": "lag(bucket, 2) - total",
    "onto_bars": 'asof(mixed, "bars")',
    "near": 'event("earnings", "1d")',
    "since": "since_open + neutralise(close, sector)",
    "across": "close - mean_across(close)",
    "highest": 'max(high, "45min") - median(low, since_open)',
    "bare": "close - asof(bid_price_0)",
    "twice": "mean(mean(close, since_open), since_open)",
    "from_first": "cumulative_sum(fill(lag(bid_price_0, 2), bid_price_1))",
}

LEAVES = (("close", "bars"), ("bid_price_0", "depth"), ("bid_size_0", "depth"))
OF_ONE = (
    "lag({x}, 2)",
    "mean({x}, 2)",
    'mean({x}, "17min")',
    "mean({x}, since_open)",
    "cumulative_sum({x})",
    "ema({x}, 3, 0.9)",
    "where(defined({x}), 1, 2) - since_open",
)
OF_TWO = ("fill({x}, {y})", "{x} + {y}", "cumulative_sum(fill({x}, {y}))")


@st.composite
def drawn_nodes(draw):
    """Draw up to eight nodes, each on top of those before it or of bare columns, on any clock."""
    made, texts = list(LEAVES), {}
    for number in range(draw(st.integers(1, 8))):
        x, clock = draw(st.sampled_from(made))
        kind = draw(st.sampled_from(("one", "two", "across", "carried", "bucket")))
        if kind == "carried":
            clock = draw(st.sampled_from(("bars", "depth")))
            text = f'asof({x}, "{clock}")'
        elif kind == "two":
            y, other = draw(st.sampled_from(made))
            text = draw(st.sampled_from(OF_TWO)).format(x=x, y=y if other == clock else f"asof({y})")
        elif kind == "across" and clock.startswith("bars"):
            text = f"{x} - mean_across({x})"
        elif kind == "bucket" and " " not in clock:
            how = draw(st.sampled_from(("first", "last", "max", "sum", "mean")))
            span = draw(st.sampled_from(("10min", "1d")))
            text, clock = f'resample({x}, "{span}", "{how}")', f"{clock} every {span}"
        else:
            text = draw(st.sampled_from(OF_ONE)).format(x=x)
        made.append((f"n{number}", clock))
        texts[f"n{number}"] = text
    return texts


def compiled(nodes=NODES):
    signal = Signal.model_validate(
        {"nodes": nodes, "long": {"enter": 'event("earnings", "1d") and close > 1', "exit": "close > 1"}}
    )
    return compile_signal(signal, Vocabulary({"bars": BARS, "depth": DEPTH}, operators(), ("earnings",), ("sector",)))
