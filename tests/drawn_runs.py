"""Whole runs for the laws: ragged tapes of every stream, and pipelines of every registered kind that can trade on them."""

from dataclasses import dataclass

import numpy as np
from drawn_kinds import KINDS, kinds
from hypothesis import strategies as st
from markets import DAY, MINUTE, pipeline_of, tape_of

from runner.engine.clocks import pipeline_faults
from runner.engine.pipeline import Pipeline
from runner.market.streams import Stream
from runner.market.tape import Tape

LAYOUTS = (
    ("bars",),
    ("bars",),
    ("quotes",),
    ("trades",),
    ("depth",),
    ("bars", "quotes"),
    ("bars", "depth"),
    ("trades", "bars"),
    ("quotes", "trades"),
)
"""Streams of a market, the one that decides first."""
LEVELS = 3
PRICES = {
    "bars": ("close", "open"),
    "quotes": ("((bid_price + ask_price) / 2)", "ask_price"),
    "trades": ("trades.price", "lag(trades.price, 2)"),
    "depth": ("((bid_price_0 + ask_price_0) / 2)", "ask_price_1"),
}
"""Stream → a price, and another that is sometimes above it."""
SIZES = {"bars": "volume", "quotes": "bid_size", "trades": "trades.size", "depth": "bid_size_0"}
"""Stream → a size."""
LONG = {"enter": "smooth < buy", "exit": "smooth > sell"}
SHORT = {"enter": "smooth > sell", "exit": "smooth < buy"}
RULES = (
    {"long": LONG},
    {"short": SHORT},
    {"long": LONG, "short": SHORT},
    {"long": {"enter": "worth > other", "exit": "worth < other"}, "short": {"enter": "change < 0", "exit": "change > 0"}},
    {"long": {"enter": "worth > 0", "exit": "change > 0.01"}},
    {"long": {"enter": "worth > 0", "exit": "worth > 0"}, "short": {"enter": "worth < other", "exit": "worth > other"}},
    {"target": "clip(change * 60, -1, 1)"},
    {"target": "smooth * 30"},
)


@dataclass(frozen=True)
class Run:
    """A pipeline, and the tapes it trades on."""

    tapes: dict[Stream, Tape]
    pipeline: Pipeline

    @property
    def deciding(self) -> Tape:
        """The tape whose rows decide."""
        return self.tapes[self.pipeline.clock]

    @property
    def filling(self) -> Tape:
        """The tape at whose rows orders fill."""
        return self.pipeline.fill.clock(self._fillable(), self.deciding.stream).tape

    def _fillable(self):
        walks = self.pipeline.slippage.walks
        return {stream: tape for stream, tape in self.tapes.items() if stream == "depth" or not walks}


@st.composite
def markets(draw, layouts=LAYOUTS, symbols=3):
    """Draw tapes of one or two streams over two or three sessions: holes, shared instants, unknown values, empty symbols."""
    streams = draw(st.sampled_from(layouts))
    names = "ABCD"[: draw(st.integers(1, symbols))]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, undefined = draw(st.sampled_from([4, 14, 40])), draw(st.sampled_from([0.0, 0.0, 0.02]))
    return {stream: _tape(stream, names, rng, rows, undefined) for stream in streams}


def _tape(stream, names, rng, rows, undefined):
    made = {
        name: _rows(stream, rng, int(rng.integers(rows // 2, rows + 1)) * int(rng.random() < 0.95), undefined)
        for name in names
    }
    return tape_of(stream, made, levels=LEVELS)


def _rows(stream, rng, count, undefined):
    """Return rows of one symbol from a random walk around 12."""
    starts = _bar_starts(rng, count) if stream == "bars" else _instants(rng, count)
    price = 12.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, count)))
    found = []
    for (opened, known), middle in zip(starts, price.tolist(), strict=True):
        values = np.round(VALUES[stream](rng, middle), 2)
        values[rng.random(values.size) < undefined] = np.nan
        times = (opened, known) if stream == "bars" else (known,)
        found.append((*times, *values.tolist()))
    return found


def _bar_starts(rng, count):
    """Return opens and closes of bars of one or five minutes, some of them missing, over sessions of some days."""
    length = float(rng.choice([1.0, 1.0, 5.0]))
    places = np.cumsum(rng.integers(1, 3, count)) - 1
    opens = [DAY * (place // 9) + length * (place % 9) for place in places.tolist()]
    return [(opened, opened + length) for opened in opens]


def _instants(rng, count):
    """Return ascending instants, every fourth of which or so is that of the row before, some at whole minutes."""
    steps = np.where(rng.random(count) < 0.25, 0.0, rng.choice([0.25, 0.5, 1.0, 3.0], count))
    at = np.cumsum(steps)
    return [(t, t) for t in (at % 12 + DAY * (at // 12)).tolist()]


def _bar(rng, middle):
    start, end = middle * np.exp(rng.normal(0.0, 0.02, 2))
    high, low = max(start, end) * (1 + 0.03 * rng.random()), min(start, end) * (1 - 0.03 * rng.random())
    return np.array([start, high, low, end, rng.choice([0.0, 4.0, 10.0, 60.0, 1000.0])])


def _quote(rng, middle):
    half = rng.choice([0.01, 0.05, 0.2])
    return np.array([middle - half, rng.integers(1, 40), middle + half, rng.integers(1, 40)])


def _trade(rng, middle):
    return np.array([middle, rng.choice([1.0, 5.0, 30.0, 300.0]), rng.choice([-1.0, 1.0, np.nan])])


def _book(rng, middle):
    away = np.cumsum(rng.choice([0.01, 0.05, 0.2], (2, LEVELS)), axis=1)
    sizes = rng.integers(1, 12, (2, LEVELS)).astype(float)
    return np.concatenate([middle - away[0], sizes[0], middle + away[1], sizes[1]])


VALUES = {"bars": _bar, "quotes": _quote, "trades": _trade, "depth": _book}


@st.composite
def orders(draw, price, *, waits):
    """Draw what opens positions."""
    kind = draw(st.sampled_from(["market", "limit", "stop"] if waits else ["market"]))
    return {
        "kind": kind,
        "offset": draw(st.sampled_from([0.0, 20.0, 150.0])),
        "price": draw(st.sampled_from([None, None, f"{price} * 0.995"])) if kind != "market" else None,
        "through": draw(st.sampled_from([0.0, 0.0, 0.05])),
        "tick": draw(st.sampled_from([0.0, 0.01, 0.25])),
        "time_in_force": draw(st.sampled_from(["gtc", "gtc", "session", "ioc", "1min", "5min"])),
        "volume_share": draw(st.sampled_from([None, None, 0.1, 0.5, 1.0])),
        "lot": draw(st.sampled_from([0.0, 0.0, 1.0, 3.0])),
    }


@st.composite
def exits(draw, *, waits):
    """Draw when positions are closed whatever the rules say."""
    share = st.sampled_from([None, None, 0.005, 0.03]) if waits else st.none()
    return {
        "stop_loss": draw(share),
        "take_profit": draw(share),
        "trailing_stop": draw(share),
        "max_holding": draw(st.sampled_from([None, None, "1min", "7min", "1d"])),
    }


@st.composite
def scenarios(draw):
    """Draw what goes wrong."""
    outage = {"start": "1970-01-01T00:03Z", "end": "1970-01-01T00:06:30Z"}
    return {
        "latency": draw(st.sampled_from([None, None, "15s", "2min"])),
        "jitter": draw(st.sampled_from([None, None, "90s"])),
        "rejection": draw(st.sampled_from([0.0, 0.0, 0.4])),
        "outages": draw(st.sampled_from([[], [], [outage]])),
    }


@st.composite
def sections(draw, tapes):
    """Draw everything of a run but its data."""
    streams = list(tapes)
    price, other = PRICES[streams[0]]
    words = {"close": price, "volume": SIZES[streams[0]]}
    fills = [name for name in KINDS.names("fill") if _can_fill(name, streams)]
    fill = draw(kinds("fill", among=lambda kind: kind.model_fields["kind"].default in fills))
    has_books = "depth" in fill.streams(streams[0]) and "depth" in streams
    return {
        "capital": draw(st.sampled_from([300.0, 30_000.0, 1e6])),
        "seed": draw(st.integers(0, 5)),
        "signal": {
            "params": {"n": draw(st.integers(1, 4)), "buy": draw(EDGES), "sell": draw(EDGES)},
            "nodes": {
                "worth": price,
                "other": other,
                "change": "worth / lag(worth, 1) - 1",
                "smooth": "mean(change, n)",
            },
            **draw(st.sampled_from(RULES)),
        },
        "sizing": draw(kinds("sizing", words=words)),
        "order": draw(orders(price, waits=fill.prices_wait)),
        "exits": draw(exits(waits=fill.prices_wait)),
        "fill": fill,
        "slippage": draw(kinds("slippage", words=words, among=lambda kind: has_books or not kind().walks)),
        "fees": draw(kinds("fees")),
        "financing": {"borrow": draw(st.sampled_from([0.0, 5.0])), "debt": draw(st.sampled_from([0.0, 5.0]))},
        "scenario": draw(scenarios()),
        "risk": {"rules": draw(st.dictionaries(st.sampled_from(["a", "b", "c"]), kinds("risk", words=words), max_size=2))},
    }


EDGES = st.sampled_from([-0.01, 0.0, 0.01])


def _can_fill(name, streams):
    fill = KINDS.find("fill", name)()
    return bool(set(fill.streams(streams[0])) & set(streams))


@st.composite
def runs(draw, layouts=LAYOUTS, **fixed):
    """Draw a run; some of its sections may be fixed."""
    tapes = draw(markets(layouts))
    pipeline = pipeline_of(tapes, **{**draw(sections(tapes)), **fixed})
    assert pipeline_faults(pipeline, tapes) == []
    return Run(tapes, pipeline)


def instants(run):
    """Return the instants at which something may be decided, ascending."""
    return np.unique(run.deciding.ts)


__all__ = ["MINUTE", "Run", "instants", "markets", "runs", "sections"]
