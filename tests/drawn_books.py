"""Order books to try operators on: what a book may be, drawn at random, and read by rules written apart from the operators."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from evaluated import values
from hypothesis import strategies as st

LEVELS = 3
TICK = 0.25


@dataclass(frozen=True)
class Side:
    """Prices and sizes of one side, best level first."""

    prices: tuple[float, ...]
    sizes: tuple[float, ...]

    def size(self):
        """Return the size of the levels that are there, exactly."""
        return sum(Fraction(size) for size in self.sizes if size > 0)

    def levels(self):
        """Return (price, size) of the levels that are there, exactly."""
        pairs = zip(self.prices, self.sizes, strict=True)
        return [(Fraction(price), Fraction(size)) for price, size in pairs if size > 0]


@dataclass(frozen=True)
class Book:
    """Two sides."""

    bids: Side
    asks: Side

    def has_prices(self):
        """The best prices are there and not crossed; nobody is known to be absent."""
        bid, ask = self.bids.prices[0], self.asks.prices[0]
        nobody = any(side.sizes[0] <= 0 for side in (self.bids, self.asks))
        return math.isfinite(bid) and math.isfinite(ask) and bid <= ask and not nobody

    def has_sizes(self):
        """The best level is complete, and every deeper one has a price and a size, or neither."""
        deeper = [pair for side in (self.bids, self.asks) for pair in list(zip(side.prices, side.sizes, strict=True))[1:]]
        priced = [size for price, size in deeper if math.isfinite(price)]
        bare = [size for price, size in deeper if not math.isfinite(price)]
        sound = all(0 <= size < math.inf for size in priced) and all(math.isnan(size) or size == 0 for size in bare)
        return self.has_best_sizes() and sound

    def has_best_sizes(self):
        """The best level is complete."""
        return self.has_prices() and all(math.isfinite(side.sizes[0]) for side in (self.bids, self.asks))

    def is_readable(self):
        """Every level that is there has a price, and prices get worse from level to level."""
        if not self.has_sizes():
            return False
        there = [[p for p, size in zip(s.prices, s.sizes, strict=True) if size > 0] for s in (self.bids, self.asks)]
        finite = all(math.isfinite(price) for side in there for price in side)
        return finite and all(
            side == sorted(set(side), reverse=falls) for side, falls in zip(there, (True, False), strict=True)
        )


SIZES = st.one_of(st.integers(1, 4000).map(lambda n: n / 16), st.sampled_from([1e-8, 0.1, 7.0, 1e9]))
DEEPER = st.one_of(SIZES, SIZES, SIZES, st.sampled_from([0.0, -0.0, math.nan, math.nan, -1.0, math.inf]))
BEST = st.one_of(SIZES, SIZES, SIZES, SIZES, SIZES, st.sampled_from([0.0, math.nan, -2.0, math.inf]))
GAPS = st.one_of(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5), st.integers(-2, 0), st.just(math.nan))


@st.composite
def sides(draw, best, away, levels=LEVELS):
    """Draw a side from its best price; levels may be missing, out of order or without a price."""
    prices, sizes, last = [best], [draw(BEST)], best
    for _ in range(levels - 1):
        size, gap = draw(DEEPER), draw(GAPS)
        price = math.nan if math.isnan(size) and draw(st.integers(0, 4)) else last + away * TICK * gap
        last = last if math.isnan(price) else price
        prices.append(price)
        sizes.append(size)
    return Side(tuple(prices), tuple(sizes))


@st.composite
def books(draw, levels=LEVELS):
    """Draw a book that may be crossed, locked, one-sided, thin or at fault, but mostly is what a venue would send."""
    bid = draw(st.one_of(st.integers(400, 440).map(lambda n: n * TICK), st.sampled_from([math.nan, 1e6, -0.25])))
    gap = draw(
        st.one_of(st.integers(1, 8), st.integers(1, 8), st.integers(1, 8), st.sampled_from([0, -1, math.nan, math.inf]))
    )
    return Book(draw(sides(bid, -1, levels)), draw(sides(bid + gap * TICK, 1, levels)))


def columns_of(drawn):
    """Return the columns of some books, by name."""
    found = {}
    for word, side in (("bid", "bids"), ("ask", "asks")):
        for what in ("price", "size"):
            rows = np.array([getattr(getattr(book, side), f"{what}s") for book in drawn], dtype=np.float64)
            found.update({f"{word}_{what}_{level}": rows[:, level].copy() for level in range(rows.shape[1])})
    return found


def valued(op, columns, *parameters):
    """Return an operator's values over columns by name, those that it says it reads."""
    return values(op, *(columns[name] for name in op.body.columns(*parameters)), p=parameters)


def whole_books(rows, levels=LEVELS, seed=3):
    """Return bid prices, bid sizes, ask prices, ask sizes, [levels, rows] each, around 1e6, without fault."""
    draw = np.random.default_rng(seed)
    bid = 1e6 + np.cumsum(draw.integers(-3, 4, rows)) * TICK
    below, above = (np.cumsum(draw.integers(1, 5, (levels, rows)), axis=0) for _ in range(2))
    below[0] = 0
    return (
        bid - below * TICK,
        draw.gamma(1.0, 100.0, (levels, rows)),
        bid + above * TICK,
        draw.gamma(1.0, 100.0, (levels, rows)),
    )


def named(bid, bid_size, ask, ask_size):
    """Return whole books as columns by name."""
    sheets = {"bid_price": bid, "bid_size": bid_size, "ask_price": ask, "ask_size": ask_size}
    return {f"{name}_{level}": sheet[level].copy() for name, sheet in sheets.items() for level in range(len(sheet))}


def agree(expected, got, *, relative=1e-12):
    """Assert that values are undefined (None) where they should be, and otherwise what they should be."""
    assert [value is None for value in expected] == np.isnan(got).tolist()
    np.testing.assert_allclose(got, [math.nan if v is None else float(v) for v in expected], rtol=relative, atol=1e-15)
